"""The extension's measured figures against those of oracle.py, on random tables of all kinds of
rows: every column of every row. And its doctor against traps.py, there and on the rows that the
peer's own writers left (target/writers).

    extension.py [SEED...]
"""

import math
import pathlib
import sqlite3
import sys
import time

# Seconds from the time of the tables to a time that every clock calls past.
SHIFT = 100_000_000.0
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import comparison  # noqa: E402
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


def check_simulation():
    """rule: at concurrency 1 to 12, joules are within 7 % of what the device used, where booked
    joules are up to 12 times that."""
    ask = lambda db: oracle.dicts(lib.load(db), "SELECT * FROM energy_stats()")
    most = 0.0
    for concurrency in (0.1, 1, 4, 12):
        for name, power in (
            ("constant", lambda k: 400.0),
            ("saturating", lambda k: 100 + 300 * (1 - math.exp(-k / 3))),
            ("linear", lambda k: 100 + 25.0 * k),
        ):
            true, booked, joules = oracle.energy_simulation(3, concurrency, power, answer=ask)
            most = max(most, booked / true)
            lib.check(
                0.99 <= joules / true <= 1.07,
                f"energy at concurrency {concurrency}, {name} power: by share {joules / true:.3f}"
                f" of what the device used, booked {booked / true:.2f}",
            )
    lib.check(most > 10, f"booked {most:.2f} times what the device used at most")


def check_compare(db, where, first, second, per, p=0.5, since=None, until=None):
    """rule: every figure of compare_stats() is the oracle's, to 1e-9, whatever is compared."""
    expected = comparison.compare_stats(db, first, second, per, p, since, until)
    sides = [
        "/".join("" if moment is None else repr(moment) for moment in key)
        if per == "period"
        else key
        for key in (first, second)
    ]
    got = oracle.dicts(
        db, f"SELECT * FROM compare_stats(?, ?, ?, ?, {bounds(since, until)})", [*sides, per, p]
    )
    flat = []
    for row in expected:
        found = dict(zip(("ratio", "ratio_low", "ratio_high"), row["interval"] or (None,) * 3))
        for name in ("calls", "measured"):
            found |= {f"{name}_{side}": n for side, n in zip("ab", row[name])}
        found |= dict(zip("ab", row["values"]), metric=row["metric"], verdict=row["verdict"])
        flat.append(found)
    compare(f"{where}: compare_stats by {per}, {first!r} {second!r} {p}", got, flat, flat[0])
    return [row["verdict"] for row in got]


def check_compares(db, where, since, until):
    """Models, engines and periods that overlap, at several percentiles; a key that is a number."""
    asked = [
        ("a", "b", "model_id", 0.5),
        ("b", "a", "model_id", 0.9),
        ("c:7b", "", "model_id", 0.05),
        ("vllm", "ollama", "engine", 0.5),
        ("ollama", "vllm", "engine", 0.5),
        ("vllm", "vllm", "engine", 0.75),
        (2, 1, "token_counting_version", 0.5),
        ((None, tables.START + 160.0), (tables.START + 100.0, None), "period", 0.5),
        ((tables.START + 10.25, tables.START + 80.5), (None, None), "period", 0.6),
    ]
    verdicts = set()
    for first, second, per, p in asked:
        verdicts.update(check_compare(db, where, first, second, per, p, since, until))
    return verdicts


USAGE_EXACT = ("start", "start_utc", "key", "calls", "prompt_calls", "priced_calls", "energy_calls")
USAGE_EXACT += ("prompt_tokens", "output_tokens", "peak_concurrency", "busy_seconds")


