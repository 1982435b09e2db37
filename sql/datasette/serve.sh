#!/usr/bin/env bash
# Opens a telemetry database in Datasette with the extension, the dashboard and the saved questions:
#     serve.sh telemetry.db [OPTION...]
# Without a file, or with '', it is the example of sql/demo.sql, in target/demo.db.
# Further options go to Datasette (--port 8001, --open, --host 0.0.0.0). The file is only read.
# Datasette is installed into target/datasette.
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

venv=$root/target/datasette/venv
requirements=(datasette==0.65.5 datasette-dashboards==0.8.0)
if [[ $(cat "$venv/requirements" 2>/dev/null) != "${requirements[*]}" ]]; then
    "${PYTHON:-/usr/bin/python3}" -m venv "$venv" ||
        { apt-get install -y python3-venv && "${PYTHON:-/usr/bin/python3}" -m venv "$venv"; }
    "$venv/bin/pip" install --quiet "${requirements[@]}"
    echo "${requirements[*]}" > "$venv/requirements"
fi

# The dashboard's scripts put the database's name, which Datasette takes from the file's, into an
# address as it is: a name with other characters gets a link with plain ones.
name=$(basename "$database"); name=${name%.*}
run=$root/target/datasette/run-$$
mkdir -p "$run"
trap 'rm -rf "$run"' EXIT
if [[ $name == *[^A-Za-z0-9_-]* ]]; then
    name=${name//[^A-Za-z0-9_-]/-}
    ln -s "$(realpath "$database")" "$run/$name.db"
    database=$run/$name.db
fi

# The saved questions belong to a database's name, and its page leads to the dashboard.
"$venv/bin/python" - "$here/metadata.yaml" "$name" > "$run/metadata.json" <<'PROGRAM'
import json, sys, yaml
metadata = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
name = sys.argv[2]
link = f'<p><a href="/-/dashboards/{name}">Dashboard</a></p>'
metadata["databases"] = {name: {"description_html": link, **metadata["databases"]["telemetry"]}}
json.dump(metadata, sys.stdout)
PROGRAM

# Ten seconds instead of one: a scan of ten million rows takes some. Ten thousand rows: so many has
# a chart of each model and day of a year.
"$venv/bin/datasette" "$database" --load-extension "$library" --metadata "$run/metadata.json" \
    --plugins-dir "$here/pages" --setting sql_time_limit_ms 10000 \
    --setting max_returned_rows 10000 "$@"
