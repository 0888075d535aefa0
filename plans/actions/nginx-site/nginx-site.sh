#!/bin/bash
# nginx-site.sh apply|restore NAME UPSTREAM ROOT PORT
# The new configuration is tested before it replaces the old one, so that a fault never stops a server.
# What it finds is kept once for this step of this run, and restore brings that back: the file, the default site
# and whether nginx ran. A second attempt finds the first one's work and does not keep it.
set -euo pipefail
mode=$1 name=$2 upstream=$3 root=$4 port=$5
file=/etc/nginx/conf.d/$name.conf
default=/etc/nginx/sites-enabled/default
IFS='|' read -r project run task _ <<<"$ARARAT_STEP_KEY"
kept=/var/lib/ararat-nginx-site/$project,$run,${task//\//,}

serve() {
    if systemctl is-active --quiet nginx; then
        systemctl reload nginx
    else
        systemctl unmask --quiet nginx
        systemctl enable --quiet --now nginx
    fi
}

keep() {
    [ ! -e "$kept" ] || return 0
    rm -rf -- "$kept.new"
    mkdir -p -- "$kept.new"
    if [ -e "$file" ]; then cp -a -- "$file" "$kept.new/site"; fi
    if [ -e "$default" ] || [ -L "$default" ]; then cp -a -- "$default" "$kept.new/default"; fi
    if systemctl is-active --quiet nginx; then : >"$kept.new/active"; fi
    mv -- "$kept.new" "$kept"
}

restore() {
    if [ -e "$kept/site" ]; then cp -a -- "$kept/site" "$file"; else rm -f -- "$file"; fi
    if [ -e "$kept/default" ] || [ -L "$kept/default" ]; then cp -a -- "$kept/default" "$default"; fi
}

if [ "$mode" = restore ]; then
    # Nothing kept: the step never came so far as to change anything.
    [ -e "$kept" ] || exit 0
    restore
    if [ -e "$kept/active" ]; then nginx -t -q && serve; else systemctl disable --quiet --now nginx; fi
    rm -rf -- "$kept"
    exit 0
fi

case "$name$upstream$root$port" in *[!A-Za-z0-9._:/-]*)
    echo "nginx-site: a character in the parameters is not allowed in an nginx configuration" >&2
    exit 1 ;;
esac
keep
{
    echo "server {"
    echo "    listen $port default_server;"
    echo "    access_log off;"
    if [ -n "$upstream" ]; then
        echo "    location / {"
        echo "        proxy_pass http://$upstream;"
        echo "        proxy_connect_timeout 1s;"
        echo "        proxy_read_timeout 10s;"
        echo "        proxy_set_header Host \$host;"
        echo "    }"
    else
        echo "    root $root;"
        echo "    location / { autoindex on; }"
    fi
    echo "}"
} >"$file.new"
mv -- "$file.new" "$file"
rm -f -- "$default"
if ! nginx -t -q; then
    restore
    exit 1
fi
serve
