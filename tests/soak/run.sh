#!/bin/sh
# Everything at once, for as long as you like: the real store writing while readers in three drivers compare every answer with plain SQL, and
# beside them fuzzing, planted faults, every way to see a table, and cycles of open, load, ask, close, with an eye on memory.
#
#   tests/soak/run.sh 30           for 30 minutes
#   SHORT=1 tests/soak/run.sh      half a minute of the live file and of every way to see a table
#
# PYTHON must be one that can load extensions (Debian's can); JARVIS_STATS names the extension. The store is OpenJarvis's own, from PyPI.
set -eu
cd "$(dirname "$0")/../.."
minutes=${1:-1}
mkdir -p target/soak
export PYTHON="${PYTHON:-/usr/bin/python3}" PYTHONDONTWRITEBYTECODE=1 JARVIS_STATS="${JARVIS_STATS:-$PWD/libjarvis_stats.so}"
store=target/peer/1.0.4
passed=0 failed=0

if [ ! -e "$store/complete" ]; then
    for pip in "$PYTHON -m pip" "python3 -m pip" pip3; do
        if $pip --version >/dev/null 2>&1; then break; fi
    done
    rm -rf "$store"
    $pip install --quiet --no-deps --no-compile --disable-pip-version-check --root-user-action=ignore --target "$store" openjarvis==1.0.4
    touch "$store/complete"
fi
if [ ! -e target/soak/venv/complete ]; then
    rm -rf target/soak/venv
    "$PYTHON" -m venv target/soak/venv || { apt-get update -qq && apt-get install -y -qq python3-venv && "$PYTHON" -m venv target/soak/venv; }
    target/soak/venv/bin/pip install --quiet --disable-pip-version-check apsw
    touch target/soak/venv/complete
fi

finish() {  # NAME: prints its log and adds up its last line, "N passed, N failed"
    sed 's/^/  /' "target/soak/$1.log"
    last=$(tail -n 1 "target/soak/$1.log")
    case $last in
        *[0-9]" passed, "*" failed") ;;
        *) last="0 passed, 1 failed" ;;
    esac
    passed=$((passed + ${last%% *}))
    more=${last#* passed, }
    failed=$((failed + ${more%% *}))
}

if [ -n "${SHORT:-}" ]; then
    "$PYTHON" tests/soak/modes.py > target/soak/modes.log 2>&1 || true
    "$PYTHON" tests/soak/live.py "$store" 20 > target/soak/live.log 2>&1 || true
    finish modes
    finish live
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
            finish "$name"
        done
    done
    wait "$live" || true
    wait "$fuzz" || true
    echo "the live file, $minutes minutes"
    finish live
    echo "fuzzing, $minutes minutes"
    finish fuzz
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
