#!/bin/bash
# dns-swap.sh change|change-back|on-primary|seen ZONE NAME REMOVE ADD TTL PRIMARY "SERVER ..." KEY_FILE
# change: one signed update, REMOVE out and ADD in; where it is so already it changes nothing, so nobody has to
# ask first. change-back: the reverse, and seen everywhere; where the primary refuses that and every server has
# REMOVE still, there is nothing to take back. on-primary: the primary answers with the change.
# seen: every server listed, and every name server of the zone that the primary names, answers with ADD and
# without REMOVE, and they agree on the zone's serial.
set -euo pipefail
mode=$1 zone=$2 name=$3 remove=$4 add=$5 ttl=$6 primary=$7 servers=$8 key_file=$9

# nsupdate reads a language of lines: nothing but names, addresses and numbers may enter it.
for value in "$zone" "$name" "$remove" "$add" "$ttl" "$primary" $servers; do
    [[ $value =~ ^[A-Za-z0-9._:-]+$ ]] || { echo "dns-swap: '$value' is not a name, address or number" >&2; exit 1; }
done
for value in "$remove" "$add"; do
    [[ $value != *:* ]] || { echo "dns-swap: $value is an IPv6 address; only A records are changed here" >&2; exit 1; }
done

# Ends as nsupdate does: 2 where the server has answered, and not well.
update() {
    local said status=0
    said=$(nsupdate -t 10 -k "$key_file" 2>&1 <<<"server $primary
zone $zone
update delete $name. A $1
update add $name. $ttl A $2
send"
    ) || status=$?
    [ -z "$said" ] || echo "$said"
    [ "$status" = 0 ] || echo "dns-swap: the name server $primary did not change $name: ${said##*$'\n'}" >&2
    return "$status"
}

ask() { dig +norecurse +time=1 +tries=1 "$@"; }

# The addresses of the zone's name servers, as the primary has them; else as this host finds them.
authoritative() {
    local names word found
    names=$(ask +short "@$primary" "$zone" NS)
    for word in $names; do
        found=$(ask +short "@$primary" "$word" A)
        [ -n "$found" ] || found=$(getent ahostsv4 "${word%.}" | while read -r address _; do echo "$address"; done)
        [ -n "$found" ] || { echo "no address is known for the name server $word"; return 1; }
        echo "$found"
    done
}

# dig says which address has answered: servers that the plan names by a name are asked by theirs.
address_of() {
    local found
    if [[ $1 =~ ^[0-9.]+$ ]]; then echo "$1"; return; fi
    read -r found _ < <(getent ahostsv4 "${1%.}") || { echo "no address is known for the name server $1" >&2; return 1; }
    echo "$found"
}

# answered GONE PRESENT SERVER...: the name and the serial, from every server in one go
answered() {
    local gone=$1 present=$2 server line serial=""
    shift 2
    local -a questions=()
    local -A has=() still=() serials=()
    # dig takes a server for the question before it.
    for server in "$@"; do questions+=("$name" A "@$server" "$zone" SOA "@$server"); done
    while read -r line; do
        [[ $line =~ ^(.*)\ from\ server\ ([^ ]+)\ in\  ]] || continue
        server=${BASH_REMATCH[2]} line=${BASH_REMATCH[1]}
        # An alias would have others' addresses count as this name's, over a chain of any length.
        if [[ $line =~ ^[^\ ]+\.$ ]]; then echo "$name is an alias of $line on $server: change that name"; return 1; fi
        if [ "$line" = "$present" ]; then has[$server]=1; fi
        if [ "$line" = "$gone" ]; then still[$server]=1; fi
        if [[ $line =~ ^[^\ ]+\ [^\ ]+\ ([0-9]+)( [0-9]+){4}$ ]]; then serials[$server]=${BASH_REMATCH[1]}; fi
    done < <(ask +short +identify "${questions[@]}")
    for server in "$@"; do
        [ -n "${serials[$server]:-}" ] || { echo "$server does not answer for $zone"; return 1; }
        [ -n "${has[$server]:-}" ] || { echo "$server does not have $present yet"; return 1; }
        [ -z "${still[$server]:-}" ] || { echo "$server still has $gone"; return 1; }
        [ "${serial:=${serials[$server]}}" = "${serials[$server]}" ] ||
            { echo "serials differ: ${serials[*]}"; return 1; }
    done
    echo "$* have $present at serial $serial"
}

# seen GONE PRESENT
seen() {
    local found word
    local -A every=()
    found=$(authoritative) || { echo "${found:-$primary does not name the servers of $zone}"; return 1; }
    for word in $servers; do word=$(address_of "$word") || return 1; every[$word]=1; done
    for word in $found; do every[$word]=1; done
    answered "$1" "$2" "${!every[@]}"
}

case $mode in
    change)
        # A server ignores an address that is added to an alias, and says that all is well.
        alias=$(ask +short "@$primary" "$name" CNAME) || alias=""
        if [[ $alias =~ ^[A-Za-z0-9._-]+\.$ ]]; then
            echo "dns-swap: $name is an alias of $alias: change that name" >&2
            exit 1
        fi
        update "$remove" "$add" ;;
    on-primary) answered "$remove" "$add" "$(address_of "$primary")" ;;
    seen) seen "$remove" "$add" ;;
    change-back)
        status=0
        update "$add" "$remove" || status=$?
        if [ "$status" = 2 ] && seen "$add" "$remove"; then exit 0; fi
        [ "$status" = 0 ] || exit "$status"
        for _ in {1..500}; do
            if seen "$add" "$remove"; then exit 0; fi
            sleep 0.05
        done
        exit 1 ;;
    *) echo "dns-swap: unknown mode $mode" >&2; exit 1 ;;
esac
