"""Refreshes the roll-up every second while others write and ask: refresher.py DATABASE. Until stdin closes; the last line is JSON."""

import json
import os
import pathlib
import select
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
    db.enable_load_extension(True)
    db.load_extension(os.environ.get("JARVIS_STATS", str(ROOT / "libjarvis_stats.so")))
    counts = {"refreshes": 0, "chunks": 0, "busy": 0, "failures": []}
    while not select.select([sys.stdin], [], [], 1)[0]:
        try:
            done = json.loads(db.execute("SELECT rollup_refresh()").fetchone()[0])
            counts["refreshes"] += 1
            counts["chunks"] += done["chunks_built"] + done["chunks_rebuilt"]
        except sqlite3.Error as error:
            if "locked" in str(error):
                counts["busy"] += 1
            else:
                counts["failures"].append(str(error))
    while True:
        try:
            counts["verified"] = db.execute("SELECT rollup_verify()").fetchone()[0]
            break
        except sqlite3.Error as error:
            if "locked" not in str(error):
                counts["verified"] = str(error)
                break
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
