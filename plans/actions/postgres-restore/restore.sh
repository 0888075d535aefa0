#!/bin/bash
# restore.sh restore|seen|remove VERSION CLUSTER DATABASE FOLDER OWNER SOURCE
#            [JOBS ENCODING COLLATE CTYPE PROVIDER LOCALE]
# It is restored under a name of its own and gets its real one when it is complete: what stands under the real
# name is whole, and what does not may be thrown away. Its comment names the move and the very database that it came
# from, so that no other of that name is ever dropped. Until it is opened its limit of 0 connections keeps all but
# superusers out; what has another limit is in use, and is not dropped whatever its comment says.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5 owner=$6 source=$7
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "restore: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
mark="restored by ararat for $owner from $source"
hash=$(md5sum <<<"$mark $database")
half=ararat_half_${hash%% *}
globals=$(dirname -- "$0")/globals.sql
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_in() {
    local in=$1
    shift
    as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -v database="$database" -v half="$half" -v mark="$mark" \
        -d "$in" "$@"
}
# One under the other name without a comment was made by a step that got no further; below 0: its removal has begun.
drop_ours() {
    psql_in postgres <<'SQL'
select format('drop database %I with (force)', datname)
from (select datname, datconnlimit, shobj_description(oid, 'pg_database') as comment from pg_database) d
where datconnlimit in (0, -2)
  and (datname = :'database' and comment = :'mark' or datname = :'half' and coalesce(comment, :'mark') = :'mark') \gexec
SQL
}
around() {
    cat "$folder/around.sql" "$globals" - <<<"$1" | psql_in postgres --single-transaction >/dev/null
}
found() {
    psql_in postgres <<<"select coalesce(shobj_description(oid, 'pg_database'), 'no comment') from pg_database
                         where datname = :'database'"
}

connect
case $mode in
    restore)
        jobs=$8 encoding=$9 collate=${10} ctype=${11} provider=${12} locale=${13}
        [[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "restore: '$jobs' is not a number of jobs" >&2; exit 1; }
        chown -R postgres:postgres "$folder"
        drop_ours
        there=$(found)
        if [ -n "$there" ]; then
            echo "restore: the target has a database $database already, which this move did not make: $there" >&2
            exit 1
        fi
        around "select pg_temp.adopt_roles(:'mark')"
        psql_in postgres -v encoding="$encoding" -v collate="$collate" -v ctype="$ctype" -v provider="$provider" \
            -v locale="$locale" <<'SQL'
select format('create database %I template template0 encoding %L lc_collate %L lc_ctype %L connection limit 0',
              :'half', :'encoding', :'collate', :'ctype')
  || case when current_setting('server_version_num')::int < 150000 then ''  -- which knows libc alone
          when :'provider' = 'libc' then ' locale_provider libc'
          else format(' locale_provider %I %I %L', :'provider', :'provider' || '_locale', :'locale') end \gexec
comment on database :"half" is :'mark';
SQL
        as_postgres "$bin/pg_restore" -j "$jobs" --exit-on-error --no-tablespaces -d "$half" "$folder/data"
        as_postgres "$bin/vacuumdb" -q -j "$jobs" --analyze-only -d "$half"
        around "select pg_temp.adopt_database(:'half'); alter database :\"half\" rename to :\"database\";"
        echo "restored $database" ;;
    seen) [ "$(found)" = "$mark" ] ;;
    remove)
        drop_ours
        cat "$globals" - <<<"select pg_temp.drop_roles(:'mark', '{}')" | psql_in postgres ;;
    *) echo "restore: unknown mode $mode" >&2; exit 1 ;;
esac