def check_usage(db, where, width, per, since=None, until=None):
    """rule: every figure of usage_stats() is that of the definitions, in fractions, in every bucket:
    counts, tokens and busy seconds to the last bit, the rest to 1e-9."""
    column = "NULL" if per is None else f"'{per}'"
    call = f"usage_stats({bounds(since, until)}, {width!r}, {column})"
    got = oracle.dicts(db, f"SELECT * FROM {call}")
    expected = oracle.usage_stats(db, width, since, until, per, time.time())
    for row in expected:
        text = "SELECT datetime(CAST(floor(?1) AS INTEGER), 'unixepoch')"
        row["start_utc"] = db.execute(text, (row["start"],)).fetchone()[0]
    where = f"{where}: {call}"
    compare(where, got, expected, expected[0] if expected else [])
    wrong = [
        (row["start"], name, row[name], other[name])
        for row, other in zip(got, expected)
        for name in USAGE_EXACT
        if row[name] != other[name] or type(row[name]) is not type(other[name])
    ]
    lib.check(not wrong, f"{where}: (start, name, got, expected) {wrong[:3]}")
    by_start(where, got)
    for name in expected[0] if expected else []:
        alone = [row[0] for row in db.execute(f"SELECT {name} FROM {call}")]
        lib.check(alone == [row[name] for row in got], f"{where}: {name} alone is that of all")


def by_start(where, got):
    """rule: what is busy was in flight, and no more than the most at once."""
    for row in got:
        if row["busy_seconds"] is not None:
            lib.check(
                1 <= row["mean_concurrency"] * (1 + 1e-12)
                and row["mean_concurrency"] <= row["peak_concurrency"] * (1 + 1e-12),
                f"{where}: concurrency at {row['start']}",
            )


def check_usage_adds_up(db, where):
    """rule: cut at edges or not, seconds of calls, calls, tokens and cost of all buckets are those of
    one, and joules are those of energy_stats()."""
    figures = (
        "sum(busy_seconds), sum(mean_concurrency * busy_seconds), max(peak_concurrency),"
        " sum(calls), sum(prompt_tokens), sum(output_tokens), sum(cost_usd), sum(joules)"
    )
    (whole,) = db.execute(f"SELECT {figures} FROM usage_stats(NULL, NULL, 'all')").fetchall()
    for step in ("7 seconds", "minute", "day", "month"):
        # The last call may run on in a bucket that is not shown.
        call = f"usage_stats(NULL, {tables.START - SHIFT + 1e4}, '{step}')"
        (cut,) = db.execute(f"SELECT {figures} FROM {call}").fetchall()
        lib.check(all(map(near, cut, whole)), f"{where}: {call} {cut}, 'all' {whole}")
    in_time = "SELECT * FROM telemetry WHERE timestamp BETWEEN 1672531200 AND 4102444800"
    db.execute(f"CREATE TEMP VIEW IF NOT EXISTS in_time AS {in_time} AND NOT is_warmup")
    (joules,) = db.execute(
        "SELECT sum(joules) FROM energy_stats(NULL, NULL, 'none', 'in_time')"
    ).fetchone()
    (same,) = db.execute(
        "SELECT joules FROM usage_stats(NULL, NULL, 'all', 'none', 'in_time')"
    ).fetchone()
    lib.check(near(joules, same), f"{where}: joules {same}, of energy_stats {joules}")


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
    verdicts = set()
    for seed in [int(argument) for argument in sys.argv[1:]] or range(4):
        db = lib.load(tables.make(seed, 200))
        where = f"seed {seed}"
        first, last = tables.START + 20.0, tables.START + 90.5
        for since, until in ((None, None), (first, None), (None, last), (first, last)):
            check_calls(db, f"{where} {since} {until}", since, until)
            check_energy(db, f"{where} {since} {until}", "model_id", since, until)
            verdicts |= check_compares(db, f"{where} {since} {until}", since, until)
        for per in ("engine", "agent", "is_warmup"):
            check_energy(db, where, per)
        check_latency(db, where)
        check_doctor(db, where, traps.doctor(db))
        # Long ago, whatever the clock says; exact on the grid.
        db.execute(f"UPDATE telemetry SET timestamp = timestamp - {SHIFT}")
        first, last = first - SHIFT, last - SHIFT
        for width, per in ((60, None), (7, "model_id"), (2.5, "engine"), (0.75, None)):
            for since, until in ((None, None), (first, None), (None, last), (first, last)):
                check_usage(db, f"{where} {since} {until}", width, per, since, until)
        check_usage_adds_up(db, where)
    check_simulation()
    words = {"b lower", "b higher", "not separable", "no interval", "not measured", "no calls"}
    lib.check(verdicts == words or sys.argv[1:], f"verdicts met: {sorted(verdicts)}")
    check_writers()
    sys.exit(lib.verdict())


if __name__ == "__main__":
    main()
