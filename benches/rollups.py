"""What a roll-up costs and saves: rollups.py [--rows N]. Each figure is the median of some runs,
wall time.

The targets, on 10,000,000 rows: the summary at least 100 times faster than the scan and under
50 ms; the first refresh at most twice a scan; at most 1 % of the table's size; the tail and changed
chunks cost their scan; inserts at most 1.3 times as long.
"""

import argparse
import json
import os
import sqlite3
import statistics
import time
from pathlib import Path

import generate
from machine import load, output

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
LIBRARY = os.environ.get("JARVIS_STATS", str(ROOT / "libjarvis_stats"))
SUMMARY = "SELECT * FROM aggregated_stats({})"
MARKS = ", ".join("?" * len(generate.COLUMNS))
INSERT = f"INSERT INTO telemetry ({', '.join(generate.COLUMNS)}) VALUES ({MARKS})"


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(LIBRARY)
    return db


def median(db, sql, runs):
    db.execute(sql).fetchall()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        answer = db.execute(sql).fetchall()
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer


def compared(db, name, arguments=""):
    """Over the roll-up, and over a view of the table, which has none; the answers must be alike."""
    rolled, got = median(db, SUMMARY.format(arguments), 9)
    source = f"{arguments}, NULL, NULL, 'plain'" if arguments else "NULL, NULL, NULL, 'plain'"
    scanned, wanted = median(db, SUMMARY.format(source), 3)
    if got != wanted:
        raise SystemExit(f"{name}: the answers differ")
    saved = scanned / rolled
    print(f"{name:<34}{scanned * 1e3:>12.1f}{rolled * 1e3:>12.1f}{saved:>9.1f} x", flush=True)
    return scanned


def writes(rows):
    """Microseconds a row inserted and updated, without a roll-up and with one, the best of some
    rounds in turn."""
    best = {}
    path = WORK / "rollup-writes.db"
    values = list(generate.rows(rows, 64, 2))
    for _ in range(5):
        for has_rollup in (False, True):
            generate.write(path, 70_000)
            db = connect(path)
            if has_rollup:
                db.execute("SELECT rollup_refresh()")
            marks = [time.process_time()]
            update = "UPDATE telemetry SET ttft = 1 WHERE id > 70000"
            for sql, arguments in ((INSERT, values), (update, [()])):
                db.execute("BEGIN")
                db.executemany(sql, arguments)
                db.execute("COMMIT")
                marks.append(time.process_time())
            db.close()
            took = [(after - before) / rows * 1e6 for before, after in zip(marks, marks[1:])]
            best[has_rollup] = [min(pair) for pair in zip(took, best.get(has_rollup, took))]
    path.unlink()
    for index, name in enumerate(("a row inserted", "a row updated")):
        without, with_one = best[False][index], best[True][index]
        print(f"{name:<34}{without:>9.2f} us{with_one:>9.2f} us{with_one / without:>9.2f} x")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / "rollups.db"
    revision = output("git", "rev-parse", "--short", "HEAD")
    print(f"{options.rows:,} rows, SQLite {sqlite3.sqlite_version}, load {load()}, "
          f"revision {revision}")
    generate.write(path, options.rows)
    db = connect(path)
    db.execute("CREATE TEMP VIEW plain AS SELECT * FROM telemetry")
    scan, _ = median(db, SUMMARY.format("NULL, NULL, NULL, 'plain'"), 3)
    start = time.perf_counter()
    done = json.loads(db.execute("SELECT rollup_refresh()").fetchone()[0])
    took = time.perf_counter() - start
    (stored,) = db.execute("SELECT bytes FROM rollup_status()").fetchone()
    size = path.stat().st_size
    print(f"a scan {scan:.2f} s; the first refresh {took:.2f} s, {took / scan:.2f} x, "
          f"{done['chunks_built']} chunks")
    print(f"the sums take {stored / 1e6:.2f} MB, {stored / size:.3%} of the file")
    print(f"{'':<34}{'scan, ms':>12}{'roll-up':>12}")
    compared(db, "summary, fresh")
    last = db.execute("SELECT max(timestamp) FROM telemetry").fetchone()[0] - 7 * 86_400
    compared(db, "summary, last 7 days", str(last))
    # One chunk of a hundred, and at least one.
    chunks = options.rows // 65_536
    for chunk in range(0, chunks, 100):
        db.execute("UPDATE telemetry SET ttft = 1 WHERE id = ?", (chunk * 65_536 + 5,))
    compared(db, f"summary, {-(-chunks // 100)} of {chunks} chunks changed")
    start = time.perf_counter()
    db.execute("SELECT rollup_refresh()").fetchall()
    print(f"{'a refresh of these':<34}{'':>12}{(time.perf_counter() - start) * 1e3:>12.1f}")
    db.execute("BEGIN")
    db.executemany(INSERT, generate.rows(options.rows // 10, 64, 3))
    db.execute("COMMIT")
    compared(db, "summary, a tail of 10 %")
    db.close()
    path.unlink()
    writes(100_000)


if __name__ == "__main__":
    main()
