#!/bin/sh
# Runs the queries of sql/examples on the demo's data in the sqlite3 shell, each as a reader would paste it, and
# compares what they print with sql/examples/expected.txt. Then the demo's report and the doctor's. None of it may change the file.
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

# Prices: LiteLLM's format, as small as it gets. One model that has a price, one entry that is no model.
cat > "$WORK/model_prices_and_context_window.json" <<'JSON'
{"sample_spec": {"input_cost_per_token": 0}, "local-image": {"mode": "image_generation"},
 "gpt-4o-mini": {"input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07}}
JSON
status=0
(
    cd "$WORK" && cp demo.db priced.db
    "$SQLITE3" -bail priced.db < "$OLDPWD/sql/prices.sql" > prices.txt
    "$SQLITE3" -bail priced.db < "$OLDPWD/sql/prices.sql" | diff prices.txt -  # a second time changes nothing
    [ "$("$SQLITE3" priced.db 'SELECT count(*) FROM price')" = 1 ]
    # every call that was not streamed has its list price in the demo, so the two columns must agree
    awk -F'|' '$1 == "gpt-4o-mini" && $2 == $3 && $4 > 0 && $5 > 0.1 && ($5 - $6) ^ 2 < 1e-12 { found = 1 }
        $1 == "qwen3:8b" && $3 == 0 && $5 == "" && $6 == "" { none = 1 }
        END { exit !(found && none) }' prices.txt
) || { cat "$WORK/prices.txt"; status=1; }
verdict sql/prices.sql "$status"

status=0
"$SQLITE3" -bail -readonly "$WORK/demo.db" < sql/demo_report.sql > "$WORK/report.txt" 2>&1 || status=1
for text in Overall 'By model' Speed Energy duplicate_rows 'By engine' 'By batch' '12,000' 'openai/gpt-oss-120b' 'sglang' 'batch-0'; do
    grep -q "$text" "$WORK/report.txt" || { echo "the report lacks '$text'"; status=1; }
done
judge sql/demo_report.sql "$status"

status=0
"$SQLITE3" -bail -readonly "$WORK/demo.db" < sql/doctor.sql > "$WORK/doctor.txt" 2>&1 || status=1
for text in '^33 traps in 12,000 calls' '^error  duplicate_rows: 12 calls, 0.1 %, first id' '^note   engine_hidden: 20 calls' \
    "WHERE  engine = 'instrumented'\$"; do
    grep -q "$text" "$WORK/doctor.txt" || { echo "the doctor's report lacks '$text'"; status=1; }
done
[ "$(awk 'length > longest { longest = length } END { print longest <= 100 }' "$WORK/doctor.txt")" = 1 ] || status=1
"$SQLITE3" "$WORK/none.db" < sql/schema.sql && "$SQLITE3" -bail -readonly "$WORK/none.db" < sql/doctor.sql \
    | grep -q '^Nothing found' || status=1
judge sql/doctor.sql "$status"

"$SQLITE3" "$WORK/demo.db" < sql/demo.sql
[ "$("$SQLITE3" "$WORK/demo.db" 'SELECT count(*) FROM telemetry')" = 12000 ] && status=0 || status=1
judge "sql/demo.sql a second time adds nothing" "$status"
[ "$(cksum < "$WORK/demo.db")" = "$before" ] && status=0 || status=1
judge "nothing of it changes the file" "$status"

verdict && [ "$passed" -gt 3 ]
