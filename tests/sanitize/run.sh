#!/bin/sh
# Memory: cycles of open, load, ask, close from one thread and from eight; the hosts that plant faults, the golden queries and the shell under
# valgrind's memcheck; and the whole under AddressSanitizer where the toolchain has it.
#
#   tests/sanitize/run.sh            all of it, some minutes
#   SHORT=1 tests/sanitize/run.sh    fewer cycles, no AddressSanitizer
#   CYCLES=n                         10000 unless told
set -eu
. "$(dirname "$0")/../lib.sh"
if [ -n "${SHORT:-}" ]; then export CYCLES="${CYCLES:-1000}"; fi

step() {  # NAME COMMAND...: passes when the command does; says what was counted
    pass "$@"
    grep -E '^  [0-9]+ (threads|statements)|passed, [0-9]+ failed$|injected|planted' "$work/$1.log" | sed 's/^ */    /' || true
}

build() {  # NAME FLAGS...: a host of tests/faults, or the one here
    name=$1
    shift
    source=tests/faults/$name.c
    [ -e "$source" ] || source=tests/sanitize/$name.c
    ${CC:-cc} -g -O1 -Wall -Wextra -pthread -Itests/faults "$@" -o "target/sanitize/$name" \
        "$work/questions.c" tests/faults/host.c "$source" -l:libsqlite3.so.0
}

surface() {  # MEMCHECK...: every kind of error, then every function, in the shell; its exit code is that of the script's own last error, or memcheck's 99
    code=0
    { echo ".load $JARVIS_STATS"; cat tests/sanitize/surface.sql "$work/questions.sql"; } | "$@" "$SQLITE3" -batch :memory: || code=$?
    [ "$code" -ne 99 ] && [ "$code" -lt 128 ]
}

golden() {  # MEMCHECK...: the golden queries. Valgrind has no 80-bit doubles, which SQLite turns text into numbers with, so that
    # some answers differ there (exit status 1) without a fault.
    binary=$(cargo test --quiet --release --locked --no-run --test golden --message-format=json | "$PYTHON" -c "
import json, sys
artifacts = map(json.loads, sys.stdin)
print(*(a['executable'] for a in artifacts if a.get('executable') and a['target']['name'] == 'golden'))")
    code=0
    "$@" --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect "$binary" || code=$?
    [ "$code" -eq 0 ] || [ "$code" -eq 1 ]
}

"$PYTHON" tests/faults/questions.py > "$work/questions.c"
"$PYTHON" tests/lib.py questions > "$work/questions.sql"
for host in cycles allocations files stops lifetimes; do build "$host"; done
step cycles target/sanitize/cycles

if command -v valgrind >/dev/null || apt valgrind; then
    memcheck="valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible
        --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 --num-callers=30"
    export ROWS=8 ROUNDS=300
    step valgrind-shell surface $memcheck
    CYCLES=60 FLAT=0 step valgrind-cycles $memcheck target/sanitize/cycles target/sanitize/valgrind.db
    STACK=1024 step valgrind-lifetimes $memcheck target/sanitize/lifetimes
    STEP=${STEP:-61} step valgrind-allocations $memcheck target/sanitize/allocations target/sanitize/valgrind.db
    if [ -z "${SHORT:-}" ]; then
        step valgrind-golden golden $memcheck
        STEP=${STEP:-37} step valgrind-files $memcheck target/sanitize/files target/sanitize/valgrind.db
        STEP=${STEP:-97} step valgrind-stops $memcheck target/sanitize/stops target/sanitize/valgrind.db
    fi
else
    failed=$((failed + 1))
    echo "valgrind: FAILED: it is not here"
fi

if [ -z "${SHORT:-}" ]; then
    # RUSTC_BOOTSTRAP lets a stable compiler take -Z: the standard library itself stays without instrumentation.
    # The runtime is the C compiler's, in the host.
    asan="$(${CC:-cc} -print-file-name=libasan.so)"
    target=$(rustc -vV | sed -n 's/^host: //p')
    if RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address" nice -n 5 cargo build --quiet --locked --target "$target" \
        --target-dir target/asan > target/sanitize/asan-build.log 2>&1; then
        export JARVIS_STATS="$PWD/target/asan/$target/debug/libjarvis_stats.so" ASAN_OPTIONS=detect_leaks=1:abort_on_error=1
        step asan-instrumented grep -q __asan_init "$JARVIS_STATS"
        for host in cycles lifetimes allocations stops; do build "$host" -fsanitize=address -fno-omit-frame-pointer; done
        CYCLES=400 FLAT=0 step asan-cycles target/sanitize/cycles target/sanitize/asan.db
        STACK=1024 step asan-lifetimes target/sanitize/lifetimes
        STEP=17 step asan-allocations target/sanitize/allocations target/sanitize/asan.db
        STEP=17 ROUNDS=5000 step asan-stops target/sanitize/stops target/sanitize/asan.db
        step asan-fuzz env LD_PRELOAD="$asan" ASAN_OPTIONS=detect_leaks=0 "$PYTHON" tests/fuzz/fuzz.py 30
    else
        echo "AddressSanitizer: this toolchain does not build it ($(tail -n 1 target/sanitize/asan-build.log))"
    fi
fi
verdict
