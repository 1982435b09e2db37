#!/bin/sh
# Random histories of a table with a roll-up, by several processes: after every step each function
# over it must answer what the same call over a view of it answers, which has no roll-up. Then sums
# that a stranger stored.
#
#   tests/rollups/run.sh 10m         for ten minutes
#   SEED=n tests/rollups/run.sh 10s  from that history on
#
# JARVIS_STATS names the extension. Ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
export JARVIS_STATS="${JARVIS_STATS:-$PWD/libjarvis_stats.so}" PYTHONDONTWRITEBYTECODE=1
PYTHON=${PYTHON:-/usr/bin/python3}
"$PYTHON" tests/rollups/stored.py
exec "$PYTHON" tests/rollups/histories.py "${1:-60s}"
