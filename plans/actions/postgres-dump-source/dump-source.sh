#!/bin/bash
# dump-source.sh DATABASE
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
database=$1

facts=$(setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d "$database" <<'SQL'
select 'version_num=' || current_setting('server_version_num');
select 'encoding=' || pg_encoding_to_char(encoding) from pg_database where datname = current_database();
select 'collate=' || datcollate from pg_database where datname = current_database();
select 'ctype=' || datctype from pg_database where datname = current_database();
select 'extensions=' || coalesce(string_agg(extname || ':' || extversion, ' ' order by extname), '')
from pg_extension where extname <> 'plpgsql';
select 'bytes=' || pg_database_size(current_database());
SQL
)
printf '%s\n' "$facts"
printf '%s\n' "$facts" >>"$ARARAT_OUTPUT"
