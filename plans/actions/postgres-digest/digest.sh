#!/bin/bash
# digest.sh DATABASE WORKERS LSN WITHIN [whole|before|after KEPT]
# Per table: the number of rows, and the sum of each row's 64-bit hash, which does not depend on the order
# of rows. Types without a hash of their own go through their text. Of sequences only the names count: the log
# carries them up to 32 values ahead, so a replica's are never behind the source's and seldom equal. Unlogged
# and temporary tables are not in the log, and so on no replica.
# With an LSN: waits until it is replayed, in the session that then reads, so that no step lies between; for WITHIN
# seconds at most, and for a minute where nothing moves at all: a service is down meanwhile.
#
# `before` hashes, while clients still write, the rows of transactions that are over, and keeps each table's sum on
# this host. `after` then hashes only what is younger, and only counts the older rows: a version of a row never
# changes and never comes back, so as many as before are the same as before. Where there are fewer, where the table
# was rewritten, and where nothing is kept, it hashes everything. Its digest is that of `whole` in every case. Each
# side does so by itself, from its own rows.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
[ ${#programs[@]} = 1 ] || mapfile -t programs < <(printf '%s\n' "${programs[@]}" | sort -V)
psql=${programs[-1]}/psql
database=$1 workers=$2 lsn=$3 within=$4 part=${5:-whole} kept=/run/ararat/digest/${6:-none}
[[ $workers =~ ^[0-9]+$ ]] || { echo "digest: '$workers' is not a number of workers" >&2; exit 1; }
[[ $within =~ ^[0-9]+$ ]] || { echo "digest: '$within' is not a number of seconds" >&2; exit 1; }
[[ $lsn =~ ^([0-9A-F]+/[0-9A-F]+)?$ ]] || { echo "digest: '$lsn' is not a log position" >&2; exit 1; }
[[ $part =~ ^(whole|before|after)$ ]] || { echo "digest: part is whole, before or after, not '$part'" >&2; exit 1; }
[[ ${6:-none} =~ ^[A-Za-z0-9._-]+$ ]] || { echo "digest: '$6' is not the name of a file" >&2; exit 1; }

# OID,FILE,ROWS,SUM of each table, separated by semicolons, behind the transaction that is too young.
horizon="mod(pg_snapshot_xmin(pg_current_snapshot())::text::numeric, 4294967296)" seen=""
case $part in
    before) rm -f -- "$kept" ;;
    after)
        found=""
        [ ! -r "$kept" ] || found=$(<"$kept")
        if [[ $found =~ ^([0-9]+)((;[0-9]+,[0-9]+,[0-9]+,-?[0-9]+)*)$ ]]; then
            horizon=${BASH_REMATCH[1]} seen=${BASH_REMATCH[2]}
        fi ;;
esac

# A name is whatever its maker likes, a line's end and what looks like the next line included.
on_one_line="replace(replace(name, chr(92), chr(92) || chr(92)), chr(10), chr(92) || 'n')"

# Settings that change how a value looks as text, the same on both sides whatever each is configured to.
failed=""
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
-- A statement of its own: every snapshot after it sees all that is older.
select $horizon as horizon \gset
\if $([ "$part" = before ] && echo true || echo false)
select :horizon;
\endif
-- t.* and not plain t, which a column of that name would be taken for.
with kept as (
  select split_part(s, ',', 1)::oid as oid, split_part(s, ',', 2)::oid as file, split_part(s, ',', 3) as rows,
         split_part(s, ',', 4) as sum
  from unnest(string_to_array('$seen', ';')) s where s <> ''
), tables as (
  select c.oid, c.oid::regclass::text as name, pg_relation_filenode(c.oid) as file,
    case when exists (
      select from pg_attribute a join pg_type y on y.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and y.typname not in ('bool', 'int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'date', 'timestamp',
                              'timestamptz', 'time', 'numeric', 'uuid', 'bytea', 'inet', 'float4', 'float8', 'name'))
    then 'hashtextextended((t.*)::text, 0)' else 'hash_record_extended(t.*, 0)' end as hash,
    format('age(t.xmin) > (select age(%L::xid))', :'horizon') as older
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and c.relpersistence = 'p' and c.relispopulated
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
)
select case
  when '$part' = 'before' then format(
    'select %1\$s, %2\$s, count(*), coalesce(sum(%4\$s), 0) from only %5\$s t where %3\$s',
    oid, file, older, hash, name)
  when kept.oid is null then format(
    'select %3\$L, count(*), coalesce(sum(%2\$s), 0) from only %1\$s t', name, hash, line)
  else format(
    -- Two scans: one that hashes some of its rows takes as long as one that hashes nearly all.
    'select %6\$L, every.rows, case when every.rows - younger.rows = %3\$s then %4\$s + younger.sum
       else (select coalesce(sum(%5\$s), 0) from only %1\$s t) end
     from (select count(*) as rows from only %1\$s) every,
       (select count(*) as rows, coalesce(sum(%5\$s), 0) as sum from only %1\$s t where not (%2\$s)) younger',
    name, older, kept.rows, kept.sum, hash, line)
  end
from (select *, $on_one_line as line from tables) tables left join kept using (oid, file)
order by name collate "C" \gexec
\if $([ "$part" = before ] && echo false || echo true)
select 'large objects', count(*), coalesce(sum(hash_record_extended(t.*, 0)), 0) from pg_largeobject t;
select 'sequence ' || $on_one_line, 0, 0
from (select (quote_ident(schemaname) || '.' || quote_ident(sequencename)) collate "C" as name from pg_sequences) s
order by s.name;
\endif
SQL
) || failed=$?
if [ "$part" = before ]; then
    # It only saves time: a replica that had to end a long read, to go on replaying, must not turn the move back.
    [ -z "$failed" ] || echo "not every table was read: the others are read while writes are paused"
    mkdir -p -- "${kept%/*}"
    list=${list//|/,}
    printf '%s\n' "${list//$'\n'/;}" >"$kept.new"
    mv -- "$kept.new" "$kept"
    exit 0
fi
[ -z "$failed" ] || exit "$failed"
printf '%s\n' "$list"
digest=$(sha256sum <<<"$list")
tables=0 rows=0
while IFS= read -r line; do
    [[ $line == "sequence "* || $line == "large objects|"* ]] && continue
    [[ $line =~ \|([0-9]+)\|-?[0-9]+$ ]] || { echo "digest: no number of rows in '$line'" >&2; exit 1; }
    tables=$((tables + 1)) rows=$((rows + BASH_REMATCH[1]))
done <<<"$list"
printf '%s\n' "digest=${digest%% *}" "tables=$tables" "rows=$rows" >>"$ARARAT_OUTPUT"
