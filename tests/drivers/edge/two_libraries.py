"""Two SQLite libraries in one process (Python's and apsw's own): the one that comes second is refused with a reason and the
cure, a copy of the file, works; the first goes on undisturbed."""
import shutil
import sqlite3

import apsw

COUNT = "SELECT SUM(call_count) FROM model_stats()"
assert sqlite3.sqlite_version != apsw.sqlite_lib_version(), "these are not two libraries"

first = sqlite3.connect("telemetry.db")
first.enable_load_extension(True)
first.load_extension("./libjarvis_stats")
assert first.execute(COUNT).fetchone() == (8,)

second = apsw.Connection("telemetry.db")
second.enable_load_extension(True)
for _ in range(2):
    try:
        second.load_extension("./libjarvis_stats")
    except apsw.ExtensionLoadingError as error:
        message = str(error)
    else:
        raise AssertionError("one table of routines cannot serve two libraries")
    assert "another SQLite library" in message and "copy" in message, message
    assert list(second.execute("SELECT COUNT(*) FROM telemetry")) == [(8,)]
    assert first.execute(COUNT).fetchone() == (8,)

shutil.copy("libjarvis_stats.so", "copy_for_apsw.so")
second.load_extension("./copy_for_apsw")
assert list(second.execute(COUNT)) == [(8,)]
second.close()
assert first.execute(COUNT).fetchone() == (8,)
print(message.rpartition(": ")[2])
