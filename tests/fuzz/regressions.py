"""What fuzzing and fault injection found, each under its name: it stays mended."""

import pathlib
import sqlite3
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import check, connect, verdict  # noqa: E402

# name: (script, question, answer or the start of an error)
CASES = {
    "ties of an export are in table order also when a column is called rowid": (
        "CREATE TABLE telemetry(timestamp REAL, rowid TEXT, v); INSERT INTO telemetry VALUES (1, 'z', 1), (1, 'a', 2), (1, 'm', 3)",
        "SELECT group_concat(record ->> 'v') FROM export_records()", [("1,2,3",)]),
    "and when all three names of the rowid are taken": (
        "CREATE TABLE telemetry(timestamp REAL, rowid, oid, _rowid_); INSERT INTO telemetry VALUES (1, 3, 2, 1), (1, 2, 3, 9), (1, 1, 1, 5)",
        "SELECT group_concat(record ->> 'rowid') FROM export_records()", [("3,2,1",)]),
    "and without a rowid, whatever way an index runs": (
        "CREATE TABLE telemetry(k INTEGER PRIMARY KEY, timestamp) WITHOUT ROWID; CREATE INDEX i ON telemetry(timestamp DESC);"
        "INSERT INTO telemetry VALUES (2, 1), (1, 1), (3, 1), (4, 0)",
        "SELECT group_concat(record ->> 'k') FROM export_records()", [("4,1,2,3",)]),
    "an export reads no row that its own statement writes": (
        "CREATE TABLE telemetry(x); INSERT INTO telemetry VALUES (1), (2); INSERT INTO telemetry SELECT 3 FROM export_records",
        "SELECT record_count()", [(4,)]),
    "nor does one in the order of an index": (
        "CREATE TABLE telemetry(timestamp); CREATE INDEX i ON telemetry(timestamp); INSERT INTO telemetry VALUES (1), (2);"
        "INSERT INTO telemetry SELECT 3 FROM export_records(0)",
        "SELECT record_count()", [(4,)]),
    "an infinity times very many gaps is an infinity": (
        "", "SELECT avg_itl(9e999, 9223372036854775805)", [(float("inf"),)]),
    "a model whose own token total is no number leaves the others in the sum": (
        "CREATE TABLE telemetry(model_id, total_tokens); INSERT INTO telemetry VALUES ('a', 9e999), ('a', -9e999), ('b', 5.0)",
        "SELECT total_tokens FROM aggregated_stats", [(5.0,)]),
    "a BLOB counts as its leading number in the encoding of the database": (
        "PRAGMA encoding = 'UTF-16be'; CREATE TABLE telemetry(model_id, ttft); INSERT INTO telemetry VALUES ('a', CAST(12.5 AS BLOB)), ('a', x'3132')",
        "SELECT avg_ttft = (SELECT avg(ttft) FROM telemetry) FROM model_stats", [(1,)]),
    "an argument reads back as it was given": (
        "CREATE TABLE telemetry(model_id, engine, timestamp)",
        "SELECT typeof(since), since FROM aggregated_stats WHERE since IN ('1000')", [("text", "1000")]),
    "text that is not UTF-8 in an error is shown, not fatal": (
        "CREATE TABLE telemetry(model_id, timestamp)", "SELECT * FROM model_stats(CAST(x'ff25732e6e' AS TEXT))",
        "model_stats: argument 1 (since): expected Unix seconds or a time value ('2026-11-01', '-7 days'), got '"),
    "a format in an argument is text": (
        "CREATE TABLE telemetry(model_id, timestamp)", "SELECT * FROM model_stats('100%s%s%n')",
        "model_stats: argument 1 (since): expected Unix seconds or a time value ('2026-11-01', '-7 days'), got '100%s%s%n'"),
    "a NUL in an argument is text": (
        "CREATE TABLE telemetry(model_id, timestamp)", "SELECT * FROM model_stats('a' || char(0) || 'b')",
        "model_stats: argument 1 (since): expected Unix seconds or a time value ('2026-11-01', '-7 days'), got 'a\\0b'"),
}


def prepared(script):
    db = connect()
    steps = iter(range(1000))  # a statement that would never end is a failure
    db.set_progress_handler(lambda: next(steps, None) is None, 1000)
    db.executescript(script)
    return db


def main():
    for name, (script, question, want) in CASES.items():
        try:
            got = prepared(script).execute(question).fetchall()
        except sqlite3.Error as error:
            got = str(error)
        holds = got.startswith(want) if isinstance(got, str) and isinstance(want, str) else got == want
        check(holds, f"{name}: wanted {want!r}, got {got!r}")
    print("regressions:")
    return verdict()


if __name__ == "__main__":
    sys.exit(main())
