"""Python's own sqlite3 module, and the two that take its place: python.py sqlite3 | pysqlite3 | sqlean

    import sqlite3                  # or: import pysqlite3 as sqlite3, import sqlean as sqlite3
"""
import importlib
import sys

from conversation import talk

sqlite3 = importlib.import_module(sys.argv[1])


def connect():
    db = sqlite3.connect("telemetry.db")
    db.enable_load_extension(True)
    db.load_extension("./libjarvis_stats")
    db.enable_load_extension(False)
    return db


talk(connect, lambda db, sql, values: db.execute(sql, values))
