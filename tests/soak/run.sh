#!/bin/sh
# Everything at once, for as long as you like: the real store writing while readers in three drivers compare every answer with plain SQL, and
# beside them fuzzing, planted faults, every way to see a table, and cycles of open, load, ask, close, with an eye on memory.
#
#   tests/soak/run.sh 30           for 30 minutes
#   SHORT=1 tests/soak/run.sh      half a minute of the live file and of every way to see a table
#
# PYTHON must be one that can load extensions (Debian's can); JARVIS_STATS names the extension. The store is OpenJarvis's own, from PyPI.
set -eu
. "$(dirname "$0")/../lib.sh"
minutes=${1:-1}
store=target/peer/1.0.4
openjarvis 1.0.4
venv "$work/venv" apsw

if [ -n "${SHORT:-}" ]; then
    "$PYTHON" tests/soak/modes.py > target/soak/modes.log 2>&1 || true
    "$PYTHON" tests/soak/live.py "$store" 20 > target/soak/live.log 2>&1 || true
    tally modes
    tally live
else
    seconds=$((minutes * 60))
    end=$(($(date +%s) + seconds))
    "$PYTHON" tests/soak/live.py "$store" "$seconds" > target/soak/live.log 2>&1 &
    live=$!
    nice -n 5 tests/fuzz/run.sh "$seconds" > target/soak/fuzz.log 2>&1 &
    fuzz=$!
    round=0
    while [ "$(date +%s)" -lt "$end" ]; do
        round=$((round + 1))
        "$PYTHON" tests/soak/modes.py > target/soak/modes.log 2>&1 || true
        SHORT=1 nice -n 5 tests/faults/run.sh > target/soak/faults.log 2>&1 || true
        SHORT=1 nice -n 5 tests/sanitize/run.sh > target/soak/sanitize.log 2>&1 || true
        for name in modes faults sanitize; do
            echo "$name, round $round"
            tally "$name"
        done
    done
    wait "$live" || true
    wait "$fuzz" || true
    echo "the live file, $minutes minutes"
    tally live
    echo "fuzzing, $minutes minutes"
    tally fuzz
fi
verdict
