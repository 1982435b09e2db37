"""The figures that plain SQL cannot give exactly, computed naively: energy shares, usage,
comparison, traps.

Written from the definitions, for reading and not for speed: O(n^2), fractions where the definition
is exact. Every function takes a connection whose table `telemetry` is one of release 1.0.4. A row
is a dict of what sql/reference/parts/calls.sql says of a call (None: not measured), with the stored row
under "raw".
"""

import collections
import functools
import math
import pathlib
import random
import sqlite3
from fractions import Fraction

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLS = (ROOT / "sql" / "reference" / "parts" / "calls.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


def dicts(connection, sql, parameters=()):
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values)) for values in cursor]


def calls(connection, since=None, until=None):
    """The rows of calls.sql within the bounds, with their stored row and their energy share and
    joules."""
    stored = {row["id"]: row for row in dicts(connection, "SELECT * FROM telemetry")}
    rows = [dict(row, raw=stored[row["id"]]) for row in dicts(connection, CALLS)]
    rows = [
        row
        for row in rows
        if (since is None or row["timestamp"] >= since)
        and (until is None or row["timestamp"] <= until)
    ]
    for row in rows:
        row["research"] = is_research(row["raw"])
    add_shares(rows)
    return rows


def is_research(raw):
    return (
        raw["agent"] == "research"
        and raw["is_streaming"] == 1
        and raw["ttft"] == 0
        and raw["token_counting_version"] is None
    )


# Energy


def books_whole_device(row):
    raw = row["raw"]
    return not raw["power_watts"] > 0 or (
        row["energy_joules"] >= 0.5 * raw["power_watts"] * raw["latency_seconds"]
    )


def span(row):
    start = row["timestamp"]
    return Fraction(start), Fraction(start + row["raw"]["latency_seconds"])


def add_shares(rows):
    """share = integral over the call of dt / k(t) / latency, k the calls in flight in its lane."""
    for row in rows:
        row["energy_share"] = row["joules"] = None
    measured = [row for row in rows if row["energy_joules"] is not None]
    lanes = collections.defaultdict(list)
    for row in measured:
        if books_whole_device(row):
            lanes[row["energy_vendor"]].append(row)
    for row in measured:
        share = Fraction(1)
        if books_whole_device(row):
            begin, end = span(row)
            if end > begin:
                others = [span(other) for other in lanes[row["energy_vendor"]]]
                cuts = sorted(
                    {begin, end} | {t for pair in others for t in pair if begin < t < end}
                )
                total = Fraction(0)
                for left, right in zip(cuts, cuts[1:]):
                    in_flight = sum(b <= left and right <= e for b, e in others)
                    total += (right - left) / in_flight
                share = total / (end - begin)
        row["energy_share"] = share
        row["joules"] = Fraction(row["energy_joules"]) * share


def ratio(above, below):
    return float(Fraction(above) / Fraction(below)) if below else None


def energy_stats(connection, since=None, until=None, per="model_id"):
    """One dict per row of the function. Warm-up calls are in flight, but not counted."""
    counted = [row for row in calls(connection, since, until) if not row["raw"]["is_warmup"]]
    keys = collections.Counter(row["raw"][per] for row in counted)
    groups = collections.defaultdict(list)
    for row in counted:
        if row["joules"] is not None:
            groups[row["raw"][per], row["energy_method"], row["energy_vendor"]].append(row)
    for key in keys:
        if not any(group[0] == key for group in groups):
            groups[key, None, None] = []
    answer = []
    for (key, method, vendor), rows in groups.items():
        joules = sum((row["joules"] for row in rows), Fraction(0))
        with_output = [row for row in rows if row["completion_tokens"] is not None]
        with_total = [row for row in rows if row["total_tokens"] is not None]
        output = sum(row["completion_tokens"] for row in with_output)
        total = sum(row["total_tokens"] for row in with_total)
        busy = sum(
            (Fraction(row["raw"]["latency_seconds"]) * row["energy_share"] for row in rows),
            Fraction(0),
        )
        answer.append(
            {
                "key": key,
                "energy_method": method,
                "energy_vendor": vendor,
                "calls": keys[key],
                "measured_calls": len(rows),
                "booked_joules": (
                    float(sum(Fraction(row["energy_joules"]) for row in rows)) if rows else None
                ),
                "joules": float(joules) if rows else None,
                "output_tokens": output if with_output else None,
                "total_tokens": total if with_total else None,
                "j_per_output_token": ratio(sum(row["joules"] for row in with_output), output),
                "j_per_total_token": ratio(sum(row["joules"] for row in with_total), total),
                "j_per_request": ratio(joules, len(rows)),
                "mean_watts": ratio(joules, busy),
            }
        )
    order = lambda text: (text is not None, text or "")
    return sorted(
        answer,
        key=lambda a: (
            -a["calls"],
            order(a["key"]),
            order(a["energy_method"]),
            order(a["energy_vendor"]),
        ),
    )


