"""A fleet without a cluster: the sqlite3 shell, ATTACH, DuckDB.

    plain.py FOLDER [CASE...]      FOLDER: what machines.py made

DuckDB and its SQLite scanner must be importable for the cases of DuckDB.
"""

import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import time

from answers import LEVELS, Merged
from lib import EXTENSION, ROOT, case, check, connect, run_cases
from machines import DAMAGED, EMPTY, TABLELESS

FOLDER = pathlib.Path(sys.argv.pop(1)).resolve()
FILES = sorted((FOLDER / "machines").glob("*/telemetry.db"))
GOOD = [path for number, path in enumerate(FILES) if number not in (TABLELESS, DAMAGED)]
SHELL = os.environ.get("SQLITE3", "sqlite3")
SQL = ROOT / "sql" / "fleet"
MERGED = Merged(FOLDER / "merged.db")


def asked(db, sql):
    cursor = db.execute(sql)
    return [column[0] for column in cursor.description], cursor.fetchall()


def timed(what, question):
    started = time.monotonic()
    answer = question()
    print(f"{what}: {time.monotonic() - started:.1f} s", flush=True)
    return answer


def compare(what, db, only_current=0):
    """The three views of add_up.sql, and those of duckdb.sql, which are called the same."""
    for view in ("fleet_models", "fleet_engines", "fleet_summary"):
        MERGED.compare(what, view, *asked(db, f"SELECT * FROM {view}"), only_current)


def collected(name, files, **options):
    fleet = FOLDER / name
    fleet.unlink(missing_ok=True)
    command = [str(SQL / "collect.sh"), EXTENSION, str(fleet), *map(str, files)]
    return fleet, subprocess.run(command, capture_output=True, text=True,
                                 env=os.environ | {"SQLITE3": SHELL} | options)


@case
def collect():
    """The shell asks each file, and plain SQL adds up; sketch_merge gives the percentiles."""
    missing = FOLDER / "nowhere.db"
    fleet, run = timed("collect.sh, 50 files",
                       lambda: collected("fleet.db", [*FILES, missing]))
    told = re.findall(r"^not read: (.*)$", run.stderr, re.M)
    check(run.returncode == 1 and told == [str(FILES[TABLELESS]), str(FILES[DAMAGED]), str(missing)],
          f"what was not read: {run.stderr}")
    db = connect(str(fleet))
    files = {path for path, in db.execute("SELECT DISTINCT file FROM partials")}
    good = {str(path) for number, path in enumerate(FILES)
            if number not in (EMPTY, TABLELESS, DAMAGED)}
    check(files == good, "the files that have rows")
    db.executescript((SQL / "add_up.sql").read_text())
    compare("collect", db)
    extremes = "SELECT model_id, min({}), max({}) FROM {} GROUP BY 1 ORDER BY 1"
    got = db.execute(extremes.format("min_latency_seconds", "max_latency_seconds", "partials"))
    want = MERGED.db.execute(extremes.format("latency_seconds", "latency_seconds", "telemetry"))
    got, want = got.fetchall(), want.fetchall()
    check(got == want and got, f"the extremes of all files: {got}, {want}")
    before = db.execute("SELECT count(*), sum(call_count) FROM partials").fetchone()
    again = subprocess.run([str(SQL / "collect.sh"), EXTENSION, str(fleet), str(FILES[0])])
    after = db.execute("SELECT count(*), sum(call_count) FROM partials").fetchone()
    check(again.returncode == 0 and before == after, f"a second time: {before}, {after}")
    asked_for = " UNION ALL ".join(
        f"""SELECT model_id, '{latency}' AS latency, sketch_count(s) AS measured, {', '.join(
            f"CASE WHEN sketch_count(s) >= {n} THEN sketch_quantile(s, {p}) END AS {name}"
            for name, (p, n) in LEVELS.items())}
            FROM (SELECT model_id, sketch_merge({latency}_sketch) AS s FROM partials GROUP BY 1)
            WHERE s IS NOT NULL""" for latency in ("ttft", "tpot", "e2el"))
    MERGED.percentiles("collect", *asked(db, asked_for))


def blocks(language):
    """Those of the page about fleets, with the folder of these files."""
    page = (ROOT / "docs" / "fleet.md").read_text()
    page = page.replace(" /fleet/", f" {FOLDER}/machines/")
    found = re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page)
    check(found, f"docs/fleet.md has blocks of {language}")
    return [block.replace("./libjarvis_stats", EXTENSION) for block in found]


@case
def page():
    """What docs/fleet.md has for the shell does what it says, in a folder of its own."""
    place = FOLDER / "page"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "sql").symlink_to(ROOT / "sql")
    shutil.copyfile(FILES[0], place / "telemetry.db")
    shown = ""
    for block in (block for block in blocks("sh") if not block.startswith("make ")):
        run = subprocess.run(["bash", "-c", block], cwd=place, text=True, capture_output=True)
        unread = re.findall(r"^not read: (.*)$", run.stderr, re.M)
        told = not run.stderr or unread == [str(FILES[TABLELESS]), str(FILES[DAMAGED])]
        check(told, f"docs/fleet.md: {block}\n{run.stderr}")
        shown += run.stdout
    check("local:7b" in shown, f"docs/fleet.md shows the models: {shown}")
    got = [sqlite3.connect(place / name).execute("SELECT count(*) FROM telemetry").fetchone()
           for name in ("telemetry.db", "copy.db")]
    check(got[0] == got[1], f"the consistent copy: {got}")


