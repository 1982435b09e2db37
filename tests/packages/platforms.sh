#!/usr/bin/env bash
# Builds the library for other platforms (packages/build.sh) and, where that platform can be had on
# Linux x86-64, runs it there: platforms.sh [PLATFORM...]
# A host with an SQLite of its own (host.c) asks it everything in the catalogue on the example; the
# answers are those of this machine's library, to the last bit. Needs mingw-w64, wine,
# qemu-user-static, libc6-arm64-cross and musl-tools of Debian; what is missing is skipped.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/platforms
PYTHON=${PYTHON:-/usr/bin/python3}
mkdir -p "$work" && cd "$work" || exit 2
passed=0 failed=0 skipped=0

# SQLite 3.50.2, as the crate of bindings carries it.
sqlite() {
    local crate=libsqlite3-sys-0.35.0
    [[ -f $work/$crate/sqlite3/sqlite3.c ]] && return
    mkdir -p fetch/src && printf '[package]\nname = "fetch"\nversion = "0.0.0"\n[dependencies]\nlibsqlite3-sys = "=0.35.0"\n' > fetch/Cargo.toml &&
        touch fetch/src/lib.rs && cargo vendor --quiet --manifest-path fetch/Cargo.toml fetch/vendor > /dev/null &&
        mkdir -p $crate && cp -r fetch/vendor/libsqlite3-sys/sqlite3 $crate/ && rm -rf fetch
}

ask() { # LIBRARY WITH...   the host by this command
    "${@:2}" "$1" "$work/demo.db" < "$work/questions.sql" | tr -d '\r'
}

host() { # NAME COMPILER...
    "${@:2}" -O1 -I "$work/libsqlite3-sys-0.35.0/sqlite3" -o "$work/$1" "$here/host.c" \
        "$work/libsqlite3-sys-0.35.0/sqlite3/sqlite3.c"
}

need() { command -v "$1" > /dev/null || { echo "no $1"; return 77; }; }

# The commands that make the host and run it; 78 where it cannot be run here.
run_linux_x64() { host linux-x64 cc -ldl -lm -pthread && ask "$1" ./linux-x64; }
run_linux_arm64() {
    need qemu-aarch64-static && [[ -d /usr/aarch64-linux-gnu/lib ]] || return 77
    host linux-arm64 "$zig" cc -target aarch64-linux-gnu.2.17 &&
        ask "$1" qemu-aarch64-static -L /usr/aarch64-linux-gnu ./linux-arm64
}
run_linux_x64_musl() { need musl-gcc && host linux-x64-musl musl-gcc && ask "$1" ./linux-x64-musl; }
run_win32_x64() {
    need wine && need x86_64-w64-mingw32-gcc || return
    export WINEPREFIX=$work/wine WINEDEBUG=-all
    x86_64-w64-mingw32-gcc -shared -o bcryptprimitives.dll "$here/bcryptprimitives.c" -ladvapi32 &&
        host win32-x64.exe x86_64-w64-mingw32-gcc -D__USE_MINGW_ANSI_STDIO=1 && ask "$1" wine ./win32-x64.exe
}
run_linux_arm64_musl() { return 78; }
run_darwin_x64() { return 78; }
run_darwin_arm64() { return 78; }

try() { # PLATFORM
    local library code
    library=$("$root/packages/build.sh" "$1" 2> "$work/$1.log") || { tail -5 "$work/$1.log"; return 1; }
    zig=$root/target/portable/zig/bin/python-zig
    [[ $1 == linux-x64 ]] && { run_linux_x64 "$library" > "$work/expected.txt"; return; }
    "run_${1//-/_}" "$library" > "$work/$1.txt" 2>> "$work/$1.log"
    code=$?
    ((code == 0)) || { ((code == 78)) && echo "built"; ((code > 2)) || tail -5 "$work/$1.log"; return $code; }
    cmp "$work/expected.txt" "$work/$1.txt" && echo "$(wc -l < "$work/$1.txt") rows, the same bits"
}

sqlite || { echo "SQLite's sources cannot be had"; exit 1; }
rm -f demo.db && (cd "$root" && sqlite3 "$work/demo.db" < sql/demo.sql) || exit 2
"$PYTHON" "$root/tests/lib.py" questions | sed 's/jarvis_stats_debug()/1/' > questions.sql || exit 2
(($#)) || set -- linux-arm64 linux-x64-musl linux-arm64-musl win32-x64 darwin-x64 darwin-arm64
for platform in linux-x64 "$@"; do
    start=$SECONDS
    said=$(try "$platform")
    code=$?
    case $code in
    0 | 78) result=passed passed=$((passed + 1)) ;;
    77) result=skipped skipped=$((skipped + 1)) ;;
    *) result=FAILED failed=$((failed + 1)) ;;
    esac
    printf '%-17s %-8s %4s s  %s\n' "$platform" $result $((SECONDS - start)) "$said"
done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
