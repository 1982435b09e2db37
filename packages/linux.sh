#!/usr/bin/env bash
# Builds the library that runs on every Linux since glibc 2.17: linux.sh x86_64|aarch64, prints
# where it is.
# zig links against the symbols of that release; cargo-zigbuild and ziglang come from PyPI into
# target/portable.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/portable
machine=${1:-x86_64}
if [[ ! -x $work/zig/bin/cargo-zigbuild ]]; then
    "${PYTHON:-/usr/bin/python3}" -m venv "$work/zig" >&2
    "$work/zig/bin/pip" install --quiet cargo-zigbuild==0.24.1 ziglang==0.17.1 >&2
fi
export PATH=$work/zig/bin:$PATH CARGO_TARGET_DIR=$work/cargo
cd "$root"
cargo zigbuild --release --locked --lib --target "$machine-unknown-linux-gnu.2.17" >&2
echo "$work/cargo/$machine-unknown-linux-gnu/release/libjarvis_stats.so"
