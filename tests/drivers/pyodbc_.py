"""ODBC with the sqliteodbc driver, here through pyodbc: LoadExt takes an absolute path."""
import os

import pyodbc

from conversation import talk

here = os.getcwd()


def connect():
    return pyodbc.connect(f"DRIVER=SQLite3;Database={here}/telemetry.db;LoadExt={here}/libjarvis_stats.so")


talk(connect, lambda db, sql, values: db.execute(sql, values).fetchall())
