#!/bin/bash
# preflight.sh PATH FREE "COMMAND ..." "HOST[:PORT] ..." PORT NOT_BEFORE_UNIX_MS CLOCK_WITHIN_MS
#              "VERSION_COMMAND ARGUMENT ..." VERSION VERSION_MIN
# FREE is a size as people write it: "64 MiB". PORT is for the hosts that name none. The version is the first
# number in what VERSION_COMMAND prints; VERSION "15" takes every 15.x.
# Says everything that is wrong, not only the first thing.
set -uo pipefail
path=$1 need=$(numfmt --from=auto "$(tr -d ' B' <<<"$2")") commands=$3 reach=$4 reach_port=$5
not_before=$6 clock_within=$7 version_command=$8 version=$9 version_min=${10}
faults=""
fault() { faults="$faults$*; "; }

existing=$path
while [ ! -e "$existing" ] && [ "$existing" != / ]; do existing=$(dirname -- "$existing"); done
free=$(( $(stat -f -c '%a * %S' -- "$existing") ))
[ "$free" -ge "$need" ] || fault "$path has $free bytes free, $need are needed"

for command in $commands; do
    command -v -- "$command" >/dev/null 2>&1 || fault "the program $command is not installed"
done

for peer in $reach; do
    host=${peer%:*} port=$reach_port
    if [[ $peer == *:* ]]; then port=${peer##*:}; fi
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$host" "$port" 2>/dev/null ||
        fault "$host port $port does not answer"
done

# A clock is judged on both sides by two steps: here, after the reference was read on the other host, it must
# not be behind that; and there, afterwards, the other's must not be behind the time that is reported here.
now=$(date +%s%3N)
[ $((now + clock_within)) -ge "$not_before" ] ||
    fault "the clock is $((not_before - now)) ms behind the other host's, $clock_within are allowed"

# older A B: A is an older version than B
older() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

found="" program=${version_command%% *}
if [ -n "$version_command" ]; then
    # Its words are arguments: no shell reads them.
    read -r -a words <<<"$version_command"
    if ! said=$("${words[@]}" 2>&1 </dev/null); then
        fault "$program does not tell its version: ${said%%$'\n'*}"
    elif [[ ! $said =~ [0-9]+(\.[0-9]+)* ]]; then
        fault "$program tells no version: ${said%%$'\n'*}"
    else
        found=${BASH_REMATCH[0]}
        [ -z "$version" ] || [[ $found. == "$version".* ]] || fault "$program has version $found, wanted is $version"
        [ -z "$version_min" ] || ! older "$found" "$version_min" ||
            fault "$program has version $found, at least $version_min is wanted"
    fi
fi

printf '%s\n' "free_bytes=$free" "kernel=$(uname -r)" "time_unix_ms=$now" "version=$found" \
    "version_major=${found%%.*}" >>"$ARARAT_OUTPUT"
echo "free $free bytes, kernel $(uname -r)${found:+, $program $found}"
[ -z "$faults" ] || { echo "preflight: ${faults%; }" >&2; exit 1; }
