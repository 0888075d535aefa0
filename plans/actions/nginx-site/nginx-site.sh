#!/bin/sh
# nginx-site.sh apply|remove NAME UPSTREAM ROOT PORT
# The new configuration is tested before it replaces the old one, so that a fault never stops a server.
set -eu
mode=$1 name=$2 upstream=$3 root=$4 port=$5
file=/etc/nginx/conf.d/$name.conf

serve() {
    if systemctl is-active --quiet nginx; then
        systemctl reload nginx
    else
        systemctl unmask --quiet nginx
        systemctl enable --quiet --now nginx
    fi
}

if [ "$mode" = remove ]; then
    rm -f -- "$file"
    nginx -t -q && serve
    exit 0
fi

case "$name$upstream$root$port" in *[!A-Za-z0-9._:/-]*)
    echo "nginx-site: a character in the parameters is not allowed in an nginx configuration" >&2
    exit 1 ;;
esac
before=$(mktemp)
had=0
if [ -e "$file" ]; then cp -- "$file" "$before"; had=1; fi
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
rm -f /etc/nginx/sites-enabled/default
if ! nginx -t -q; then
    if [ "$had" = 1 ]; then mv -- "$before" "$file"; else rm -f -- "$file"; fi
    exit 1
fi
rm -f -- "$before"
serve
