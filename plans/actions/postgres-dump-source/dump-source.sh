#!/bin/bash
# dump-source.sh VERSION CLUSTER DATABASE
set -euo pipefail
cd /
version=$1 cluster=$2 database=$3
bin=/usr/lib/postgresql/$version/bin

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "dump-source: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
connect

facts=$(as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
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
select 'extensions=' || coalesce(string_agg(extname || ':' || extversion, ' ' order by extname), '')
from pg_extension where extname <> 'plpgsql';
select 'bytes=' || pg_database_size(current_database());
SQL
)
[[ $facts =~ version_num=([0-9]+) ]] && found=$((BASH_REMATCH[1] / 10000))
[ "$found" = "$version" ] ||
    { echo "dump-source: the server that answers is PostgreSQL $found, the plan moves version $version" >&2; exit 1; }
[ "$found" -ge 12 ] || { echo "dump-source: PostgreSQL $found; 12 is the oldest that is moved" >&2; exit 1; }
facts+=$'\n'port=$PGPORT
printf '%s\n' "$facts"
printf '%s\n' "$facts" >>"$ARARAT_OUTPUT"
