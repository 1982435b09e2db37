"""What the two lists of hostile cases share: connections, checks, and running the cases.

JARVIS_STATS names the extension, PLANTED the test build in which limits can be lowered by environment.
"""

import os
import pathlib
import sqlite3
import sys

EXTENSION = os.environ.get("JARVIS_STATS", "./libjarvis_stats.so")
PLANTED = os.environ.get("PLANTED", "")
FOLDER = pathlib.Path("target/faults")
TABLES = ["batch_stats", "model_stats", "engine_stats", "aggregated_stats", "top_models", "export_records"]
CASES, counts = [], {True: 0, False: 0}


def case(function):
    CASES.append(function)
    return function


def check(holds, text):
    counts[bool(holds)] += 1
    if not holds:
        print(f"FAILED: {text:.600}")


def connect(path=":memory:", script="", extension=EXTENSION):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(extension)
    db.executescript(script)
    return db


def failure(db, sql, arguments=()):
    try:
        return f"no error but {db.execute(sql, arguments).fetchall()!r:.200}"
    except (sqlite3.Error, MemoryError) as error:
        return str(error) or repr(error)


def expect(db, sql, want, arguments=()):
    try:
        got = db.execute(sql, arguments).fetchall()
    except sqlite3.Error as error:
        got = error
    check(got == want, f"{sql}: wanted {want!r:.300}, got {got!r:.300}")


TABLE = "CREATE TABLE telemetry(timestamp REAL, model_id, engine, batch_id, prompt_tokens, completion_tokens, total_tokens," \
        " energy_joules REAL, ttft REAL, mean_itl_ms REAL);"


def row(db, **values):
    db.execute(f"INSERT INTO telemetry({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = sys.argv[1:]
    for function in CASES:
        if chosen and function.__name__ not in chosen:
            continue
        try:
            function()
        except Exception as error:  # a case that breaks is a failure with its name, and the others still run
            check(False, f"{function.__name__}: {error!r}")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0
