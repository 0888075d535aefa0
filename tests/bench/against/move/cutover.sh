#!/bin/bash
# cutover.sh SSH_CONFIG: the same cutover with nothing around it: no record, no checksum, no way back. Connections are
# kept, what may run side by side does. The order is the better one.
set -euo pipefail
config=$1
here=$(dirname "$(readlink -f "$0")")
servers="'198.18.2.2 198.18.3.2'" key=/etc/bind/ararat.key

on() { local host=$1; shift; ssh -F "$config" "$host" "$@"; }
page_from() {
    local _
    for _ in $(seq 500); do
        if curl -sf -m 3 -H 'Host: housing.council.example' "http://$1/" | grep -q Housing; then return; fi
        sleep 0.02
    done
    echo "no page from $1" >&2
    return 1
}
swap() { # NAME OLD NEW: one login for the change and for seeing it everywhere
    local rest="council.example $1 $2 $3 1 198.18.2.2 $servers $key"
    on pri-ns1 "/opt/move/dns-swap.sh change $rest && until /opt/move/dns-swap.sh seen $rest; do sleep 0.02; done" >/dev/null
}
web() { # HOST ADDRESS OLD
    on "$1" "ARARAT_STEP_KEY='bench|run|web' /opt/move/nginx-site.sh apply housing 198.18.2.12:8080 '' 80"
    page_from "$2"
    swap housing.council.example "$3" "$2"
}
all() { local job; for job in $(jobs -p); do wait "$job"; done; }

on pri-hsg-app1 'cat >/etc/housing/app.conf' <"$here/app.conf"
on pri-hsg-app1 'cat >/etc/systemd/system/housing-app.service; systemctl daemon-reload; systemctl enable -q --now housing-app' \
    <"$here/housing-app.service"
page_from 198.18.2.12:8080
web pri-hsg-web1 198.18.2.13 198.18.1.13 &
web sec-hsg-web2 198.18.3.14 198.18.1.14 &
all

on ark-hsg-db1 'cd / && setpriv --reuid postgres --regid postgres --init-groups psql -qAtX -d postgres -c CHECKPOINT' >/dev/null
said=$(on ark-hsg-db1 'ARARAT_OUTPUT=/run/move-quiesce /opt/move/quiesce.sh quiesce 15 main')
on pri-hsg-db1 "ARARAT_OUTPUT=/run/move-catch-up /opt/move/catch-up.sh ${said##* } && /opt/move/promote.sh promote 15 main" >/dev/null &
swap db.housing.council.example 198.18.1.11 198.18.2.11 &
all

on ark-hsg-web1 'systemctl mask -q --now nginx' &
on ark-hsg-web2 'systemctl mask -q --now nginx' &
all
on ark-hsg-app1 'systemctl disable -q --now housing-app'
on ark-hsg-db1 'systemctl mask -q --now postgresql@15-main'
