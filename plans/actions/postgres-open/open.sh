#!/bin/bash
# open.sh open|seen VERSION CLUSTER DATABASE FOLDER
# FOLDER: of the dump, which knows the source's limit of connections.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5
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
psql_postgres() { as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -v database="$database" -d postgres "$@"; }
connect
wanted=$(sed -n 's/^alter database .* connection limit \(-\{0,1\}[0-9][0-9]*\);$/\1/p' "$folder/database.sql")
[ -n "$wanted" ] || { echo "open: $folder/database.sql does not say how many may connect" >&2; exit 1; }

case $mode in
    open)
        psql_postgres -v wanted="$wanted" <<<'alter database :"database" connection limit :wanted'
        echo "$database is open, limit $wanted" ;;
    seen)
        [ "$(psql_postgres <<<"select datconnlimit from pg_database where datname = :'database'")" = "$wanted" ] ;;
    *) echo "open: unknown mode $mode" >&2; exit 1 ;;
esac
