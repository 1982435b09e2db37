"""One contestant in a process of its own, started by run.py with its task as JSON on the command line.

It prepares (connects, loads, creates what the question needs), then answers once for each line on standard input and prints
what that took as a line of JSON. Fetching all rows is timed; adding them up for the comparison of answers is not.
"""

import ctypes
import gc
import json
import os
import resource
import sqlite3
import sys
import time

from questions import CHECKED


class Sqlite:
    """Ours, the floor and plain SQL, through Python's sqlite3 with SQLite's default settings, stated."""

    def __init__(self, task):
        # Autocommit and read-only: nothing but the query runs in the timed part.
        self.db = sqlite3.connect(f"file:{task['db']}?mode=ro", uri=True, isolation_level=None)
        self.db.execute("PRAGMA cache_size = -2000")
        self.db.execute("PRAGMA mmap_size = 0")
        self.db.execute("PRAGMA temp_store = DEFAULT")
        self.db.enable_load_extension(True)
        for library in task["load"]:
            self.db.load_extension(library)
        self.db.executescript(task["setup"])
        self.sql = task["sql"]
        self.stream = task["stream"]

    def answer(self):
        cursor = self.db.execute(self.sql)
        names = [column[0] for column in cursor.description]
        if self.stream:  # as a person would write it to a file: one row at a time
            return names, [(sum(1 for _ in cursor),)]
        return names, cursor.fetchall()

    def statements(self):
        """Every statement that answering runs on the connection, nested ones included, with the values bound."""
        seen = []
        self.db.set_trace_callback(seen.append)
        self.answer()
        self.db.set_trace_callback(None)
        return seen


class Peer:
    """OpenJarvis's own class, through its public methods."""

    def __init__(self, task):
        from openjarvis.telemetry.aggregator import TelemetryAggregator

        self.aggregator = TelemetryAggregator(task["db"])
        self.method = getattr(self.aggregator, task["method"])
        self.arguments = {} if task["since"] is None else {"since": task["since"]}
        self.stream = task["stream"]

    def answer(self):
        answer = self.method(**self.arguments)
        if self.stream:
            return ["records"], [(len(answer),)]
        rows = answer if isinstance(answer, list) else [answer]
        if not rows:
            return [], []
        if isinstance(rows[0], dict):
            return list(rows[0]), [tuple(row.values()) for row in rows]
        names = [name for name in CHECKED if hasattr(rows[0], name)]
        return names, [tuple(getattr(row, name) for name in names) for row in rows]


class Duckdb:
    """DuckDB over the same file through its SQLite scanner, or over a copy in its own format."""

    def __init__(self, task):
        import duckdb

        self.db = duckdb.connect()
        self.db.execute(f"SET threads = {task['threads']}")
        if task["copy"]:
            self.db.execute(f"ATTACH '{task['copy']}' AS t (READ_ONLY)")
        else:
            self.db.execute(f"LOAD '{scanner()}'")
            self.db.execute(f"ATTACH '{task['db']}' AS t (TYPE sqlite, READ_ONLY)")
        self.db.execute("USE t")
        for statement in filter(str.strip, task["setup"].split(";")):
            self.db.execute(statement)
        *self.before, self.sql = task["statements"]
        self.stream = task["stream"]

    def answer(self):
        for sql in self.before:
            self.db.execute(sql).fetchall()
        result = self.db.execute(self.sql)
        names = [column[0] for column in result.description]
        if self.stream:
            count = 0
            while rows := result.fetchmany(2048):
                count += len(rows)
            return names, [(count,)]
        rows = result.fetchall()
        return names, rows


def scanner():
    import duckdb_extension_sqlite_scanner as package

    for folder, _, files in os.walk(os.path.dirname(package.__file__)):
        for name in files:
            if name.endswith(".duckdb_extension"):
                return os.path.join(folder, name)
    raise SystemExit("duckdb-extension-sqlite-scanner holds no extension")


def total(rows, i):
    values = [row[i] for row in rows if isinstance(row[i], (int, float))]
    return sum(values)


class Pandas:
    """read_sql of the columns that the question needs, then groupby."""

    def __init__(self, task):
        import frames

        self.db = sqlite3.connect(f"file:{task['db']}?mode=ro", uri=True)
        self.db.executescript(task["setup"])
        where = [] if task["since"] is None else [f"timestamp >= {task['since']!r}"]
        if task["method"] == "by_batch":
            where.append("batch_id <> ''")
        order = " ORDER BY timestamp" if task["method"] == "export" else ""
        self.sql = f"SELECT {', '.join(task['columns'])} FROM telemetry" + (" WHERE " + " AND ".join(where) if where else "") + order
        self.method = getattr(frames, task["method"])

    def answer(self):
        return self.method(self.sql, self.db)


def memory(field):
    """VmRSS or VmHWM of this process in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0


def fresh_memory():
    """What the process holds now, after it gave back what is free; the peak counts from here."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    return memory("VmRSS")


def summed(names, rows):
    """What all contestants must agree on: the number of rows and the sum of each column that can be compared."""
    figures = {"rows": len(rows)}
    if names[:2] == ["model_id", "engine"]:  # both groupings of the summary at once: either adds up to its one row
        rows = [row for row in rows if row[1] is None]
    for i, name in enumerate(names):
        if name in CHECKED:
            figures[name] = float(total(rows, i))
    if names and names[0] in ("record", "records"):
        figures["records"] = rows[0][0]
    return figures


def main():
    task = json.loads(sys.argv[1])
    contestant = {"sqlite": Sqlite, "peer": Peer, "duckdb": Duckdb, "pandas": Pandas}[task["kind"]](task)
    statements = contestant.statements() if task.get("trace") else []
    before = None
    print(json.dumps({"ready": True, "statements": statements}), flush=True)
    for _ in sys.stdin:
        before = before or fresh_memory()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        began = time.perf_counter()
        names, rows = contestant.answer()
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF)
        peak = memory("VmHWM") - before
        report = {
            "wall": wall, "user": after.ru_utime - usage.ru_utime, "system": after.ru_stime - usage.ru_stime,
            "peak": peak, "answer": summed(names, rows),
        }
        del rows
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
