"""Values and amounts at the edge: keys of every kind, numbers that overflow, a million groups, crafted keys, memory that runs out."""

import json
import os
import subprocess
import sys
import time

from cases import FOLDER, PLANTED, TABLE, case, check, connect, expect, failure, main, row


@case
def keys_of_every_kind():
    """Keys come back byte for byte: NUL bytes, invalid UTF-8, lookalikes, numbers, BLOBs; in UTF-16 databases too."""
    texts = ["", "a\0b", "a\0", "\0", "é", "e\u0301", "🦙", "\ufffd", "'; DROP TABLE telemetry; --", "%s%n", "x" * 100_000]
    for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
        db = connect(script=f"PRAGMA encoding = '{encoding}';" + TABLE)
        keys = texts + [None, 1, 1.5, 2**63 - 1, -(2**63), float("inf"), b"", b"\0\xff", b"a"]
        for key in keys:
            row(db, model_id=key, engine=key, batch_id=key)
        expect(db, "SELECT model_id IS t.m FROM (SELECT model_id AS m FROM telemetry) AS t JOIN model_stats ON model_id IS t.m",
               [(1,)] * len(keys))
        got = {(type(key), key) for key, in db.execute("SELECT engine FROM engine_stats")}
        check(got == {(type(key), key) for key in keys}, f"{encoding}: {got}")
        expect(db, "SELECT count(*) FROM batch_stats", [(len(keys) - 2,)])  # neither '' nor NULL
        for name in ("per_model", "per_engine"):
            items = json.loads(db.execute(f"SELECT {name} FROM aggregated_stats").fetchone()[0])
            check(len(items) == len(keys), f"{encoding} {name}: {len(items)}")
    db = connect(script=TABLE)
    db.text_factory = bytes
    bad = ["c0af", "ff", "e28228", "f0288cbc", "eda080", "00ff00", "80", "c3"]
    for key in bad:
        db.execute(f"INSERT INTO telemetry(model_id, timestamp) VALUES (CAST(x'{key}' AS TEXT), 1)")
    got = sorted(key.hex() for key, in db.execute("SELECT model_id FROM model_stats WHERE typeof(model_id) = 'text'"))
    check(got == sorted(bad), f"invalid UTF-8: {got}")
    for record, in db.execute("SELECT record FROM export_records"):
        json.loads(record.decode("utf-8"))
    json.loads(db.execute("SELECT per_model FROM aggregated_stats(NULL, NULL, NULL, 'telemetry')").fetchone()[0].decode("utf-8"))


@case
def numbers_at_the_edges():
    inf, largest = float("inf"), 2**63 - 1
    db = connect(script=TABLE)
    for tokens in (largest, -largest, largest):
        row(db, model_id="exact", total_tokens=tokens)
    expect(db, "SELECT total_tokens FROM model_stats", [(largest,)])
    row(db, model_id="exact", total_tokens=1)
    for sql in ("SELECT total_tokens FROM model_stats", "SELECT * FROM top_models", "SELECT total_tokens FROM aggregated_stats"):
        text = failure(db, sql)
        check(text.endswith("integer overflow"), f"{sql}: {text}")
    expect(db, "SELECT call_count FROM model_stats", [(4,)])
    row(db, model_id="exact", total_tokens=0.5)
    expect(db, "SELECT total_tokens FROM model_stats", [(2.0**63,)])

    db = connect(script=TABLE)
    for joules in (1e308, 1e308, -1e308, 5e-324, -5e-324, 1e-308):
        row(db, model_id="m", energy_joules=joules)
    expect(db, "SELECT total_energy_joules FROM model_stats", [(1e308,)])
    for _ in range(3):
        row(db, model_id="m", energy_joules=1e308)
    expect(db, "SELECT total_energy_joules FROM model_stats", [(inf,)])
    expect(db, "SELECT per_model ->> '$[0].total_energy_joules' FROM aggregated_stats", [(None,)])
    row(db, model_id="m", energy_joules=inf)
    row(db, model_id="m", energy_joules=-inf)
    expect(db, "SELECT total_energy_joules FROM model_stats", [(0.0,)])
    expect(db, "SELECT energy_per_token(energy_joules, 1), avg_itl(energy_joules) FROM telemetry", [(None, None)])
    expect(db, "SELECT avg_itl(x) FROM (SELECT 9e999 - 9e999 AS x)", [(None,)])
    expect(db, "SELECT avg_itl(x, y) FROM (SELECT 1e308 AS x, 9223372036854775807 AS y)", [(inf,)])
    expect(db, "SELECT energy_per_token(x, y) FROM (SELECT 9223372036854775807 AS x, 9223372036854775807 AS y)", [(1.0,)])
    expect(db, "SELECT energy_per_token(5e-324, 9223372036854775807)", [(0.0,)])


