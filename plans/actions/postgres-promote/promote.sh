#!/bin/bash
# promote.sh promote|seen
# pg_promote's own wait looks ten times a second; this looks every two milliseconds.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
psql_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d postgres "$@"; }
case $1 in
    seen) [ "$(psql_postgres -c 'select pg_is_in_recovery()')" = f ] ;;
    promote)
        psql_postgres <<'SQL'
do $$
declare waited int := 0;
begin
  if pg_is_in_recovery() then perform pg_promote(false); end if;
  while pg_is_in_recovery() loop
    waited := waited + 1;
    if waited > 50000 then raise exception 'promotion did not end'; end if;
    perform pg_sleep(0.002);
  end loop;
end $$;
SQL
        ;;
    *) echo "promote: unknown mode $1" >&2; exit 1 ;;
esac
