"""What the two lists of hostile cases share: connections, checks, and running the cases.

JARVIS_STATS names the extension, PLANTED the test build in which limits can be lowered by environment.
"""

import os
import pathlib
import sqlite3
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import EXTENSION, case, catalogue, check, connect, run_cases  # noqa: E402, F401

PLANTED = os.environ.get("PLANTED", "")
FOLDER = pathlib.Path("target/faults")
# A call of each that reads its source, by the name of its argument. (rollup_status only looks at it.)
TABLES = [entry.sample for entry in catalogue("table") if "source" in entry.arguments and entry.name != "rollup_status"]


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
    return run_cases()
