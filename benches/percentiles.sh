#!/bin/sh
# Percentiles against DuckDB and SQLite's own, on libjarvis_stats at the root: see percentiles.py.
# ROWS=100000 for another size; further options go to it.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=/usr/bin/python3}"
venv=target/bench/venv

[ -e libjarvis_stats.so ] || [ -e libjarvis_stats.dylib ] || { echo "libjarvis_stats is not built; run make first" >&2; exit 1; }
export PYTHONPYCACHEPREFIX=target/bench/pycache
if ! "$venv/bin/python" -c 'import apsw, duckdb, duckdb_extension_sqlite_scanner' 2>/dev/null; then
    echo "installing apsw and DuckDB into $venv ..." >&2
    [ -e "$venv/bin/python" ] || "$PYTHON" -m venv "$venv" || { apt-get install -y -q python3-venv >&2 && "$PYTHON" -m venv --clear "$venv"; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.54.1.0 duckdb==1.5.5 duckdb-extension-sqlite-scanner==1.5.5
fi
exec "$venv/bin/python" benches/percentiles.py --rows "${ROWS:-1000000}" "$@"
