#!/bin/bash
# forget-dump.sh FOLDER
set -euo pipefail
folder=$1
[ -e "$folder" ] || exit 0
if [ ! -e "$folder/.ararat-dump" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "forget-dump: $folder holds something else" >&2
    exit 1
fi
rm -rf "${folder:?}"
