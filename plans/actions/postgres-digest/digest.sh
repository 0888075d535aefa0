#!/bin/bash
# digest.sh DATABASE WORKERS LSN WITHIN
# Per table: the number of rows, and the sum of each row's 64-bit hash, which does not depend on the order
# of rows. Types without a hash of their own go through their text. Of sequences only the names count: the log
# carries them up to 32 values ahead, so a replica's are never behind the source's and seldom equal. Unlogged
# and temporary tables are not in the log, and so on no replica.
# With an LSN: waits until it is replayed, in the session that then reads, so that no step lies between; for WITHIN
# seconds at most, and for a minute where nothing moves at all: a service is down meanwhile.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
database=$1 workers=$2 lsn=$3 within=$4
[[ $workers =~ ^[0-9]+$ ]] || { echo "digest: '$workers' is not a number of workers" >&2; exit 1; }
[[ $within =~ ^[0-9]+$ ]] || { echo "digest: '$within' is not a number of seconds" >&2; exit 1; }
[[ $lsn =~ ^([0-9A-F]+/[0-9A-F]+)?$ ]] || { echo "digest: '$lsn' is not a log position" >&2; exit 1; }

# Settings that change how a value looks as text, the same on both sides whatever each is configured to.
list=$(setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<SQL
\set VERBOSITY terse
do \$\$
declare
  begun constant timestamptz := clock_timestamp();
  wanted constant pg_lsn := nullif('$lsn', '')::pg_lsn;
  seen pg_lsn;
  still int := 0;
begin
  while pg_is_in_recovery() and coalesce(pg_last_wal_replay_lsn(), '0/0') < wanted loop
    still := case when pg_last_wal_replay_lsn() = seen then still + 1 else 0 end;
    seen := pg_last_wal_replay_lsn();
    if clock_timestamp() > begun + interval '$within s' then
      raise exception 'the replica has not caught up within $within s: it stands at %, % is wanted', seen, wanted;
    elsif still > 30000 then
      raise exception 'the replica does not move: it stands at %, % is wanted', seen, wanted;
    end if;
    perform pg_sleep(0.002);
    commit;  -- a snapshot that is kept would hold up the replay that is waited for
  end loop;
end \$\$;
\set VERBOSITY default
set search_path = '';
set timezone = 'UTC';
set datestyle = 'ISO';
set intervalstyle = 'postgres';
set extra_float_digits = 1;
set bytea_output = 'hex';
set lc_monetary = 'C';
set jit = off;
set max_parallel_workers_per_gather = $workers;
set min_parallel_table_scan_size = '1MB';
select format(
  'select %L, count(*), coalesce(sum(%s), 0) from only %s t',
  c.oid::regclass::text,
  case when exists (
    select from pg_attribute a join pg_type y on y.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and y.typname not in ('bool', 'int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'date', 'timestamp',
                            'timestamptz', 'time', 'numeric', 'uuid', 'bytea', 'inet', 'float4', 'float8', 'name'))
  then 'hashtextextended(t::text, 0)' else 'hash_record_extended(t, 0)' end,
  c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and c.relpersistence = 'p' and c.relispopulated
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
order by c.oid::regclass::text collate "C" \gexec
select 'large objects', count(*), coalesce(sum(hash_record_extended(t, 0)), 0) from pg_largeobject t;
select 'sequence ' || s.name, 0, 0
from (select (quote_ident(schemaname) || '.' || quote_ident(sequencename)) collate "C" as name from pg_sequences) s
order by s.name;
SQL
)
printf '%s\n' "$list"
digest=$(sha256sum <<<"$list")
tables=0 rows=0
while IFS= read -r line; do
    [[ $line == "sequence "* || $line == "large objects|"* ]] && continue
    line=${line%|*}
    tables=$((tables + 1)) rows=$((rows + ${line##*|}))
done <<<"$list"
printf '%s\n' "digest=${digest%% *}" "tables=$tables" "rows=$rows" >>"$ARARAT_OUTPUT"
