"""What jarvis-stats can be asked: one entry a question.

SQL has the parameters :since and :until (Unix seconds or NULL) and those of the entry's own
arguments and options, NULL where not given. An entry whose table function the loaded library lacks
is not offered. `show` picks, names and rounds columns for a terminal, an empty cell being a figure
that no call has: there telemetry writes 0. Without it all columns are shown as they are.
"""

from typing import NamedTuple


class Question(NamedTuple):
    name: str
    help: str
    sql: str
    arguments: tuple = ()  # must be given, in this order
    options: tuple = ()  # of OPTIONS
    needs: str = ""  # a table function
    show: tuple = ()  # (column, heading, decimals; None: the number as it stands)
    title: str = ""  # in the report
    report: int = 0  # rows of it in the report
    head: tuple = ()  # asked alone each row is a paragraph: parts of its first line
    explained: tuple = ()  # and (column, label) of the lines below


OPTIONS = {
    "n": ("-n", int, "N", "at most N rows"),
    "per": ("--per", str, "COLUMN", "by this column, or 'none'"),
    "step": ("--step", str, "WIDTH", "buckets of this width: '1 hour', '1 week'"),
    "p": ("--percentile", float, "P", "the percentile compared, from 0 to 1"),
    "ttft": ("--ttft", float, "MS", "limit of the time to the first token"),
    "tpot": ("--tpot", float, "MS", "limit of the time per token after the first"),
    "e2el": ("--e2el", float, "MS", "limit of the whole call"),
}

WITHIN = "timestamp >= coalesce(:since, -9e999) AND timestamp <= coalesce(:until, 9e999)"

SUMMARY = f"""
SELECT total_calls, first_call, last_call, total_tokens, total_latency / 3600 AS hours_of_calls,
  total_energy_joules / 3.6e6 AS energy_kwh, total_cost AS cost_usd,
  iif(first_call IS NULL, '', date(first_call) || ' to ' || date(last_call)) AS period
FROM aggregated_stats(:since, :until), (
  SELECT datetime(min(timestamp), 'unixepoch') AS first_call,
    datetime(max(timestamp), 'unixepoch') AS last_call
  FROM telemetry WHERE {WITHIN} AND timestamp BETWEEN 1672531200 AND 4102444800)"""

MODELS = "SELECT * FROM model_stats(:since, :until)"

SPEED = """
SELECT key, max(calls) AS calls,
  max(measured) FILTER (WHERE metric = 'ttft') AS streamed,
  max(p50) FILTER (WHERE metric = 'ttft') AS ttft_p50_s,
  max(p95) FILTER (WHERE metric = 'ttft') AS ttft_p95_s,
  max(p50) FILTER (WHERE metric = 'tpot') AS tpot_p50_ms,
  max(p95) FILTER (WHERE metric = 'tpot') AS tpot_p95_ms,
  max(measured) FILTER (WHERE metric = 'e2el') AS measured,
  max(p50) FILTER (WHERE metric = 'e2el') AS e2el_p50_s,
  max(p95) FILTER (WHERE metric = 'e2el') AS e2el_p95_s,
  max(p99) FILTER (WHERE metric = 'e2el') AS e2el_p99_s
FROM latency_stats(:since, :until, :per) GROUP BY key
ORDER BY calls DESC, key LIMIT coalesce(:n, -1)"""

DOCTOR = """
SELECT *, 100 * share AS percent
FROM telemetry_doctor(:since, :until) LIMIT coalesce(:n, -1)"""

DAYS = f"""
SELECT date(timestamp, 'unixepoch') AS day, count(*) AS calls,
  sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens,
  sum(cost_usd) AS cost_usd, sum(energy_joules) AS energy_joules
FROM telemetry WHERE {WITHIN} GROUP BY day ORDER BY day"""

LATENCY = (("avg_latency", "latency, s", 2), ("avg_ttft", "TTFT, s", 3),
           ("avg_throughput_tok_per_sec", "tokens/s", 1))

MODEL_COLUMNS = (
    ("model_id", "model", 0), ("call_count", "calls", 0), ("total_tokens", "tokens", 0), *LATENCY,
    ("avg_mean_itl_ms", "ITL, ms", 1), ("total_energy_joules", "joules", 1),
    ("total_cost", "USD", 4))

