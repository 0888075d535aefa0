#!/bin/bash
# open.sh open|seen VERSION CLUSTER DATABASE FOLDER OWNER SOURCE
# FOLDER: of the dump, which knows the source's limit of connections and its comments. Those take the place of the marks
# in the same moment: what is open is a database like any other, and so are its roles; no step of any move drops them.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5 owner=$6 source=$7
mark="restored by ararat for $owner from $source"
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "open: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_postgres() {
    as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -v database="$database" -v mark="$mark" -d postgres "$@"
}
connect
around() { cat "$folder/around.sql" - | psql_postgres --single-transaction; }
wanted=$(around <<<'select connections from moved_database')
state() {
    psql_postgres <<<"select shobj_description(oid, 'pg_database') = :'mark', datconnlimit from pg_database
                      where datname = :'database'"
}
is_open() { [[ $1 != "t|"* && $1 == *"|$wanted" ]]; }

case $mode in
    open)
        [ "$(state)" != "t|0" ] || around <<'SQL'
select format('comment on role %I is %L', r.rolname, m.comment)
from pg_roles r left join moved_roles m on m.role->>'rolname' = r.rolname
where shobj_description(r.oid, 'pg_authid') = :'mark' \gexec
select format('comment on database %I is %L', :'database', comment) from moved_database \gexec
select format('alter database %I connection limit %s', :'database', connections) from moved_database \gexec
SQL
        now=$(state)
        is_open "$now" || { echo "open: this is not the $database that was restored: '$now'" >&2; exit 1; }
        echo "$database is open, limit $wanted" ;;
    seen) is_open "$(state)" ;;
    *) echo "open: unknown mode $mode" >&2; exit 1 ;;
esac
