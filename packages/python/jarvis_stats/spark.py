"""Many telemetry files in Spark 4: each is a partition, and answers for itself by partial_stats.

    from jarvis_stats import spark as jarvis
    jarvis.register(spark)
    spark.read.format("jarvis_stats").load("/fleet").createOrReplaceTempView("partials")
    jarvis.add_up(spark)  # views fleet_models, fleet_engines, fleet_summary
    spark.table("fleet_models").show()

The path is a folder (all *.db below it), a glob, or several of either, with commas or as a JSON
array. Workers open the files under the same path, read-only. Options:

    since, until   bounds, as partial_stats takes them ('-7 days'); 'now' is each worker's own
    source         the table or view, 'telemetry' by default
    rows           what a row is. 'partials', the default: those of partial_stats, after the file;
                   'buckets': those of their sketches, for percentiles where the extension is not;
                   'files': every file with its calls, its bytes and why it could not be read
    on_error       of a file that is missing, locked or no telemetry database: 'fail', the default,
                   ends the job with the reason; 'skip' leaves it out and logs a warning

A schema of fewer columns, as in `.schema("model_id STRING, call_count BIGINT")`, makes workers read
no more than these. Keys are text: a number or bytes for a model are shown as text.
"""

import glob
import json
import logging
import os
import re
import urllib.parse

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from .database import Database, Failure

KEYS = {"model_id": "STRING", "engine": "STRING", "current": "INT"}
SUMS = (
    "latency_seconds", "cost_usd", "ttft", "energy_joules", "gpu_utilization_pct",
    "throughput_tok_per_sec", "tokens_per_joule", "energy_per_output_token_joules",
    "throughput_per_watt", "prefill_energy_joules", "decode_energy_joules", "mean_itl_ms",
    "median_itl_ms", "p95_itl_ms", "ane_energy_joules", "soc_energy_joules",
)
EXTREMES = ("min_latency_seconds", "max_latency_seconds")
TOKENS = ("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_evaluated")
LATENCIES = ("ttft", "tpot", "e2el")
SKETCHES = {latency: f"{latency}_sketch" for latency in LATENCIES}
PARTIALS = {
    **KEYS, "call_count": "BIGINT", **{name: "DOUBLE" for name in SUMS},
    **{f"measured_{name}": "BIGINT" for name in SUMS},
    **{name: "DOUBLE" for name in EXTREMES}, **{name: "BIGINT" for name in TOKENS},
    **{name: "BINARY" for name in SKETCHES.values()},
}
SCHEMAS = {
    "partials": {"file": "STRING", **PARTIALS},
    "buckets": {"file": "STRING", **KEYS, "latency": "STRING", "low": "DOUBLE", "high": "DOUBLE",
                "count": "BIGINT"},
    "files": {"file": "STRING", "calls": "BIGINT", "bytes": "BIGINT", "error": "STRING"},
}
OPTIONS = ("path", "since", "until", "source", "rows", "on_error")
HERE = os.path.dirname(os.path.abspath(__file__))


def register(spark):
    """Makes spark.read.format("jarvis_stats") known to a session."""
    spark.dataSource.register(JarvisStats)


def add_up(spark):
    """Of a table or view `partials` the views fleet_models, fleet_engines and fleet_summary."""
    _run(spark, "add_up.sql")


def percentiles(spark):
    """Of a table or view `partial_buckets` the view fleet_latency."""
    _run(spark, "percentiles.sql")


def _run(spark, name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        script = re.sub(r"(?m)^--.*\n", "", file.read())
    for statement in filter(str.strip, script.split(";")):
        spark.sql(statement.replace("CREATE TEMPORARY", "CREATE OR REPLACE TEMPORARY", 1))


class JarvisStats(DataSource):
    @classmethod
    def name(cls):
        return "jarvis_stats"

    def schema(self):
        columns = SCHEMAS[self._choice("rows", tuple(SCHEMAS))]
        return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())

    def reader(self, schema):
        for name in self.options:
            if name.lower() not in OPTIONS:
                raise ValueError(f"jarvis_stats: no option {name}; there are {', '.join(OPTIONS)}")
        rows = self._choice("rows", tuple(SCHEMAS))
        for name in schema.names:
            if name not in SCHEMAS[rows]:
                raise ValueError(f"jarvis_stats: no column {name} where rows are {rows}")
        skips = self._choice("on_error", ("fail", "skip")) == "skip"
        arguments = [self.options.get(name) for name in ("since", "until", "source")]
        _judge(arguments)
        return Reader(files(self.options.get("path")), arguments, rows, schema.names, skips)

    def _choice(self, name, choices):
        """An option with a few values, of which the first is the default."""
        value = self.options.get(name) or choices[0]
        if value not in choices:
            raise ValueError(f"jarvis_stats: {name}: expected one of {', '.join(choices)},"
                             f" got '{value}'")
        return value


