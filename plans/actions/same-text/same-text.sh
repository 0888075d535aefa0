#!/bin/sh
# same-text.sh LEFT RIGHT WHAT
# Nothing is compared with nothing: a value that is missing on both sides proves no equality.
if [ -z "$1" ] || [ "$1" != "$2" ]; then
    echo "$3 differs: '$1' on one side, '$2' on the other" >&2
    exit 1
fi
echo "$3 is the same: $1"
