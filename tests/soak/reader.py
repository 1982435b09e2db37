"""Asks every question over and over while another process writes, and compares each answer with plain SQL in the same transaction:
reader.py DRIVER DATABASE WHAT, DRIVER sqlite3 or apsw, WHAT ours or plain (then only the plain SQL is asked). Until stdin closes; the last line is JSON.
"""

import json
import random
import select
import sys
import time

import agreement


def connect(driver, path):
    if driver == "apsw":
        import apsw

        db = apsw.Connection(path)
        db.enable_load_extension(True)
        db.load_extension(agreement.EXTENSION)
        db.set_busy_timeout(5000)
        return db
    return agreement.connect(path, timeout=5)


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4 // 1024


def main():
    driver, path, what = sys.argv[1:]
    counts = {"driver": driver, "rounds": 0, "compared": 0, "busy": 0, "differences": []}
    sizes = []
    db = connect(driver, path)
    while not select.select([sys.stdin], [], [], 0)[0]:
        if counts["rounds"] % 20 == 19:
            db.close()
            db = connect(driver, path)
        try:
            db.execute("BEGIN")
            if what == "ours":
                counts["compared"] += agreement.check_all(db, time.time() - 0.5, random.sample(list(agreement.FUNCTIONS), 2))
            else:
                for name, sql in agreement.REFERENCES.items():
                    agreement.rows(db, sql, dict.fromkeys(agreement.FUNCTIONS[name]))
                agreement.rows(db, "SELECT * FROM telemetry ORDER BY timestamp, id")
            db.execute("COMMIT")
        except agreement.Difference as difference:
            counts["differences"].append(str(difference)[:500])
            db.execute("ROLLBACK")
        except Exception as error:
            if "locked" not in str(error).lower() and "busy" not in str(error).lower():
                raise
            counts["busy"] += 1
            db.close()
            db = connect(driver, path)
        counts["rounds"] += 1
        sizes.append(resident())
    db.close()
    warm = sizes[len(sizes) // 3:] or [0]
    half = len(warm) // 2
    counts["mb_first_half"], counts["mb_second_half"] = max(warm[:half] or warm), max(warm[half:])
    counts["differences"] = counts["differences"][:5]
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
