#!/bin/sh
# Compares instructions per row with benches/instructions.txt, which BLESS=1 rewrites. Installs valgrind where it is missing.
set -eu
cd "$(dirname "$0")/.."
if [ ! -e libjarvis_stats.so ] && [ ! -e libjarvis_stats.dylib ]; then
    echo "libjarvis_stats is not built; run make first" >&2
    exit 1
fi
export PYTHONPYCACHEPREFIX=target/bench/pycache
for need in valgrind sqlite3; do
    if ! command -v "$need" >/dev/null; then
        apt-get install -y -q "$need" >&2 || { echo "$need is missing" >&2; exit 1; }
    fi
done
exec "${PYTHON:-/usr/bin/python3}" benches/instructions.py
