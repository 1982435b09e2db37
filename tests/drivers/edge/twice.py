"""sql-surface 1: a second load changes nothing and succeeds, idle or while a statement is running."""
import sqlite3

LOAD = "SELECT load_extension('./libjarvis_stats')"
COUNT = "SELECT SUM(call_count) FROM model_stats()"

db = sqlite3.connect("telemetry.db")
db.enable_load_extension(True)
for _ in range(3):
    db.load_extension("./libjarvis_stats")
    assert db.execute(COUNT).fetchone() == (8,)

# Half-way through one of our own table functions, and through a window over one of our aggregates.
for running in (
    "SELECT model_id FROM model_stats()",
    "SELECT energy_per_token(energy_joules, completion_tokens) OVER (ORDER BY id) FROM telemetry",
):
    reader = db.execute(running)
    first = reader.fetchone()
    assert db.execute(LOAD).fetchone() == (None,)
    assert [first, *reader] == db.execute(running).fetchall()

# The very first load may happen there too.
fresh = sqlite3.connect("telemetry.db")
fresh.enable_load_extension(True)
reader = fresh.execute("SELECT id FROM telemetry ORDER BY id")
reader.fetchone()
assert fresh.execute(LOAD).fetchone() == (None,)
assert fresh.execute(COUNT).fetchone() == (8,)
assert len(reader.fetchall()) == 7

# Connections know nothing of one another, and one that closes takes nothing from the rest.
bare = sqlite3.connect("telemetry.db")
try:
    bare.execute(COUNT)
except sqlite3.OperationalError as error:
    assert str(error) == "no such table: model_stats", error
else:
    raise AssertionError("loading is per connection")
fresh.close()
assert db.execute(COUNT).fetchone() == (8,)
print("idle, inside SELECT load_extension, on two connections")
