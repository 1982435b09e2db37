"""Whether every table function agrees with plain SQL on what a connection sees at this moment.

`db` is a connection of any driver with execute(sql, values) that gives rows. The caller holds a transaction open, so that
both questions see the same rows.
"""

import math
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import EXTENSION, ROOT, case, catalogue, check, connect, run_cases, verdict  # noqa: E402, F401

# The plain SQL of every table function that sums up, and the arguments that it takes. (That of an export knows only
# the columns that it was written for.)
# What was measured expects a view `calls`, which a file that is only read cannot have.
CALLS = (ROOT / "sql" / "reference" / "parts" / "calls.sql").read_text().rstrip().rstrip(";")
LIMITS = {"ttft_ms": 500.0, "tpot_ms": 50.0, "e2el_ms": 5000.0}
REFERENCES, FUNCTIONS = {}, {}
for entry in catalogue("table"):
    path = ROOT / "sql" / "reference" / f"{entry.name}.sql"
    if path.exists() and not entry.gives_each_call:
        REFERENCES[entry.name] = path.read_text().replace("WITH counted AS", f"WITH calls AS ({CALLS}),\ncounted AS", 1)
        FUNCTIONS[entry.name] = [name for name in entry.arguments if f":{name}" in REFERENCES[entry.name]]


class Difference(Exception):
    pass


def rows(db, sql, values=()):
    return [tuple(row) for row in db.execute(sql, values)]


def compare(db, function, since=None, until=None, switch=None, n=5):
    """Compares one answer; returns how many values were compared."""
    values = {"since": since, "until": until, "current_methodology_only": switch, "exclude_warmup": switch, "n": n} | LIMITS
    names = FUNCTIONS[function]
    hidden = " AND ".join(f"{name} = :{name}" for name in names if values.get(name) is not None)
    got = rows(db, f"SELECT * FROM {function}" + (f" WHERE {hidden}" if hidden else ""), {n: values[n] for n in names if values.get(n) is not None})
    used = {name: values.get(name) for name in names}
    want = rows(db, REFERENCES[function], used)
    if len(got) != len(want):
        raise Difference(f"{function}: {len(got)} rows, plain SQL {len(want)}")
    for one, other in zip(got, want):
        for a, b in zip(one, other):
            if not agree(a, b):
                raise Difference(f"{function}({values}): {a!r:.200}, plain SQL {b!r:.200}")
    return len(got) * (len(got[0]) if got else 1)


def agree(a, b):
    """INTEGER and TEXT the same; a REAL within what plain sums of some ten thousand values may be off, JSON by its length alone (plain SQL
    prints 15 digits there)."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-9)
    if isinstance(a, str) and a.startswith("[") and isinstance(b, str):
        return a.count('"call_count"') == b.count('"call_count"')
    return type(a) is type(b) and a == b


def check_exact(db, since):
    """Sums over a stretch of time, to the last bit."""
    got = dict(rows(db, "SELECT model_id, total_energy_joules FROM model_stats WHERE since = :since", {"since": since}))
    parts = {}
    for model, joules in rows(db, "SELECT model_id, energy_joules FROM telemetry WHERE timestamp >= :since", {"since": since}):
        parts.setdefault(model, []).append(joules)
    want = {model: math.fsum(values) for model, values in parts.items()}
    if got != want:
        raise Difference(f"exact sums since {since}: {got} {want}")
    return len(got)


def check_all(db, since=None, functions=FUNCTIONS):
    compared = sum(compare(db, function) for function in functions)
    if since is not None:
        compared += sum(compare(db, function, since=since) for function in functions)
        compared += compare(db, "batch_stats", switch=1, since=since) + compare(db, "model_stats", switch=1) + check_exact(db, since)
    count, exported = rows(db, "SELECT record_count(), (SELECT count(*) FROM export_records)")[0]
    if not count == exported == rows(db, "SELECT count(*) FROM telemetry")[0][0]:
        raise Difference(f"record_count {count}, export_records {exported}")
    return compared + 2
