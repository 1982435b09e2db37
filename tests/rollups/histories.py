"""Random histories: histories.py TIME. Each is a fresh file, one process with the extension that
refreshes and asks, and one without it that writes to the same file."""

import json
import multiprocessing
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target" / "rollups"
EXTENSION = os.environ.get("JARVIS_STATS", str(ROOT / "libjarvis_stats.so"))
WORKERS = int(os.environ.get("WORKERS", os.cpu_count() or 1))
CHUNK = 65_536
DECLARED = (
    "id INTEGER PRIMARY KEY, timestamp REAL NOT NULL, model_id TEXT NOT NULL, engine TEXT NOT NULL,"
    " total_tokens INTEGER NOT NULL, ttft REAL NOT NULL, energy_joules REAL NOT NULL,"
    " token_counting_version INTEGER"
)
LOOSE = (
    "id INTEGER PRIMARY KEY, timestamp, model_id, engine, total_tokens, ttft, energy_joules REAL,"
    " token_counting_version"
)
# Without the extension, in a process of its own: a line is a script, the answer is its outcome.
WRITER = """
import json, sqlite3, sys
db = None
for line in sys.stdin:
    path, script = json.loads(line)
    try:
        if path is not None:
            db and db.close()
            db = sqlite3.connect(path, isolation_level=None, timeout=0)
        db.executescript(script)
        print("ok", flush=True)
    except sqlite3.Error as error:
        print(str(error).replace("\\n", " "), flush=True)
"""


