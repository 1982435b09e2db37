"""A file that is being written: live.py STORE-DIRECTORY SECONDS.

The real store writes at full speed from one process, in WAL mode and then with a rollback journal, while readers in three drivers (Debian's
sqlite3, apsw with an SQLite of its own, the sqlite3 shell) compare every answer with plain SQL in the same transaction. First the same
readers ask plain SQL alone: the writer must not wait longer for us than for that. Memory is watched.
"""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from agreement import EXTENSION, check, verdict

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path("target/soak")
APSW = FOLDER / "venv" / "bin" / "python"
DIFFERENT = ("SELECT count(*) FROM (SELECT model_id, call_count, total_tokens FROM model_stats EXCEPT SELECT model_id, count(*),"
             " sum(total_tokens) FROM telemetry GROUP BY model_id)")
GROWTH = 24  # MB that a reader may grow once it is warm: tables and pages of different sizes, not a leak over minutes


class Process:
    def __init__(self, name, *command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stop(self):
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            err += "\nhangs"
        if self.process.returncode:
            return {"died": f"{self.name}: exit {self.process.returncode}: {err[-800:]}"}
        return json.loads(out.splitlines()[-1])


class Shell(threading.Thread):
    """One sqlite3 shell that lives as long as the run; each round is one transaction."""

    def __init__(self, path, ours):
        super().__init__()
        self.process = subprocess.Popen([os.environ.get("SQLITE3", "sqlite3"), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.ours, self.stopped, self.rounds, self.bad, self.sizes = ours, False, 0, [], []
        self.busy = 0
        self.start()

    def say(self, text):
        self.process.stdin.write(text + "\n.print done\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) not in ("done\n", ""):
            lines.append(line.strip())
        return lines

    def run(self):
        self.say(f".timeout 5000\n.load {EXTENSION}")
        while not self.stopped:
            asked = DIFFERENT if self.ours else "SELECT 0 FROM telemetry GROUP BY model_id LIMIT 1"
            lines = self.say(f"BEGIN; {asked}; COMMIT;")
            if any("locked" in line for line in lines):
                self.busy += 1
                self.say("ROLLBACK;")
            elif lines not in (["0"], []):
                self.bad.append(" ".join(lines)[:300])
            self.rounds += 1
            with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
                self.sizes.append(int(file.read().split()[1]) * 4 // 1024)

    def stop(self):
        self.stopped = True
        self.join()
        self.process.communicate()
        warm = self.sizes[len(self.sizes) // 3:] or [0]
        half = len(warm) // 2
        return {"driver": "shell", "rounds": self.rounds, "compared": self.rounds, "busy": self.busy, "differences": self.bad[:5],
                "mb_first_half": max(warm[:half] or warm), "mb_second_half": max(warm[half:])}


def run(store, journal, what, seconds):
    path = FOLDER / f"live-{journal}.db"
    for end in ("", "-wal", "-shm", "-journal"):
        pathlib.Path(f"{path}{end}").unlink(missing_ok=True)
    writer = Process("writer", sys.executable, str(HERE / "writer.py"), store, str(path), journal)
    if writer.process.stdout.readline() != "ready\n":
        return writer.stop(), []
    time.sleep(0.2)
    readers = [Process("sqlite3", sys.executable, str(HERE / "reader.py"), "sqlite3", str(path), what)]
    if APSW.exists():
        readers.append(Process("apsw", str(APSW), str(HERE / "reader.py"), "apsw", str(path), what))
    readers.append(Shell(str(path), what == "ours"))
    refresher = Process("refresher", sys.executable, str(HERE / "refresher.py"), str(path)) if what == "ours" else None
    time.sleep(seconds)
    counts = [reader.stop() for reader in readers]
    written = writer.stop()
    if refresher:
        written["refreshed"] = refresher.stop()
    return written, counts


def main():
    store, seconds = sys.argv[1], float(sys.argv[2])
    for journal in ("WAL", "DELETE"):
        plain_writer, _ = run(store, journal, "plain", max(3, seconds / 8))
        writer, readers = run(store, journal, "ours", seconds * 3 / 8)
        check("died" not in writer and "died" not in plain_writer, f"{journal}: {writer} {plain_writer}")
        if "died" in writer or "died" in plain_writer:
            continue
        print(f"{journal}: {writer['written']} rows written, table emptied {writer['cleared']} times; slowest write {writer['slowest_ms']} ms,"
              f" hundredth slowest {writer['hundredth_ms']} ms (beside plain SELECTs {plain_writer['slowest_ms']} and {plain_writer['hundredth_ms']} ms)")
        refreshed = writer["refreshed"]
        print(f"  refresher: {refreshed}")
        check(refreshed.get("refreshes", 0) > 0 and not refreshed.get("failures") and refreshed.get("verified") == "ok",
              f"{journal}: the refresher: {refreshed}")
        check(writer["failed"] <= plain_writer["failed"] == 0, f"{journal}: the writer failed {writer['failed']} times: {writer['failures']}")
        check(writer["slowest_ms"] <= 2 * plain_writer["slowest_ms"] + 500, f"{journal}: the writer waits longer: {writer} {plain_writer}")
        check(len(readers) == 3, f"{journal}: {len(readers)} of 3 drivers ran (apsw needs python3-venv and a package index)")
        for reader in readers:
            check("died" not in reader, str(reader.get("died")))
            if "died" in reader:
                continue
            print(f"  {reader['driver']}: {reader['rounds']} rounds, {reader['compared']} values compared, {reader['busy']} times busy,"
                  f" {reader['mb_first_half']} then {reader['mb_second_half']} MB")
            check(not reader["differences"], f"{journal} {reader['driver']}: {reader['differences']}")
            check(reader["rounds"] > reader["busy"], f"{journal} {reader['driver']}: no answer in {reader['rounds']} rounds")
            check(reader["mb_second_half"] <= reader["mb_first_half"] + GROWTH, f"{journal} {reader['driver']}: memory grows: {reader}")
    return verdict()


if __name__ == "__main__":
    sys.exit(main())
