#!/bin/bash
# dump.sh dump|remove VERSION CLUSTER DATABASE FOLDER OWNER JOBS
# In FOLDER, for nobody but root and postgres: data/ (pg_dump, directory format), roles.sql (with their passwords'
# hashes), database.sql (what pg_dump leaves to --create: owner, privileges and settings of the database itself).
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5 owner=$6 jobs=$7
bin=/usr/lib/postgresql/$version/bin mark=$folder/.ararat-dump
[[ $jobs =~ ^[0-9]+$ ]] || { echo "dump: '$jobs' is not a number of jobs" >&2; exit 1; }

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "dump: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
# Only a folder that is missing, empty, or marked as this move's is touched. Its mark goes last, so that what is left of
# a removal that was broken off is still known for what it is; one without a name stands alone, in a folder just begun.
check_folder() {
    [ -e "$folder" ] || return 0
    [ "$(cat "$mark" 2>/dev/null)" != "$owner" ] || return 0
    [ -s "$mark" ] || [ -n "$(ls -A -I .ararat-dump "$folder")" ] || return 0
    echo "dump: $folder holds something else$(sed 's/^/, of /' "$mark" 2>/dev/null): every dump has its own" >&2
    exit 1
}
make_folder() {
    install -d -m 0700 -o postgres -g postgres "$folder"
    echo "$owner" >"$mark"
}
empty_folder() { find "$folder" -mindepth 1 -maxdepth 1 ! -name .ararat-dump -exec rm -rf -- {} +; }
remove_folder() {
    [ -e "$folder" ] || return 0
    empty_folder
    rm -f "$mark"
    rmdir "$folder"
}

case $mode in
    dump)
        connect
        check_folder
        make_folder
        empty_folder
        umask 077
        as_postgres "$bin/pg_dump" -Fd -j "$jobs" -Z 1 -f "$folder/data" -d "$database"
        as_postgres "$bin/pg_dumpall" --roles-only >"$folder/roles.sql"
        # Some settings are lists that are quoted already; the others are one value.
        as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" >"$folder/database.sql" <<'SQL'
select format('alter database :"database" owner to %s;', datdba::regrole)
from pg_database where datname = current_database();
select 'revoke all on database :"database" from public;' from pg_database
where datname = current_database() and datacl is not null;
select format('grant %s on database :"database" to %s%s;', a.privilege_type,
              case when a.grantee = 0 then 'public' else a.grantee::regrole::text end,
              case when a.is_grantable then ' with grant option' else '' end)
from pg_database d, aclexplode(d.datacl) a where d.datname = current_database();
select format('alter %s set %I to %s;',
              case when s.setrole = 0 then 'database :"database"'
                   else format('role %s in database :"database"', s.setrole::regrole) end,
              split_part(c, '=', 1),
              case when split_part(c, '=', 1) in ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                                  'session_preload_libraries')
                   then substr(c, strpos(c, '=') + 1)
                   else quote_literal(substr(c, strpos(c, '=') + 1)) end)
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c
where d.datname = current_database();
SQL
        as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" >"$folder/open.sql" <<'SQL'
select format('set client_encoding = %L;', getdatabaseencoding());
select format('comment on database :"database" is %L;', shobj_description(oid, 'pg_database'))
from pg_database where datname = current_database();
select format('alter database :"database" connection limit %s;', datconnlimit)
from pg_database where datname = current_database();
SQL
        bytes=$(du -sb "$folder" | cut -f1)
        echo "dumped $database: $bytes bytes"
        echo "bytes=$bytes" >>"$ARARAT_OUTPUT" ;;
    remove)
        check_folder
        remove_folder ;;
    *) echo "dump: unknown mode $mode" >&2; exit 1 ;;
esac
