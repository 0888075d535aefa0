#!/bin/bash
# open.sh open|seen DATABASE FOLDER
# FOLDER: of the dump, which knows the source's limit of connections.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
mode=$1 database=$2 folder=$3
psql_postgres() {
    setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -v database="$database" \
        -d postgres "$@"
}
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
