#!/usr/bin/env bash
# Opens a telemetry database in Datasette with the extension and the saved questions:
#     serve.sh telemetry.db [OPTION...]
# Without a file, or with '', it is the example of sql/demo.sql, in target/demo.db.
# Further options go to Datasette (--port 8001, --open, --host 0.0.0.0). The file is only read.
# Datasette is taken from PATH if its Python can load extensions, else installed into
# target/datasette.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=${JARVIS_STATS:-$root/libjarvis_stats.so}
database=${1:-}
shift $(($# > 0))
if [[ -z $database ]]; then
    database=$root/target/demo.db
    mkdir -p "$root/target" && rm -f "$database"
    (cd "$root" && "${SQLITE3:-sqlite3}" "$database" < sql/demo.sql)
fi
[[ -f $database ]] || { echo "there is no file $database" >&2; exit 2; }
[[ -f $library ]] || { echo "there is no $library: run make first" >&2; exit 2; }

datasette=$root/target/datasette/venv/bin/datasette
if [[ ! -x $datasette ]]; then
    "${PYTHON:-/usr/bin/python3}" -m venv "$root/target/datasette/venv" ||
        { apt-get install -y python3-venv && "${PYTHON:-/usr/bin/python3}" -m venv "$root/target/datasette/venv"; }
    "$root/target/datasette/venv/bin/pip" install --quiet 'datasette==0.65.5'
fi

# The saved questions belong to a database's name, which Datasette takes from the file's.
name=$(basename "$database"); name=${name%.*}
metadata=$root/target/datasette/metadata-$$.json
trap 'rm -f "$metadata"' EXIT
"${datasette%/*}/python" - "$here/metadata.yaml" "$name" > "$metadata" <<'PROGRAM'
import json, sys, yaml
metadata = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
metadata["databases"] = {sys.argv[2]: metadata["databases"]["telemetry"]}
json.dump(metadata, sys.stdout)
PROGRAM

# Ten seconds instead of one: a scan of ten million rows takes some.
"$datasette" "$database" --load-extension "$library" --metadata "$metadata" --setting sql_time_limit_ms 10000 "$@"
