"""What the Python tests share: the extension under test, a connection that has it, its catalogue,
and counting.

    python3 tests/lib.py names        every function for people, one a line
    python3 tests/lib.py questions    statements over the whole catalogue, each on a line of its own

JARVIS_STATS names the extension; otherwise it is the one at the root, which tests/lib.sh builds.
"""

import functools
import os
import pathlib
import sqlite3
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[1]
NAMES = ("libjarvis_stats.so", "libjarvis_stats.dylib", "jarvis_stats.dll")
BUILT = [ROOT / name for name in NAMES if (ROOT / name).exists()] or [ROOT / NAMES[0]]
EXTENSION = os.path.abspath(os.environ.get("JARVIS_STATS") or BUILT[0])


def load(db, extension=EXTENSION):
    """(Loading stays allowed.)"""
    if not hasattr(db, "enable_load_extension"):
        sys.exit(f"{sys.executable} cannot load extensions: name a Python that can in PYTHON,"
                 " for instance Debian's /usr/bin/python3")
    db.enable_load_extension(True)
    db.load_extension(extension)
    return db


def connect(path=":memory:", script="", extension=EXTENSION, **options):
    """In autocommit, with the extension, after a script."""
    db = load(sqlite3.connect(path, isolation_level=None, **options), extension)
    if script:
        db.executescript(script)
    return db


class Entry(NamedTuple):
    """One form in which a function is called, as jarvis_stats_debug() prints it."""

    kind: str  # scalar, aggregate, table or internal
    name: str
    arguments: list
    answer: str  # a type and a unit; of a table function, what a row is
    flag: str  # innocuous, trusted or direct: no schema may call it, it writes
    sentence: str
    sample: str  # an expression that works on every telemetry table

    @property
    def question(self):
        """The sample as a statement."""
        shapes = {"scalar": "SELECT {}", "aggregate": "SELECT {} FROM telemetry",
                  "table": "SELECT * FROM {}"}
        return shapes[self.kind].format(self.sample)

    @property
    def gives_each_call(self):
        """Whether its rows are those of the telemetry table, and no summary of them."""
        return self.kind == "table" and self.answer == "one row per call"


@functools.cache
def everything():
    # Asked in a process of its own: the extension works in one SQLite library of a process, and a
    # test may have to load it into another.
    script = "import lib; print(lib.connect().execute('SELECT jarvis_stats_debug()').fetchone()[0])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "tests", capture_output=True,
                          text=True, env=os.environ | {"JARVIS_STATS": EXTENSION})
    if done.returncode:
        sys.exit(f"no catalogue: {done.stderr.strip()}")
    entries = []
    for line in done.stdout.splitlines():
        if " | " in line:
            kind, call, *rest = line.split(" | ")
            name, arguments = call.removesuffix(")").split("(")
            entries.append(Entry(kind, name, arguments.split(", ") if arguments else [], *rest))
    return entries


def catalogue(*kinds):
    """Every form of every function for people, or of those of some kinds."""
    kinds = kinds or ("scalar", "aggregate", "table")
    return [entry for entry in everything() if entry.kind in kinds]


def names(*kinds):
    return list(dict.fromkeys(entry.name for entry in catalogue(*kinds)))


def reading():
    """What reads a source of rows: what stops a plain SELECT on it stops these. (rollup_status looks
    at the schema alone.)"""
    return list(dict.fromkeys(entry.name for entry in catalogue()
                              if "source" in entry.arguments and entry.flag != "direct"
                              and entry.name != "rollup_status"))


def questions():
    """Statements that between them call everything: each table function alone; the scalars
    together; the aggregates together, plain, by group and over a window. All give a row on a
    telemetry table that has rows."""
    scalars = ", ".join(entry.sample for entry in catalogue("scalar") if entry.flag != "direct")
    aggregates = [entry.sample for entry in catalogue("aggregate")]
    calls = ", ".join(aggregates)
    over = ", ".join(f"{call} OVER w" for call in aggregates)
    return [
        *(entry.question for entry in catalogue("table")),
        f"SELECT {scalars}",
        f"SELECT {calls} FROM telemetry",
        f"SELECT engine, {calls} FROM telemetry GROUP BY engine",
        f"SELECT id, {over} FROM telemetry"
        " WINDOW w AS (PARTITION BY engine ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
    ]


counts = {True: 0, False: 0}
cases = []


def check(holds, text):
    """Counts; a failure is printed."""
    counts[bool(holds)] += 1
    if not holds:
        print(f"FAILED: {text:.2000}", flush=True)
    return bool(holds)


def case(function):
    """A test, that `run_cases` runs."""
    cases.append(function)
    return function


def run_cases():
    """All of them, or those that the command line names."""
    chosen = sys.argv[1:]
    for function in cases:
        if not chosen or function.__name__ in chosen:
            try:
                function()
            except Exception as error:  # a failure with its name, and the others still run
                check(False, f"{function.__name__}: {error!r}")
    return verdict()


def verdict():
    """The last line of every test here; the exit code."""
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] or not counts[True] else 0


if __name__ == "__main__":
    for line in {"names": names, "questions": questions}[sys.argv[1]]():
        print(line + (";" if sys.argv[1] == "questions" else ""))