def _judge(arguments):
    """Wrong bounds are an error of the question, not of the files."""
    try:
        empty = Database(None, "CREATE TABLE telemetry(model_id, engine, timestamp)")
        list(empty.rows("SELECT 1 FROM partial_stats(?, ?)", arguments[:2])[1])
    except Failure as failure:
        raise ValueError(f"jarvis_stats: {failure}") from None


def files(path):
    """The files that a path names, sorted. A name without wildcards is taken though it is not
    there: whoever reads it says so."""
    if not path:
        raise ValueError("jarvis_stats: no path: load() wants a folder, a glob or files")
    if path.lstrip().startswith("["):
        parts = [str(part) for part in json.loads(path)]
    else:
        # A comma parts names, unless there is a file or folder with it in its name.
        parts = [path] if os.path.exists(path) else [part.strip() for part in path.split(",")]
    found = set()
    for part in parts:
        part = _local(part)
        if os.path.isdir(part):
            matches = glob.glob(os.path.join(glob.escape(part), "**", "*.db"), recursive=True)
        elif glob.has_magic(part) and not os.path.exists(part):
            matches = glob.glob(part, recursive=True)
        else:
            matches = [part]
        if not matches:
            raise ValueError(f"jarvis_stats: no file matches {part}")
        found.update(os.path.abspath(match) for match in matches if not os.path.isdir(match))
    return sorted(found)


def _local(path):
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", path)
    if not scheme:
        return path
    if scheme[1] != "file":
        raise ValueError(f"jarvis_stats: {path}: SQLite reads files of the worker's own file system;"
                         " copy it there first")
    return urllib.parse.unquote(urllib.parse.urlsplit(path).path)


class Reader(DataSourceReader):
    def __init__(self, paths, arguments, rows, names, skips):
        self.paths, self.arguments, self.rows = paths, arguments, rows
        self.names, self.skips = names, skips

    def partitions(self):
        return [InputPartition(path) for path in self.paths]

    def read(self, partition):
        path = partition.value
        if self.rows == "files":
            return iter([self._row(_report(path, self.arguments))])
        try:
            # All of it before the first row: a file that fails half-way gives none.
            wanted = self.names if self.rows == "partials" else [*KEYS, *SKETCHES.values()]
            rows = _partials(path, self.arguments, [name for name in wanted if name != "file"])
            if self.rows == "buckets":
                rows = _buckets(path, rows)
            return iter([self._row({"file": path, **row}) for row in rows])
        except Failure as failure:
            said = _about(path, failure)
            if not self.skips:
                raise RuntimeError(f"jarvis_stats: {said}") from None
            logging.getLogger("jarvis_stats").warning("skipped: %s", said)
            return iter([])

    def _row(self, row):
        return tuple(row[name] for name in self.names)


def _about(path, failure):
    """A reason, with the file that it is about."""
    said = str(failure)
    return said if path in said else f"{path}: {said}"


def _partials(path, arguments, names):
    """Rows of partial_stats with these columns."""
    database = Database(path)
    try:
        # Without a column there would be no SELECT; the key is read in any case.
        chosen = names or ["model_id"]
        sql = f"SELECT {', '.join(chosen)} FROM partial_stats(?, ?, ?)"
        rows = [dict(zip(chosen, row)) for row in database.rows(sql, arguments)[1]]
    finally:
        database.close()
    for row in rows:
        for name in row:
            row[name] = _typed(name, row[name])
    return rows


def _typed(name, value):
    """A value as the column's type in Spark."""
    if PARTIALS[name] == "STRING" and value is not None:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if PARTIALS[name] == "BIGINT" and isinstance(value, float):
        if not value.is_integer():
            raise Failure(f"{name} adds up to {value}, which is no number of tokens")
        return int(value)
    return value


def _buckets(path, rows):
    """The buckets of the sketches of rows."""
    database = Database(None)
    try:
        for row in rows:
            keys = {name: row[name] for name in KEYS}
            for latency, sketch in SKETCHES.items():
                sql = "SELECT low, high, count FROM sketch_buckets(?)"
                for low, high, count in database.rows(sql, [row[sketch]])[1]:
                    yield {**keys, "latency": latency, "low": low, "high": high, "count": count}
    finally:
        database.close()


def _report(path, arguments):
    """What became of a file: read as for its partials, all of it."""
    size = os.path.getsize(path) if os.path.exists(path) else None
    row = {"file": path, "calls": None, "bytes": size, "error": None}
    try:
        row["calls"] = sum(part["call_count"] for part in _partials(path, arguments, [*PARTIALS]))
    except Failure as failure:
        row["error"] = _about(path, failure)
    return row
