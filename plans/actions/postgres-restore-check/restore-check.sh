#!/bin/bash
# restore-check.sh VERSION CLUSTER DATABASE OWNER SOURCE VERSION_NUM ENCODING COLLATE CTYPE PROVIDER LOCALE
#                  EXTENSIONS ROLES refuse|accept
# VERSION_NUM and what follows are the source's. EXTENSIONS: "name:version ...". ROLES: [[what they are, [name ...]] ...],
# or many:NUMBER. Both may be packed ("gzip+base64,...").
# Everything that is wrong is said at once. A dump goes to the same version or a newer one, never back: a newer
# server's dump may say what an older one does not know.
set -euo pipefail
cd /
version=$1 cluster=$2 database=$3 owner=$4 source=$5
version_num=$6 encoding=$7 collate=$8 ctype=$9 provider=${10} locale=${11} extensions=${12} roles=${13} differing=${14}
[[ $differing =~ ^(refuse|accept)$ ]] || { echo "restore-check: differing_roles is refuse or accept" >&2; exit 1; }
mark="restored by ararat for $owner from $source"
hash=$(md5sum <<<"$mark $database")
[[ $version_num =~ ^[0-9]+$ ]] || { echo "restore-check: '$version_num' is not a version" >&2; exit 1; }
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "restore-check: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_postgres() { as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d postgres "$@"; }
unpacked() {
    case $1 in
        gzip+base64,*) base64 -d <<<"${1#*,}" | gzip -d ;;
        *) printf '%s' "$1" ;;
    esac
}
extensions=$(unpacked "$extensions") roles=$(unpacked "$roles")
connect

bad=0
wrong() { echo "restore-check: $*" >&2; bad=1; }

here=$(psql_postgres -c "show server_version_num")
printf '%s\n' "version_num=$here" "port=$PGPORT" >>"$ARARAT_OUTPUT"
# What is not tried: older sources show a float in other digits, older targets do not end what reads a database.
((version_num >= 120000)) || wrong "the source runs PostgreSQL $((version_num / 10000)), 12 is the oldest that is moved"
((here >= 130000)) || wrong "the target runs PostgreSQL $((here / 10000)), 13 is the oldest that is moved to"
[ "$((here / 10000))" = "$version" ] ||
    wrong "the server that answers is PostgreSQL $((here / 10000)), the plan moves to version $version"
if ((version_num / 10000 > here / 10000)); then
    wrong "the source runs PostgreSQL $((version_num / 10000)), the target $((here / 10000)): a dump does not go back"
fi

known=$(psql_postgres -v database="$database" -v mark="$mark" <<'SQL'
select comment from
  (select datconnlimit, coalesce(shobj_description(oid, 'pg_database'), 'no comment') as comment
   from pg_database where datname = :'database') d
where comment <> :'mark' or datconnlimit not in (0, -2)
SQL
)
[ -z "$known" ] || wrong "the target has a database $database already, which this move did not make: $known"

# A role that is here already stays as it is, whoever may do what with it; made by this move, it follows the source.
said=
if [[ $roles =~ ^many:([0-9]+)$ ]]; then
    said="the source has ${BASH_REMATCH[1]} roles, more than can be compared one by one here: those that the target has of \
the same name would stay as they are"
    roles='[]'
fi
stays=$(psql_postgres -v roles="$roles" -v mark="$mark" <<'SQL'
set timezone = 'UTC';
with source as (
  select name, (s->0) - 'member_of' as role, s->0->'member_of' as member_of
  from jsonb_array_elements(:'roles'::jsonb) s, jsonb_array_elements_text(s->1) name
), here as (
  select oid, rolname::text as name,
  (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(r))
   where key not in ('oid', 'rolname', 'rolpassword') and value not in ('false', 'null', '"infinity"')) as role
  from pg_roles r where coalesce(shobj_description(oid, 'pg_authid'), '') <> :'mark'
)
select string_agg(to_json(name)::text, ', ' order by name) from source join here using (name)
where source.role <> here.role or exists (
  select from jsonb_array_elements_text(member_of) m join here g on g.name = m
  where not exists (select from pg_auth_members where roleid = g.oid and member = here.oid))
SQL
)
if [ -n "$stays" ]; then
    said="roles of the target differ from the source's of the same name, and would stay as they are: $stays"
fi
if [ -n "$said" ]; then
    if [ "$differing" = accept ]; then echo "$said"; else wrong "$said"; fi
fi

# A server that cannot make such a database says so best itself; templates keep their own locale otherwise.
probe=ararat_probe_${hash%% *}
psql_postgres -v probe="$probe" <<<'drop database if exists :"probe"' 2>/dev/null  # of a check that was killed
if ! said=$(psql_postgres -v probe="$probe" -v encoding="$encoding" -v collate="$collate" -v ctype="$ctype" \
    -v provider="$provider" -v locale="$locale" 2>&1 <<'SQL'
select format('create database %I template template0 encoding %L lc_collate %L lc_ctype %L connection limit 0',
              :'probe', :'encoding', :'collate', :'ctype')
  || case when current_setting('server_version_num')::int < 150000 then ''  -- which knows libc alone
          when :'provider' = 'libc' then ' locale_provider libc'
          else format(' locale_provider %I %I %L', :'provider', :'provider' || '_locale', :'locale') end \gexec
SQL
); then
    wrong "the target cannot make a database of encoding $encoding, collation $collate, types of $ctype," \
        "locale $locale of $provider: $said"
fi
psql_postgres -v probe="$probe" <<<'drop database if exists :"probe"' 2>/dev/null

for extension in $extensions; do
    name=${extension%%:*} wanted=${extension#*:}
    offered=$(psql_postgres -v name="$name" <<'SQL'
select default_version from pg_available_extensions where name = :'name'
SQL
)
    if [ -z "$offered" ]; then
        wrong "the target has no extension $name (the source uses $wanted)"
    elif [ "$(printf '%s\n' "$wanted" "$offered" | sort -V | tail -1)" != "$offered" ]; then
        wrong "the target offers extension $name $offered, older than the source's $wanted"
    fi
done
[ "$bad" = 0 ] && echo "PostgreSQL $here can take $database of $version_num"
exit "$bad"
