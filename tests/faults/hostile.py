"""A schema from a stranger, and a host that is careful: what views and triggers can try, and what must come of it."""

import os
import sqlite3
import subprocess
import sys

from cases import EXTENSION, FOLDER, TABLE, TABLES, case, check, connect, expect, failure, main, row


@case
def a_view_that_reads_itself():
    """Recursion ends in an error that says so, for every function, and costs no stack."""
    for table in TABLES:
        column = "record" if table.startswith("export_records") else "*"
        db = connect(script=f"CREATE VIEW telemetry AS SELECT {column}, 1 AS timestamp, 1 AS model_id, 1 AS engine,"
                            f" 1 AS batch_id FROM {table}")
        if not table.startswith("aggregated_stats"):
            db.execute("DROP VIEW telemetry")
            db.execute(f"CREATE VIEW telemetry AS SELECT 1 AS timestamp, 1 AS model_id, 1 AS engine, 1 AS batch_id FROM {table}")
        for asked in TABLES:
            text = failure(db, f"SELECT * FROM {asked}")
            check("views nest deeper than 8 levels" in text, f"{asked} over {table}: {text}")
        text = failure(db, "SELECT record_count()")
        check("views nest deeper than 8 levels" in text, f"record_count over {table}: {text}")
        expect(db, "SELECT jarvis_stats_version() LIKE 'v%'", [(1,)])
    db = connect(script="CREATE VIEW telemetry AS SELECT record_count() AS model_id")
    check("nest deeper" in failure(db, "SELECT * FROM model_stats"), "record_count in the view")


@case
def views_eight_deep():
    db = connect(script=TABLE)
    row(db, model_id="m", timestamp=1.0)
    db.execute("CREATE VIEW v0 AS SELECT * FROM telemetry")
    for depth in range(1, 10):
        db.execute(f"CREATE VIEW v{depth} AS SELECT model_id, 1 AS timestamp FROM model_stats(NULL, NULL, NULL, 'v{depth - 1}')")
    expect(db, "SELECT call_count FROM model_stats(NULL, NULL, NULL, 'v8')", [(1,)])
    check("nest deeper than 8" in failure(db, "SELECT * FROM model_stats(NULL, NULL, NULL, 'v9')"), "nine levels")
    expect(db, "SELECT call_count FROM model_stats(NULL, NULL, NULL, 'v8')", [(1,)])


@case
def a_view_with_side_effects():
    """A function of the host that is not INNOCUOUS stays out of a stranger's view under trusted_schema=OFF, through ours too; an
    error inside a view is its own, and one that a view causes on the fly loses nothing."""
    db = connect(script=TABLE)
    called = []
    db.create_function("side_effect", 1, lambda x: called.append(x) or x)
    db.executescript("DROP TABLE telemetry; CREATE VIEW telemetry AS SELECT side_effect(1) AS model_id, 1 AS engine, 1 AS batch_id,"
                     " 1 AS timestamp")
    db.execute("PRAGMA trusted_schema = OFF")
    for table in TABLES:
        text = failure(db, f"SELECT * FROM {table}")
        check("unsafe use of side_effect()" in text and not called, f"{table}: {text} {called}")
    db.execute("PRAGMA trusted_schema = ON")
    expect(db, "SELECT call_count FROM model_stats", [(1,)])
    check(called == [1], f"called {called}")
    db.create_function("side_effect", 1, lambda x: 1 / 0)
    text = failure(db, "SELECT * FROM model_stats")
    check("user-defined function raised exception" in text, text)

    def changes(x):
        # a function that changes the schema and the data below the running scan
        for sql in ("CREATE TABLE IF NOT EXISTS other(x)", "INSERT INTO other VALUES(1)", "ALTER TABLE other ADD COLUMN y",
                    "DROP TABLE other", "DELETE FROM base"):
            try:
                db.execute(sql)
            except sqlite3.Error:
                pass
        return x
    db.executescript("DROP VIEW telemetry; CREATE TABLE base(m); INSERT INTO base VALUES(1), (2), (3);"
                     "CREATE VIEW telemetry AS SELECT changes(m) AS model_id, 1 AS engine, 1 AS batch_id, 1 AS timestamp FROM base")
    db.create_function("changes", 1, changes)
    for table in TABLES:
        failure(db, f"SELECT * FROM {table}")
        expect(db, "SELECT jarvis_stats_version() LIKE 'v%'", [(1,)])


@case
def strangers_triggers_and_views():
    """trusted_schema=OFF: sums and keys for a stranger's view, whole rows never."""
    db = connect(script=TABLE + "CREATE TABLE t(x); CREATE TABLE stolen(x); CREATE VIEW v AS SELECT model_id, call_count FROM model_stats;"
                 "CREATE VIEW w AS SELECT record FROM export_records; CREATE VIEW c AS SELECT record_count('t') AS n;"
                 "CREATE VIEW d AS SELECT jarvis_stats_debug() AS n;"
                 "CREATE TRIGGER steal AFTER INSERT ON t BEGIN INSERT INTO stolen SELECT record FROM export_records(NULL, NULL, 'secret'); END;"
                 "CREATE TABLE secret(x); INSERT INTO secret VALUES('password')")
    row(db, model_id="m", timestamp=1.0)
    db.execute("PRAGMA trusted_schema = OFF")
    expect(db, "SELECT * FROM v", [("m", 1)])
    for view, name in (("w", "export_records"), ("c", "record_count"), ("d", "jarvis_stats_debug")):
        text = failure(db, f"SELECT * FROM {view}")
        check("unsafe use of" in text and name in text, text)
    text = failure(db, "INSERT INTO t VALUES(1)")
    check("unsafe use of virtual table" in text, text)
    expect(db, "SELECT count(*) FROM stolen", [(0,)])
    expect(db, "SELECT count(*) FROM export_records", [(1,)])
    # The internal function is never reachable from a schema, and by hand it says what it is.
    db.execute("CREATE VIEW i AS SELECT jarvis_stats_scan(1, 2) AS x")
    for trusted in ("ON", "OFF"):
        db.execute(f"PRAGMA trusted_schema = {trusted}")
        check("unsafe use" in failure(db, "SELECT * FROM i"), "the internal function in a view")
    for arguments in ("", "NULL", "1, 2, 3", "x'00', 'a'"):
        text = failure(db, f"SELECT jarvis_stats_scan({arguments}) FROM (SELECT 1)")
        check("internal function" in text, text)


@case
def the_shell_in_safe_mode():
    path = FOLDER / "safe.db"
    path.unlink(missing_ok=True)
    db = connect(path, TABLE)
    row(db, model_id="m", timestamp=1.0)
    db.close()
    shell = os.environ.get("SQLITE3", "sqlite3")
    done = subprocess.run([shell, "-safe", path, f".load {EXTENSION}"], capture_output=True, text=True)
    check("safe mode" in done.stderr + done.stdout and done.returncode, f"{done}")
    done = subprocess.run([shell, path], input=f".load {EXTENSION}\nSELECT call_count FROM model_stats;\n",
                          capture_output=True, text=True)
    check(done.stdout == "1\n", f"{done}")


if __name__ == "__main__":
    sys.exit(main())
