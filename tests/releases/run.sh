#!/usr/bin/env bash
# Runs the golden suite on many real SQLite releases: run.sh
#   SHORT=1               only the floor and the release below it
#   VERSIONS="3.31.1 ..." only these
#   JARVIS_STATS=path     the extension, instead of the one that is built first
# What could not be built counts as skipped and is named.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
out=${RELEASES_DIR:-$root/target/releases}
mkdir -p "$out"
[[ -n ${SHORT:-} ]] && VERSIONS=${VERSIONS:-"3.24.0 3.25.2"}

# One build and one copy for the whole run: whatever is rebuilt meanwhile, every release is asked the same.
if ! cargo test --release --locked --test main --test golden --no-run > "$out/build.log" 2>&1; then
    cat "$out/build.log" >&2; exit 2
fi
mapfile -t programs < <(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$out/build.log")
[[ ${#programs[@]} -eq 2 ]] || { echo "cargo named ${#programs[@]} test programs, not 2, see $out/build.log" >&2; exit 2; }
everything() { for program in "${programs[@]}"; do "$program" --quiet || return; done; }
cp "$JARVIS_STATS" "$out/libjarvis_stats.so" && JARVIS_STATS=$out/libjarvis_stats.so

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
    elif JARVIS_TEST_SQLITE=$lib everything > "$log" 2>&1; then
        count=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$log" | awk '{ all += $1 } END { print all }')
        if [[ $(grep -c '^test result: ok. [1-9]' "$log") -eq 2 ]]; then
            result=passed detail="$count tests, $((SECONDS - start)) s"; passed=$((passed + 1))
        else
            result=FAILED detail="no test ran, see $log"; failed=$((failed + 1))
        fi
    else
        result=FAILED detail="see $log: $(grep -m1 '^test result: FAILED' "$log" || tail -1 "$log")"; failed=$((failed + 1))
    fi
    printf '%-8s  %-24s  %-8s  %s\n' "$sqlite" "$package $version" "$result" "$detail"
done 3< "$here/versions.txt"
verdict
