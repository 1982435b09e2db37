#!/bin/sh
# Compares the percentiles with programs that nobody here wrote: SQLite's own percentile_cont,
# numpy, DuckDB, SciPy.
#
#   tests/oracles/run.sh              fixed seeds and a fresh one
#   SEED=123 tests/oracles/run.sh     that seed in place of the fresh one: repeats a failure
#
# Installs them into target/oracles. JARVIS_STATS names the extension.
set -eu
cd "$(dirname "$0")/../.."

PYTHON=${PYTHON:-/usr/bin/python3}
venv=target/oracles/venv
packages="apsw==3.54.1.0 numpy==2.4.6 duckdb==2.0.1 scipy==1.17.1"

if ! "$venv/bin/python" -c 'import apsw, numpy, duckdb, scipy' 2>/dev/null; then
    echo "installing apsw, numpy, DuckDB and SciPy into $venv"
    "$PYTHON" -m venv --clear "$venv" || {
        apt-get install -y -q python3-venv >&2 && "$PYTHON" -m venv --clear "$venv"
    }
    "$venv/bin/pip" install --quiet --disable-pip-version-check $packages
fi
PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" tests/oracles/quantile.py
