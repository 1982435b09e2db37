#!/bin/sh
# Percentiles against SQLite's own (apsw) and DuckDB's, plain and over windows of 100 to 100,000 rows.
#   ROWS=1000000 ROUNDS=5
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=/usr/bin/python3}" "${ROWS:=1000000}"
venv=target/bench/percentiles
make --silent build
if ! "$venv/bin/python" -c 'import apsw, duckdb, duckdb_extension_sqlite_scanner' 2>/dev/null; then
    echo "installing apsw and DuckDB into $venv ..." >&2
    "$PYTHON" -m venv --clear "$venv" || { echo "apt-get install python3-venv" >&2; exit 1; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check \
        apsw==3.54.1.0 duckdb==1.5.5 duckdb-extension-sqlite-scanner==1.5.5
fi
export ROWS PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" benches/percentiles.py "target/bench/percentiles-$ROWS.db"
