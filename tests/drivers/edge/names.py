"""sql-surface 1: the file loads under any name and from any path; no load failure has an empty reason."""
import os
import shutil
import sqlite3

library = os.path.realpath("libjarvis_stats.so")
folder = os.path.abspath("a folder, with spaces & größe '中'")
os.mkdir(folder)


def load(path, entry=None):
    """Loads through SQL, the one way that also takes an entry point on every Python."""
    db = sqlite3.connect("telemetry.db")
    db.enable_load_extension(True)
    try:
        db.execute("SELECT load_extension(?)" if entry is None else "SELECT load_extension(?, ?)",
                   (path,) if entry is None else (path, entry))
        return db.execute("SELECT SUM(call_count) FROM engine_stats()").fetchone()[0]
    finally:
        db.close()


for name in ("libjarvis_stats.so", "renamed-7.so", "x.y.z.so", "JARVIS STATS.so", "größe.so"):
    path = os.path.join(folder, name)
    shutil.copy(library, path)
    assert load(path) == 8, name
    assert load(path.removesuffix(".so")) == 8, f"{name} without its suffix"
for entry in ("sqlite3_extension_init", "sqlite3_jarvisstats_init"):
    assert load("./libjarvis_stats", entry) == 8, entry


def refusal(*arguments):
    try:
        load(*arguments)
    except sqlite3.OperationalError as error:
        return str(error)
    raise AssertionError(f"{arguments} loaded")


with open("text.so", "w", encoding="utf-8") as file:
    file.write("not a library")
assert "nowhere.so" in refusal("./nowhere.so")
assert "text.so" in refusal("./text.so")
assert "no_such_init" in refusal("./libjarvis_stats", "no_such_init")

db = sqlite3.connect(":memory:")
db.enable_load_extension(False)
try:
    db.execute("SELECT load_extension('./libjarvis_stats')")
except sqlite3.OperationalError as error:
    assert str(error) == "not authorized", error
else:
    raise AssertionError("loading was not enabled")
print("five names, spaces and non-ASCII in the path, both entry points, four refusals")
