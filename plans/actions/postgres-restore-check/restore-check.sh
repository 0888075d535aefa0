#!/bin/bash
# restore-check.sh DATABASE VERSION_NUM ENCODING COLLATE CTYPE EXTENSIONS
# VERSION_NUM and what follows are the source's. EXTENSIONS: "name:version ...".
# Everything that is wrong is said at once. A dump goes to the same version or a newer one, never back: a newer
# server's dump may say what an older one does not know.
set -euo pipefail
cd /
programs=(/usr/lib/postgresql/*/bin)  # the real ones: the wrapper in /usr/bin starts Perl first
psql=${programs[-1]}/psql
database=$1 version_num=$2 encoding=$3 collate=$4 ctype=$5 extensions=$6

psql_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$psql" -qAtX -v ON_ERROR_STOP=1 -d postgres "$@"; }
bad=0
wrong() { echo "restore-check: $*" >&2; bad=1; }

here=$(psql_postgres -c "show server_version_num")
echo "version_num=$here" >>"$ARARAT_OUTPUT"
if ((version_num / 10000 > here / 10000)); then
    wrong "the source runs PostgreSQL $((version_num / 10000)), the target $((here / 10000)): a dump does not go back"
fi

known=$(psql_postgres -v database="$database" <<'SQL'
select count(*) from pg_database where datname = :'database'
  and coalesce(shobj_description(oid, 'pg_database'), '') not like 'restored by ararat%'
SQL
)
[ "$known" = 0 ] || wrong "the target has a database $database already, which this move did not make"

# A server that cannot make such a database says so best itself; templates keep their own locale otherwise.
probe=ararat_probe_$$
if ! said=$(psql_postgres -v probe="$probe" -v encoding="$encoding" -v collate="$collate" -v ctype="$ctype" 2>&1 <<'SQL'
create database :"probe" template template0 encoding :'encoding' lc_collate :'collate' lc_ctype :'ctype'
SQL
); then
    wrong "the target cannot make a database of encoding $encoding, collation $collate, types of $ctype: $said"
fi
psql_postgres -v probe="$probe" <<<'drop database if exists :"probe"' 2>/dev/null

for extension in $extensions; do
    name=${extension%%:*} wanted=${extension#*:}
    offered=$(psql_postgres -v name="$name" <<'SQL'
select default_version from pg_available_extensions where name = :'name'
SQL
)
    if [ -z "$offered" ]; then
        wrong "the target has no extension $name (the source uses $wanted)"
    elif [ "$(printf '%s\n' "$wanted" "$offered" | sort -V | tail -1)" != "$offered" ]; then
        wrong "the target offers extension $name $offered, older than the source's $wanted"
    fi
done
[ "$bad" = 0 ] && echo "PostgreSQL $here can take $database of $version_num"
exit "$bad"
