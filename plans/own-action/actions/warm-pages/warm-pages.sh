#!/bin/bash
# warm-pages.sh ADDRESS PAGES
# PAGES: paths, one after the other. What a step reports goes into the file $ARARAT_OUTPUT as NAME=VALUE.
set -euo pipefail
address=$1 pages=$2 opened=0
for page in $pages; do
    if ! curl -fsS -m 20 -o /dev/null "http://$address/${page#/}"; then
        echo "warm-pages: $page does not open" >&2
        exit 1
    fi
    opened=$((opened + 1))
done
echo "opened $opened pages on $address"
echo "pages=$opened" >>"$ARARAT_OUTPUT"
