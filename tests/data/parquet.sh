#!/bin/sh
# Runs sql/examples/parquet.duckdb on the demo's table with DuckDB from PyPI, and compares counts
# with SQLite's.
set -eu
cd "$(dirname "$0")/../.."

PYTHON=${PYTHON:-/usr/bin/python3}
SQLITE3=${SQLITE3:-sqlite3}
WORK=target/parquet
if [ ! -d target/duckdb ]; then
    part="target/duckdb-part-$$"  # moved into place whole: an interrupted install leaves nothing
    pip="$PYTHON -m pip"
    $pip --version >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-pip; }
    $pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$part" duckdb
    mv "$part" target/duckdb
fi
rm -rf "$WORK" && mkdir -p "$WORK"
"$SQLITE3" "$WORK/telemetry.db" < sql/demo.sql
root=$PWD
cd "$WORK"
"$SQLITE3" -csv -header telemetry.db 'SELECT * FROM telemetry' > telemetry.csv
PYTHONPATH="$root/target/duckdb" "$PYTHON" -c '
import duckdb, sys
for row in duckdb.execute(open(sys.argv[1]).read()).fetchall():
    print(*row, sep="|")
' "$root/sql/examples/parquet.duckdb" > got.txt
"$SQLITE3" telemetry.db 'SELECT model_id, count(*) AS calls, round(sum(energy_joules))
    FROM telemetry GROUP BY model_id ORDER BY calls DESC, model_id LIMIT 3' > expected.txt
diff -u expected.txt got.txt
[ "$(wc -l < got.txt)" -eq 3 ] && [ -s telemetry.parquet ]
echo "1 passed, 0 failed"
