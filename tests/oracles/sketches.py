"""The bytes of a sketch by its written format, its buckets by exact whole numbers, any merge of its
parts; time_bucket by DuckDB's. See run.sh."""

import fractions
import math
import os
import random
import struct
import sys

import apsw
import duckdb

EXTENSION = os.environ.get("JARVIS_STATS", "./libjarvis_stats.so")
SEEDS = [1, 2, 3, int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))]
counts = {True: 0, False: 0}


def check(holds, text):
    counts[bool(holds)] += 1
    if not holds and counts[False] <= 20:
        print(f"FAILED {text:.400}")


def table(rows, columns="x"):
    """A database with the extension and these rows in a table v."""
    db = apsw.Connection(":memory:")
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    db.execute(f"CREATE TABLE v({columns})")
    db.execute("BEGIN")
    places = ", ".join("?" * (columns.count(",") + 1))
    db.executemany(f"INSERT INTO v VALUES ({places})", rows)
    db.execute("COMMIT")
    return db


def row(db, sql, *bound):
    return next(iter(db.execute(sql, bound)))


def any_double(source):
    """A finite double, each exponent as likely as another."""
    while True:
        value = struct.unpack("<d", source.getrandbits(64).to_bytes(8, "little"))[0]
        if math.isfinite(value) and value:
            return value


SHAPES = {
    "any bits": any_double,
    "latencies": lambda source: source.lognormvariate(-0.7, 0.5),
    "ties": lambda source: source.randrange(1, 5) / 10,
    "both signs": lambda source: source.gauss(0, 1000),
    "near the largest": lambda source: source.uniform(-1, 1) * sys.float_info.max,
    "subnormal": lambda source: source.randrange(1, 1000) * 5e-324,
}


def varints(data):
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0


def decoded(blob):
    """A sketch's counts of 0, +inf and -inf, then of its buckets by sign, read by its format."""
    assert blob[:5] == b"JQS\x01\x06"
    numbers = varints(blob[5:])
    points, runs = [next(numbers) for _ in range(3)], []
    for _ in range(2):
        run, index = {}, 0
        for _ in range(next(numbers)):
            step = next(numbers)
            index += (step >> 1) ^ -(step & 1)
            run[index] = next(numbers)
        runs.append(run)
    return points, *runs


def bucket(x):
    """i with 2^i < x^64 <= 2^(i+1): exact, by whole numbers."""
    power = fractions.Fraction(x) ** 64
    i = power.numerator.bit_length() - power.denominator.bit_length()
    while fractions.Fraction(2) ** i >= power:
        i -= 1
    while fractions.Fraction(2) ** (i + 1) < power:
        i += 1
    return i


def sketches(seed):
    """The BLOB by its format and the buckets by exact powers; the merge of any split."""
    source = random.Random(seed)
    for shape, draw in SHAPES.items():
        values = [draw(source) for _ in range(source.randrange(1, 300))]
        values += source.choice([[], [0.0, -0.0, math.inf, -math.inf]])
        db = table(((source.randrange(7), x) for x in values), "part, x")
        blob, = row(db, "SELECT sketch(x) FROM v")
        expected = [values.count(0), values.count(math.inf), values.count(-math.inf)], {}, {}
        for x in values:
            if math.isfinite(x) and x:
                run, i = expected[1 if x < 0 else 2], bucket(abs(x))
                run[i] = run.get(i, 0) + 1
        check(decoded(blob) == expected, f"seed {seed}, {shape}: {blob.hex()}")
        for order in ["part", "part DESC"]:
            merged, = row(db, "SELECT sketch_merge(s) FROM"
                              f" (SELECT sketch(x) AS s FROM v GROUP BY part ORDER BY {order})")
            check(merged == blob, f"seed {seed}, {shape}: merged {merged.hex()}, {blob.hex()}")


def buckets_of_time(seed):
    """DuckDB's time_bucket from the same origin, at UTC."""
    source, duck, db = random.Random(seed), duckdb.connect(), table([])
    for unit in ["second", "minute", "hour", "day", "week", "month", "year"]:
        for _ in range(40):
            number, moment = source.randrange(1, 40), source.randrange(-5 * 10**9, 10**10)
            origin = "1970-01-05" if unit == "week" else "1970-01-01"
            theirs = duck.execute(
                f"SELECT epoch(time_bucket(INTERVAL '{number} {unit}', make_timestamp({moment}::BIGINT"
                f" * 1000000), TIMESTAMP '{origin}'))").fetchone()[0]
            ours, = row(db, "SELECT time_bucket(?, ?)", f"{number} {unit}", moment)
            check(ours == theirs, f"time_bucket('{number} {unit}', {moment}): {ours}, {theirs}")


def main():
    for seed in SEEDS:
        sketches(seed)
        buckets_of_time(seed)
    print(f"{counts[True]} passed, {counts[False]} failed (the fresh seed was {SEEDS[-1]})")
    return 1 if counts[False] or counts[True] < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
