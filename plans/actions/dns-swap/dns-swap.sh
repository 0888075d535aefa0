#!/bin/bash
# dns-swap.sh change|change-back|seen ZONE NAME REMOVE ADD TTL PRIMARY "SERVER ..." KEY_FILE
# change: one signed update, REMOVE out and ADD in. change-back: the reverse, and seen everywhere.
# seen: exit 0 when every authoritative server answers with ADD and without REMOVE, and they agree on the
# zone's serial.
set -euo pipefail
mode=$1 zone=$2 name=$3 remove=$4 add=$5 ttl=$6 primary=$7 servers=$8 key_file=$9

# nsupdate reads a language of lines: nothing but names, addresses and numbers may enter it.
for value in "$zone" "$name" "$remove" "$add" "$ttl" "$primary"; do
    [[ $value =~ ^[A-Za-z0-9._:-]+$ ]] || { echo "dns-swap: '$value' is not a name, address or number" >&2; exit 1; }
done

update() {
    printf 'server %s\nzone %s\nupdate delete %s. A %s\nupdate add %s. %s A %s\nsend\n' \
        "$primary" "$zone" "$name" "$1" "$name" "$ttl" "$2" | nsupdate -t 10 -k "$key_file"
}

# seen GONE PRESENT: one question for the name and one for the serial, to every server
seen() {
    local server answer serial serials=""
    for server in $servers; do
        answer=$(dig +norecurse +time=1 +tries=1 +noall +answer "@$server" "$name" A "@$server" "$zone" SOA) ||
            { echo "$server does not answer"; return 1; }
        grep -qE "[[:space:]]A[[:space:]]+${2//./\\.}\$" <<<"$answer" || { echo "$server does not have $2 yet"; return 1; }
        if grep -qE "[[:space:]]A[[:space:]]+${1//./\\.}\$" <<<"$answer"; then echo "$server still has $1"; return 1; fi
        serial=$(awk '$4 == "SOA" {print $7}' <<<"$answer")
        [ -n "$serial" ] || { echo "$server does not answer for $zone"; return 1; }
        serials+="$serial "
    done
    [ "$(tr ' ' '\n' <<<"$serials" | sort -u | grep -c .)" -eq 1 ] || { echo "serials differ: $serials"; return 1; }
    echo "every server has $2 at serial ${serials%% *}"
}

case $mode in
    change) update "$remove" "$add" ;;
    seen) seen "$remove" "$add" ;;
    change-back)
        update "$add" "$remove"
        for _ in $(seq 500); do
            if seen "$add" "$remove"; then exit 0; fi
            sleep 0.05
        done
        exit 1 ;;
    *) echo "dns-swap: unknown mode $mode" >&2; exit 1 ;;
esac
