#!/bin/sh
# libFuzzer over hostile sketches: tests/fuzz/decode/run.sh TIME, as 60s or 10m. Needs cargo-fuzz
# and a nightly toolchain; without them it says so. (A test of the sketch's own tries 100,000 mutations
# everywhere.)
set -eu
cd "$(dirname "$0")/../../.."
time=${1:-60s}
case $time in
    *m) seconds=$((${time%m} * 60)) ;;
    *) seconds=${time%s} ;;
esac

if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
    echo "skipped: fuzzing sketches needs nightly Rust and cargo-fuzz (cargo install cargo-fuzz)"
    exit 0
fi
corpus=target/fuzz-decode/corpus
mkdir -p "$corpus"
# Seeds: an empty run of each kind, a positive and a negative entry.
printf 'JQS\001\006\001\000\000\000\000' > "$corpus/zero"
printf 'JQS\001\006\000\001\001\001\176\001\002\001\002\004\003' > "$corpus/both"
exec cargo +nightly fuzz run --fuzz-dir tests/fuzz/decode --target-dir target/fuzz-decode \
    sketch "$corpus" -- -max_total_time="$seconds" -max_len=4096
