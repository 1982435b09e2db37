"""Every way in which a connection may see the table: each answer is that of plain SQL on the same connection at that moment."""

import os
import pathlib
import sqlite3
import sys

import agreement
from agreement import case, check, run_cases

SCHEMA = (agreement.ROOT / "sql" / "schema.sql").read_text()
FOLDER = pathlib.Path("target/soak")
ROW = ("INSERT INTO {table}(timestamp, model_id, engine, prompt_tokens, completion_tokens, total_tokens, energy_joules, mean_itl_ms, batch_id)"
       " VALUES (1793491200 + ?1, 'model ' || ?1 % 3, 'engine ' || ?1 % 2, ?1, 2 * ?1, 3 * ?1, ?1 / 7.0, 1.0 / ?1, 'batch ' || ?1 / 4)")


def agrees(db, where, rows=None):
    try:
        agreement.check_all(db)
        got = db.execute("SELECT total_calls FROM aggregated_stats").fetchone()[0]
        check(rows in (None, got), f"{where}: {got} rows are seen, wanted {rows}")
    except (agreement.Difference, sqlite3.Error) as error:
        check(False, f"{where}: {error}")


def connect(path=":memory:", **options):
    return agreement.connect(path, timeout=0, uri=True, **options)


def add(db, first, count, table="telemetry"):
    db.executemany(ROW.format(table=table), [(number,) for number in range(first, first + count)])


def fresh(journal="DELETE", rows=20):
    path = FOLDER / "modes.db"
    for end in ("", "-wal", "-shm", "-journal"):
        pathlib.Path(f"{path}{end}").unlink(missing_ok=True)
    db = connect(str(path))
    db.execute(f"PRAGMA journal_mode = {journal}")
    db.executescript(SCHEMA)
    add(db, 1, rows)
    return db, str(path)


def text_of(db, sql):
    try:
        return f"no error: {db.execute(sql).fetchall()!r:.100}"
    except sqlite3.Error as error:
        return str(error)


@case
def memory_and_empty():
    db = connect()
    db.executescript(SCHEMA)
    agrees(db, "empty", 0)
    add(db, 1, 20)
    agrees(db, ":memory:", 20)


@case
def read_only_and_immutable():
    for journal in ("DELETE", "WAL"):
        db, path = fresh(journal)
        db.close()
        agrees(connect(f"file:{path}?mode=ro"), f"{journal}, mode=ro", 20)
        agrees(connect(f"file:{path}?immutable=1"), f"{journal}, immutable", 20)
        os.chmod(path, 0o444)
        os.chmod(FOLDER, 0o555)  # for who is not root: no journal, no -shm can be made here
        try:
            agrees(connect(f"file:{path}?immutable=1"), f"{journal}, read-only medium", 20)
        finally:
            os.chmod(FOLDER, 0o755)
            os.chmod(path, 0o644)
    db = connect(f"file:{path}?mode=ro")
    db.execute("PRAGMA query_only = ON")
    agrees(db, "query_only", 20)


@case
def uncommitted_rows_are_seen():
    for journal in ("DELETE", "WAL"):
        db, path = fresh(journal)
        other = connect(path)
        db.execute("BEGIN")
        add(db, 100, 7)
        agrees(db, f"{journal}: one's own uncommitted rows", 27)
        agrees(other, f"{journal}: another's uncommitted rows", 20)
        db.execute("SAVEPOINT s")
        db.execute("DELETE FROM telemetry WHERE id > 5")
        agrees(db, f"{journal}: in a savepoint", 5)
        db.execute("ROLLBACK TO s")
        agrees(db, f"{journal}: rolled back to it", 27)
        db.execute("ROLLBACK")
        agrees(db, f"{journal}: rolled back", 20)


@case
def one_transaction_sees_one_state():
    db, path = fresh("WAL")
    reader = connect(path)
    reader.execute("BEGIN")
    agrees(reader, "the first look", 20)
    add(db, 100, 30)
    agrees(reader, "in the same transaction, after another's commit", 20)
    reader.execute("COMMIT")
    agrees(reader, "in the next transaction", 50)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    agrees(reader, "after a checkpoint", 50)


@case
def shared_cache():
    one = connect("file:shared?mode=memory&cache=shared")
    one.executescript(SCHEMA)
    add(one, 1, 20)
    other = connect("file:shared?mode=memory&cache=shared")
    agrees(other, "shared cache", 20)
    one.execute("BEGIN")
    add(one, 100, 5)
    plain = text_of(other, "SELECT * FROM telemetry")
    for sql in ("SELECT * FROM model_stats", "SELECT record FROM export_records", "SELECT record_count()"):
        check(text_of(other, sql) == plain, f"shared cache, written to: {sql}: {text_of(other, sql)}, plain: {plain}")
    other.execute("PRAGMA read_uncommitted = ON")
    agrees(other, "read_uncommitted", 25)
    one.execute("COMMIT")
    agrees(other, "committed", 25)


