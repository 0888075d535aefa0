#!/bin/bash
# prepare-source.sh apply|remove VERSION CLUSTER SLOT refuse|accept
# The channel's source end connects as the system user root; pg_ident lets that be the replication role.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
[ ${#programs[@]} = 1 ] || mapfile -t programs < <(printf '%s\n' "${programs[@]}" | sort -V)
psql=${programs[-1]}/psql
mode=$1 version=$2 cluster=$3 slot=${4//[^a-z0-9_]/_} unlogged=$5
conf=/etc/postgresql/$version/$cluster
begin='# begin ararat replication' end='# end ararat replication'

sql() { setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }

# without FILE: FILE's lines outside our block
without_block() { sed "/^$begin\$/,/^$end\$/d" "$1"; }

# replace FILE, keeping owner and mode
replace() { cat >"$1.ararat" && chown --reference="$1" "$1.ararat" && chmod --reference="$1" "$1.ararat" && mv "$1.ararat" "$1"; }

if [ "$mode" = remove ]; then
    sql "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$slot' and not active" >/dev/null
    without_block "$conf/pg_hba.conf" | replace "$conf/pg_hba.conf"
    without_block "$conf/pg_ident.conf" | replace "$conf/pg_ident.conf"
    sql "select pg_reload_conf()" >/dev/null
    exit 0
fi

[ "$(sql 'show wal_level')" != minimal ] || { echo "wal_level is minimal: streaming needs replica, and a restart" >&2; exit 1; }
[ "$(sql 'select pg_is_in_recovery()')" = f ] || { echo "the source is itself a replica" >&2; exit 1; }
server=$(sql 'show server_version_num')
[ "$((server / 10000))" = "$version" ] ||
    { echo "the server that answers is PostgreSQL $((server / 10000)), the plan moves version $version" >&2; exit 1; }

# The log does not carry unlogged tables: the target would have them, and empty.
case $unlogged in
    accept) ;;
    refuse)
        found=$(sql 'select datname from pg_database where datallowconn order by 1' | while IFS= read -r database; do
            sql "select format('%s:%s', current_database(), oid::regclass) from pg_class
                 where relpersistence = 'u' and relkind in ('r', 'm') order by 1" "$database" </dev/null
        done)
        [ -z "$found" ] || {
            echo "unlogged tables would be empty on the target: ${found//$'\n'/, }" \
                "(make them logged, or say unlogged: accept in the plan)" >&2
            exit 1
        } ;;
    *) echo "prepare-source: unlogged is refuse or accept, not '$unlogged'" >&2; exit 1 ;;
esac
sql "do \$\$ begin if not exists (select from pg_roles where rolname = 'ararat_replicator') then
       create role ararat_replicator with replication login; end if; end \$\$"
{
    echo "$begin"
    echo "local replication ararat_replicator peer map=ararat"
    echo "$end"
    without_block "$conf/pg_hba.conf"
} | replace "$conf/pg_hba.conf"
{
    without_block "$conf/pg_ident.conf"
    echo "$begin"
    echo "ararat root ararat_replicator"
    echo "ararat postgres postgres"
    echo "$end"
} | replace "$conf/pg_ident.conf"
sql "select pg_reload_conf()" >/dev/null
# The slot keeps the source's log while the replica, or the orchestrator, is away.
sql "select pg_create_physical_replication_slot('$slot', true)
     where not exists (select from pg_replication_slots where slot_name = '$slot')" >/dev/null
{
    echo "server_version=$server"
    echo "data_bytes=$(sql 'select sum(pg_database_size(oid))::bigint from pg_database')"
    echo "system_identifier=$(sql 'select system_identifier from pg_control_system()')"
} >>"$ARARAT_OUTPUT"
