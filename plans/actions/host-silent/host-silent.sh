#!/bin/bash
# host-silent.sh ADDRESS PORT CONTROL
# A connection that is refused comes from a host that is on: only no answer at all counts. CONTROL, HOST:PORT,
# has to accept one, or the silence may be this host's own.
set -euo pipefail
address=$1 port=$2 control=$3

# attempt HOST PORT: prints accepted, refused, or silent
attempt() {
    local said
    if said=$(LC_ALL=C timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$1" "$2" 2>&1); then
        echo accepted
    elif [[ $said == *refused* || $said == *reset* ]]; then
        echo refused
    else
        echo silent
    fi
}

if [ -n "$control" ]; then
    answer=$(attempt "${control%:*}" "${control##*:}")
    [ "$answer" = accepted ] || { echo "$control is $answer, so silence would prove nothing" >&2; exit 1; }
fi
answer=$(attempt "$address" "$port")
[ "$answer" = silent ] || { echo "$address port $port: $answer, so the host is on" >&2; exit 1; }
echo "answer=$answer" >>"$ARARAT_OUTPUT"
echo "$address gives no answer"
