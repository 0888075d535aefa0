#!/bin/bash
# dump-folder.sh make|remove FOLDER
# Only a folder that is missing, empty or marked as a dump's is taken or removed.
set -euo pipefail
mode=$1 folder=$2
mark=$folder/.ararat-dump
if [ -e "$folder" ] && [ ! -e "$mark" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "dump-folder: $folder holds something else: give the dump a folder of its own" >&2
    exit 1
fi
case $mode in
    make)
        install -d -m 0700 -o postgres -g postgres "$folder"
        touch "$mark" ;;
    remove) rm -rf "${folder:?}" ;;
    *) echo "dump-folder: unknown mode $mode" >&2; exit 1 ;;
esac
