#!/bin/sh
# preflight.sh PATH FREE "COMMAND ..." "HOST:PORT ..." NOT_BEFORE_UNIX_MS
# FREE is a size as people write it: "64 MiB".
# Says everything that is wrong, not only the first thing.
set -u
path=$1 need=$(numfmt --from=auto "$(printf '%s' "$2" | tr -d ' B')") commands=$3 reach=$4 not_before=$5
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
    host=${peer%:*} port=${peer##*:}
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' _ "$host" "$port" 2>/dev/null ||
        fault "$host port $port does not answer"
done

# The reference was read on the other host before this ran: a clock that is behind it is wrong.
now=$(date +%s%3N)
[ $((now + 2000)) -ge "$not_before" ] || fault "the clock is $((not_before - now)) ms behind the other host's"

{
    echo "free_bytes=$free"
    echo "kernel=$(uname -r)"
    echo "time_unix_ms=$now"
} >>"$ARARAT_OUTPUT"
echo "free $free bytes, kernel $(uname -r)"
[ -z "$faults" ] || { echo "preflight: ${faults%; }"; exit 1; }
