"""The same questions put to the extension, to the plain SQL of sql/reference, and to exact arithmetic."""

import json
import math
import pathlib
import sqlite3
import sys

import exact
from contract import (
    BATCH_COLUMNS, ENGINE, ENGINE_COLUMNS, MISSING, MODEL, MODEL_COLUMNS, SUMMARY_COLUMNS, SUMMARY_MEANS,
    SUMMARY_TOTALS,
)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import ROOT, load  # noqa: E402

PARAMETERS = dict.fromkeys(["since", "until", "current_methodology_only", "exclude_warmup", "n"])
BETWEEN = "(?1 IS NULL OR timestamp >= ?1) AND (?2 IS NULL OR timestamp <= ?2)"


def connect(path):
    """Text comes back as str whatever its bytes, so that it is never mistaken for a BLOB."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    return db


class Ours:
    TABLES = {"model": ("model_stats", MODEL_COLUMNS), "engine": ("engine_stats", ENGINE_COLUMNS),
              "summary": ("aggregated_stats", SUMMARY_COLUMNS), "batch": ("batch_stats", BATCH_COLUMNS)}

    def __init__(self, path):
        self.db = load(connect(path))

    def table(self, name, arguments, columns=None):
        function, all_columns = self.TABLES[name]
        sql = f"SELECT {', '.join(columns) if columns else '*'} FROM {function}(?, ?, ?)"
        cursor = self.db.execute(sql, arguments)
        assert [d[0] for d in cursor.description] == (columns or all_columns), f"columns of {function}"
        return [dict(zip(columns or all_columns, row)) for row in cursor]

    def query(self, sql, arguments=()):
        return self.db.execute(sql, arguments).fetchall()


class Plain:
    """The database without the extension. Columns that its table lacks are there, as 0, in a view of the same name."""

    def __init__(self, path):
        self.db = connect(path)
        self.names = [row[1] for row in self.db.execute("PRAGMA table_info(telemetry)")]
        missing = {name: value for name, value in MISSING.items() if name not in self.names}
        if missing:
            extra = ", ".join(f"{value} AS {name}" for name, value in missing.items())
            self.db.execute(f"CREATE TEMP VIEW telemetry AS SELECT t.*, {extra} FROM main.telemetry AS t")

    def reference(self, name, **parameters):
        sql = (ROOT / "sql" / "reference" / f"{name}.sql").read_text()
        cursor = self.db.execute(sql, PARAMETERS | parameters)
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row)) for row in cursor]

    def rows(self, since, until, switch="1"):
        """The rows within the bounds for which `switch`, a condition, holds: all compared by SQLite itself."""
        cursor = self.db.execute(
            "SELECT *, prompt_tokens + completion_tokens AS both_tokens, batch_id COLLATE BINARY <> '' AS has_batch"
            f" FROM telemetry WHERE {BETWEEN} AND {switch}", (since, until))
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, row)) for row in cursor]

    def stored(self, since, until):
        """{rowid: the row as stored}, by timestamp, ties in table order."""
        cursor = self.db.execute(
            f"SELECT rowid, * FROM main.telemetry WHERE {BETWEEN} ORDER BY timestamp, rowid", (since, until))
        return {row[0]: dict(zip(self.names, row[1:])) for row in cursor}


class Exact:
    """What the contract says, from the rows."""

    def __init__(self, plain, since, until, switch):
        rows = plain.rows(since, until, "token_counting_version = 2" if switch else "1")
        self.model = exact.grouped(rows, "model_id", MODEL)
        self.engine = exact.grouped(rows, "engine", ENGINE)
        self.summary = [exact.summary(self.model, MODEL, SUMMARY_TOTALS, SUMMARY_MEANS)]
        self.batch = exact.batches(plain.rows(since, until, "is_warmup = 0" if switch else "1"))


def as_json(value):
    """What a value reads as in our JSON: no BLOB, no infinity, no bytes that are not UTF-8."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def same_json(got, want):
    """Equal to the last bit, in the same order, INTEGER apart from REAL."""
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(same_json, got, want))
    if isinstance(want, dict):
        return isinstance(got, dict) and list(got) == list(want) and all(same_json(got[k], want[k]) for k in want)
    want = as_json(want)
    return type(got) is type(want) and got == want


def parse(text):
    return json.loads(text)