@case
def a_million_keys():
    """Works; what a group costs is printed. Measured in a process of its own, as the growth of its peak."""
    script = f"""
import sys
sys.path.insert(0, 'tests/faults')
from cases import connect
db = connect({str(FOLDER / 'million.db')!r})
db.execute('SELECT count(DISTINCT timestamp) FROM telemetry LIMIT 1').fetchall()
peak = lambda: int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])
before = peak()
rows = db.execute('SELECT count(*), sum(total_requests), sum(length(batch_id)), sum(total_tokens), sum(total_energy_joules) FROM batch_stats').fetchone()
print(*rows, peak() - before)
"""
    path = FOLDER / "million.db"
    path.unlink(missing_ok=True)
    db = connect(path, TABLE)
    db.execute("PRAGMA journal_mode = OFF")
    count = 1_000_000
    db.execute("INSERT INTO telemetry(batch_id, prompt_tokens, completion_tokens, energy_joules, timestamp) WITH RECURSIVE n(i) AS"
               f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT printf('batch-%08d', i), 1, 1, 0.5, 1 FROM n")
    db.close()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    words = done.stdout.split()
    check(words[:5] == [str(count), str(count), str(14 * count), str(2 * count), str(count / 2)], f"{done}")
    if len(words) == 6:
        per_key = int(words[5]) * 1024 / count
        print(f"  a million batches: {per_key:.0f} bytes a key of 14 bytes")
        check(per_key < 400, f"{per_key:.0f} bytes a key")
    path.unlink()


@case
def the_limit_on_groups():
    if not PLANTED:
        print("  PLANTED is not set: the limit on groups is not tested")
        return
    # By key of each table: three models, four engines, four batches.
    fits = "no error but [({},)]"
    want = {"batch_stats": "batch_stats: more than 3 groups", "model_stats": fits.format(3),
            "engine_stats": "engine_stats: more than 3 groups", "aggregated_stats": fits.format(1),
            "top_models": fits.format(3), "per_engine": "aggregated_stats: more than 3 groups"}
    script = f"""
import sys
sys.path.insert(0, 'tests/faults')
import cases
db = cases.connect(script=cases.TABLE, extension={PLANTED!r})
for i in range(4):
    cases.row(db, model_id=i % 3, engine=i, batch_id=i, timestamp=1)
for table in {list(want)[:-1]}:
    print(cases.failure(db, f'SELECT count(*) FROM {{table}}'))
print(cases.failure(db, 'SELECT per_engine FROM aggregated_stats'))
"""
    environment = os.environ | {"JARVIS_STATS_MAX_GROUPS": "3"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    check(done.stdout.splitlines() == list(want.values()), f"{done.stdout}{done.stderr}")


@case
def crafted_keys():
    """Keys made to collide under a fixed hash cost no more than others: multiples of large powers of two, one bit apart, equal ends."""
    count, seconds = 60_000, {}
    shapes = {"plain": "printf('%d', i)", "powers": "i * 4294967296", "doubles": "i * 1e300", "long, end differs": "printf('%.*c%d', 64, 'x', i)",
              "long, start differs": "printf('%d%.*c', i, 64, 'x')", "zeros": "zeroblob(i % 300) || i", "blob": "CAST(i AS BLOB)"}
    for name, expression in shapes.items():
        db = connect(script=TABLE)
        db.execute(f"INSERT INTO telemetry(model_id) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
                   f" SELECT {expression} FROM n")
        start = time.process_time()
        groups = db.execute("SELECT count(*) FROM model_stats").fetchone()[0]
        seconds[name] = time.process_time() - start
        check(groups == count, f"{name}: {groups} groups")
    slowest = max(seconds, key=seconds.get)
    check(seconds[slowest] < 10 * seconds["plain"] + 0.5, f"{slowest}: {seconds}")


@case
def memory_that_cannot_be_had():
    """A process with little memory left gets "out of memory", never an abort."""
    script = """
import resource, sys
sys.path.insert(0, 'tests/faults')
import cases
db = cases.connect(script=cases.TABLE)
size = int(sys.argv[1])
cases.row(db, model_id=eval(sys.argv[2]) * size, timestamp=1.0)
used = int(open('/proc/self/statm').read().split()[0]) * 4096
for room in (size // 2, size, 2 * size, 3 * size, 4 * size, 5 * size, 6 * size, 8 * size):
    resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
    for sql in ('SELECT record FROM export_records', 'SELECT per_model FROM aggregated_stats', 'SELECT * FROM model_stats',
                'SELECT model_id FROM top_models', "SELECT * FROM model_stats((SELECT model_id FROM telemetry))",
                "SELECT record_count((SELECT model_id FROM telemetry))"):
        text = cases.failure(db, sql)
        print(text[:60])
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(db.execute('SELECT call_count FROM model_stats').fetchall())
"""
    for key in ("b'\\xff'", "'é'", "'\\0'", "'\"'"):
        done = subprocess.run([sys.executable, "-c", script, "20000000", key], capture_output=True, text=True)
        lines = done.stdout.splitlines()
        check(done.returncode == 0 and lines[-1:] == ["[(1,)]"], f"{key}: exit {done.returncode}: {done.stderr[-300:]}")
        refused = sum("out of memory" in line or "MemoryError" in line for line in lines)
        check(refused > 0, f"{key}: nothing was refused: {lines}")


if __name__ == "__main__":
    sys.exit(main())
