#!/bin/bash
# seed.sh seed|streaming|remove VERSION CLUSTER SOCKET SLOT SYSTEM_IDENTIFIER
# SOCKET is the channel's Unix socket on this host. What stood in the data directory before is set aside,
# never deleted.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
[ ${#programs[@]} = 1 ] || mapfile -t programs < <(printf '%s\n' "${programs[@]}" | sort -V)
psql=${programs[-1]}/psql
mode=$1 version=$2 cluster=$3 socket=$4 slot=${5//[^a-z0-9_]/_} source_id=$6
data=/var/lib/postgresql/$version/$cluster
unit=postgresql@$version-$cluster
directory=$(dirname -- "$socket")
port=${socket##*.}

as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
sql() { as_postgres "$psql" -qAtX -v ON_ERROR_STOP=1 -d postgres -c "$1"; }
identifier_of() { "/usr/lib/postgresql/$version/bin/pg_controldata" "$1" 2>/dev/null | sed -n 's/^Database system identifier: *//p'; }

case $mode in
    streaming)
        [ "$(identifier_of "$data")" = "$source_id" ] || { echo "this cluster is not a copy of the source"; exit 1; }
        status=$(sql "select status from pg_stat_wal_receiver" 2>&1) || { echo "$status"; exit 1; }
        [ "$status" = streaming ] || { echo "the receiver is '${status:-absent}'"; exit 1; } ;;
    seed)
        systemctl stop "$unit"
        rm -rf -- "$data.ararat-seed"
        as_postgres "/usr/lib/postgresql/$version/bin/pg_basebackup" -h "$directory" -p "$port" -U ararat_replicator \
            -D "$data.ararat-seed" -S "$slot" -X stream --checkpoint=fast --write-recovery-conf --no-sync
        # One sync of the file system, not one a file.
        sync -f "$data.ararat-seed"
        # A base backup carries the source's ALTER SYSTEM settings; none of them is ours but the connection.
        as_postgres sed -i -E '/^(default_transaction_read_only)/d' "$data.ararat-seed/postgresql.auto.conf"
        if [ -d "$data" ]; then mv -- "$data" "$data.before-$(date +%s%N)"; fi
        mv -- "$data.ararat-seed" "$data"
        systemctl unmask --quiet "$unit"
        systemctl start "$unit"
        echo "data_bytes=$(du -sb "$data" | cut -f1)" >>"$ARARAT_OUTPUT" ;;
    remove)
        systemctl stop "$unit"
        if [ "$(identifier_of "$data")" = "$source_id" ]; then mv -- "$data" "$data.backed-out-$(date +%s%N)"; fi ;;
    *) echo "seed: unknown mode $mode" >&2; exit 1 ;;
esac
