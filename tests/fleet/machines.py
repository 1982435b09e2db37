"""The files of a fleet, and one file with all their rows.

    machines.py WRITERS FOLDER RELEASE...

WRITERS/RELEASE/telemetry.db is what the release's own writers left, every kind of row that they
write. FOLDER/machines gets 50 files: 47 of these in turn, each with rows of its own, as many as
ROWS says (2,000); one whose table is empty, one without the table, one that is damaged behind a
whole first page. FOLDER/merged.db has the rows of the 48, a column that a release lacks being NULL.
"""

import os
import pathlib
import shutil
import sqlite3
import sys

FILES = 50
EMPTY, TABLELESS, DAMAGED = 11, 23, 37
ROWS = int(os.environ.get("ROWS", "2000"))
# Stretched by one factor a call, so that what held between them still holds.
STRETCHED = {"latency_seconds", "ttft", "mean_itl_ms", "median_itl_ms", "p90_itl_ms", "p95_itl_ms",
             "p99_itl_ms", "std_itl_ms", "energy_joules", "soc_energy_joules"}


def columns(db, schema="main"):
    return [row[1] for row in db.execute(f"PRAGMA {schema}.table_info(telemetry)")]


def machine(path, written, number):
    """A file with rows as one release writes them, and none like another machine's."""
    with sqlite3.connect(f"file:{written}?mode=ro", uri=True) as source:
        source.execute("VACUUM INTO ?", [str(path)])
    db = sqlite3.connect(path)
    first, = db.execute("SELECT max(id) FROM telemetry").fetchone()
    # A number that looks random, from 0.5 to 2.
    factor = f"(0.5 + (id * 7919 + ?1 * 104729 + {number} * 1299709) % 1000 / 666.0)"
    names = [name for name in columns(db) if name != "id"]
    values = [f"{name} * {factor}" if name in STRETCHED
              else f"timestamp + 4000 * ?1 + {number}" if name == "timestamp"
              else f"model_id || CASE model_id WHEN 'second:7b' THEN '-{number % 7}' ELSE '' END"
              if name == "model_id" else name for name in names]
    copy = f"INSERT INTO telemetry({', '.join(names)}) SELECT {', '.join(values)} FROM telemetry"
    rounds = ROWS // first
    for each in range(1, rounds):
        db.execute(f"{copy} WHERE id <= {first}", [each])
    db.execute(f"UPDATE telemetry SET timestamp = timestamp + {number}")
    db.commit()
    db.close()


def broken(path, number, whole):
    if number == TABLELESS:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE notes(text)")
    elif number == EMPTY:
        shutil.copyfile(whole, path)
        with sqlite3.connect(path) as db:
            db.execute("DELETE FROM telemetry")
    else:
        data = bytearray(pathlib.Path(whole).read_bytes())
        half = len(data) // 2 // 4096 * 4096
        data[half:] = bytes(byte ^ 0x5A for byte in data[half:])
        pathlib.Path(path).write_bytes(data)


def main():
    writers, folder, *releases = sys.argv[1:]
    folder = pathlib.Path(folder)
    machines = folder / "machines"
    shutil.rmtree(machines, ignore_errors=True)
    machines.mkdir(parents=True)
    merged = folder / "merged.db"
    merged.unlink(missing_ok=True)
    all_calls = sqlite3.connect(merged)
    newest = sqlite3.connect(f"{writers}/{releases[-1]}/telemetry.db")
    typed = [f"{row[1]} {row[2]}" for row in newest.execute("PRAGMA table_info(telemetry)")
             if row[1] != "id"]
    all_calls.execute(f"CREATE TABLE telemetry(id INTEGER PRIMARY KEY, {', '.join(typed)})")
    for number in range(FILES):
        path = machines / f"machine-{number:02}" / "telemetry.db"
        path.parent.mkdir()
        if number in (EMPTY, TABLELESS, DAMAGED):
            broken(path, number, machines / "machine-00" / "telemetry.db")
            continue
        machine(path, f"{writers}/{releases[number % len(releases)]}/telemetry.db", number)
        all_calls.execute("ATTACH ? AS one", [f"{path}"])
        names = ", ".join(name for name in columns(all_calls, "one") if name != "id")
        all_calls.execute(f"INSERT INTO main.telemetry({names}) SELECT {names} FROM one.telemetry")
        all_calls.commit()
        all_calls.execute("DETACH one")
    rows, = all_calls.execute("SELECT count(*) FROM telemetry").fetchone()
    print(f"{FILES} files, {rows} calls in {FILES - 3} of them")


if __name__ == "__main__":
    main()
