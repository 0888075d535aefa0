#!/bin/bash
# dump-source.sh VERSION CLUSTER DATABASE OTHERS JOBS
# OTHERS: names, separated by commas, of the cluster's databases that may stop with it and stay behind. JOBS: with which
# it will be dumped and restored, so that what is no number of them is refused before anything is stopped.
set -euo pipefail
cd /
version=$1 cluster=$2 database=$3 others=$4 jobs=$5
bin=/usr/lib/postgresql/$version/bin
[[ $jobs =~ ^[1-9][0-9]*$ ]] || { echo "dump-source: '$jobs' is not a number of jobs" >&2; exit 1; }

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "dump-source: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_database() { as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database"; }
# A prepared transaction is in no snapshot of a dump and in no checksum of its content.
check_prepared() {
    local found
    found=$(psql_database <<'SQL'
set timezone = 'UTC';
select string_agg(replace(format('%L of %s since %s', gid, owner, date_trunc('second', prepared)), chr(10), '\n'), ', ')
from (select * from pg_prepared_xacts where database = current_database() order by prepared limit 10) p
SQL
    )
    [ -z "$found" ] || {
        echo "dump-source: no dump has what is prepared and not committed: $found" \
            "(each wants COMMIT PREPARED or ROLLBACK PREPARED in database $database)" >&2
        exit 1
    }
}
# The engine takes 4096 bytes of an output. Nothing: it is longer than that, also packed.
in_short() {
    local LC_ALL=C text=$1
    if [ ${#text} -gt 1500 ]; then text=gzip+base64,$(gzip -9 <<<"$text" | base64 -w 0); fi
    if [ ${#text} -lt 4000 ]; then printf '%s' "$text"; fi
}
connect

facts=$(psql_database <<'SQL'
select 'version_num=' || current_setting('server_version_num');
select 'source=' || system_identifier || '/' || oid from pg_control_system(), pg_database
where datname = current_database();
select 'encoding=' || pg_encoding_to_char(encoding) from pg_database where datname = current_database();
select 'collate=' || datcollate from pg_database where datname = current_database();
select 'ctype=' || datctype from pg_database where datname = current_database();
-- The columns differ by version; there was but one provider before 15.
select 'provider=' || case d->>'datlocprovider' when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end
  || E'\nlocale=' || coalesce(d->>'daticulocale', d->>'datlocale', '')
from (select to_jsonb(pg_database) as d from pg_database where datname = current_database()) d;
do $$ begin
  if exists (select from pg_database d where datname = current_database() and to_jsonb(d)->>'daticurules' <> '') then
    raise exception 'the database has ICU rules of its own, which do not move';
  end if;
end $$;
select 'bytes=' || pg_database_size(current_database());
SQL
)
[[ $facts =~ version_num=([0-9]+) ]] && found=$((BASH_REMATCH[1] / 10000))
[ "$found" = "$version" ] ||
    { echo "dump-source: the server that answers is PostgreSQL $found, the plan moves version $version" >&2; exit 1; }
[ "$found" -ge 12 ] || { echo "dump-source: PostgreSQL $found; 12 is the oldest that is moved" >&2; exit 1; }

check_prepared

extensions=$(psql_database <<'SQL'
select coalesce(string_agg(extname || ':' || extversion, ' ' order by extname), '') from pg_extension
where extname <> 'plpgsql'
SQL
)
told=$(in_short "$extensions")
[ -n "$told" ] || [ -z "$extensions" ] || { echo "dump-source: too many extensions to name" >&2; exit 1; }
facts+=$'\n'extensions=$told
# What is usual is left out, and said once of all that are alike, for there may be many; no password's hash is among it.
roles=$(psql_database <<'SQL'
set timezone = 'UTC';
select coalesce(jsonb_agg(jsonb_build_array(role, names)), '[]') from (
  select role, jsonb_agg(name order by name) as names from (
    select rolname::text as name,
      (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(r))
       where key not in ('oid', 'rolname', 'rolpassword') and value not in ('false', 'null', '"infinity"')) ||
      jsonb_build_object('member_of', array(select pg_get_userbyid(roleid)::text from pg_auth_members
                                            where member = r.oid order by 1)) as role
    from pg_roles r where rolname !~ '^pg_') each
  group by role) alike
SQL
)
told=$(in_short "$roles")
facts+=$'\n'roles=${told:-many:$(psql_database <<<"select count(*) from pg_roles where rolname !~ '^pg_'")}

# The fence, the stop and the power are the whole cluster's. `postgres` is nobody's while it holds nothing.
in_postgres=$(as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d postgres <<'SQL'
select count(*) from pg_class c
where relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
  and oid not in (select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e');
SQL
)
left=$(as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -v others="$others" -v in_postgres="$in_postgres" \
    -d "$database" <<'SQL'
select string_agg(to_json(datname::text)::text, ', ' order by datname) from pg_database
where datname <> all (regexp_split_to_array(trim(:'others'), '\s*,\s*')) and datname <> current_database()
  and datname not in ('template0', 'template1') and (datname <> 'postgres' or :in_postgres > 0)
SQL
)
[ -z "$left" ] || {
    echo "dump-source: the cluster has databases that stop with it and do not move: $left" \
        "(the plan's \`others\` names those that may stay behind)" >&2
    exit 1
}
facts+=$'\n'port=$PGPORT
printf '%s\n' "$facts"
printf '%s\n' "$facts" >>"$ARARAT_OUTPUT"