@case
def current():
    """The partials of current calls are those of current_methodology_only."""
    fleet, _ = collected("current.db", GOOD)
    db = sqlite3.connect(fleet)
    db.execute("ALTER TABLE partials RENAME TO every_partial")
    db.execute("CREATE TEMP VIEW partials AS SELECT * FROM every_partial WHERE current = 1")
    db.executescript((SQL / "add_up.sql").read_text())
    compare("current", db, only_current=1)


@case
def bounded():
    """A range of times, with a quote that ends nothing."""
    since = MERGED.db.execute("SELECT timestamp FROM telemetry LIMIT 1 OFFSET 5000").fetchone()[0]
    fleet, run = collected("bounded.db", GOOD, since=repr(since))
    got, = sqlite3.connect(fleet).execute("SELECT sum(call_count) FROM partials").fetchone()
    want, = MERGED.db.execute("SELECT total_calls FROM aggregated_stats(?)", [since]).fetchone()
    check(run.returncode == 0 and got == want > 0, f"calls since {since}: {got}, {want}")
    _, run = collected("bounded.db", GOOD[:1], since="it's")
    check(run.returncode == 1 and "got 'it's'" in run.stderr, f"a wrong time: {run.stderr}")


@case
def attached():
    """Ten files by ATTACH: every function of ours over the union equals that over one file."""
    files = FILES[:10]
    script = (SQL / "attach.sql").read_text()
    place = FOLDER / "attached"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    lines = "".join(f"ATTACH 'file:{path}?mode=ro' AS m{n};\n" for n, path in enumerate(files))
    own, count = re.subn(r"(?m)(^ATTACH .*\n)+", lines, script)
    check(count == 1, "attach.sql attaches in one place")
    run = subprocess.run([SHELL, "-bail", ":memory:"], input=f".load {EXTENSION}\n{own}", text=True,
                         cwd=place, capture_output=True)
    check(run.returncode == 0 and not run.stderr and len(run.stdout.splitlines()) > 8,
          f"attach.sql: {run.stderr}")
    db = connect(":memory:", "CREATE TABLE one(x)", uri=True)
    db.executescript(lines + (place / "every_machine.sql").read_text())
    machines, = db.execute("SELECT count(DISTINCT machine) FROM every_machine").fetchone()
    check(machines == len(files), f"{machines} machines")
    # The same rows in one table: every table function says the same of both.
    db.execute("CREATE TABLE main.telemetry AS SELECT * FROM every_machine")
    for function in ("model_stats", "engine_stats", "aggregated_stats", "batch_stats",
                     "latency_stats", "partial_stats", "goodput"):
        limit = "ttft_ms = 500 AND " if function == "goodput" else ""
        ask = f"SELECT * FROM {function} WHERE {limit}source = ?"
        one = db.execute(ask, ["main.telemetry"]).fetchall()
        union = timed(f"{function} over ten attached files",
                      lambda: db.execute(ask, ["temp.every_machine"]).fetchall())
        check(union == one and one, f"{function} over ten attached files")


def duckdb():
    """A connection that has DuckDB's SQLite scanner, from PyPI where it cannot be downloaded."""
    import duckdb
    db = duckdb.connect(config={"extension_directory": str(FOLDER / "duckdb")})
    import duckdb_extension_sqlite_scanner as scanner
    found, = pathlib.Path(scanner.__file__).parent.rglob("sqlite_scanner.duckdb_extension")
    db.execute(f"INSTALL '{found}'")
    return db


def run_script(db, text):
    rows = None
    for statement in re.sub(r"(?m)^\s*--.*\n", "", text).split(";\n"):
        if statement.strip():
            rows = db.execute(statement).fetchall()
    return rows


@case
def duckdb_rows():
    """DuckDB reads the rows of all files through its scanner, as duckdb.sql says."""
    db = duckdb()
    place = FOLDER / "rows"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for number, path in enumerate(FILES):
        if path in GOOD:
            os.symlink(path, place / f"it's {number}.db")
    script = (SQL / "duckdb.sql").read_text()
    pattern = f"{place}/*.db".replace("'", "''")
    script = script.replace("glob('*.db')", f"glob('{pattern}')")
    shown = timed("duckdb.sql, 48 files",
                  lambda: run_script(db, script.replace("INSTALL sqlite;\n", "")))
    check(shown, "duckdb.sql ends with something to see")
    compare("duckdb.sql", db)
    names, rows = asked(db, "SELECT * FROM fleet_latency")
    MERGED.percentiles("duckdb.sql", names, rows, bound=1e-12)


@case
def duckdb_partials():
    """DuckDB adds up partials, and reads percentiles from buckets."""
    fleet, _ = collected("fleet.db", GOOD)
    has = connect(str(fleet))
    has.execute("CREATE TABLE partial_buckets AS " + " UNION ALL ".join(
        f"""SELECT file, model_id, engine, current, CAST('{latency}' AS TEXT) AS latency,
              low, high, count
            FROM partials, sketch_buckets({latency}_sketch)"""
        for latency in ("ttft", "tpot", "e2el")))
    has.close()
    db = duckdb()
    db.execute("LOAD sqlite")
    db.execute(f"ATTACH '{fleet}' AS fleet (TYPE sqlite, READ_ONLY)")
    for table in ("partials", "partial_buckets"):
        db.execute(f"CREATE TABLE {table} AS FROM fleet.{table}")
    run_script(db, (SQL / "add_up.sql").read_text())
    run_script(db, (SQL / "percentiles.sql").read_text())
    for view in ("fleet_models", "fleet_latency"):
        timed(f"{view} in DuckDB, of partials", lambda: asked(db, f"SELECT * FROM {view}"))
    compare("partials in DuckDB", db)
    MERGED.percentiles("buckets in DuckDB", *asked(db, "SELECT * FROM fleet_latency"))


if __name__ == "__main__":
    sys.exit(run_cases())
