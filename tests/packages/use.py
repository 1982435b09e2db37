"""Uses the installed module as its documentation says: in an environment that has it and
nothing else.
"""

import importlib.metadata
import os
import sqlite3
import subprocess
import sys

import jarvis_stats

assert jarvis_stats.__version__ == importlib.metadata.version("jarvis-stats")
assert not os.path.exists(jarvis_stats.loadable_path()), "the path has no suffix"
assert sys.prefix in jarvis_stats.__file__, "the installed one, not a checkout's"


def version(db):
    return db.execute("SELECT jarvis_stats_version()").fetchone()[0]


db = sqlite3.connect(":memory:")
jarvis_stats.load(db)
jarvis_stats.load(db)  # a second time changes nothing
assert version(db) == f"v{jarvis_stats.__version__}", version(db)
db.execute("CREATE TABLE telemetry(timestamp, model_id, total_tokens)")
db.execute("INSERT INTO telemetry VALUES (1, 'a', 7), (2, 'a', 8)")
found = db.execute("SELECT model_id, call_count, total_tokens FROM model_stats()").fetchall()
assert found == [("a", 2, 15)], found
# Loading was off and is off.
try:
    db.execute("SELECT load_extension('nothing')")
    raise SystemExit("load() left loading on")
except sqlite3.OperationalError as error:
    assert "not authorized" in str(error), error

# It was on and is on.
db = sqlite3.connect(":memory:")
db.enable_load_extension(True)
jarvis_stats.load(db)
try:
    db.execute("SELECT load_extension('nothing')")
except sqlite3.OperationalError as error:
    assert "not authorized" not in str(error), error


class Without:
    """What a connection of a Python without extension loading looks like."""


try:
    jarvis_stats.load(Without())
    raise SystemExit("no error without extension loading")
except sqlite3.NotSupportedError as error:
    assert all(name in str(error) for name in ("apsw", "sqlean.py", "pysqlite3-binary")), error


class Guarded:
    """A connection on which loading must be switched on first, as most are."""

    def __init__(self):
        self.on, self.seen = False, []

    def enable_load_extension(self, on):
        self.on = on
        self.seen.append(on)

    def load_extension(self, path):
        if not self.on:
            raise sqlite3.OperationalError("not authorized")


guarded = Guarded()
jarvis_stats.load(guarded)
assert guarded.seen == [True, False], guarded.seen

said = subprocess.run([sys.executable, "-m", "jarvis_stats", "--version"], capture_output=True,
                      text=True, check=True).stdout
assert said == f"jarvis-stats {jarvis_stats.__version__}\n", said
print(said, end="")
