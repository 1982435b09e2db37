#!/bin/sh
# Fuzzes what is read from bytes (sketches, stored groups) by libFuzzer under AddressSanitizer.
#
#   tests/fuzz/decode/run.sh 60s    each target for half of that time: 90, 30s, 10m, 1h
#
# cargo-fuzz is taken from the PATH, or installed into target/fuzz-decode. Its flags are those of a
# nightly compiler; RUSTC_BOOTSTRAP lets the stable one take them. Cases that were found stay in
# target/fuzz-decode/corpus, and crashes in target/fuzz-decode/artifacts.
set -eu
cd "$(dirname "$0")/../../.."
work=$PWD/target/fuzz-decode
case ${1:-60s} in
    *h) seconds=$((${1%h} * 3600)) ;;
    *m) seconds=$((${1%m} * 60)) ;;
    *) seconds=${1:-60} seconds=${seconds%s} ;;
esac

mkdir -p "$work"
PATH=$work/tools/bin:$PATH
if ! command -v cargo-fuzz >/dev/null; then
    cargo install --quiet --locked --root "$work/tools" cargo-fuzz >"$work/install.log" 2>&1 || {
        echo "cargo-fuzz cannot be had here, so bytes are not fuzzed (see $work/install.log)"
        exit 0
    }
fi

seed() {  # TARGET NAME BYTES: a case to start from, as printf spells it
    mkdir -p "$work/corpus/$1" "$work/artifacts/$1"
    # shellcheck disable=SC2059
    printf "$3" >"$work/corpus/$1/$2"
}
seed sketch one 'JQS\001\006\001\000\000\000\000'
seed sketch both_signs 'JQS\001\006\001\001\000\001\176\001\001\001\002'
seed sketch steps 'JQS\001\006\000\000\001\000\003\001\005\176\001\200\001\377\001'
seed banks tokens '\000\002\000\000\000'
seed banks extremes '\002\000\000\000\000\000\000\000\000\000\000\000\000\000\000\360\077'
seed banks sums '\001\000\000\000\000\000\000\000\360\077'

failed=0
for target in sketch banks; do
    RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz/decode \
        --target-dir "$work/build" "$target" "$work/corpus/$target" -- \
        -max_total_time=$((seconds / 2)) -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="$work/artifacts/$target/" >"$work/$target.log" 2>&1 || {
        failed=1
        echo "$target: FAILED"
        grep -v '^#' "$work/$target.log" | tail -n 30
        continue
    }
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log") cases"
done
exit "$failed"
