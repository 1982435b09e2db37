#!/bin/sh
# Compares the percentiles with oracles that nobody here wrote: apsw's own percentile_cont, numpy,
# DuckDB, scipy. They go into a folder of their own under target.
#
#   tests/oracles/run.sh              fixed seeds and a fresh one
#   SEED=123 tests/oracles/run.sh     that seed instead of the fresh one: repeats a failure
#
# JARVIS_STATS names the extension.
set -eu
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-/usr/bin/python3}
venv=target/oracles

if ! "$venv/bin/python" -c 'import apsw, duckdb, numpy, scipy' 2>/dev/null; then
    echo "installing apsw, DuckDB, numpy and scipy into $venv"
    part="$venv-$$"  # moved into place whole: an interrupted install leaves nothing
    rm -rf "$part"
    "$PYTHON" -m venv "$part" 2>/dev/null || {
        apt-get update -qq && apt-get install -y -qq python3-venv
        "$PYTHON" -m venv --clear "$part"
    }
    "$part/bin/python" -m pip install --quiet --disable-pip-version-check \
        apsw==3.54.1.0 duckdb==1.5.5 numpy scipy
    rm -rf "$venv"
    mv "$part" "$venv"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" tests/oracles/percentiles.py
