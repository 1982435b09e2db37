#!/bin/sh
# Plants faults under the real extension: failing allocations, failing files, stops of every kind, panics; then hostile schemas.
#
#   tests/faults/run.sh              every allocation, file operation and instruction, one by one
#   SHORT=1 tests/faults/run.sh      every so many
#   VALGRIND=1 tests/faults/run.sh   under memcheck, every so many: no leak, no invalid access
#   STEP=n ROWS=n                    every nth point, rows in the table
#
# JARVIS_STATS names the extension; the panics need a test build of their own, made here.
set -eu
. "$(dirname "$0")/../lib.sh"
if [ -n "${SHORT:-}" ]; then export STEP="${STEP:-11}"; fi
wrapper=
if [ -n "${VALGRIND:-}" ]; then
    export STEP="${STEP:-53}" ROWS="${ROWS:-8}"
    wrapper="valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99"
fi

"$PYTHON" tests/faults/questions.py > "$work/questions.c"
for host in allocations files stops lifetimes rollups panics; do
    ${CC:-cc} -g -O1 -Wall -Wextra -pthread -o "target/faults/$host" \
        -Itests/faults "$work/questions.c" tests/faults/host.c "tests/faults/$host.c" -l:libsqlite3.so.0
done
for host in allocations files stops lifetimes rollups; do
    echo "$host"
    count "$host" $wrapper "target/faults/$host" "target/faults/$host.db"
done

echo "panics"
# The debug build: its arithmetic is checked as well.
nice -n 5 cargo build --quiet --locked --features planted-faults --target-dir target/planted
planted="$PWD/target/planted/debug/libjarvis_stats.so"
count panics env JARVIS_STATS="$planted" $wrapper target/faults/panics

export PLANTED="$planted"
for cases in hostile extremes; do
    echo "$cases"
    count "$cases" "$PYTHON" "tests/faults/$cases.py"
done

verdict
