"""compare_stats(), naively: see oracle.py."""

import collections
import math
from fractions import Fraction

import oracle


def mover(a, b):
    """The ratio of two percentiles with its interval, from (value, low, high) of each."""
    if any(x is None or x <= 0 for x in a + b):
        return None
    (va, la, ua), (vb, lb, ub) = [[math.log(x) for x in side] for side in (a, b)]
    d = vb - va
    return (
        b[0] / a[0],
        math.exp(d - math.hypot(vb - lb, ua - va)),
        math.exp(d + math.hypot(ub - vb, va - la)),
    )


def ratio_of_sums(pairs_a, pairs_b):
    """The ratio of two ratios sum(y) / sum(x), with its interval, from pairs (x, y) of 30 or more
    calls."""
    sides = []
    for pairs in (pairs_a, pairs_b):
        n, x, y = len(pairs), sum(x for x, _ in pairs), sum(y for _, y in pairs)
        if n < 30 or x <= 0 or y <= 0:
            return None
        r = y / x
        sides.append(
            (r, float(Fraction(n, n - 1) * sum((y_ - r * x_) ** 2 for x_, y_ in pairs) / y**2))
        )
    (ra, va), (rb, vb) = sides
    log, half = math.log(rb / ra), 1.959964 * math.sqrt(va + vb)
    return float(rb / ra), math.exp(log - half), math.exp(log + half)


def on_side(row, key, per):
    """Whether a call has this value of the column or, for 'period', lies in this range of two
    moments, None where it is open."""
    if per != "period":
        return row["raw"][per] == key
    since, until = key
    start = row["timestamp"]
    return (since is None or start >= since) and (until is None or start <= until)


PERCENTILE_ROWS = (
    ("prompt_tokens", "prompt_tokens"),
    ("output_tokens", "completion_tokens"),
    ("ttft", "ttft"),
    ("tpot", "tpot_ms"),
    ("e2el", "latency_seconds"),
    ("normalized_latency", "normalized_latency_ms"),
)


def compare_stats(connection, first, second, per="model_id", p=0.5, since=None, until=None):
    """Rows of metric, calls, measured, a, b, ratio, interval, verdict. Shares see all calls in the
    range."""
    counted = [
        row
        for row in oracle.calls(connection, since, until)
        if not row["raw"]["is_warmup"] and not row["research"]
    ]
    sides = [[row for row in counted if on_side(row, key, per)] for key in (first, second)]
    answer = []

    def add(metric, measured, values, found):
        if not all(sides):
            verdict = "no calls"
        elif not all(measured):
            verdict = "not measured"
        elif found is None:
            verdict = "no interval"
        else:
            verdict = "b lower" if found[2] < 1 else "b higher" if found[1] > 1 else "not separable"
        answer.append(
            {
                "metric": metric,
                "calls": [len(side) for side in sides],
                "measured": measured,
                "values": values,
                "interval": found,
                "verdict": verdict,
            }
        )

    for metric, column in PERCENTILE_ROWS:
        values = [[row[column] for row in side if row[column] is not None] for side in sides]
        intervals = [oracle.quantile_ci(side, p) for side in values]
        add(
            metric,
            [len(side) for side in values],
            [interval[0] for interval in intervals],
            mover(*intervals) if all(values) else None,
        )
    methods = [
        collections.Counter(
            (row["energy_method"], row["energy_vendor"])
            for row in side
            if row["joules"] is not None
        )
        for side in sides
    ]
    shared = [m for m in methods[0] if m in methods[1]]
    best = min(
        shared, key=lambda m: (-methods[0][m] - methods[1][m], [t or "" for t in m]), default=None
    )
    energy = [
        [
            row
            for row in side
            if row["joules"] is not None and (row["energy_method"], row["energy_vendor"]) == best
        ]
        for side in sides
    ]
    for metric, pairs in (
        (
            "j_per_output_token",
            [
                [
                    (row["completion_tokens"], row["joules"])
                    for row in side
                    if row["completion_tokens"] is not None
                ]
                for side in energy
            ],
        ),
        ("j_per_request", [[(1, row["joules"]) for row in side] for side in energy]),
        (
            "usd_per_request",
            [
                [(1, Fraction(row["cost_usd"])) for row in side if row["cost_usd"] is not None]
                for side in sides
            ],
        ),
    ):
        values = [oracle.ratio(sum(y for _, y in side), sum(x for x, _ in side)) for side in pairs]
        add(metric, [len(side) for side in pairs], values, ratio_of_sums(*pairs))
    return answer
