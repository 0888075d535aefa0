#!/bin/bash
# restore.sh restore|seen|remove VERSION CLUSTER DATABASE FOLDER [JOBS ENCODING COLLATE CTYPE]
# It is restored under a name of its own and gets its real one when it is complete: what stands under the real
# name is whole, and what does not may be thrown away. Its comment says whose it is, so that no other database
# of that name is ever dropped. Until it is opened its limit of 0 connections keeps all but superusers out.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "restore: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
connect
half=${database:0:48}_ararat_half
comment='restored by ararat'

as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_in() {
    local in=$1
    shift
    as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -v database="$database" -v half="$half" -v comment="$comment" \
        -d "$in" "$@"
}
is_ours() {
    [ "$(psql_in postgres <<'SQL'
select count(*) from pg_database
where datname = :'database' and shobj_description(oid, 'pg_database') like :'comment' || '%'
SQL
)" = 1 ]
}
is_there() { [ "$(psql_in postgres <<<"select count(*) from pg_database where datname = :'database'")" = 1 ]; }

# Roles that the target has keep what they are there; those that are new come with everything, or not at all.
new_roles() {
    local known
    known=$(psql_in postgres -c "select quote_ident(rolname) from pg_roles")
    KNOWN=$known awk '
        BEGIN { n = split(ENVIRON["KNOWN"], names, "\n"); for (i = 1; i <= n; i++) known[names[i]] = 1 }
        /^(CREATE|ALTER) ROLE / {
            name = $0
            sub(/^(CREATE|ALTER) ROLE /, "", name)
            if (name ~ /^"/) { match(name, /^"([^"]|"")*"/); name = substr(name, 1, RLENGTH) }
            else { sub(/[ ;].*$/, "", name) }
            if (name in known) next
        }
        { print }' "$folder/roles.sql"
}

case $mode in
    restore)
        jobs=$6 encoding=$7 collate=$8 ctype=$9
        [[ $jobs =~ ^[0-9]+$ ]] || { echo "restore: '$jobs' is not a number of jobs" >&2; exit 1; }
        chown -R postgres:postgres "$folder"
        if is_there && ! is_ours; then
            echo "restore: the target has a database $database already, which this move did not make" >&2
            exit 1
        fi
        psql_in postgres <<<'drop database if exists :"database" with (force)'
        psql_in postgres <<<'drop database if exists :"half" with (force)'
        new_roles | psql_in postgres --single-transaction >/dev/null
        psql_in postgres -v encoding="$encoding" -v collate="$collate" -v ctype="$ctype" <<'SQL'
create database :"half" template template0 encoding :'encoding' lc_collate :'collate' lc_ctype :'ctype'
  connection limit 0
SQL
        as_postgres "$bin/pg_restore" -j "$jobs" --exit-on-error --no-tablespaces -d "$half" "$folder/data"
        as_postgres "$bin/vacuumdb" -q -j "$jobs" --analyze-only -d "$half"
        psql_in postgres <<'SQL'
comment on database :"half" is :'comment';
alter database :"half" rename to :"database";
SQL
        grep -v '^alter database :"database" connection limit ' "$folder/database.sql" | psql_in postgres --single-transaction
        psql_in postgres <<<"comment on database :\"database\" is 'restored by ararat, complete'"
        echo "restored $database" ;;
    seen)
        [ "$(psql_in postgres <<'SQL'
select shobj_description(oid, 'pg_database') from pg_database where datname = :'database'
SQL
)" = 'restored by ararat, complete' ] ;;
    remove)
        psql_in postgres <<<'drop database if exists :"half" with (force)'
        if is_ours; then psql_in postgres <<<'drop database :"database" with (force)'; fi ;;
    *) echo "restore: unknown mode $mode" >&2; exit 1 ;;
esac
