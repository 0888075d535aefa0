#!/bin/bash
# dump.sh dump|remove VERSION CLUSTER DATABASE FOLDER OWNER JOBS
# In FOLDER, for nobody but root and postgres: data/ (pg_dump, directory format) and around.sql (what is the cluster's
# and not in a dump: roles, with their passwords' hashes, and the database's own owner, privileges and settings).
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3 database=$4 folder=$5 owner=$6 jobs=$7
bin=/usr/lib/postgresql/$version/bin mark=$folder/.ararat-dump

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "dump: no server of $version/$cluster is running" >&2; exit 1; }
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
        echo "dump: no dump has what is prepared and not committed: $found" \
            "(each wants COMMIT PREPARED or ROLLBACK PREPARED in database $database)" >&2
        exit 1
    }
}
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

# Rows, and no statements: what they become there is for the restore to say.
around() {
    cat <<'SQL'
create temp table moved_database (owner text, connections integer, comment text, has_grants boolean);
create temp table moved_grants (privilege text, grantee text, grantable boolean);
create temp table moved_settings (role text, config text);
create temp table moved_roles (role jsonb, password text, comment text);
create temp table moved_members (role text, member text, options text);
SQL
    as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
set timezone = 'UTC';
select format('set client_encoding = %L;', getdatabaseencoding());
select format('insert into moved_database values (%L, %L, %L, %L);', pg_get_userbyid(datdba), datconnlimit,
              shobj_description(oid, 'pg_database'), datacl is not null)
from pg_database where datname = current_database();
select format('insert into moved_grants values (%L, %L, %L);', a.privilege_type, r.rolname, a.is_grantable)
from pg_database d, aclexplode(d.datacl) a left join pg_roles r on r.oid = a.grantee
where d.datname = current_database() and (a.grantee = 0 or r.oid is not null);
select format('insert into moved_settings values (%L, %L);', r.rolname, c)
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole,
  unnest(s.setconfig) c
where d.datname = current_database();
select format('insert into moved_roles values (%L, %L, %L);', to_jsonb(r) - '{oid,rolpassword}'::text[], a.rolpassword,
              shobj_description(r.oid, 'pg_authid'))
from pg_roles r join pg_authid a using (oid) where r.rolname !~ '^pg_';
-- A membership says more from version 16 on, and may have been granted by several.
select format('insert into moved_members values (%L, %L, %L);', r.rolname, m.rolname,
  case when bool_or((to_jsonb(a)->>'inherit_option')::boolean) is null
       then case when bool_or(a.admin_option) then 'with admin option' else '' end
       else format('with admin %s, inherit %s, set %s', bool_or(a.admin_option),
                   bool_or((to_jsonb(a)->>'inherit_option')::boolean),
                   bool_or((to_jsonb(a)->>'set_option')::boolean)) end)
from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
where not (r.rolname ~ '^pg_' and m.rolname ~ '^pg_') group by r.rolname, m.rolname;
select 'reset client_encoding;';
SQL
}

case $mode in
    dump)
        [[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "dump: '$jobs' is not a number of jobs" >&2; exit 1; }
        connect
        check_prepared
        check_folder
        make_folder
        empty_folder
        umask 077
        as_postgres "$bin/pg_dump" -Fd -j "$jobs" -Z 1 -f "$folder/data" -d "$database"
        around >"$folder/around.sql"
        bytes=$(du -sb "$folder" | cut -f1)
        echo "dumped $database: $bytes bytes"
        echo "bytes=$bytes" >>"$ARARAT_OUTPUT" ;;
    remove)
        check_folder
        remove_folder ;;
    *) echo "dump: unknown mode $mode" >&2; exit 1 ;;
esac
