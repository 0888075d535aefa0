#!/bin/sh
set -eu
exec python3 make_tree.py "$PARAM_PATH" "$PARAM_FILES" "$PARAM_MEGABYTES" "$PARAM_SEED"
