#!/bin/sh
# Installs the contestants into target/bench, builds the floor and runs the benchmark on libjarvis_stats at the root.
# ROWS=10000000 for another size, QUICK=1 for a short form, ONLY='by model' for some questions; further options go to run.py.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=/usr/bin/python3}"
work=target/bench venv=target/bench/venv
set -- ${ONLY:+--only "$ONLY"} "$@"
if [ -n "${QUICK:-}" ]; then
    set -- --quick --rounds 3 --budget 3 "$@"
    : "${ROWS:=100000}"
fi

make --silent build
export PYTHONPYCACHEPREFIX=target/bench/pycache
command -v sqlite3 >/dev/null || { echo "the sqlite3 shell is missing: apt-get install sqlite3" >&2; exit 1; }
if ! "$venv/bin/python" -c 'import duckdb, pandas, httpx, openjarvis' 2>/dev/null; then
    echo "installing DuckDB, pandas and OpenJarvis into $venv ..." >&2
    "$PYTHON" -m venv --clear "$venv" || { echo "$PYTHON makes no venv: apt-get install python3-venv" >&2; exit 1; }
    pip="$venv/bin/pip install --quiet --disable-pip-version-check"
    $pip duckdb==1.5.5 duckdb-extension-sqlite-scanner==1.5.5 pandas httpx
    # Its telemetry needs none of OpenJarvis's own dependencies but httpx.
    $pip --no-deps openjarvis==1.0.4
fi
cargo build --quiet --release --manifest-path benches/floor/Cargo.toml --target-dir "$work/floor"
exec "$venv/bin/python" benches/run.py --rows "${ROWS:-1000000}" "$@"