class Writer:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, script, path=None):
        self.process.stdin.write(json.dumps([path, script]) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class History:
    def __init__(self, seed, writer, folder):
        self.rng, self.writer, self.log = random.Random(seed), writer, []
        self.path = str(folder / "t.db")
        for end in ("", "-journal", "-wal", "-shm"):
            pathlib.Path(self.path + end).unlink(missing_ok=True)
        self.loose = self.rng.random() < 0.5
        self.columns = LOOSE if self.loose else DECLARED
        self.db = sqlite3.connect(self.path, isolation_level=None, timeout=0)
        self.db.enable_load_extension(True)
        self.db.load_extension(EXTENSION)
        journal = self.rng.choice(["WAL", "DELETE", "TRUNCATE"])
        self.db.executescript(
            f"PRAGMA synchronous = OFF; PRAGMA journal_mode = {journal};"
            f"CREATE TABLE telemetry({self.columns});"
            "CREATE TEMP VIEW plain AS SELECT * FROM telemetry;"
        )
        self.attached = sqlite3.connect(":memory:", isolation_level=None, timeout=0)
        self.attached.enable_load_extension(True)
        self.attached.load_extension(EXTENSION)
        self.attached.execute("ATTACH ? AS elsewhere", (self.path,))
        self.attached.execute("CREATE TEMP VIEW plain AS SELECT * FROM elsewhere.telemetry")
        self.writer.run("PRAGMA synchronous = OFF", self.path)
        self.db.execute(f"INSERT OR IGNORE INTO telemetry VALUES {self.rows(60)}")
        self.used = 0

    def number(self):
        return self.rng.choice([
            "0.1", "1e300", "-1e300", "7", "-0.0", f"{self.rng.gauss(5, 1e3)!r}",
            f"{self.rng.random()!r}", "9e999" if self.rng.random() < 0.1 else "3.5",
        ])

    def odd(self):
        return self.rng.choice(["NULL", "'12 apples'", "x'31'", "9223372036854775807", "'0.1'"])

    def value(self):
        return self.odd() if self.loose and self.rng.random() < 0.1 else self.number()

    def id(self):
        if self.rng.random() < 0.03:
            return self.rng.choice([-1, -70_000, 9_000_000_000, 2**63 - 1, -(2**63)])
        return self.rng.randrange(5) * CHUNK + self.rng.choice([0, 1, 2, 3, CHUNK - 1])

    def row(self, at_end):
        keys = ["'a'", "'b'", "'B'", "''"]
        if self.loose and self.rng.random() < 0.1:
            keys = ["NULL", "1", "1.0", "x'61'", "'1'", "0.5"]
        times = ["NULL", "'noon'"] if self.loose and self.rng.random() < 0.05 else None
        return ", ".join([
            "NULL" if at_end else str(self.id()),
            self.rng.choice(times) if times else str(self.rng.randrange(1000)),
            self.rng.choice(keys), self.rng.choice(keys),
            self.value() if self.loose else str(self.rng.randrange(5000)),
            self.value(), self.value(), self.rng.choice(["NULL", "1", "2", "2"]),
        ])

    def rows(self, count, at_end=False):
        return ", ".join(f"({self.row(at_end)})" for _ in range(count))

    def change(self):
        n, some, other = self.rng.randint(1, 5), self.id(), self.id()
        return self.rng.choice([
            lambda: f"INSERT INTO telemetry VALUES {self.rows(n, True)}",
            lambda: f"INSERT OR IGNORE INTO telemetry VALUES {self.rows(n)}",
            lambda: f"INSERT OR REPLACE INTO telemetry VALUES {self.rows(n)}",
            lambda: f"INSERT OR FAIL INTO telemetry VALUES {self.rows(n)}",
            lambda: f"INSERT INTO telemetry VALUES {self.rows(n)} ON CONFLICT(id)"
                    " DO UPDATE SET ttft = 2",
            lambda: f"UPDATE telemetry SET energy_joules = {self.number()}"
                    f" WHERE id BETWEEN {some} AND {some} + 2",
            lambda: f"UPDATE OR REPLACE telemetry SET id = {other} WHERE id = {some}",
            lambda: f"UPDATE OR IGNORE telemetry SET id = {other} WHERE id = {some}",
            lambda: "UPDATE telemetry SET timestamp = 1000 - timestamp WHERE id % 3 = 0",
            lambda: f"DELETE FROM telemetry WHERE id = {some}",
            lambda: f"DELETE FROM telemetry WHERE id > {some}",
            lambda: "DELETE FROM telemetry" if n == 1 else "SELECT 1",
        ])()

    def unseen(self):
        """Changes that no trigger sees, with a change of the schema beside them."""
        restore = "; ".join(
            sql for (sql,) in self.db.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'telemetry'")
        )
        drop = "; ".join(
            f"DROP TRIGGER IF EXISTS jarvis_rollup_{event}_telemetry"
            for event in ("insert", "update", "delete")
        )
        copied = f"CREATE TABLE new_one({self.columns});"
        copied += " INSERT INTO new_one SELECT * FROM telemetry"
        return self.rng.choice([
            "CREATE UNIQUE INDEX u ON telemetry(total_tokens);"
            f" INSERT OR REPLACE INTO telemetry VALUES {self.rows(3, True)}; DROP INDEX u",
            f"{drop}; UPDATE telemetry SET ttft = 9; {restore}",
            f"{copied}; UPDATE new_one SET ttft = 8; DROP TABLE telemetry;"
            f" ALTER TABLE new_one RENAME TO telemetry; {restore}",
            "ALTER TABLE telemetry RENAME TO t2; UPDATE t2 SET ttft = 7;"
            " ALTER TABLE t2 RENAME TO telemetry",
            "ALTER TABLE telemetry ADD COLUMN cost_usd REAL NOT NULL DEFAULT 1.5",
            "ALTER TABLE telemetry DROP COLUMN cost_usd",
            "CREATE INDEX by_time ON telemetry(timestamp)", "DROP INDEX by_time",
            "VACUUM", "ANALYZE",
        ])

    def step(self):
        kind = self.rng.random()
        if kind < 0.4:
            return "SELECT rollup_refresh()"
        if kind < 0.8:
            return self.change()
        if kind < 0.92:
            return self.rng.choice([
                "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s",
                "PRAGMA recursive_triggers = 1", "PRAGMA recursive_triggers = 0",
            ])
        return "SELECT rollup_drop()" if kind < 0.93 else self.unseen()

    def compare(self):
        db, source = self.db, "telemetry"
        if not self.db.in_transaction and self.rng.random() < 0.2:
            db, source = self.attached, "elsewhere.telemetry"
        since = self.rng.choice(["NULL", "NULL", "100", "499.5"])
        until = self.rng.choice(["NULL", "NULL", "900", "500"])
        current = self.rng.choice(["NULL", "0", "1"])
        call = self.rng.choice([
            f"model_stats({since}, {until}, {current}, ",
            f"engine_stats({since}, {until}, {current}, ",
            f"aggregated_stats({since}, {until}, {current}, ", f"top_models(2, {since}, ",
            f"partial_stats({since}, {until}, ",
        ])
        columns = self.rng.choice(["*", "*", "total_energy_joules"])
        if call.startswith("partial_stats"):
            columns = ("model_id, engine, current, call_count, energy_joules, latency_seconds, "
                       "min_latency_seconds, max_latency_seconds")
        answers = []
        if not db.in_transaction:
            db.execute("BEGIN")
            begun = True
        else:
            begun = False
        try:
            for name in (source, "plain"):
                try:
                    rows = db.execute(f"SELECT {columns} FROM {call}'{name}')").fetchall()
                    answers.append(repr(rows))
                except sqlite3.Error as error:
                    answers.append(str(error))
            if "locked" not in answers[0]:
                try:
                    self.used += db.execute(
                        f"SELECT is_used AND covered_rows > 0 FROM rollup_status('{source}')"
                    ).fetchone()[0] or 0
                except sqlite3.Error:
                    pass
        finally:
            if begun:
                db.execute("COMMIT")
        # Another process may hold a lock, or have left the table under another name.
        is_no_answer = any(why in answers[1] for why in ("locked", "no such table"))
        is_same = answers[0] == answers[1] or "locked" in answers[0] or is_no_answer
        return is_same, (call, columns, answers)

    def run(self, steps):
        for _ in range(steps):
            step = self.step()
            # Scripts go to the other process: executescript would commit here.
            is_script = ";" in step
            if not is_script and ("rollup" in step or self.rng.random() < 0.4):
                try:
                    self.db.execute(step).fetchall()
                    outcome = "ok"
                except (sqlite3.Error, sqlite3.Warning) as error:
                    outcome = str(error)
                self.log.append(f"{step} -- {outcome}")
            else:
                outcome = self.writer.run(step)
                self.log.append(f"{step} -- other: {outcome}")
                if self.rng.random() < 0.4:
                    self.writer.run("COMMIT")
            equal, what = self.compare()
            if not equal:
                call, columns, (got, wanted) = what
                log = ";\n  ".join(self.log)
                return f"{columns} of {call}\n  got    {got:.900}\n  wanted {wanted:.900}\n  {log}"
        self.writer.run("ROLLBACK")
        return None

    def close(self):
        self.db.close()
        self.attached.close()


def work(number, end, first, counts, failures):
    folder = pathlib.Path("/dev/shm" if os.path.isdir("/dev/shm") else FOLDER)
    folder = folder / f"jarvis-rollups-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    writer, seed, used = Writer(), first + number, 0
    while time.time() < end:
        history = History(seed, writer, folder)
        failure = history.run(16)
        used += history.used
        history.close()
        if failure:
            failures.put(f"SEED={seed}: {failure}")
        with counts.get_lock():
            counts[0] += 1
            counts[1] += history.used
        seed += WORKERS
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def main():
    span = sys.argv[1] if len(sys.argv) > 1 else "60s"
    units = {"s": 1, "m": 60, "h": 3600}
    seconds = float(span[:-1]) * units[span[-1]] if span[-1] in units else float(span)
    first = int(os.environ.get("SEED", time.time_ns() // 1000))
    FOLDER.mkdir(parents=True, exist_ok=True)
    counts, failures = multiprocessing.Array("q", 2), multiprocessing.Queue()
    end = time.time() + seconds
    workers = [
        multiprocessing.Process(target=work, args=(number, end, first, counts, failures))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    failed, broken = 0, 0
    while any(worker.is_alive() for worker in workers) or not failures.empty():
        try:
            text = failures.get(timeout=0.2)
        except Exception:  # nothing came
            continue
        failed += 1
        if failed <= 3:
            print(f"FAILED: {text}")
    broken = sum(worker.exitcode != 0 for worker in workers)
    histories, used = counts
    print(f"histories: {histories} from seed {first}, {histories / seconds:.0f} a second;"
          f" the roll-up was used {used} times (SQLite {sqlite3.sqlite_version})")
    if used < histories:
        print("FAILED: the roll-up was hardly used")
        broken += 1
    print(f"{histories - failed} passed, {failed + broken} failed")
    return failed + broken != 0


if __name__ == "__main__":
    sys.exit(main())
