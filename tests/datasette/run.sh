#!/usr/bin/env bash
# Drives Datasette with the saved questions and the dashboard in headless Chromium: run.sh
# Screenshots stay in target/datasette/shots for a person to look at. Ends with "N passed, N failed, N skipped".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
rm -rf "$work/shots" && mkdir -p "$work/shots"

# What the test needs beside Datasette; without it nothing was shown, so the run says skipped and why.
need() {
    if ! "$@" > "$work/install.log" 2>&1; then
        echo "could not prepare: $(grep -v '^ *$' "$work/install.log" | tail -1)"
        skipped=1; verdict; exit 0
    fi
}
[[ -x /usr/bin/chromium ]] || need apt chromium
[[ -d $work/npm/node_modules/playwright-core ]] || need npm install --prefix "$work/npm" --no-audit --no-fund playwright-core@1.64.1

# A name with a space and a dot: the saved questions must find their database all the same.
database="$work/office calls.2026.db"
rm -f "$database" "$work/demo.db" "$work/odd.db"
sqlite3 "$database" ".read $root/sql/schema.sql" ".read $root/tests/drivers/setup.sql"
(cd "$root" && sqlite3 "$work/demo.db" < sql/demo.sql)
# Names that are HTML must stay names; nothing of this call was measured.
sqlite3 "$work/odd.db" ".read $root/sql/schema.sql" "INSERT INTO telemetry(timestamp, model_id, engine, agent)
    VALUES (1767225600, '<img src=x onerror=alert(1)>&amp;', '<i>', '\"><b>')"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$root/sql/datasette/serve.sh" "$database" "$work/demo.db" "$work/odd.db" --port "$port" > "$work/server.log" 2>&1 &
server=$!
trap 'pkill -P $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT
for _ in $(seq 240); do
    grep -q 'Uvicorn running' "$work/server.log" && break
    kill -0 $server 2>/dev/null || { cat "$work/server.log" >&2; echo "datasette did not start" >&2; exit 1; }
    sleep 0.5
done

NODE_PATH=$work/npm/node_modules node "$here/browser.cjs" "http://127.0.0.1:$port" "$work/shots"
