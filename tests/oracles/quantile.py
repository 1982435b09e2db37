"""Percentiles and buckets against programs that nobody here wrote. See run.sh."""

import fractions
import json
import math
import os
import random
import struct
import sys

import apsw
import duckdb
import numpy
from scipy import stats

EXTENSION = os.environ.get("JARVIS_STATS", "./libjarvis_stats.so")
SEEDS = [1, 2, 3, int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))]
PROBABILITIES = [0, 1, 0.5, 0.25, 0.9, 0.95, 0.99, 0.999, 0.1, 1 / 3, 2 / 3, 1e-9, 5e-324]
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


def quantiles(seed):
    """SQLite's percentile_cont bit for bit, numpy and DuckDB within 2 ulp of the larger neighbour
    (they interpolate in another order of operations)."""
    source, duck = random.Random(seed), duckdb.connect()
    for shape, draw in SHAPES.items():
        for size in [1, 2, 3, source.randrange(4, 100), source.randrange(100, 3000)]:
            values = [draw(source) for _ in range(size)]
            db, array, ordered = table(zip(values)), numpy.array(values), sorted(values)
            wanted = PROBABILITIES + [source.random() for _ in range(10)]
            together = json.loads(row(db, "SELECT quantile(x, ?) FROM v", json.dumps(wanted))[0])
            duck.execute("CREATE OR REPLACE TABLE t(x DOUBLE)")
            duck.execute("INSERT INTO t SELECT unnest(?::DOUBLE[])", [values])
            ducks = duck.execute(f"SELECT quantile_cont(x, {wanted!r}) FROM t").fetchone()[0]
            for p, in_array, of_duckdb in zip(wanted, together, ducks):
                where = f"seed {seed}, {shape}, {size} values, p {p}: "
                ours, hosts = row(db, "SELECT quantile(x, ?1), percentile_cont(x, ?1) FROM v", p)
                check(struct.pack("<d", ours) == struct.pack("<d", hosts), f"{where}{ours} {hosts}")
                check(in_array == (ours if math.isfinite(ours) else None), f"{where}{in_array}")
                place = math.floor(p * (size - 1))
                low, high = ordered[place], ordered[min(place + 1, size - 1)]
                if math.isinf(high - low):
                    continue  # numpy and DuckDB go on with infinities of their own
                near = 2 * math.ulp(max(abs(low), abs(high)))
                for name, other in [("numpy", numpy.quantile(array, p)), ("DuckDB", of_duckdb)]:
                    check(abs(ours - other) <= near, f"{where}{ours}, {name} {other}")


def ranks(seed):
    """quantile_ci's ranks against scipy.stats.binom, to n = 100,000."""
    source = random.Random(seed)
    db = table(((i,) for i in range(1, 100_001)))
    sizes = [1, 2, 5, 6, 29, 36, 72, 368, 1000, 99_999, 100_000]
    sizes += [int(10 ** source.uniform(0, 5)) for _ in range(12)]
    asked = [(p, confidence) for p in [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, source.random()]
             for confidence in [0.5, 0.8, 0.9, 0.95, 0.99, 0.999999, source.random()]]
    calls = ", ".join(f"quantile_ci(x, {p!r}, {confidence!r})" for p, confidence in asked)
    for n in sizes:
        answers = row(db, f"SELECT {calls} FROM v WHERE x <= ?", n)
        for (p, confidence), answer in zip(asked, map(json.loads, answers)):
            half, binomial = (1 - confidence) / 2, stats.binom(n, p)
            low, high = binomial.ppf(half), binomial.isf(half) + 1
            # A sum that is the limit itself (p 0.5, a few n) is on either side of it by rounding.
            if low < n and math.isclose(binomial.cdf(low), half, rel_tol=1e-9):
                low += 1
            if high > 1 and math.isclose(binomial.sf(high - 2), half, rel_tol=1e-9):
                high -= 1
            expected = [low if low >= 1 else None, high if high <= n else None]
            where = f"seed {seed}, n {n}, p {p}, confidence {confidence}"
            check([answer["low"], answer["high"]] == expected, f"{where}: {answer}, {expected}")


def coverage():
    """How often the interval holds the true percentile: at least as often as it says."""
    samples, source = 2000, numpy.random.default_rng(5)
    shapes = {"log-normal": stats.lognorm(0.5), "exponential": stats.expon(),
              "heavy tail": stats.pareto(1.1)}
    for name, shape in shapes.items():
        for n in [12, 40, 100, 400]:
            drawn = shape.rvs((samples, n), random_state=source)
            db = table(((i, x) for i, sample in enumerate(drawn.tolist()) for x in sample), "s, x")
            for p, confidence in [(0.5, 0.95), (0.9, 0.9), (0.95, 0.95), (0.99, 0.99)]:
                sql = f"SELECT quantile_ci(x, {p}, {confidence}) FROM v GROUP BY s"
                truth, held = shape.ppf(p), 0
                for (answer,) in db.execute(sql):
                    answer = json.loads(answer)
                    is_above = answer["low"] is None or answer["low"] <= truth
                    held += is_above and (answer["high"] is None or truth <= answer["high"])
                least = confidence - 3 * math.sqrt(confidence * (1 - confidence) / samples)
                text = f"{name}, n {n}, p {p}: {held} of {samples} held, confidence {confidence}"
                check(held >= least * samples, text)


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
        for test in [quantiles, ranks, sketches, buckets_of_time]:
            test(seed)
    coverage()
    print(f"{counts[True]} passed, {counts[False]} failed (the fresh seed was {SEEDS[-1]})")
    return 1 if counts[False] or counts[True] < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
