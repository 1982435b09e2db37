#!/bin/sh
# Fuzzes the real extension: random tables against an oracle, random SQL, damaged files; first what was found before.
#
#   tests/fuzz/run.sh 30s               for that long: 90, 30s, 10m, 1h
#   tests/fuzz/run.sh differential 123  one case again, by its kind and its seed (differential, grammar, damaged)
#   SEED=n tests/fuzz/run.sh 30s        that seed instead of a fresh one
#
# PYTHON must be one that can load extensions (Debian's can); JARVIS_STATS names the extension.
set -eu
. "$(dirname "$0")/../lib.sh"

case ${1:-30s} in
    [a-z]*) exec "$PYTHON" tests/fuzz/worker.py "$1" "$2" 1 ;;
    *h) seconds=$((${1%h} * 3600)) ;;
    *m) seconds=$((${1%m} * 60)) ;;
    *) seconds=${1:-30} seconds=${seconds%s} ;;
esac
"$PYTHON" tests/fuzz/regressions.py
exec "$PYTHON" tests/fuzz/fuzz.py "$seconds"
