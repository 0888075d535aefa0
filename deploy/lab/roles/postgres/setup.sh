#!/bin/sh
# A cluster that can be the source or the target of a warm move: the same settings on both, since a base
# backup brings the data and not what is in /etc.
set -eu
settings=/etc/postgresql/15/main

pg_createcluster --locale=C.UTF-8 --start-conf=auto 15 main > /dev/null
mkdir -p "$settings/conf.d"
echo "include_dir = 'conf.d'" >> "$settings/postgresql.conf"
cat > "$settings/conf.d/lab.conf" <<END
listen_addresses = '*'
max_connections = 60
shared_buffers = 64MB
wal_level = replica
max_wal_senders = 10
max_replication_slots = 10
wal_keep_size = 512MB
hot_standby = on
wal_log_hints = on
wal_receiver_status_interval = 1s
jit = off
END

# The operating system's root may be the superuser and the replicator, over the local socket only: that
# socket is what a data channel carries to another host.
cat > "$settings/pg_ident.conf" <<END
lab postgres postgres
lab postgres replicator
lab root     postgres
lab root     replicator
END
cat > "$settings/pg_hba.conf" <<END
local all          postgres                  peer map=lab
local replication  replicator                peer map=lab
local all          replicator                peer map=lab
host  all          all        127.0.0.1/32   scram-sha-256
host  $PARAM_DATABASE housing 198.18.0.0/15  scram-sha-256
END

if [ "$PARAM_STATE" = stopped ]; then
    exit 0
fi

# Not durable while it is being filled: the folder is only kept when all of this succeeded.
pg_ctlcluster --skip-systemctl-redirect 15 main start -o "-c fsync=off" -o "-c max_wal_size=4GB"
as_superuser="psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres"
$as_superuser --set=password="$PARAM_PASSWORD" --set=database="$PARAM_DATABASE" <<'END'
CREATE ROLE replicator LOGIN REPLICATION;
CREATE ROLE housing LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER housing;
END
$as_superuser --dbname="$PARAM_DATABASE" --set=rows="$PARAM_ROWS" --file=housing.sql
pg_ctlcluster --skip-systemctl-redirect 15 main stop -m fast
systemctl enable --quiet postgresql@15-main.service
