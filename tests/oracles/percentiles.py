"""quantile, quantile_ci and sketch_quantile against oracles that nobody here wrote."""

import json
import math
import os
import random
import sys
import time

import apsw
import duckdb
import numpy
from scipy.stats import binom

EXTENSION = os.environ.get("JARVIS_STATS", "./libjarvis_stats.so")
ULPS = 2


def connect():
    db = apsw.Connection(":memory:")
    db.enable_load_extension(True)
    db.load_extension(EXTENSION)
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
    return db


def value(rng, shape):
    """A finite double: of telemetry's kinds, with many equal ones, or any bit pattern."""
    if shape == 0:
        return rng.lognormvariate(-1, 1)
    if shape == 1:
        return float(rng.randrange(12))
    if shape == 2:
        return rng.choice([1.0, -1.0]) * (1 + rng.randrange(9) * 2**-52)
    if shape == 3:
        return rng.randrange(-(2**62), 2**62)  # an INTEGER that a double may not hold
    while True:
        x = numpy.frombuffer(rng.randbytes(8))[0]
        if math.isfinite(x):
            return float(x)


def probability(rng):
    return rng.choice([0, 1, 0.5, 0.9, 0.95, 0.99, 0.1, rng.random(), rng.randrange(101) / 100])


def same(a, b):
    """To the last bit; 0.0 and -0.0 are one to quantile."""
    return a == b or (a is None and b is None)


def near(a, b, largest):
    """Within a few units in the last place of the larger neighbour."""
    if a == b:
        return True
    return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= ULPS * math.ulp(largest)


def neighbours(values, p):
    ordered = sorted(float(v) for v in values)
    place = p * (len(ordered) - 1)
    low = ordered[int(place)]
    return low, ordered[min(int(place) + 1, len(ordered) - 1)]


def check(holds, *what):
    if not holds:
        raise SystemExit("FAILED: " + " ".join(map(repr, what)))


def exact(rng):
    """One table: the whole of it by every oracle, and each row's frame by the host's own."""
    db = connect()
    shape = rng.randrange(5)
    values = [value(rng, shape) for _ in range(rng.choice([1, 2, 3, 10, 100, 1000]))]
    db.executemany("INSERT INTO t(x) VALUES (?)", [(v,) for v in values])
    for _ in range(8):
        p = probability(rng)
        got, host = db.execute("SELECT quantile(x, ?1), percentile_cont(x, ?1) FROM t", (p,)).get
        check(same(got, host), "percentile_cont", values, p, got, host)
        low, high = neighbours(values, p)
        if math.isfinite(high - low):  # numpy and DuckDB overflow elsewhere
            largest = max(abs(low), abs(high), sys.float_info.min)
            theirs = float(numpy.quantile(numpy.array(values, dtype=float), p))
            check(near(got, theirs, largest), "numpy", values, p, got, theirs)
            duck = duckdb.execute("SELECT quantile_cont(x, ?) FROM (SELECT unnest(?::DOUBLE[]) AS x)",
                                  [p, [float(v) for v in values]]).fetchone()[0]
            check(near(got, duck, largest), "DuckDB", values, p, got, duck)
    p, before, after = probability(rng), rng.randrange(30), rng.randrange(5)
    frame = f"ORDER BY id ROWS BETWEEN {before} PRECEDING AND {after} FOLLOWING"
    rows = db.execute(
        f"SELECT quantile(x, ?1) OVER w, percentile_cont(x, ?1) OVER w FROM t WINDOW w AS ({frame})",
        (p,)).fetchall()
    for got, host in rows:
        check(same(got, host), "percentile_cont over", frame, values, p, got, host)
    return 8 * 3 + len(rows)


def ranks(n, p, confidence):
    """By the definition, from scipy's distribution function: 1 - confidence is rounded, as is each
    probability, so a hit within 1e-12 counts, as it does in quantile_ci."""
    half = (1 - confidence) / 2 * (1 + 1e-12)
    low = int(binom.ppf(half, n, p)) + 2
    while low > 0 and binom.cdf(low - 1, n, p) > half:
        low -= 1
    high = max(int(binom.isf(half, n, p)) - 1, 1)
    while high <= n and binom.sf(high - 1, n, p) > half:
        high += 1
    return low or None, high if high <= n else None


def intervals(rng):
    """Of the values 1 to n, so that a value is its rank."""
    db = connect()
    asked = 0
    sizes = [*range(1, 40), 100, 368, 1000, 9999, 50_000, 100_000, rng.randrange(1, 100_000)]
    for n in sizes:
        db.execute("DELETE FROM t")
        db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                   " INSERT INTO t SELECT i, i FROM n", (n,))
        few = n < 1000
        for p in [0.5, 0.9, 0.95, 0.99, 0.001, rng.random()] if few else [0.5, 0.99, rng.random()]:
            for confidence in [0.95, 0.5, 0.999, rng.random()] if few else [0.95, rng.random()]:
                text = db.execute("SELECT quantile_ci(x, ?, ?) FROM t", (p, confidence)).get
                got = json.loads(text)
                wanted = ranks(n, p, confidence)
                check((got["low"], got["high"]) == wanted, "ranks", n, p, confidence, got, wanted)
                asked += 1
    return asked


def sketches(rng):
    """The error bound, against numpy's exact percentiles."""
    db = connect()
    shape = rng.choice(["lognormal", "exponential", "uniform", "pareto", "gamma"])
    draw = numpy.random.default_rng(rng.randrange(2**32))
    count = 20_000
    values = {"lognormal": lambda: draw.lognormal(-1, 1, count),
              "exponential": lambda: draw.exponential(3, count),
              "uniform": lambda: -draw.uniform(0.1, 9, count),
              "pareto": lambda: 1 + draw.pareto(1.1, count),
              "gamma": lambda: draw.gamma(0.5, 2, count)}[shape]()
    db.executemany("INSERT INTO t(x) VALUES (?)", [(float(v),) for v in values])
    ps = [i / 99 for i in range(100)] if abs(values).min() > 0 else [0.5]
    got = json.loads(db.execute("SELECT sketch_quantile(sketch(x), ?) FROM t", (json.dumps(ps),)).get)
    for p, mine, theirs in zip(ps, got, numpy.quantile(values, ps)):
        check(abs(mine / theirs - 1) <= 0.005416, "bound", shape, p, mine, theirs)
    return len(ps)


def main():
    fresh = int(os.environ.get("SEED", time.time_ns()))
    began, counted = time.monotonic(), {}
    for seed in [*range(60), *([fresh + i for i in range(20)])]:
        rng = random.Random(seed)
        try:
            counted["exact"] = counted.get("exact", 0) + exact(rng)
            if seed % 20 == 0:
                counted["intervals"] = counted.get("intervals", 0) + intervals(rng)
            counted["sketches"] = counted.get("sketches", 0) + (sketches(rng) if seed % 4 == 0 else 0)
        except SystemExit as failure:
            raise SystemExit(f"{str(failure):.2000}\nrepeat with SEED={seed}") from None
    told = ", ".join(f"{count} {what}" for what, count in counted.items())
    print(f"oracles: {told} agree with apsw {apsw.apsw_version()}, numpy {numpy.__version__},"
          f" DuckDB {duckdb.__version__}, scipy ({time.monotonic() - began:.0f} s)")


main()
