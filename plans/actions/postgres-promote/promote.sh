#!/bin/bash
# promote.sh promote|seen VERSION CLUSTER
# The server is told by pg_ctl, which needs no connection, so that it is at work while psql still makes one; and
# asked every two milliseconds: pg_promote's own wait looks ten times a second.
set -euo pipefail
cd /
mode=$1 version=$2 cluster=$3
bin=/usr/lib/postgresql/$version/bin data=/var/lib/postgresql/$version/$cluster
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
psql_postgres() { as_postgres "$bin/psql" -qAtX -v ON_ERROR_STOP=1 -d postgres "$@"; }
case $mode in
    seen) [ "$(psql_postgres -c 'select pg_is_in_recovery()')" = f ] ;;
    promote)
        told=false
        if [ -e "$data/standby.signal" ]; then
            as_postgres "$bin/pg_ctl" -D "$data" --no-wait --silent promote && told=true
        fi
        # Not told: it is no replica any more, or its data stands elsewhere.
        psql_postgres <<SQL
do \$\$
declare waited int := 0;
begin
  if not $told and pg_is_in_recovery() then perform pg_promote(false); end if;
  while pg_is_in_recovery() loop
    waited := waited + 1;
    if waited > 50000 then raise exception 'promotion did not end'; end if;
    perform pg_sleep(0.002);
  end loop;
end \$\$;
SQL
        ;;
    *) echo "promote: unknown mode $mode" >&2; exit 1 ;;
esac