def energy_simulation(seed, mean_concurrency, power, count=600, answer=energy_stats):
    """Poisson arrivals on one device that draws power(k) watts with k calls in flight, each call
    booking all of it.

    Gives (true joules, booked joules, joules by share) while at least one call is in flight; the
    last two as `answer` has them.
    """
    r = random.Random(seed)
    connection = sqlite3.connect(":memory:")
    connection.executescript((ROOT / "sql" / "schema.sql").read_text(encoding="utf-8"))
    start, spans = 1790000000.0, []
    for _ in range(count):
        start += r.expovariate(mean_concurrency / 2.0)
        latency = r.expovariate(1 / 2.0)
        spans.append((start, latency, start + latency))
    edges = sorted({t for begin, _, end in spans for t in (begin, end)})
    pieces = [
        (a, b, power(k))
        for a, b in zip(edges, edges[1:])
        for k in [sum(begin <= a and b <= end for begin, _, end in spans)]
        if k
    ]
    true = sum((b - a) * watts for a, b, watts in pieces)
    for begin, latency, end in spans:
        booked = sum((b - a) * watts for a, b, watts in pieces if begin <= a and b <= end)
        connection.execute(
            "INSERT INTO telemetry(timestamp, model_id, latency_seconds, energy_joules,"
            " power_watts, energy_method, energy_vendor)"
            " VALUES (?, 'm', ?, ?, ?, 'hw_counter', 'nvidia')",
            (begin, latency, booked, booked / latency),
        )
    (row,) = answer(connection)
    return true, row["booked_joules"], row["joules"]


# Percentiles


def quantile(values, p):
    """Linear between the two ranks around p * (n - 1)."""
    values = sorted(values)
    if not values:
        return None
    h = p * (len(values) - 1)
    i = int(h)
    if h == i or values[i] == values[i + 1]:
        return values[i]
    return values[i] + (values[i + 1] - values[i]) * (h - i)


def guarded(values, p):
    """A percentile above the median only where the sample bounds it from above with 95 %."""
    return quantile(values, p) if values and (p <= 0.5 or 1 - p ** len(values) >= 0.95) else None


@functools.lru_cache(None)
def ranks(n, p, confidence):
    """The ranks, from 1, of the interval's ends by exact binomial sums; None: there is none."""
    exact, tail = Fraction(p), (1 - Fraction(confidence)) / 2
    below, total = [], Fraction(0)  # below[k] = P(B <= k)
    for k in range(n + 1):
        total += math.comb(n, k) * exact**k * (1 - exact) ** (n - k)
        below.append(total)
    lows = [r for r in range(1, n + 1) if below[r - 1] <= tail]
    highs = [r for r in range(1, n + 1) if below[r - 1] >= 1 - tail]
    return lows[-1] if lows else None, highs[0] if highs else None


def quantile_ci(values, p, confidence=0.95):
    """(value, low, high): order statistics."""
    values = sorted(values)
    if not values:
        return None, None, None
    low, high = ranks(len(values), p, confidence)
    return quantile(values, p), low and values[low - 1], high and values[high - 1]


# Usage


def usage_stats(connection, width, since=None, until=None, per=None, now=4102444800.0):
    """Buckets of `width` seconds from 1970 on, each key in each of them."""
    rows = [
        row
        for row in calls(connection, since, until)
        if 1672531200 <= row["timestamp"] <= now + 86400
    ]
    if not rows:
        return []
    key_of = lambda row: row["raw"][per] if per else None
    begin = since if since is not None else min(row["timestamp"] for row in rows)
    end = until if until is not None else max(row["timestamp"] for row in rows)
    keys = sorted({key_of(row) for row in rows}, key=lambda key: (key is not None, key or ""))
    answer = []
    for number in range(math.floor(begin / width), math.floor(end / width) + 1):
        for key in keys:
            left, right = Fraction(number * width), Fraction((number + 1) * width)
            of_key = [row for row in rows if key_of(row) == key]
            started = [row for row in of_key if left <= Fraction(row["timestamp"]) < right]
            spans = [(max(b, left), min(e, right)) for b, e in map(span, of_key)]
            spans = [(b, e) for b, e in spans if b < e]
            busy, seconds, peak = Fraction(0), sum((e - b for b, e in spans), Fraction(0)), 0
            cuts = sorted({t for pair in spans for t in pair})
            for a, b in zip(cuts, cuts[1:]):
                in_flight = sum(x <= a and b <= y for x, y in spans)
                busy += (b - a) if in_flight else 0
                peak = max(peak, in_flight)
            of = lambda column: [row[column] for row in started if row[column] is not None]
            latencies = of("latency_seconds")
            output = of("completion_tokens")
            answer.append(
                {
                    "start": number * width,
                    "key": key,
                    "calls": len(started),
                    "prompt_calls": len(of("prompt_tokens")),
                    "priced_calls": len(of("cost_usd")),
                    "energy_calls": len(of("energy_joules")),
                    "prompt_tokens": sum(of("prompt_tokens")) if of("prompt_tokens") else None,
                    "output_tokens": sum(output) if output else None,
                    "cost_usd": (
                        float(sum(map(Fraction, of("cost_usd")))) if of("cost_usd") else None
                    ),
                    "joules": float(sum(of("joules"))) if of("joules") else None,
                    "e2el_p50": guarded(latencies, 0.5),
                    "e2el_p95": guarded(latencies, 0.95),
                    "busy_seconds": float(busy) if spans else None,
                    "output_tok_per_s": ratio(sum(output), busy) if output else None,
                    "mean_concurrency": ratio(seconds, busy),
                    "peak_concurrency": peak if spans else None,
                }
            )
    return answer
