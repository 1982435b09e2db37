"""SQLAlchemy: extensions belong to a connection, so the pool's connect event loads it into each."""
import sqlalchemy as sa

from conversation import talk

engine = sa.create_engine("sqlite:///telemetry.db")


@sa.event.listens_for(engine, "connect")
def load_jarvis_stats(dbapi, _record):
    dbapi.enable_load_extension(True)
    dbapi.load_extension("./libjarvis_stats")
    dbapi.enable_load_extension(False)


def connect():
    engine.dispose()
    return engine.connect()


def ask(db, sql, values):
    return db.exec_driver_sql(sql, tuple(values)).all()


talk(connect, ask)

# The same questions through the expression language. It needs no entry in the transcript: a wrong answer ends the program.
models = sa.func.model_stats(1767225600, "2026-01-04").table_valued("model_id", "call_count")
t = sa.table("telemetry", sa.column("id"), sa.column("energy_joules"), sa.column("completion_tokens"))
energy = sa.func.energy_per_token(t.c.energy_joules, t.c.completion_tokens)
with engine.connect() as db:
    rows = db.execute(sa.select(models.c.model_id, models.c.call_count)).all()
    assert [tuple(row) for row in rows][:2] == [("llama3.2:3b", 4), ("Qwen3-8B", 3)], rows
    assert db.scalar(sa.select(energy)) == 0.515625
    windowed = sa.select(energy.over(order_by=t.c.id, rows=(-1, 0))).order_by(t.c.id)
    assert db.execute(windowed).scalars().all() == [0.3125, 0.375, 0.325, 0.5, 0.775, 0.8625, 0.6125, 0.325]
