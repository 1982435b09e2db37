#!/usr/bin/env bash
# A Python whose sqlite3 was built without extension loading (pyenv, python.org on macOS) says so in a sentence of its own.
# The cure, on that same Python: pip install pysqlite3-binary or apsw.
set -uo pipefail
if [[ $("$HOST_PYTHON" -c 'import sqlite3; print(hasattr(sqlite3.Connection, "enable_load_extension"))') == True ]]; then
    echo "this machine's python3 can load extensions"; exit 77
fi
"$HOST_PYTHON" -c 'import sqlite3; sqlite3.connect("telemetry.db").enable_load_extension(True)' 2> said.txt && exit 1
tail -1 said.txt
grep -qF "AttributeError: 'sqlite3.Connection' object has no attribute 'enable_load_extension'" said.txt
