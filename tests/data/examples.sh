#!/bin/sh
# Runs the queries of sql/examples on the demo's data in the sqlite3 shell, each as a reader would paste it, and
# compares what they print with sql/examples/expected.txt. Then the demo's report. None of it may change the file.
#
#   tests/data/examples.sh             BLESS=1 rewrites the expectation; read the diff before committing it
#
# Needs sqlite3 3.33 or newer (FILTER, box mode); SQLITE3 names the shell, JARVIS_STATS the extension.
set -eu
. "$(dirname "$0")/../lib.sh"

EXTENSION=$JARVIS_STATS
WORK=target/examples
EXPECTED=sql/examples/expected.txt
judge() {  # name, status
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi
}

rm -rf "$WORK" && mkdir -p "$WORK"
"$SQLITE3" "$WORK/demo.db" < sql/demo.sql
before=$(cksum < "$WORK/demo.db")

for file in sql/examples/*.sql; do
    echo "== $(basename "$file")"
    { echo ".load $EXTENSION"; cat "$file"; } | "$SQLITE3" -bail -header -readonly "$WORK/demo.db" 2>&1 || echo "exit status $?"
done > "$WORK/printed.txt"

if [ "${BLESS:-}" ]; then cp "$WORK/printed.txt" "$EXPECTED"; fi
for file in sql/examples/*.sql; do
    section="== $(basename "$file")"
    for side in "$EXPECTED" "$WORK/printed.txt"; do
        awk -v section="$section" '/^== /{on = ($0 == section)} on' "$side" > "$WORK/$(basename "$side").section"
    done
    # a section of one line is a query that printed nothing, not even a header: never an example
    [ "$(wc -l < "$WORK/expected.txt.section")" -gt 1 ] \
        && diff -u "$WORK/expected.txt.section" "$WORK/printed.txt.section" && status=0 || status=1
    judge "$file" "$status"
done

status=0
"$SQLITE3" -bail -readonly "$WORK/demo.db" < sql/demo_report.sql > "$WORK/report.txt" 2>&1 || status=1
for text in Overall 'By model' 'By engine' 'By batch' '12,000' 'openai/gpt-oss-120b' 'sglang' 'batch-0'; do
    grep -q "$text" "$WORK/report.txt" || { echo "the report lacks '$text'"; status=1; }
done
judge sql/demo_report.sql "$status"

"$SQLITE3" "$WORK/demo.db" < sql/demo.sql
[ "$("$SQLITE3" "$WORK/demo.db" 'SELECT count(*) FROM telemetry')" = 12000 ] && status=0 || status=1
judge "sql/demo.sql a second time adds nothing" "$status"
[ "$(cksum < "$WORK/demo.db")" = "$before" ] && status=0 || status=1
judge "nothing of it changes the file" "$status"

verdict && [ "$passed" -gt 3 ]
