#!/bin/sh
# Compares the extension with the real TelemetryAggregator of OpenJarvis, release by release, field by field.
#
#   tests/peer/run.sh              fixed seeds and a fresh one
#   SEED=123 tests/peer/run.sh     that seed instead of the fresh one: repeats a failure
#
# PYTHON must be one that can load extensions (Debian's can); JARVIS_STATS names the extension.
set -eu
cd "$(dirname "$0")/../.."

PYTHON=${PYTHON:-/usr/bin/python3}
RELEASES="0.1.1 1.0.2 1.0.3 1.0.4"

pip_install() {  # any Python's pip will do: the package is pure Python and goes into a folder of its own
    for pip in "$PYTHON -m pip" "python3 -m pip" pip3 pip; do
        if $pip --version >/dev/null 2>&1; then
            $pip install "$@"
            return
        fi
    done
    apt-get update -qq && apt-get install -y -qq python3-pip && "$PYTHON" -m pip install "$@"
}

mkdir -p target/peer
for release in $RELEASES; do
    if [ ! -d "target/peer/$release" ]; then
        echo "installing openjarvis $release"
        part="target/peer/part-$$"  # moved into place whole: an interrupted install leaves nothing, runs may overlap
        rm -rf "$part"
        pip_install --quiet --no-deps --no-compile --disable-pip-version-check --root-user-action=ignore \
            --target "$part" "openjarvis==$release"
        [ -d "target/peer/$release" ] && rm -rf "$part" || mv "$part" "target/peer/$release"
    fi
done

# What the releases' own writers leave in a row; its databases are test data in target/writers
PYTHONDONTWRITEBYTECODE=1 "$PYTHON" tests/peer/rows.py target/peer $RELEASES

PYTHONDONTWRITEBYTECODE=1 exec "$PYTHON" tests/peer/compare.py target/peer $RELEASES
