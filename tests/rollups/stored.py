"""What a stranger may have stored as sums: never a crash. Bytes that no refresh wrote are answered
by the scan; bytes that are made to look right, with the right check sum, may lie, as any row of a
stranger's file may, and rollup_verify finds them out."""

import os
import pathlib
import random
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTENSION = os.environ.get("JARVIS_STATS", str(ROOT / "libjarvis_stats.so"))
CHUNKS = "jarvis_rollup_chunks_telemetry"
STATE = "jarvis_rollup_state_telemetry"
QUESTIONS = [
    "SELECT * FROM model_stats()", "SELECT * FROM engine_stats(5)",
    "SELECT * FROM aggregated_stats(NULL, 900, 1)", "SELECT * FROM top_models()",
    "SELECT energy_joules, min_latency_seconds, max_latency_seconds FROM partial_stats()",
]
counts = {True: 0, False: 0}


def check(holds, text):
    counts[bool(holds)] += 1
    if not holds:
        print(f"FAILED: {text:.700}")


def check_sum(sums):
    total = len(sums)
    for at in range(0, len(sums), 8):
        word = int.from_bytes(sums[at:at + 8].ljust(8, b"\0"), "little")
        total = (total ^ word) * 0x9E3779B97F4A7C15 % 2**64
        total ^= total >> 32
    return total.to_bytes(8, "little")


def ask(db, sql):
    try:
        return repr(db.execute(sql).fetchall())
    except sqlite3.Error as error:
        return f"error: {error}"


def spoilt(rng, sums):
    sums = bytearray(sums)
    for _ in range(rng.choice([1, 1, 2, 8])):
        at = rng.randrange(len(sums))
        way = rng.randrange(5)
        if way == 0:
            sums[at] = rng.randrange(256)
        elif way == 1:
            sums[at] ^= 1 << rng.randrange(8)
        elif way == 2:
            del sums[at:at + rng.randrange(1, 9)]
        elif way == 3:
            sums[at:at] = rng.choice([b"\xff", b"\x80" * 9, rng.randbytes(4), sums[:at][-7:]])
        else:
            del sums[at:]
        if not sums:
            sums = bytearray(b"\0")
    return bytes(sums)


def main():
    rng = random.Random(int(os.environ.get("SEED", "1")))
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    db.executescript(
        "CREATE TABLE telemetry(id INTEGER PRIMARY KEY, timestamp, model_id, engine, total_tokens,"
        " latency_seconds, energy_joules, token_counting_version);"
        "INSERT INTO telemetry"
        " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 60)"
        " SELECT i % 3 * 65536 + i, i, 'model ' || (i % 4),"
        " CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 7"
        " WHEN 2 THEN x'00ff' ELSE 'e' END, CASE i % 7 WHEN 6 THEN 0.5 ELSE i * 1000003 END,"
        " CASE i % 6 WHEN 0 THEN NULL ELSE i / 7.0 END,"
        " CASE i WHEN 30 THEN 1e300 WHEN 33 THEN 9e999"
        " WHEN 36 THEN -1e300 ELSE i * 1e-9 END, i % 3 FROM n;"
        "CREATE TEMP VIEW plain AS SELECT * FROM telemetry;"
    )
    right = [ask(db, question) for question in QUESTIONS]
    db.execute("SELECT rollup_refresh()")
    check(db.execute("SELECT covered_rows FROM rollup_status()").fetchone()[0] == 40, "covered")
    check([ask(db, question) for question in QUESTIONS] == right, "as written")
    check(ask(db, "SELECT rollup_verify()") == "[('ok',)]", "verified as written")
    (stored,) = db.execute(f"SELECT sums FROM {CHUNKS} WHERE chunk = 0").fetchone()
    check(check_sum(stored[8:]) == stored[:8], "this test computes the extension's check sum")
    for number in range(int(os.environ.get("ROUNDS", "3000"))):
        sums = spoilt(rng, stored[8:])
        has_check = rng.random() < 0.8
        bad = (check_sum(sums) if has_check else rng.randbytes(8)) + sums
        if bad == stored:
            continue
        db.execute(f"UPDATE {CHUNKS} SET sums = ? WHERE chunk = 0", (bad,))
        answers = [ask(db, question) for question in QUESTIONS]
        if not has_check:
            check(answers == right, f"damage {number}: {bad.hex()}")
        check(ask(db, "SELECT rollup_verify()").startswith("error: rollup_verify: "),
              f"verify {number}: {bad.hex()}")
    db.execute(f"UPDATE {CHUNKS} SET sums = ? WHERE chunk = 0", (stored,))
    # Other values than a refresh writes, in every column of its tables.
    values = ["NULL", "'x'", "x'00'", "-1", "0", "1e300", "9e999", "9223372036854775807"]
    for table in (CHUNKS, STATE):
        for column in [row[1] for row in db.execute(f"PRAGMA table_info({table})")]:
            for value in values:
                db.execute("SAVEPOINT here")
                try:
                    db.execute(f"UPDATE {table} SET {column} = {value}")
                except sqlite3.Error:
                    pass
                for question in QUESTIONS:
                    answer = ask(db, question)
                    check(not answer.startswith("error"), f"{table}.{column} = {value}: {answer}")
                    if table == STATE or column == "sums":
                        check(answer == right[QUESTIONS.index(question)],
                              f"{table}.{column} = {value}: {question}: {answer}")
                ask(db, "SELECT rollup_verify()")
                ask(db, "SELECT * FROM rollup_status()")
                ask(db, "SELECT rollup_refresh()")
                db.execute("ROLLBACK TO here")
                db.execute("RELEASE here")
    check([ask(db, question) for question in QUESTIONS] == right, "at the end")
    print(f"stored sums: {counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())
