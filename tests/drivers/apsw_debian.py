"""Debian's python3-apsw: the same calls under their older names."""
import apsw

from conversation import talk


def connect():
    db = apsw.Connection("telemetry.db")
    db.enableloadextension(True)
    db.loadextension("./libjarvis_stats")
    return db


talk(connect, lambda db, sql, values: db.cursor().execute(sql, values))
