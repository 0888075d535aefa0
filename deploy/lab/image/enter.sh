#!/bin/sh
# Enter a host's root to set it up: enter.sh ROOT FOLDER WITNESS SCRIPT
# Runs in mount, process and network namespaces of its own, on a root that only the image's packages and
# earlier scripts of the lab wrote, before any host ran on it.
set -eu
root=$1 folder=$2 witness=$3 script=$4

mount --make-rprivate /
hostname "$LAB_HOST"
ip link set lo up
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/run/lab/step"
mount --bind -o ro "$folder" "$root/run/lab/step"
: > "$root/run/lab/witness.so"
mount --bind -o ro "$witness" "$root/run/lab/witness.so"
exec chroot "$root" /bin/sh -c 'cd /run/lab/step && exec sh "./$1"' sh "$script"
