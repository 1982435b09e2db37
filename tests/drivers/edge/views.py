"""sql/views.sql: the views answer where the extension is loaded, and whoever writes the table without it goes on writing:
views.py VIEWS.SQL"""
import subprocess
import sqlite3
import sys

script = sys.argv[1]
with open(script, encoding="utf-8") as file:
    views = file.read()
names = ("telemetry_by_model", "telemetry_by_engine", "telemetry_by_batch", "telemetry_by_hour", "telemetry_last_7_days", "telemetry_summary")

plain = sqlite3.connect("telemetry.db")
for _ in range(2):  # a second time changes nothing
    plain.executescript(views)
assert {name for (name,) in plain.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")} == set(names)
assert plain.execute("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger'").fetchone() == (0,)
plain.close()

# A writer that never heard of the extension, in a process of its own, while a reader holds the views open.
writer = """
import sqlite3, time
db = sqlite3.connect("telemetry.db", timeout=30)
db.execute("PRAGMA journal_mode = WAL")
db.execute("ALTER TABLE telemetry ADD COLUMN added_later REAL NOT NULL DEFAULT 0.0")
for n in range(200):
    db.execute("INSERT INTO telemetry (timestamp, model_id, engine, batch_id) VALUES (?, 'new', 'plain', 'b-9')", (time.time(),))
    db.commit()
db.execute("UPDATE telemetry SET energy_joules = 0.5, completion_tokens = 2, total_tokens = 2 WHERE model_id = 'new'")
db.execute("DELETE FROM telemetry WHERE id = (SELECT MAX(id) FROM telemetry)")
db.execute("CREATE INDEX by_time ON telemetry (timestamp)")
db.commit()
db.execute("VACUUM")
assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
"""
process = subprocess.Popen([sys.executable, "-c", writer])
reader = sqlite3.connect("telemetry.db", timeout=30)
reader.enable_load_extension(True)
reader.load_extension("./libjarvis_stats")
reader.execute("PRAGMA trusted_schema = OFF")  # as hardened tools have it
seen, reads = 8, 0
while process.poll() is None:
    now = reader.execute("SELECT total_calls FROM telemetry_summary").fetchone()[0]
    assert seen <= now <= 208 or now == 207, (seen, now)
    seen, reads = now, reads + 1
assert process.returncode == 0, "the writer was disturbed"

assert reader.execute("SELECT call_count FROM telemetry_by_model WHERE model_id = 'new'").fetchone() == (199,)
assert reader.execute("SELECT call_count FROM telemetry_last_7_days").fetchall() == [(199,)]
assert reader.execute("SELECT engine, call_count FROM telemetry_by_engine LIMIT 1").fetchone() == ("plain", 199)
assert reader.execute("SELECT total_requests FROM telemetry_by_batch WHERE batch_id = 'b-9'").fetchone() == (199,)
assert reader.execute("SELECT total_calls, total_energy_joules FROM telemetry_summary").fetchone() == (207, 20.625 + 199 * 0.5)
assert reader.execute("SELECT * FROM telemetry_by_hour WHERE hour = '2026-01-01 00:00'").fetchall() == [
    ("2026-01-01 00:00", 1, 16, 1.25, 1.25, 0.3125, 12.5)]

# What the table functions say, whose sums round once where SQL's round at each step.
for name, function in (("telemetry_by_model", "model_stats()"), ("telemetry_by_engine", "engine_stats()"),
                       ("telemetry_by_batch", "batch_stats()"), ("telemetry_last_7_days", "model_stats('-7 days')")):
    rows, wanted = (reader.execute(f"SELECT * FROM {one}") for one in (name, function))
    assert [d[0] for d in rows.description] == [d[0] for d in wanted.description], name
    rows, wanted = rows.fetchall(), wanted.fetchall()
    assert len(rows) == len(wanted) > 0, name
    for row, other in zip(rows, wanted):
        for value, figure in zip(row, other):
            near = value == figure or isinstance(figure, float) and abs(value - figure) <= 1e-9 * abs(figure)
            assert type(value) is type(figure) and near, (name, value, figure)

# Attached beside another file they answer for their own, as does one that is made there.
beside = sqlite3.connect(":memory:")
beside.enable_load_extension(True)
beside.load_extension("./libjarvis_stats")
beside.execute("CREATE TABLE telemetry(model_id, timestamp)")
beside.execute("INSERT INTO telemetry VALUES ('of main', 1)")
beside.execute("ATTACH 'telemetry.db' AS old")
for name in names:
    assert beside.execute(f"SELECT * FROM old.{name}").fetchall() == reader.execute(f"SELECT * FROM {name}").fetchall(), name
beside.close()

plain = sqlite3.connect("telemetry.db")
assert plain.execute("SELECT total_calls FROM telemetry_summary").fetchone() == (207,)
try:
    plain.execute("SELECT * FROM telemetry_by_hour")
except sqlite3.OperationalError as error:
    assert str(error).startswith("no such function: energy_per_token"), error
else:
    raise AssertionError("a view over a function answered without it")
assert plain.execute("SELECT COUNT(*) FROM telemetry").fetchone() == (207,)

# The lines that take everything back are the file's own.
drops = [part.strip() for line in views.splitlines() if "DROP VIEW" in line for part in line.removeprefix("--").split(";") if part.strip()]
assert len(drops) == len(names)
for drop in drops:
    plain.execute(drop)
assert plain.execute("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'view'").fetchone() == (0,)
print(f"a plain writer made 203 changes during {reads} reads of the views")
