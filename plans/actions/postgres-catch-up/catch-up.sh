#!/bin/bash
# catch-up.sh LSN: waits inside one session, so that the end is seen within milliseconds.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
[ ${#programs[@]} = 1 ] || mapfile -t programs < <(printf '%s\n' "${programs[@]}" | sort -V)
psql=${programs[-1]}/psql
[[ $1 =~ ^[0-9A-F]+/[0-9A-F]+$ ]] || { echo "catch-up: '$1' is not a log position" >&2; exit 1; }
replayed=$(setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d postgres <<SQL
do \$\$
begin
  if not pg_is_in_recovery() then raise exception 'this server is not a replica'; end if;
  while coalesce(pg_last_wal_replay_lsn(), '0/0') < '$1'::pg_lsn loop
    perform pg_sleep(0.002);
  end loop;
end \$\$;
select pg_last_wal_replay_lsn();
SQL
)
echo "replayed=$replayed" >>"$ARARAT_OUTPUT"
echo "replayed to $replayed, wanted $1"
