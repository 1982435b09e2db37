"""Percentiles: ours, SQLite's own percentile_cont (both in apsw's SQLite), DuckDB on one thread reading
the same file. All in one process, taking turns; CPU seconds, the median and the least of the rounds.

    make bench-percentiles              a million rows
    make bench-percentiles ROWS=100000
"""

import argparse
import statistics
import time
from pathlib import Path

import apsw
import duckdb
import generate
import machine
from worker import scanner

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
OURS, HOST, DUCK = "ours", "percentile_cont", "DuckDB, 1 thread"
SCAN = "SUM, for the scan"

PLAIN = "SELECT {} FROM telemetry"
GROUPED = "SELECT model_id, {} FROM telemetry GROUP BY model_id ORDER BY 1"
P95 = {OURS: "quantile(latency_seconds, 0.95)", HOST: "percentile_cont(latency_seconds, 0.95)",
       DUCK: "quantile_cont(latency_seconds, 0.95)", SCAN: "SUM(latency_seconds)"}
THREE = {OURS: "quantile(latency_seconds, '[0.5,0.95,0.99]')",
         HOST: ", ".join(f"percentile_cont(latency_seconds, {p})" for p in (0.5, 0.95, 0.99)),
         DUCK: "quantile_cont(latency_seconds, [0.5, 0.95, 0.99])"}
FRAMES = (100, 1000, 10_000, 100_000)


def over(call, frame):
    return (f"SELECT TOTAL(q) FROM (SELECT {call} OVER (ORDER BY id ROWS {frame - 1} PRECEDING) AS q"
            " FROM telemetry)")


def questions(frames):
    def shaped(shape, calls):
        return {name: shape.format(call) for name, call in calls.items()}

    yield "quantile, p95", shaped(PLAIN, P95)
    yield "quantile, three p", shaped(PLAIN, THREE)
    yield "quantile, p95, GROUP BY model_id", shaped(GROUPED, P95)
    yield "sketch", shaped(PLAIN, {OURS: "sketch(latency_seconds)", "quantile": P95[OURS]})
    yield "quantile_ci, p95", shaped(PLAIN, {OURS: "quantile_ci(latency_seconds, 0.95)"})
    for frame in frames:
        calls = {OURS: P95[OURS], HOST: P95[HOST], SCAN: P95[SCAN]}
        yield f"window of {frame:,}", {name: over(call, frame) for name, call in calls.items()}


def numbers(rows):
    """What of an answer can be compared: the numbers of one row, whatever their shape."""
    flat = str(rows).replace("[", " ").replace("]", " ").replace("(", " ").replace(")", " ")
    return [float(word) for word in flat.replace(",", " ").replace("'", " ").split()
            if word[0].isdigit()]


def measure(asks, sql, rounds):
    taken = {name: [] for name in sql}
    answers = {name: asks[name](text) for name, text in sql.items()}
    for name in sql:
        if name in (HOST, DUCK) and not name == SCAN:
            pairs = zip(numbers(answers[OURS]), numbers(answers[name]))
            if not all(abs(a - b) <= 1e-12 * abs(b) for a, b in pairs):
                raise SystemExit(f"{sql[OURS]}: {answers[OURS]} by ours, {answers[name]} by {name}")
    for _ in range(rounds):
        for name, text in sql.items():
            began = time.process_time()
            asks[name](text)
            taken[name].append(time.process_time() - began)
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--longest-frame", type=int, default=FRAMES[-1])
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{options.rows}-batch64.db"
    if not path.exists():
        generate.write(path, options.rows, 64)
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.enable_load_extension(True)
    db.load_extension(str(ROOT / "libjarvis_stats"))
    duck = duckdb.connect()
    duck.execute("SET threads = 1")
    duck.execute(f"LOAD '{scanner()}'")
    duck.execute(f"ATTACH '{path}' AS t (TYPE sqlite, READ_ONLY)")
    duck.execute("USE t")

    def host(sql):
        return db.execute(sql).fetchall()

    asks = {OURS: host, HOST: host, SCAN: host, "quantile": host, DUCK: lambda sql: duck.execute(sql).fetchall()}
    print(f"{options.rows:,} rows; SQLite {apsw.sqlite_lib_version()}, DuckDB {duckdb.__version__};"
          f" load {machine.load()}; CPU seconds, median (least) of {options.rounds}\n")
    print("| question | contestant | CPU s | of ours | µs a row |\n|---|---|--:|--:|--:|")
    frames = [frame for frame in FRAMES if frame <= options.longest_frame]
    for label, sql in questions(frames):
        taken = measure(asks, sql, options.rounds)
        ours = min(taken[OURS])
        for name, seconds in taken.items():
            print(f"| {label} | {name} | {statistics.median(seconds):.3f} ({min(seconds):.3f}) |"
                  f" {min(seconds) / ours:.2f} | {min(seconds) / options.rows * 1e6:.2f} |", flush=True)


main()
