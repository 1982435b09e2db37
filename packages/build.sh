#!/usr/bin/env bash
# Builds the library of a platform, on Linux x86-64: build.sh PLATFORM, prints where it is.
#     linux-x64, linux-arm64              run on every Linux since glibc 2.17
#     linux-x64-musl, linux-arm64-musl    Alpine and its like
#     darwin-x64, darwin-arm64            macOS 11 and newer
#     win32-x64                           with mingw's gcc
# zig links all but the last: against the symbols of that glibc, and without another system's SDK.
# cargo-zigbuild and ziglang come from PyPI into target/portable. `rustup target add` gives the
# standard library.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/portable
export CARGO_TARGET_DIR=$work/cargo MACOSX_DEPLOYMENT_TARGET=11.0
command=zigbuild suffix='' name=libjarvis_stats.so
case ${1:-} in
linux-x64) target=x86_64-unknown-linux-gnu suffix=.2.17 ;;
linux-arm64) target=aarch64-unknown-linux-gnu suffix=.2.17 ;;
linux-x64-musl) target=x86_64-unknown-linux-musl ;;
linux-arm64-musl) target=aarch64-unknown-linux-musl ;;
darwin-x64) target=x86_64-apple-darwin name=libjarvis_stats.dylib ;;
darwin-arm64) target=aarch64-apple-darwin name=libjarvis_stats.dylib ;;
win32-x64) target=x86_64-pc-windows-gnu command=build name=jarvis_stats.dll ;;
*) sed -n '2,9p' "$0" >&2; exit 2 ;;
esac
# A library is loaded into a program that has its own C library.
case $target in *-musl) export RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=-crt-static" ;; esac
if [[ $command == zigbuild ]]; then
    if [[ ! -x $work/zig/bin/cargo-zigbuild ]]; then
        "${PYTHON:-/usr/bin/python3}" -m venv "$work/zig" >&2
        "$work/zig/bin/pip" install --quiet cargo-zigbuild==0.24.1 ziglang==0.17.1 >&2
    fi
    export PATH=$work/zig/bin:$PATH
fi
cd "$root"
cargo "$command" --release --locked --lib --target "$target$suffix" >&2
echo "$work/cargo/$target/release/$name"
