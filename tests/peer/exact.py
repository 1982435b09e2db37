"""The contract's arithmetic without rounding on the way: the yardstick to the last bit.

Every figure is computed exactly from the raw rows, in whole numbers. Each also carries how far a naive sum, as
SQLite's SUM and AVG (before 3.43) and the peer make, may lie from it: adding n doubles one after the other errs by at
most (n - 1) u sum|x| to first order, u = 2**-53, and the division adds u |mean|. NAIVE doubles that bound, so that the
terms of second order and the products of the peer's weighted averages are covered too.
"""

import functools
import math
import re
import sqlite3
from dataclasses import dataclass

NAIVE = 2.0**-52
INT64 = range(-(2**63), 2**63)
WHOLE_NUMBER = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+[ \t\n\v\f\r]*\Z")

_sqlite = sqlite3.connect(":memory:")
_prefix = {}


def number(value):
    """What SUM adds for a value: an int, a float, or None for NULL; text and BLOBs are their leading number."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and WHOLE_NUMBER.match(value) and int(value) in INT64:
        return int(value)
    if value not in _prefix:
        _prefix[value] = _sqlite.execute("SELECT CAST(? AS REAL)", (value,)).fetchone()[0]
    return _prefix[value]


@dataclass
class Figure:
    value: object  # int or float; OVERFLOW where the answer is an error
    slack: float = 0.0  # how far a naive computation may be off
    rounding: float = 0.0  # how far ours may be off: 0, to the last bit, wherever the contract fixes the arithmetic
    mixed_infinities: bool = False  # the sum is NaN, counted as 0.0


OVERFLOW = "integer overflow"


class Sum:
    """An exact sum of ints and floats, infinities by IEEE. Whole multiples of 2**-1074, the smallest double."""

    def __init__(self, values):
        values = [v for v in values if v is not None]
        self.count = len(values)
        self.all_int = all(isinstance(v, int) for v in values)
        special = [v for v in values if isinstance(v, float) and not math.isfinite(v)]
        self.special = sum(special) if special else None
        scaled = [scale(v) for v in values if isinstance(v, int) or math.isfinite(v)]
        self.exact = sum(scaled)
        self.magnitude = rounded(sum(map(abs, scaled)), SMALLEST)

    def over(self, divisor):
        """The exact quotient by a whole number, rounded once."""
        return rounded(self.exact, SMALLEST * divisor) if self.special is None else self.special

    def rounded(self):
        return self.over(1)

    @property
    def slack(self):
        return self.count * NAIVE * self.magnitude


SMALLEST = 1 << 1074


@functools.lru_cache(maxsize=1 << 20)
def scale(value):
    numerator, denominator = value.as_integer_ratio()
    return numerator * (SMALLEST // denominator)


def rounded(numerator, denominator):
    """The nearest double (Python divides whole numbers correctly rounded), infinity past the largest."""
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def zero_for_nan(value):
    return 0.0 if math.isnan(value) else value


def tokens(values):
    s = Sum(values)
    if s.all_int:
        whole = s.exact // SMALLEST
        return Figure(whole if whole in INT64 else OVERFLOW)
    return total(values)


def total(values):
    s = Sum(values)
    return Figure(zero_for_nan(s.rounded()), s.slack, mixed_infinities=math.isnan(s.rounded()))


def mean(values):
    s = Sum(values)
    if s.count == 0:
        return Figure(0.0)
    value = zero_for_nan(s.rounded() / s.count)
    return Figure(value, s.slack / s.count + NAIVE * abs(value))


COUNTERS = {"tokens": tokens, "total": total, "mean": mean}


def group_key(value):
    """Keys are compared as values: NULL, numbers, text byte by byte, BLOBs; this orders them as SQLite does."""
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    if isinstance(value, str):
        return (2, value.encode("utf-8", "surrogateescape"))
    return (3, value)


def grouped(rows, key, rules):
    """One dict of Figures per key, highest count first, ties by key ascending."""
    groups = {}
    for row in rows:
        groups.setdefault(group_key(row[key]), []).append(row)
    answers = []
    for k, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        answer = {"key": k, "rows": members, "call_count": Figure(len(members))}
        for name, (how, column) in rules.items():
            answer[name] = COUNTERS[how]([number(row[column]) for row in members])
        answers.append(answer)
    return answers


def batches(rows):
    answers = grouped(
        [row for row in rows if row["has_batch"]], "batch_id",
        {"total_tokens": ("tokens", "both_tokens"), "total_energy_joules": ("total", "energy_joules")},
    )
    for answer in answers:
        answer["total_requests"] = answer.pop("call_count")
        energy, count = answer["total_energy_joules"], answer["total_tokens"]
        if count.value == OVERFLOW:
            answer["energy_per_token_joules"] = Figure(OVERFLOW)
            continue
        ratio = zero_for_nan(energy.value / count.value) if count.value > 0 else 0.0
        slack = math.inf  # where a naive sum of the tokens may come out on the other side of 0
        if abs(count.value) > count.slack:
            least = abs(count.value) - count.slack
            slack = (energy.slack + abs(ratio) * count.slack) / least + NAIVE * abs(ratio)
        elif count.value == 0 == count.slack:
            slack = 0.0
        answer["energy_per_token_joules"] = Figure(ratio, slack)
    return answers


def summary(models, rules, totals, means):
    """The models together. A model whose own total is NaN counts as 0.0 here too, as it does for the peer."""
    calls = sum(m["call_count"].value for m in models)
    answer = {"total_calls": Figure(calls)}
    for name in ("total_tokens", *totals):
        how, column = rules[name]
        answer[name] = COUNTERS[how]([
            number(row[column]) for m in models if not m[name].mixed_infinities for row in m["rows"]])
    for name in means:
        # call counts are small whole numbers: repeating a mean that often is its exact product
        weighted = Sum([m[name].value for m in models for _ in range(m["call_count"].value)])
        if calls == 0:
            answer[name] = Figure(0.0)
            continue
        slack = sum(m[name].slack * m["call_count"].value for m in models) / calls
        rounding = (len(models) + 2) * NAIVE * weighted.magnitude / calls
        answer[name] = Figure(zero_for_nan(weighted.over(calls)), slack + rounding, rounding)
    return answer
