"""pandas read_sql over sqlite3."""
import sqlite3

import numpy as np
import pandas as pd

from conversation import talk


def connect():
    db = sqlite3.connect("telemetry.db")
    db.enable_load_extension(True)
    db.load_extension("./libjarvis_stats")
    return db


def ask(db, sql, values):
    frame = pd.read_sql(sql, db, params=values)
    return frame.astype(object).where(frame.notna(), None).itertuples(index=False)


talk(connect, ask)

# numpy's integers reach SQLite as 8-byte BLOBs: never a wrong answer, but an error that says what to bind. numpy's floats
# are Python floats and work. Neither needs an entry in the transcript: a wrong answer ends the program.
db = connect()
by_model = "SELECT model_id, call_count FROM model_stats(?)"
assert list(pd.read_sql(by_model, db, params=[np.float64(1767402000)]).call_count) == [1, 1]
assert list(pd.read_sql(by_model, db, params=[int(np.int64(1767402000))]).call_count) == [1, 1]
try:
    pd.read_sql(by_model, db, params=[np.int64(1767402000)])
except pd.errors.DatabaseError as error:
    wanted = "model_stats: argument 1 (since): expected Unix seconds or a time value ('2026-11-01', '-7 days'), got a BLOB of 8 bytes; bind it as a number"
    assert wanted in str(error) and "int(x)" in str(error), error
else:
    raise AssertionError("a numpy integer was taken for a time")