QUESTIONS = (
    Question(
        "summary", "calls, tokens, hours, energy and cost of all calls", SUMMARY,
        show=(("total_calls", "calls", 0), ("period", "period", 0), ("total_tokens", "tokens", 0),
              ("hours_of_calls", "hours of calls", 2), ("energy_kwh", "booked, kWh", 3),
              ("cost_usd", "cost, USD", 2)),
        title="Overall", report=1),
    Question(
        "models", "speed, tokens, energy and cost by model", MODELS + " LIMIT coalesce(:n, -1)",
        options=("n",), show=MODEL_COLUMNS, title="By model (the first 25)", report=25),
    Question(
        "top", "the five most used models (-n for more)", MODELS + " LIMIT coalesce(:n, 5)",
        options=("n",), show=MODEL_COLUMNS),
    Question(
        "speed", "a line per model: percentiles of TTFT, TPOT and whole calls (--per)", SPEED,
        options=("per", "n"), needs="latency_stats",
        show=(("key", "key", 0), ("streamed", "streamed", 0), ("ttft_p50_s", "TTFT p50, s", 3),
              ("ttft_p95_s", "p95, s", 3), ("tpot_p50_ms", "TPOT p50, ms", 1),
              ("tpot_p95_ms", "p95, ms", 1), ("measured", "measured", 0),
              ("e2el_p50_s", "latency p50, s", 2), ("e2el_p95_s", "p95, s", 2),
              ("e2el_p99_s", "p99, s", 2)),
        title="Speed of the calls that were measured, by model (the first 25)", report=25),
    Question(
        "energy", "joules per output token and request, none counted twice (--per)",
        "SELECT * FROM energy_stats(:since, :until, :per) LIMIT coalesce(:n, -1)",
        options=("per", "n"), needs="energy_stats",
        show=(("key", "key", 0), ("energy_method", "method", 0),
              ("measured_calls", "measured", 0), ("booked_joules", "joules booked", 1),
              ("joules", "joules split", 1), ("j_per_output_token", "J/output token", 3),
              ("j_per_request", "J/request", 1), ("mean_watts", "watts", 1)),
        title="Energy that was measured, by model and instrument (the first 25)", report=25),
    Question(
        "engines", "calls, speed, tokens, energy and cost by engine", "SELECT * FROM engine_stats(:since, :until)",
        show=(("engine", "engine", 0), ("call_count", "calls", 0), ("total_tokens", "tokens", 0),
              *LATENCY, ("avg_gpu_utilization_pct", "GPU, %", 1),
              ("total_energy_joules", "joules", 1),
              ("total_prefill_energy_joules", "joules in prefill", 1), ("total_cost", "USD", 4)),
        title="By engine", report=-1),
    Question(
        "batches", "energy by batch, without warm-up, most first",
        "SELECT * FROM batch_stats(:since, :until, 1) "
        "ORDER BY total_energy_joules DESC, batch_id LIMIT coalesce(:n, -1)",
        options=("n",),
        show=(("batch_id", "batch", 0), ("total_requests", "requests", 0),
              ("total_tokens", "tokens", 0), ("total_energy_joules", "joules", 1),
              ("energy_per_token_joules", "J/token, prompt and answer", 4)),
        title="By batch, without warm-up: the ten that took most energy", report=10),
    Question(
        "usage", "calls, tokens, cost and joules by day (--step, --per)",
        "SELECT start_utc, key, calls, prompt_tokens, output_tokens, cost_usd, joules, "
        "e2el_p50, e2el_p95, busy_seconds, output_tok_per_s, mean_concurrency, peak_concurrency "
        "FROM usage_stats(:since, :until, :step, :per)",
        options=("step", "per"), needs="usage_stats"),
    Question(
        "days", "calls, tokens, cost and joules by day (UTC)", DAYS,
        show=(("day", "day", 0), ("calls", "calls", 0), ("prompt_tokens", "prompt tokens", 0),
              ("completion_tokens", "completion tokens", 0), ("cost_usd", "USD", 4),
              ("energy_joules", "joules", 1))),
    Question(
        "latency", "all of TTFT, TPOT, ITL, whole calls and normalized latency by model (--per)",
        "SELECT * FROM latency_stats(:since, :until, :per)", options=("per",),
        needs="latency_stats"),
    Question(
        "goodput", "share of calls within --ttft, --tpot, --e2el milliseconds",
        "SELECT * FROM goodput(:ttft, :tpot, :e2el, :since, :until, :per)",
        options=("ttft", "tpot", "e2el", "per"), needs="goodput"),
    Question(
        "compare", "two models, A and B, with the interval of their ratio (--per, --percentile)",
        "SELECT * FROM compare_stats(:a, :b, :per, :p, :since, :until)",
        arguments=("a", "b"), options=("per", "p"), needs="compare_stats"),
    Question(
        "doctor", "traps in the data: what bends an average, and what to do about it",
        DOCTOR, options=("n",), needs="telemetry_doctor",
        show=(("severity", "severity", 0), ("trap", "trap", 0), ("calls", "calls", 0),
              ("percent", "of all, %", 1), ("first_id", "first id", None)),
        title="What is wrong with the data: the worst ten; jarvis-stats doctor says why",
        report=10,
        head=("{severity:<5}  {trap}: rows {calls:,}", "{percent:.1f} % of all",
              "first id {first_id}"),
        explained=(("why", "why"), ("advice", "do"), ("where_sql", "WHERE"))),
    Question(
        "export", "every call as a line of JSON, oldest first",
        "SELECT record FROM export_records(:since, :until)"),
)
