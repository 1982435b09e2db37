#!/bin/sh
# Compares instructions per row with benches/instructions.txt, which BLESS=1 rewrites. Needs valgrind and the sqlite3 shell.
set -eu
cd "$(dirname "$0")/.."
make --silent build
export PYTHONPYCACHEPREFIX=target/bench/pycache
for need in valgrind sqlite3; do
    command -v "$need" >/dev/null || { echo "$need is missing: apt-get install $need" >&2; exit 1; }
done
exec "${PYTHON:-/usr/bin/python3}" benches/instructions.py
