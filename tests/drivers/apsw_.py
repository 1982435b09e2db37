"""apsw."""
import apsw

from conversation import talk


def connect():
    db = apsw.Connection("telemetry.db")
    db.enable_load_extension(True)
    db.load_extension("./libjarvis_stats")
    return db


talk(connect, lambda db, sql, values: db.execute(sql, values))
