#!/bin/bash
# digest.sh DATABASE EXPECTED
# Per table: the number of rows, and the sum of each row's 64-bit hash, which does not depend on the order
# of rows. Types without a hash of their own go through their text. Of sequences only the names count: the log
# carries them up to 32 values ahead, so a replica's are never behind the source's and seldom equal.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
database=$1 expected=$2
list=$(setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
set max_parallel_workers_per_gather = 2;
set min_parallel_table_scan_size = '1MB';
select format(
  'select %L, count(*), coalesce(sum(%s), 0) from %s t',
  c.oid::regclass::text,
  case when exists (
    select from pg_attribute a join pg_type y on y.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and y.typname not in ('bool', 'int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'date', 'timestamp',
                            'timestamptz', 'time', 'numeric', 'uuid', 'bytea', 'inet', 'float4', 'float8', 'name'))
  then 'hashtextextended(t::text, 0)' else 'hash_record_extended(t, 0)' end,
  c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
order by 1 \gexec
select 'sequence ' || schemaname || '.' || sequencename, 0, 0 from pg_sequences order by 1;
SQL
)
printf '%s\n' "$list"
digest=$(printf '%s\n' "$list" | LC_ALL=C sort | sha256sum | cut -d' ' -f1)
{
    echo "digest=$digest"
    echo "tables=$(printf '%s\n' "$list" | grep -vc '^sequence ')"
    echo "rows=$(printf '%s\n' "$list" | grep -v '^sequence ' | awk -F'|' '{n += $2} END {print n + 0}')"
} >>"$ARARAT_OUTPUT"
if [ -n "$expected" ] && [ "$digest" != "$expected" ]; then
    echo "digest: the content differs from the source's ($expected)" >&2
    exit 1
fi
