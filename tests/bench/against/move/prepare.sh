#!/bin/bash
# prepare.sh SSH_CONFIG ACTIONS: what stands before the cutover in the other tools' rounds, and is not timed: the
# programs on their hosts, a streaming replica, the application's files. The product does the same in its phases
# prepare and precopy.
set -euo pipefail
config=$1 actions=$2

on() { local host=$1; shift; ssh -F "$config" "$host" "$@"; }

# What carries out each step is the product's own actions, so that only what carries them differs.
scripts=()
for action in postgres-quiesce/quiesce.sh postgres-catch-up/catch-up.sh postgres-promote/promote.sh dns-swap/dns-swap.sh \
    nginx-site/nginx-site.sh; do
    scripts+=("$actions/$action")
done
for host in ark-hsg-db1 pri-hsg-db1 pri-hsg-web1 sec-hsg-web2 pri-ns1; do
    on "$host" mkdir -p /opt/move
    scp -q -F "$config" "${scripts[@]}" "$host:/opt/move/"
    on "$host" chmod 755 /opt/move/*.sh
done

on ark-hsg-db1 bash -s <<'END'
set -euo pipefail
hba=/etc/postgresql/15/main/pg_hba.conf
sed -i '1i host replication replicator 198.18.2.11/32 trust' "$hba"
cd /
sql() { setpriv --reuid postgres --regid postgres --init-groups psql -qAtX -v ON_ERROR_STOP=1 -d postgres -c "$1" >/dev/null; }
sql 'select pg_reload_conf()'
sql "select pg_create_physical_replication_slot('move', true)"
END
on pri-hsg-db1 bash -s <<'END'
set -euo pipefail
cd /
data=/var/lib/postgresql/15/main
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
rm -rf "$data"
as_postgres /usr/lib/postgresql/15/bin/pg_basebackup -h 198.18.1.11 -U replicator -D "$data" -S move -X stream \
    --checkpoint=fast --write-recovery-conf --no-sync
sync -f "$data"
systemctl start postgresql@15-main
for _ in $(seq 200); do
    [ "$(as_postgres psql -qAtX -d postgres -c 'select status from pg_stat_wal_receiver')" = streaming ] && exit 0
    sleep 0.1
done
echo "the replica does not stream" >&2
exit 1
END
on ark-hsg-app1 tar -C / -cf - opt/housing etc/housing | on pri-hsg-app1 tar -C / -xpf -
