"""Percentiles against SQLite's own and DuckDB's, all on one file. See percentiles.sh.

Plain: quantile, percentile_cont, DuckDB's quantile_cont on one thread, sketch. Window: frames of 100 to
100,000 rows, of ours and of SQLite's own. Contestants take turns; medians of wall time, and multiples of
the first's. All answers of a question must agree.
"""

import os
import random
import statistics
import sys
import time

import apsw
import duckdb

from machine import load
from worker import scanner

ROWS = int(os.environ.get("ROWS", 1_000_000))
ROUNDS = int(os.environ.get("ROUNDS", 5))
FRAMES = [100, 1_000, 10_000, 100_000]
LONGEST = 60  # seconds; a contestant that took longer is asked no more


def make(path):
    """A file of so many calls, latencies log-normal, if it is not there."""
    if os.path.exists(path):
        return
    source = random.Random(1)
    db = apsw.Connection(path + ".part")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE telemetry(id INTEGER PRIMARY KEY, model_id TEXT, latency_seconds REAL)")
    db.execute("BEGIN")
    rows = ((f"model {i % 7}", source.lognormvariate(-0.7, 0.8)) for i in range(ROWS))
    db.executemany("INSERT INTO telemetry(model_id, latency_seconds) VALUES (?, ?)", rows)
    db.execute("COMMIT")
    db.close()
    os.rename(path + ".part", path)


def timed(ask):
    start = time.perf_counter()
    answer = ask()
    return time.perf_counter() - start, answer


def compare(question, contestants, near):
    """Prints the median of each contestant, as multiples of the first."""
    times = {name: [] for name in contestants}
    answers = {}
    for turn in range(ROUNDS + 1):  # the first warms up
        for name, ask in contestants.items():
            if times[name] and max(times[name]) > LONGEST:
                continue
            seconds, answers[name] = timed(ask)
            if turn or seconds > LONGEST:
                times[name].append(seconds)
    first, *others = answers.values()
    for other in others:
        if abs(other - first) > near * abs(first):
            raise SystemExit(f"{question}: the answers differ: {answers}")
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ours = next(iter(medians.values()))
    cells = [f"{name} {median:.3f} s ({median / ours:.2f})" for name, median in medians.items()]
    print(f"{question}: {', '.join(cells)}", flush=True)


def main():
    path = sys.argv[1]
    make(path)
    db = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    db.enable_load_extension(True)
    db.load_extension("./libjarvis_stats.so")
    duck = duckdb.connect(config={"threads": 1})
    duck.execute(f"LOAD '{scanner()}'")
    duck.execute(f"ATTACH '{path}' AS file (TYPE sqlite, READ_ONLY)")
    one = lambda sql: lambda: next(iter(db.execute(sql)))[0]  # noqa: E731
    print(f"{ROWS} rows, SQLite {apsw.sqlite_lib_version()}, DuckDB {duckdb.__version__},"
          f" load before {load()}")

    plain = "SELECT {}(latency_seconds, 0.95) FROM telemetry"
    of_duck = "SELECT quantile_cont(latency_seconds, 0.95) FROM file.telemetry"
    compare("plain", {
        "quantile": one(plain.format("quantile")),
        "percentile_cont": one(plain.format("percentile_cont")),
        "DuckDB, 1 thread": lambda: duck.execute(of_duck).fetchone()[0],
    }, near=1e-12)
    grouped = "SELECT total(q) FROM (SELECT {}(latency_seconds, 0.95) AS q FROM {} GROUP BY model_id)"
    compare("GROUP BY, 7 groups", {
        "quantile": one(grouped.format("quantile", "telemetry")),
        "percentile_cont": one(grouped.format("percentile_cont", "telemetry")),
        "DuckDB, 1 thread": lambda: duck.execute(
            grouped.format("quantile_cont", "file.telemetry").replace("total", "sum")).fetchone()[0],
    }, near=1e-12)
    compare("sketch", {
        "quantile": one(plain.format("quantile")),
        "sketch": one("SELECT sketch_quantile(sketch(latency_seconds), 0.95) FROM telemetry"),
    }, near=0.005416)
    for frame in FRAMES:
        window = ("SELECT total(q) FROM (SELECT {}(latency_seconds, 0.95) OVER"
                  f" (ORDER BY id ROWS {frame - 1} PRECEDING) AS q FROM telemetry)")
        compare(f"window of {frame}", {
            name: one(window.format(name)) for name in ["quantile", "percentile_cont"]
        }, near=1e-12)


if __name__ == "__main__":
    main()
