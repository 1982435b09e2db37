"""What is asked, and how each contestant is asked it.

A question names columns once; the spellings for SQLite, DuckDB, pandas and OpenJarvis follow from that. Every contestant returns
rows under the same column names, so that the runner can check that all gave the same answer.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from generate import SPAN, START

# What a person would type for the same answer. Apart from sql/reference, which is the tests' oracle and may change
# for reasons that have nothing to do with speed.
PLAIN_SQL = Path(__file__).resolve().parent / "plain"

TOKENS = [("SUM", "total_tokens", "total_tokens")]
MODEL_TOKENS = TOKENS + [
    ("SUM", name, name) for name in ("prompt_tokens", "completion_tokens", "prompt_tokens_evaluated")
]
REALS = [
    ("SUM", "latency_seconds", "total_latency"), ("AVG", "latency_seconds", "avg_latency"),
    ("SUM", "cost_usd", "total_cost"), ("AVG", "ttft", "avg_ttft"),
    ("SUM", "energy_joules", "total_energy_joules"),
    ("AVG", "gpu_utilization_pct", "avg_gpu_utilization_pct"),
    ("AVG", "throughput_tok_per_sec", "avg_throughput_tok_per_sec"),
    ("AVG", "tokens_per_joule", "avg_tokens_per_joule"),
    ("AVG", "energy_per_output_token_joules", "avg_energy_per_output_token_joules"),
    ("AVG", "throughput_per_watt", "avg_throughput_per_watt"),
    ("SUM", "prefill_energy_joules", "total_prefill_energy_joules"),
    ("SUM", "decode_energy_joules", "total_decode_energy_joules"),
    ("AVG", "mean_itl_ms", "avg_mean_itl_ms"), ("AVG", "median_itl_ms", "avg_median_itl_ms"),
    ("AVG", "p95_itl_ms", "avg_p95_itl_ms"),
    ("SUM", "ane_energy_joules", "total_ane_energy_joules"),
    ("SUM", "soc_energy_joules", "total_soc_energy_joules"),
]
# Columns that add up to the same figure in every answer: the runner compares them.
CHECKED = ("call_count", "total_calls", "total_requests", "total_tokens", "total_energy_joules", "figure")


@dataclass(frozen=True)
class Question:
    """`ours`, `plain` and `duckdb` are SQL; None where a contestant has no such thing."""

    name: str
    ours: str
    plain: str | None
    duckdb: str | None
    # pandas: the columns to read, then what worker.py calls it
    columns: tuple = ()
    pandas: str | None = None
    # the method of OpenJarvis's TelemetryAggregator
    peer: str | None = None
    since: float | None = None
    index: bool = False
    batch_size: int = 64
    setup: str = ""
    # DuckDB in the simplest form, where `duckdb` is a better one
    duckdb_simple: tuple = ()
    # the floor's SQL where it can not be read off a trace of our own scan
    floor: str | None = None
    has_floor: bool = True
    stream: bool = False

    @property
    def label(self):
        extent = "" if self.since is None else f", last {share_of(self.since):.0%}"
        return self.name + extent + (", indexed" if self.index else "")


def since_for(share):
    """The start of the last `share` of the ninety days."""
    return START + SPAN * (1 - share)


def share_of(since):
    return 1 - (since - START) / SPAN


def plain_sql(name):
    return (PLAIN_SQL / f"{name}.sql").read_text().strip().rstrip(";")


def narrowed(sql, since):
    """Leaves out what was not given: `:since IS NULL OR` would keep SQLite from an index on timestamp."""
    keep = "TRUE" if since is None else f"timestamp >= {since!r}"
    sql = sql.replace("(:since IS NULL OR timestamp >= :since)", keep)
    sql = sql.replace("(:until IS NULL OR timestamp <= :until)", "TRUE")
    sql = re.sub(r"\(COALESCE\(:\w+, 0\) = 0 OR \w+ = \d\)", "TRUE", sql)
    sql = re.sub(r"\s+AND TRUE\b", "", sql)
    sql = re.sub(r"\bTRUE\s+AND ", "", sql)
    sql = re.sub(r"WHERE TRUE\b", "", sql)
    if ":" in re.sub(r"'[^']*'", "", sql):
        raise SystemExit(f"benches/questions.py no longer knows the parameters of benches/plain:\n{sql}")
    return sql


def measures(columns):
    return ", ".join(f"{how}({column}) AS {alias}" for how, column, alias in columns)


def source_columns(*lists):
    """Each column once, in order."""
    return tuple(dict.fromkeys(column for columns in lists for _, column, _ in columns))


def grouped(key, columns):
    return f"SELECT {key}, COUNT(*) AS call_count, {measures(columns)} FROM telemetry GROUP BY {key} ORDER BY call_count DESC"


# One scan for both groupings, which is the best that DuckDB can do; the dozen rows left are added up outside the timing.
GROUPING_SETS = (
    f"SELECT model_id, engine, COUNT(*) AS call_count, {measures(MODEL_TOKENS + REALS)} FROM telemetry "
    "GROUP BY GROUPING SETS ((model_id), (engine))"
)
BATCHES = (
    "SELECT batch_id, COUNT(*) AS total_requests, SUM(prompt_tokens + completion_tokens) AS total_tokens, "
    "SUM(energy_joules) AS total_energy_joules FROM telemetry WHERE batch_id <> '' GROUP BY batch_id ORDER BY total_requests DESC"
)

SUMMARY = Question(
    "summary", "SELECT * FROM aggregated_stats()", plain_sql("aggregated_stats"), GROUPING_SETS,
    ("model_id", "engine", *source_columns(MODEL_TOKENS, REALS)), "summary", "summary",
    duckdb_simple=(grouped("model_id", MODEL_TOKENS + REALS), grouped("engine", TOKENS + REALS)),
)
BY_MODEL = Question(
    "by model", "SELECT * FROM model_stats()", plain_sql("model_stats"), grouped("model_id", MODEL_TOKENS + REALS),
    ("model_id", *source_columns(MODEL_TOKENS, REALS)), "by_model", "per_model_stats",
)
BY_ENGINE = Question(
    "by engine", "SELECT * FROM engine_stats()", plain_sql("engine_stats"), grouped("engine", TOKENS + REALS),
    ("engine", *source_columns(TOKENS, REALS)), "by_engine", "per_engine_stats",
)
BY_BATCH = Question(
    "by batch", "SELECT * FROM batch_stats()", plain_sql("batch_stats"), BATCHES,
    ("batch_id", "prompt_tokens", "completion_tokens", "energy_joules"), "by_batch", "per_batch_stats",
)
BY_BATCH_OF_ONE = replace(BY_BATCH, name="by batch of one call", batch_size=1)

TWO_COLUMNS_PLAIN = (
    "SELECT model_id, SUM(energy_joules) AS total_energy_joules FROM telemetry GROUP BY model_id ORDER BY COUNT(*) DESC"
)
TWO_COLUMNS = Question(
    "two columns by model", "SELECT model_id, total_energy_joules FROM model_stats()", TWO_COLUMNS_PLAIN, TWO_COLUMNS_PLAIN,
    ("model_id", "energy_joules"), "two_columns",
)

# A price list of a thousand names, of which twelve are in use.
WANTED = """
CREATE TEMP TABLE wanted AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 987)
SELECT 'unused-' || i AS model_id FROM n UNION ALL SELECT * FROM (SELECT DISTINCT model_id FROM telemetry);
"""
JOINED = "SELECT COUNT(*) AS figure, SUM(call_count) AS call_count, SUM(s.total_energy_joules) AS total_energy_joules FROM wanted LEFT JOIN {} AS s USING (model_id)"
JOINED_PLAIN = JOINED.format(
    "(SELECT model_id, COUNT(*) AS call_count, SUM(energy_joules) AS total_energy_joules FROM telemetry GROUP BY model_id)"
)
JOIN = Question(
    "left join from 1,000 rows", JOINED.format("model_stats()"), JOINED_PLAIN, JOINED_PLAIN,
    ("model_id", "energy_joules"), "join", setup=WANTED,
)


def aggregate(name, call, builtin, columns, pandas, shape="{}"):
    """An aggregate of ours beside the built-ins that compute the same; `shape` is the statement around it."""
    arguments = re.search(r"\(.*\)", call).group(0)
    return Question(
        name, shape.format(f"{call}"), shape.format(builtin), shape.format(builtin), columns, pandas,
        floor=shape.format(f"scan_floor{arguments}"),
    )


PLAIN = "SELECT {} AS figure FROM telemetry"
GROUPED = "SELECT model_id, {} AS figure FROM telemetry GROUP BY model_id"
ENERGY = ("energy_per_token(energy_joules, completion_tokens)", "SUM(energy_joules) / SUM(completion_tokens)")
ITL = ("avg_itl(mean_itl_ms)", "AVG(mean_itl_ms)")


def sliding(call):
    over = " OVER (ORDER BY id ROWS 99 PRECEDING)"
    spread = re.sub(r"\w+\([^)]*\)", lambda m: m.group(0) + over, call)
    return f"SELECT TOTAL(figure) AS figure FROM (SELECT {spread} AS figure FROM telemetry)"


def window(name, pair, columns, pandas):
    ours, builtin = map(sliding, pair)
    # scan_floor is no window function, and a window costs what SQLite's machinery costs: the built-in is the yardstick.
    duckdb = builtin.replace("TOTAL(", "SUM(")
    return Question(name, ours, builtin, duckdb, columns, pandas, has_floor=False)


AGGREGATES = [
    aggregate("energy_per_token", *ENERGY, ("energy_joules", "completion_tokens"), "energy", PLAIN),
    aggregate("avg_itl", *ITL, ("mean_itl_ms",), "itl", PLAIN),
    aggregate("energy_per_token, GROUP BY", *ENERGY, ("model_id", "energy_joules", "completion_tokens"), "energy_grouped", GROUPED),
    aggregate("avg_itl, GROUP BY", *ITL, ("model_id", "mean_itl_ms"), "itl_grouped", GROUPED),
    window("energy_per_token, window of 100", ENERGY, ("id", "energy_joules", "completion_tokens"), "energy_window"),
    window("avg_itl, window of 100", ITL, ("id", "mean_itl_ms"), "itl_window"),
]

EXPORT = Question(
    "export", "SELECT record FROM export_records()", plain_sql("export_records"),
    "SELECT to_json(t) FROM telemetry AS t ORDER BY timestamp", ("*",), "export", "export_records",
    has_floor=False, stream=True,
)

STATISTICS = [SUMMARY, BY_MODEL, BY_ENGINE, BY_BATCH, BY_BATCH_OF_ONE]
WHOLE_TABLE = [*STATISTICS, TWO_COLUMNS, JOIN, *AGGREGATES, EXPORT]


def ranges():
    """Every statistic over 1 % and 10 % of the time, without and with an index on timestamp."""
    for question in STATISTICS:
        for index in (False, True):
            for share in (0.01, 0.10):
                yield bounded(replace(question, index=index), since_for(share))


def bounded(question, since):
    condition = f"timestamp >= {since!r}"
    where = f"FROM telemetry WHERE {condition}"
    duckdb = question.duckdb.replace("FROM telemetry WHERE", f"{where} AND")
    if where not in duckdb:
        duckdb = duckdb.replace("FROM telemetry", where)
    ours = question.ours.replace("()", f"({since!r})")
    return replace(question, since=since, ours=ours, duckdb=duckdb, duckdb_simple=())
