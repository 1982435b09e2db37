#!/usr/bin/env bash
# Fifty files of four releases of OpenJarvis, three of them broken, against one file with all rows:
# by the shell, ATTACH, DuckDB and Spark.
#
#   SHORT=1    without Spark, which takes Java 17 and 750 MB of packages
#   ROWS=...   calls a file (2,000)
set -uo pipefail
. "$(dirname "$0")/../lib.sh"
here=tests/fleet
RELEASES="0.1.1 1.0.2 1.0.3 1.0.4"

# DuckDB's scanner comes from PyPI too: its own place for extensions may be out of reach.
packages=(duckdb==1.5.5 duckdb-extension-sqlite-scanner==1.5.5)
tools=$work/plain
if [ -z "${SHORT:-}" ]; then
    apt openjdk-17-jre-headless || exit 2
    packages+=(pyspark==4.0.1 pyarrow==26.0.1)
    tools=$work/spark
fi
venv "$tools" "${packages[@]}" || exit 2
python=$tools/bin/python

for release in $RELEASES; do openjarvis "$release" || exit 2; done
# shellcheck disable=SC2086
$PYTHON tests/peer/rows.py target/peer $RELEASES > "$work/writers.log" ||
    { cat "$work/writers.log"; exit 2; }
# shellcheck disable=SC2086
$python $here/machines.py target/writers "$work" $RELEASES || exit 2

count plain "$python" $here/plain.py "$work"
if [ -z "${SHORT:-}" ]; then
    # The wheel of this library, unpacked: its file would want a tag that pip knows.
    rm -rf "$work/site" && mkdir -p "$work/site"
    $PYTHON - "$JARVIS_STATS" "$work/site" <<'PYTHON' || exit 2
import io, pathlib, sys, zipfile
sys.path.insert(0, "packages")
import project, python_packages
library = pathlib.Path(sys.argv[1])
_, wheel = python_packages.main_wheel(
    project.cargo_package(), "any", library.name, library.read_bytes())
zipfile.ZipFile(io.BytesIO(wheel)).extractall(sys.argv[2])
PYTHON
    # What Java has to say goes to a file of its own.
    export PYSPARK_PYTHON=$python PYTHONPATH=$work/site
    count cluster sh -c 'exec "$@" 2> "$0"' "$work/spark.log" "$python" $here/cluster.py "$work"
fi
verdict