@case
def locks():
    db, path = fresh()
    reader = connect(path)
    db.execute("BEGIN IMMEDIATE")
    add(db, 100, 5)
    agrees(reader, "beside a RESERVED lock", 20)
    db.execute("COMMIT")
    db.execute("BEGIN EXCLUSIVE")
    plain = text_of(reader, "SELECT * FROM telemetry")
    for function in agreement.FUNCTIONS:
        check(text_of(reader, f"SELECT * FROM {function}") == plain == "database is locked", f"{function} beside an EXCLUSIVE lock")
    db.execute("ROLLBACK")
    agrees(reader, "after the lock", 25)
    # A query of ours that is under way keeps a writer from committing as long as a plain SELECT does: until it is read to the end.
    for sql in ("SELECT id FROM telemetry", "SELECT record FROM export_records", "SELECT * FROM telemetry JOIN model_stats USING (model_id)"):
        cursor = reader.execute(sql)
        cursor.fetchone()
        check(text_of(db, "DELETE FROM telemetry WHERE id = 1") == "database is locked", f"{sql}: is not read in one state")
        cursor.fetchall()
        check("no error" in text_of(db, "INSERT INTO telemetry(timestamp, model_id) VALUES (1, 'm')"), f"{sql}: keeps its lock")
    cursor = reader.execute("SELECT model_id FROM model_stats")
    cursor.fetchone()
    reader.execute("SELECT 1")
    cursor.close()
    check("no error" in text_of(db, "DELETE FROM telemetry WHERE id = 1"), "model_stats keeps a lock after its end")


@case
def attached_and_temporary():
    db, path = fresh()
    db.close()
    db = connect(cached_statements=0)  # SQLite looks a name up again only when a statement is compiled
    check("no table or view named 'telemetry'" in text_of(db, "SELECT * FROM model_stats"), text_of(db, "SELECT * FROM model_stats"))
    db.execute("ATTACH ? AS archive", (path,))
    agrees(db, "attached only", 20)
    db.executescript(SCHEMA)
    add(db, 1, 3)
    agrees(db, "main before attached", 3)
    db.executescript(SCHEMA.replace("CREATE TABLE IF NOT EXISTS telemetry", "CREATE TEMP TABLE telemetry"))
    add(db, 1, 9, "temp.telemetry")
    agrees(db, "temp before main", 9)
    for source, rows in (("archive.telemetry", 20), ("main.telemetry", 3), ("temp.telemetry", 9), ("ARCHIVE.Telemetry", 20)):
        got = db.execute("SELECT total_calls, record_count(?1) FROM aggregated_stats WHERE source = ?1", (source,)).fetchone()
        check(got == (rows, rows), f"{source}: {got}")
    db.execute("DROP TABLE temp.telemetry")
    agrees(db, "main again", 3)
    db.execute("DETACH archive")
    check("no table or view named 'archive.telemetry'" in text_of(db, "SELECT * FROM model_stats WHERE source = 'archive.telemetry'"), "detached")


@case
def schema_changes_between_two_executions():
    """sqlite3 keeps a statement prepared by its text: the second run is of the same one."""
    sql = "SELECT call_count, total_tokens, total_energy_joules FROM model_stats WHERE model_id = 'model 1'"
    db, _ = fresh()
    before = db.execute(sql).fetchall()
    for change in ("ALTER TABLE telemetry ADD COLUMN extra", "ALTER TABLE telemetry DROP COLUMN agent", "CREATE INDEX by_model ON telemetry(model_id)",
                   "ALTER TABLE telemetry RENAME TO base; CREATE VIEW telemetry AS SELECT * FROM base", "REINDEX", "VACUUM", "ANALYZE",
                   "CREATE TEMP VIEW telemetry AS SELECT total_tokens, model_id, energy_joules, 1 AS x FROM main.telemetry"):
        db.executescript(change)
        check(db.execute(sql).fetchall() == before, f"{change}: {db.execute(sql).fetchall()} {before}")
    db.executescript("DROP VIEW temp.telemetry; DROP VIEW telemetry; CREATE TABLE telemetry(model_id, total_tokens TEXT);"
                     "INSERT INTO telemetry VALUES ('model 1', '5')")
    check(db.execute(sql).fetchall() == [(1, 5, 0.0)], f"another table: {db.execute(sql).fetchall()}")
    db.executescript("DROP TABLE telemetry; CREATE TABLE telemetry(x)")
    check("has no column model_id" in text_of(db, sql), text_of(db, sql))
    db.execute("DROP TABLE telemetry")
    check("no table or view named" in text_of(db, sql), text_of(db, sql))


@case
def cleared_between_two_queries():
    for journal in ("DELETE", "WAL"):
        db, path = fresh(journal)
        other = connect(path)
        agrees(other, f"{journal}: before clear()", 20)
        db.execute("DELETE FROM telemetry")  # the peer's clear()
        agrees(other, f"{journal}: after clear()", 0)
        agrees(db, f"{journal}: after one's own clear()", 0)
        add(db, 1, 4)
        agrees(other, f"{journal}: written again", 4)


@case
def changes_within_one_statement():
    """A cursor asked again answers from memory only while the connection changes nothing."""
    db, _ = fresh()
    three = "(SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3) AS t"
    db.create_function("add_row", 0, lambda: add(db, 500, 1) or 1)
    got = [row[0] for row in db.execute(f"SELECT a.total_calls FROM {three} CROSS JOIN aggregated_stats AS a WHERE add_row()")]
    check(got in ([20, 21, 22], [21, 22, 23]), f"rows added by the statement itself: {got}")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    return run_cases()


if __name__ == "__main__":
    sys.exit(main())
