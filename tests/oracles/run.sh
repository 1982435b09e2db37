#!/bin/sh
# Compares the percentiles with programs that nobody here wrote: SQLite's own percentile_cont,
# numpy, DuckDB, SciPy.
#
#   tests/oracles/run.sh              fixed seeds and a fresh one
#   SEED=123 tests/oracles/run.sh     that seed in place of the fresh one: repeats a failure
#
# Installs them into target/oracles.
set -eu
. "$(dirname "$0")/../lib.sh"

venv "$work/venv" apsw==3.54.1.0 numpy==2.4.6 duckdb==2.0.1 scipy==1.17.1
exec "$work/venv/bin/python" tests/oracles/quantile.py
