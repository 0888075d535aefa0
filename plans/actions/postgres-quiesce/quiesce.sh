#!/bin/bash
# quiesce.sh quiesce|seen|undo VERSION CLUSTER
# The fence is pg_hba: no client may connect, whatever its session settings are. Read-only by ALTER SYSTEM
# stands beside it for sessions of the superuser. Both are on disk and survive a reboot.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3
bin=/usr/lib/postgresql/$version/bin conf=/etc/postgresql/$version/$cluster
begin='# begin ararat fence' end='# end ararat fence'

# The cluster's server says itself where it listens: its settings may stand in any of its files.
connect() {
    local data running=() conf=/etc/postgresql/$version/$cluster
    data=$(sed -n "s/^[[:space:]]*data_directory[^']*'\([^']*\)'.*/\1/p" "$conf/postgresql.conf" 2>/dev/null) || true
    mapfile -t running 2>/dev/null <"${data:-/var/lib/postgresql/$version/$cluster}/postmaster.pid" || true
    [ ${#running[@]} -ge 5 ] || { echo "quiesce: no server of $version/$cluster is running" >&2; exit 1; }
    export PGPORT=${running[3]} PGHOST=${running[4]}
}
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_postgres() { as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d postgres "$@"; }
without_fence() { sed "/^$begin\$/,/^$end\$/d" "$conf/pg_hba.conf"; }
replace_hba() {
    local new=$conf/pg_hba.conf.ararat
    cat >"$new"
    chown --reference="$conf/pg_hba.conf" "$new"
    chmod --reference="$conf/pg_hba.conf" "$new"
    sync -d "$new"
    mv "$new" "$conf/pg_hba.conf"
    sync "$conf"
}

case $mode in
    quiesce)
        connect
        {
            echo "$begin"
            echo "local replication ararat_replicator peer map=ararat"
            echo "local all postgres peer"
            echo "local all all reject"
            echo "host all all all reject"
            echo "$end"
            without_fence
        } | replace_hba
        # The postmaster reads settings and rules in one go, before it accepts another client: a new session
        # that is read-only proves that the fence stands. What was connected before is ended then.
        for _ in $(seq 400); do
            if lsn=$(psql_postgres 2>"$ARARAT_OUTPUT.log" <<'SQL'
\o /dev/null
alter system set default_transaction_read_only = on;
select pg_reload_conf();
select pg_sleep(0.002);
\c
\o
do $$
declare waited int := 0;
begin
  if current_setting('default_transaction_read_only') <> 'on' then raise exception 'not in force yet'; end if;
  loop
    perform pg_stat_clear_snapshot();
    perform pg_terminate_backend(pid) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid();
    perform pg_stat_clear_snapshot();
    exit when not exists (select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid());
    waited := waited + 1;
    if waited > 4000 then raise exception 'clients are still connected'; end if;
    perform pg_sleep(0.002);
  end loop;
end $$;
-- What was committed asynchronously is on the disk, and so on its way to the replica, once a later commit is.
set synchronous_commit = local;
\o /dev/null
select pg_logical_emit_message(true, 'ararat', 'quiesced');
\o
select pg_current_wal_flush_lsn();
SQL
            ); then
                echo "lsn=$lsn" >>"$ARARAT_OUTPUT"
                echo "quiesced at $lsn"
                exit 0
            fi
            grep -q 'not in force yet' "$ARARAT_OUTPUT.log" || break
        done
        cat "$ARARAT_OUTPUT.log" >&2
        exit 1 ;;
    seen)
        grep -qxF "$begin" "$conf/pg_hba.conf"
        connect
        state=$(psql_postgres -c "select current_setting('default_transaction_read_only'), pg_current_wal_flush_lsn()")
        [ "${state%|*}" = on ]
        echo "lsn=${state#on|}" >>"$ARARAT_OUTPUT" ;;
    undo)
        without_fence | replace_hba
        connect
        psql_postgres -c "alter system reset default_transaction_read_only" -c "select pg_reload_conf()" >/dev/null
        for _ in $(seq 500); do
            [ "$(psql_postgres -c "show default_transaction_read_only")" = off ] && exit 0
            sleep 0.01
        done
        echo "quiesce: the source is still read-only" >&2
        exit 1 ;;
    *) echo "quiesce: unknown mode $mode" >&2; exit 1 ;;
esac
