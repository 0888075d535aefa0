#!/bin/bash
# forget-dump.sh FOLDER OWNER
set -euo pipefail
folder=$1 owner=$2
mark=$folder/.ararat-dump

# Only a folder that is missing, empty, or marked as this move's is touched. Its mark goes last, so that what is left of
# a removal that was broken off is still known for what it is; one without a name stands alone, in a folder just begun.
check_folder() {
    [ -e "$folder" ] || return 0
    [ "$(cat "$mark" 2>/dev/null)" != "$owner" ] || return 0
    [ -s "$mark" ] || [ -n "$(ls -A -I .ararat-dump "$folder")" ] || return 0
    echo "forget-dump: $folder holds something else$(sed 's/^/, of /' "$mark" 2>/dev/null): every dump has its own" >&2
    exit 1
}
empty_folder() { find "$folder" -mindepth 1 -maxdepth 1 ! -name .ararat-dump -exec rm -rf -- {} +; }
remove_folder() {
    [ -e "$folder" ] || return 0
    empty_folder
    rm -f "$mark"
    rmdir "$folder"
}

check_folder
remove_folder
