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
out=${HOSTS_DIR:-$root/target/hosts}
export JARVIS_STATS=${JARVIS_STATS:-$root/libjarvis_stats.so}
mkdir -p "$out"
[[ -f $JARVIS_STATS ]] || { echo "no $JARVIS_STATS: run make first" >&2; exit 2; }
[[ -n ${SHORT:-} ]] && VERSIONS=${VERSIONS:-"3.24.0 3.25.2"}

if ! cargo test --quiet --test main --no-run > "$out/build.log" 2>&1; then
    cat "$out/build.log" >&2; exit 2
fi

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
    elif JARVIS_TEST_SQLITE=$lib nice -n 5 cargo test --quiet --test main > "$log" 2>&1; then
        detail="$(sed -n 's/^test result: ok. \([0-9]* passed\).*/\1/p' "$log" | tail -1), $((SECONDS - start)) s"
        result=passed; passed=$((passed + 1))
        [[ $detail == 0\ passed* || $detail == ,* ]] && { result=FAILED; detail="no test ran"; passed=$((passed - 1)); failed=$((failed + 1)); }
    else
        result=FAILED detail="see $log: $(grep -m1 -E '^test result: FAILED|error' "$log" || tail -1 "$log")"; failed=$((failed + 1))
    fi
    printf '%-8s  %-24s  %-8s  %s\n' "$sqlite" "$package $version" "$result" "$detail"
done 3< "$here/versions.txt"
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $((passed + skipped)) -gt 0 ]]
