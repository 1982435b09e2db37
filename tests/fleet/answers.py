"""What one file with all rows answers, and whether a fleet's answer is that."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parent / "peer")]
import contract  # noqa: E402
from lib import ROOT, check, connect  # noqa: E402

# Half a bucket of a sketch, and the rounding of the interpolation.
SKETCH = 0.005417
LEVELS = {"p50": (0.5, 1), "p90": (0.9, 29), "p95": (0.95, 59), "p99": (0.99, 299)}
WEIGHTED = {name: rule for name, rule in contract.MODEL.items() if name in contract.SUMMARY_MEANS}
SUMMARY = {name: contract.MODEL[name] for name in ("total_tokens", *contract.SUMMARY_TOTALS)}
# view -> function, its key, what its columns are made of
VIEWS = {
    "fleet_models": ("model_stats", "model_id", contract.MODEL),
    "fleet_engines": ("engine_stats", "engine", contract.ENGINE),
    "fleet_summary": ("aggregated_stats", "NULL", {**SUMMARY, **WEIGHTED}),
}


class Merged:
    def __init__(self, path):
        self.db = connect(f"{path}")
        calls = (ROOT / "sql/reference/parts/calls.sql").read_text()
        self.db.execute(f"CREATE TEMP VIEW calls AS {calls.rstrip().removesuffix(';')}")

    def magnitudes(self, key, rules, only_current):
        """For each key and column, what a sum of doubles may be wrong by, without 1e-12."""
        terms = [f"total(abs({column})) / {'count(*)' if how == contract.MEAN else '1'}"
                 for how, column in rules.values()]
        where = "WHERE token_counting_version = 2" if only_current else ""
        rows = self.db.execute(
            f"SELECT {key}, {', '.join(terms)} FROM telemetry {where} GROUP BY 1").fetchall()
        return {row[0]: dict(zip(rules, row[1:])) for row in rows}

    def compare(self, what, view, names, rows, only_current=0):
        """Counts and tokens exactly, the rest to 1e-12, rows in the same order."""
        function, key, rules = VIEWS[view]
        cursor = self.db.execute(
            f"SELECT {', '.join(names)} FROM {function}(NULL, NULL, {only_current})")
        expected = cursor.fetchall()
        every = [column[0] for column in self.db.execute(f"SELECT * FROM {function}").description]
        every = [name for name in every if name not in ("per_model", "per_engine")]
        check(names == every, f"{what}: columns of {view}: {names}")
        same_keys = key == "NULL" or [row[0] for row in rows] == [row[0] for row in expected]
        if not check(len(rows) == len(expected) > 0 and same_keys, f"{what}: keys of {view}"):
            return
        bounds = self.magnitudes(key, rules, only_current)
        for got, want in zip(rows, expected):
            bound = bounds[None if key == "NULL" else got[0]]
            for name, a, b in zip(names, got, want):
                if isinstance(b, float):
                    # Rounding of what is compared, where no double is added.
                    limit = 1e-12 * max(bound[name], abs(b))
                    check(abs(a - b) <= limit, f"{what}: {view}.{name} of {got[0]}: {a!r}, {b!r}")
                else:
                    check(a == b, f"{what}: {view}.{name} of {got[0]}: {a!r}, {b!r}")

    def percentiles(self, what, names, rows, bound=SKETCH):
        """Within `bound` of exact ones, of as many calls."""
        wanted = ["model_id", "latency", "measured", *LEVELS]
        check(names == wanted, f"{what}: columns of fleet_latency: {names}")
        columns = {"ttft": "c.ttft", "tpot": "c.tpot_ms", "e2el": "c.latency_seconds"}
        exact = {}
        for latency, column in columns.items():
            asked = ", ".join(f"quantile({column}, {p})" for p, _ in LEVELS.values())
            # parts/calls.sql leaves the twins out; the rest is latency_stats's rule 2
            for key, measured, *values in self.db.execute(f"""
                    SELECT c.model_id, count({column}), {asked}
                    FROM calls AS c JOIN telemetry AS t USING (id)
                    WHERE c.is_warmup = 0 AND NOT (t.agent = 'research' AND t.is_streaming = 1
                      AND t.ttft = 0 AND t.token_counting_version IS NULL)
                    GROUP BY 1 HAVING count({column}) > 0"""):
                exact[key, latency] = (measured, values)
        differing = {tuple(row[:2]) for row in rows} ^ set(exact)
        if not check(not differing, f"{what}: keys of fleet_latency: {differing}"):
            return
        for key, latency, measured, *got in rows:
            calls, values = exact[key, latency]
            check(measured == calls, f"{what}: calls with {latency} of {key}: {measured}, {calls}")
            for (name, (_, needed)), a, b in zip(LEVELS.items(), got, values):
                holds = a is None if calls < needed else abs(a - b) <= bound * abs(b)
                check(holds, f"{what}: {name} of {latency} of {key}: {a}, exactly {b}")
