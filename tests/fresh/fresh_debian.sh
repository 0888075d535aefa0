#!/bin/bash
# Proves that a bare Debian 12 is enough: makes one with mmdebstrap, puts a fresh clone of this repository
# (its last commit) into it, and runs ./x there, with nothing of this machine's but its kernel and network.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: fresh_debian.sh [--as-user] [--keep] [--into DIR] [COMMAND]...

  COMMAND     what to run as ./x COMMAND, quoted where it has arguments; by default: build, test, demo
  --as-user   as a user with sudo instead of root
  --keep      leave the root folder for a look
  --into DIR  make it here, or use the one that an earlier --keep left here

Run as root. The lab of this machine must be down where a COMMAND brings up another.
TEXT
}

say() { printf '=== %s\n' "$*" >&2; }
die() { printf 'fresh_debian.sh: %s\n' "$*" >&2; exit 1; }

as_user='' keep='' root=''
while (($#)); do
    case $1 in
        --as-user) as_user=1 ;;
        --keep) keep=1 ;;
        --into) root=$(realpath -m "$2"); keep=1; shift ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 3 ;;
        *) break ;;
    esac
    shift
done
(($#)) || set -- build test demo
((EUID == 0)) || die "root is needed"
command -v mmdebstrap >/dev/null || die "mmdebstrap is needed"
project=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
root=${root:-$(mktemp -d /var/tmp/ararat-fresh.XXXXXX)}

discard() {
    # All mounts were made in a mount namespace that is gone: what is here is ours.
    [[ -n $keep ]] || rm -rf --one-file-system "$root"
}
trap discard EXIT

make_root() {
    say "a bare Debian 12 in $root"
    local -a options=()
    # The way to the archive is this machine's: its proxy, if it has one, and its mirrors of Debian's own.
    while IFS= read -r line; do options+=("--aptopt=$line"); done \
        < <(apt-config dump | grep -E '^Acquire::[A-Za-z]+::Proxy(::[^ ]+)? ".*";$' || true)
    mkdir -p "$root"
    chmod 755 "$root"
    PYTHONPATH=$project/deploy/lab python3 -B -c '
import sys
from ararat_lab.image import debian_sources
sys.stdout.write(debian_sources())' >"$root.list"
    mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
        ${as_user:+--include=sudo} "${options[@]}" bookworm "$root" "$root.list"
    rm -f "$root.list"
    cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
    echo fresh >"$root/etc/hostname"
    if [[ -n $as_user ]]; then
        chroot "$root" useradd --create-home --shell /bin/bash engineer
        echo 'engineer ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/engineer"
    fi
}

# In namespaces of its own, so that everything that is started and mounted ends with it. pivot_root and not
# chroot: what runs inside makes namespaces and containers itself, which a chroot hinders.
inside() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount --propagation private --pid --fork --kill-child -- /bin/sh -c '
        set -eu
        root=$1; shift
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        cd "$root"
        mkdir -p .machine
        pivot_root . .machine
        cd /
        umount -l /.machine
        # Not exec: this shell is the namespace'"'"'s first process, which has orphans to reap.
        "$@" || exit $?
        exit 0' sh "$root" "$@"
}

# No HOME, no locale, nothing inherited: what a unit or a container gives.
bare_environment=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "TERM=${TERM:-dumb}")
if [[ -n ${ARARAT_JOBS:-} ]]; then bare_environment+=("ARARAT_JOBS=$ARARAT_JOBS"); fi
as_who=()
home=/root
if [[ -n $as_user ]]; then
    as_who=(setpriv --reuid engineer --regid engineer --init-groups --)
    home=/home/engineer
fi

[[ -e $root/etc/debian_version ]] || make_root
if [[ ! -e $root$home/ararat ]]; then
    say "a fresh clone of $(git -C "$project" log -1 --format='%h %s')"
    git clone -q --no-hardlinks "$project" "$root$home/ararat"
    [[ -z $as_user ]] || chroot "$root" chown -R engineer:engineer "$home/ararat"
fi

for command in "$@"; do
    say "./x $command"
    started=$SECONDS
    # shellcheck disable=SC2086,SC2016  # expanded by the inner shell; a command may have arguments
    inside "${as_who[@]}" "${bare_environment[@]}" /bin/sh -c 'cd "$1"; shift; exec ./x "$@"' sh "$home/ararat" \
        $command || die "./x $command failed (status $?)"
    say "./x $command: done in $((SECONDS - started)) s"
done
say "all done"
