"""ODBC with a wrong LoadExt: sqliteodbc connects all the same and only prints; the first question then fails."""
import os

import pyodbc

here = os.getcwd()
db = pyodbc.connect(f"DRIVER=SQLite3;Database={here}/telemetry.db;LoadExt={here}/nowhere.so")
assert db.execute("SELECT COUNT(*) FROM telemetry").fetchone()[0] == 8
try:
    db.execute("SELECT * FROM model_stats()")
except pyodbc.Error as error:
    assert "no such table: model_stats" in str(error), error
    print("connects, then: no such table: model_stats")
else:
    raise AssertionError("nothing was loaded")
