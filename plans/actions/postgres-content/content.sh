#!/bin/bash
# content.sh VERSION CLUSTER DATABASE
# Per table, logged or not: the number of rows, and the sum of 64 bits of each row's MD5 as text, which does not
# depend on the order of rows, nor on the server's own hash functions, which another version may have changed.
# Of each sequence its value and whether it was given out; of large objects their pages. Of a materialized view only
# that it is there: the restore fills it anew, from tables that may be newer than what it showed. In order of name, so
# that a difference can be found in what both sides print.
set -euo pipefail
cd /
version=$1 cluster=$2 database=$3
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "content: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
# A prepared transaction is in no snapshot of a dump and in no checksum of its content.
check_prepared() {
    local found
    found=$(as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
set timezone = 'UTC';
select string_agg(replace(format('%L of %s since %s', gid, owner, date_trunc('second', prepared)), chr(10), '\n'), ', ')
from (select * from pg_prepared_xacts where database = current_database() order by prepared limit 10) p
SQL
    )
    [ -z "$found" ] || {
        echo "content: no dump has what is prepared and not committed: $found" \
            "(each wants COMMIT PREPARED or ROLLBACK PREPARED in database $database)" >&2
        exit 1
    }
}
connect
check_prepared

# Settings that change how a value looks as text, the same on both sides whatever each is configured to.
list=$(as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
begin isolation level repeatable read read only;
set local search_path = '';
set local timezone = 'UTC';
set local datestyle = 'ISO';
set local intervalstyle = 'postgres';
set local extra_float_digits = 1;
set local bytea_output = 'hex';
set local xmlbinary = 'base64';
set local lc_monetary = 'C';
set local row_security = off;
set local jit = off;
-- A name is whatever its maker likes, a line's end and what looks like the next line included.
\set on_one_line 'replace(replace(c.oid::regclass::text, chr(92), chr(92) || chr(92)), chr(10), chr(92) || \'n\')'
-- What an extension brings with it is its own version's on each side.
\set is_own 'c.oid not in (select objid from pg_depend where classid = \'pg_class\'::regclass and deptype = \'e\')'
-- t.* and not plain t, which a column of that name would be taken for.
select format('select %L, count(*), coalesce(sum((''x'' || left(md5((t.*)::text), 16))::bit(64)::bigint::numeric), 0) '
              'from only %s t', 'table ' || :on_one_line, c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't' and :is_own
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
order by c.oid::regclass::text collate "C" \gexec
select 'materialized view ' || :on_one_line, c.relispopulated
from pg_class c where c.relkind = 'm' and :is_own
order by c.oid::regclass::text collate "C";
select format('select %L, last_value, is_called from %s', 'sequence ' || :on_one_line, c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't' and :is_own
  and n.nspname not in ('pg_catalog', 'information_schema')
order by c.oid::regclass::text collate "C" \gexec
select 'large objects', count(*), coalesce(sum(('x' || left(md5(t.loid || ' ' || t.pageno || ' ' ||
  encode(t.data, 'hex')), 16))::bit(64)::bigint::numeric), 0) from pg_largeobject t;
commit;
SQL
)
printf '%s\n' "$list"
digest=$(sha256sum <<<"$list")
tables=0 rows=0 sequences=0
while IFS= read -r line; do
    case $line in
        "sequence "*) sequences=$((sequences + 1)) ;;
        "table "*)
            [[ $line =~ \|([0-9]+)\|-?[0-9]+$ ]] || { echo "content: no number of rows in '$line'" >&2; exit 1; }
            tables=$((tables + 1)) rows=$((rows + BASH_REMATCH[1])) ;;
    esac
done <<<"$list"
printf '%s\n' "digest=${digest%% *}" "tables=$tables" "rows=$rows" "sequences=$sequences" >>"$ARARAT_OUTPUT"
