#!/bin/sh
# Compares the percentiles with oracles that nobody here wrote: apsw's own percentile_cont, numpy,
# DuckDB, SciPy; TPOT with that of AIPerf; and sketches with their written format. They go into a folder under target.
#
#   tests/oracles/run.sh              fixed seeds and fresh ones
#   SEED=123 tests/oracles/run.sh     that seed instead of the fresh ones: repeats a failure
set -eu
. "$(dirname "$0")/../lib.sh"

venv "$work/venv" apsw==3.54.1.0 numpy==2.4.6 duckdb==1.5.5 scipy==1.17.1
# Without the hundred packages that it depends on.
[ -d "$work/aiperf" ] ||
    "$work/venv/bin/pip" install --quiet --no-deps --target "$work/aiperf" aiperf==0.13.0
"$work/venv/bin/python" tests/oracles/sketches.py
PYTHONPATH=$work/aiperf "$work/venv/bin/python" tests/oracles/tpot.py
exec "$work/venv/bin/python" tests/oracles/percentiles.py
