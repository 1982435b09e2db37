"""The extension's measured figures against those of oracle.py, on random tables of all kinds of
rows: every column of every row. And its doctor against traps.py, there and on the rows that the
peer's own writers left (target/writers).

    extension.py [SEED...]
"""

import pathlib
import sqlite3
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import lib  # noqa: E402
import oracle  # noqa: E402
import tables  # noqa: E402
import traps  # noqa: E402


def near(got, expected, bound=1e-9):
    if None in (got, expected) or isinstance(expected, str):
        return got == expected
    return abs(got - expected) <= bound * max(abs(got), abs(expected))


def compare(where, got, expected, names):
    """The same rows in the same order, the columns of these names near enough."""
    lib.check(len(got) == len(expected), f"{where}: {len(got)} rows, not {len(expected)}")
    wrong = [
        (name, row[name], other[name])
        for row, other in zip(got, expected)
        for name in names
        if not near(row[name], other[name])
    ]
    lib.check(not wrong, f"{where}: {len(wrong)} differ, (name, got, expected) {wrong[:3]}")


def check_calls(db, where, since=None, until=None):
    """rule: measured_calls() is sql/reference/parts/calls.sql with shares; stored columns and what is
    computed of them to the last bit, shares to 1e-9."""
    got = oracle.dicts(db, f"SELECT * FROM measured_calls({bounds(since, until)})")
    expected = oracle.calls(db, since, until)
    for row in expected:
        row["is_remote"] = row["is_remote"] or 0
    exact = [name for name in got[0] if name not in ("energy_share", "joules")] if got else []
    wrong = [
        (row["id"], name, row[name], other[name])
        for row, other in zip(got, expected)
        for name in exact
        if row[name] != other[name] or type(row[name]) is not type(other[name])
    ]
    lib.check(not wrong, f"{where}: measured_calls: (id, name, got, expected) {wrong[:3]}")
    compare(f"{where}: shares", got, expected, ["id", "energy_share", "joules"])


def check_energy(db, where, per, since=None, until=None):
    """rule: every figure of energy_stats() is that of shares computed as fractions, to 1e-9."""
    column = "'none'" if per is None else f"'{per}'"
    got = oracle.dicts(db, f"SELECT * FROM energy_stats({bounds(since, until)}, {column})")
    expected = oracle.energy_stats(db, since, until, per)
    compare(f"{where}: energy_stats by {per}", got, expected, expected[0] if expected else [])


def check_latency(db, where):
    """rule: every percentile of latency_stats() is quantile() over measured_calls()."""
    columns = {
        "ttft": "ttft",
        "tpot": "tpot_ms",
        "e2el": "latency_seconds",
        "normalized_latency": "normalized_latency_ms",
    }
    for metric, column in columns.items():
        calls = oracle.dicts(
            db,
            f"SELECT model_id AS key, count({column}) AS measured, quantile({column}, 0.5) AS p50,"
            f" min({column}) AS min, max({column}) AS max FROM measured_calls()"
            " WHERE is_warmup = 0 AND id NOT IN (SELECT id FROM telemetry WHERE agent = 'research')"
            " GROUP BY 1 ORDER BY 1",
        )
        stats = oracle.dicts(
            db,
            "SELECT key, measured, p50, min, max FROM latency_stats()"
            f" WHERE metric = '{metric}' ORDER BY 1",
        )
        lib.check(calls == stats, f"{where}: {metric} of latency_stats is that of measured_calls")


# Of the table as a whole, so every row is in them
WHOLE = ("warmup_never_set", "batch_never_set", "columns_missing", "no_time_index")


def check_doctor(db, where, expected):
    """rule: every trap has the calls that its predicate in Python finds, and its where_sql selects
    them."""
    rows = oracle.dicts(db, "SELECT trap, severity, calls, where_sql FROM telemetry_doctor()")
    found = {row["trap"]: row for row in rows if row["trap"] not in WHOLE}
    lib.check(set(found) == set(expected), f"{where}: traps {set(found) ^ set(expected)}")
    for trap, row in found.items():
        sql = f"SELECT id FROM telemetry WHERE {row['where_sql']} ORDER BY id"
        ids = [number for number, in db.execute(sql)]
        lib.check(ids == expected.get(trap), f"{where}: {trap}: {ids} {expected.get(trap)}")
        lib.check(row["calls"] == len(ids), f"{where}: {trap}: {row['calls']} calls")
        severity = traps.TRAPS.get(trap, (row["severity"],))[0]
        lib.check(row["severity"] == severity, f"{where}: {trap} is {row['severity']}")


def check_writers():
    """On each release's own file, and as 1.0.4 migrates it. Columns that a file lacks are the
    migration's defaults, but that nobody says that its rows were counted in an old way."""
    for path in sorted((HERE.parents[1] / "target" / "writers").glob("*/telemetry.db")):
        release = path.parent.name
        memory = sqlite3.connect(":memory:")
        sqlite3.connect(path).backup(memory)
        file = sqlite3.connect(":memory:")
        memory.backup(file)
        names = {row[1] for row in file.execute("PRAGMA table_info(telemetry)")}
        tables.migrate(memory)
        expected = traps.doctor(memory)
        check_doctor(lib.load(memory), f"{release}, migrated", expected)
        if "token_counting_version" not in names:
            expected.pop("old_counting", None)
        check_doctor(lib.load(file), release, expected)


def bounds(since, until):
    return ", ".join("NULL" if moment is None else repr(moment) for moment in (since, until))


def main():
    for seed in [int(argument) for argument in sys.argv[1:]] or range(4):
        db = lib.load(tables.make(seed, 200))
        where = f"seed {seed}"
        first, last = tables.START + 20.0, tables.START + 90.5
        for since, until in ((None, None), (first, None), (None, last), (first, last)):
            check_calls(db, f"{where} {since} {until}", since, until)
            check_energy(db, f"{where} {since} {until}", "model_id", since, until)
        for per in ("engine", "agent", "is_warmup"):
            check_energy(db, where, per)
        check_latency(db, where)
        check_doctor(db, where, traps.doctor(db))
    check_writers()
    sys.exit(lib.verdict())


if __name__ == "__main__":
    main()
