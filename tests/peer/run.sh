#!/bin/sh
# Compares the extension with the real TelemetryAggregator of OpenJarvis, release by release, field by field.
#
#   tests/peer/run.sh              fixed seeds and a fresh one
#   SEED=123 tests/peer/run.sh     that seed instead of the fresh one: repeats a failure
#
# PYTHON must be one that can load extensions (Debian's can); JARVIS_STATS names the extension.
set -eu
. "$(dirname "$0")/../lib.sh"

RELEASES="0.1.1 1.0.2 1.0.3 1.0.4"
for release in $RELEASES; do openjarvis "$release"; done
exec "$PYTHON" tests/peer/compare.py target/peer $RELEASES
