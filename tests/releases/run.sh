#!/usr/bin/env bash
# Runs the golden suite on many real SQLite releases: run.sh
#   SHORT=1               only the floor and the release below it
#   VERSIONS="3.31.1 ..." only these
#   JARVIS_STATS=path     the extension (default ./libjarvis_stats.so at the root)
# Ends with "N passed, N failed, N skipped"; what could not be built counts as skipped and is named.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
out=${RELEASES_DIR:-$root/target/releases}
export JARVIS_STATS=${JARVIS_STATS:-$root/libjarvis_stats.so}
mkdir -p "$out"
[[ -f $JARVIS_STATS ]] || { echo "no $JARVIS_STATS: run make first" >&2; exit 2; }
[[ -n ${SHORT:-} ]] && VERSIONS=${VERSIONS:-"3.24.0 3.25.2"}

# One build and one copy for the whole run: whatever is rebuilt meanwhile, every release is asked the same.
if ! cargo test --test main --no-run > "$out/build.log" 2>&1; then
    cat "$out/build.log" >&2; exit 2
fi
suite=$(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$out/build.log" | tail -1)
[[ -x $suite ]] || { echo "cargo named no test program, see $out/build.log" >&2; exit 2; }
cp "$JARVIS_STATS" "$out/libjarvis_stats.so" && JARVIS_STATS=$out/libjarvis_stats.so

passed=0 failed=0 skipped=0
printf '%-8s  %-24s  %-8s  %s\n' SQLite 'source' 'result' 'detail'
while read -r sqlite registry package version expected <&3; do
    [[ -z $sqlite || $sqlite == \#* ]] && continue
    [[ -n ${VERSIONS:-} && " $VERSIONS " != *" $sqlite "* ]] && continue
    log=$out/$sqlite.log
    start=$SECONDS
    if ! lib=$("$here/build.sh" "$sqlite" "$registry" "$package" "$version" 2> "$log"); then
        result=skipped detail="not built: $(tail -1 "$log")"; skipped=$((skipped + 1))
    elif [[ $expected == refused ]]; then
        if detail=$(/usr/bin/env python3 "$here/refused.py" "$lib" "$JARVIS_STATS" "$sqlite" 2> "$log"); then
            result=refused; passed=$((passed + 1))
        else
            result=FAILED detail=$(tail -1 "$log"); failed=$((failed + 1))
        fi
    elif JARVIS_TEST_SQLITE=$lib nice -n 5 "$suite" --quiet > "$log" 2>&1; then
        count=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$log" | tail -1)
        if [[ ${count:-0} -gt 0 ]]; then
            result=passed detail="$count tests, $((SECONDS - start)) s"; passed=$((passed + 1))
        else
            result=FAILED detail="no test ran, see $log"; failed=$((failed + 1))
        fi
    else
        result=FAILED detail="see $log: $(grep -m1 -E '^test result: FAILED|error' "$log" || tail -1 "$log")"; failed=$((failed + 1))
    fi
    printf '%-8s  %-24s  %-8s  %s\n' "$sqlite" "$package $version" "$result" "$detail"
done 3< "$here/versions.txt"
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $((passed + skipped)) -gt 0 ]]
