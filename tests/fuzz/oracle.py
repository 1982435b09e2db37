"""What an answer must be: exact arithmetic over the rows that SQLite itself gives, and the plain SQL of sql/reference.

The exact arithmetic and the list of columns are those of the comparison with the peer, tests/peer.
"""

import json
import math
import pathlib
import re
import sqlite3
import sys

import contract
import exact

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from lib import EXTENSION, ROOT, catalogue, connect, names  # noqa: E402, F401

KEYS = {"model_stats": "model_id", "top_models": "model_id", "engine_stats": "engine", "batch_stats": "batch_id",
        "aggregated_stats": "model_id"}
COLUMNS = {
    "model_stats": contract.MODEL_COLUMNS, "top_models": contract.MODEL_COLUMNS, "engine_stats": contract.ENGINE_COLUMNS,
    "batch_stats": contract.BATCH_COLUMNS, "aggregated_stats": contract.SUMMARY_COLUMNS,
}
REFERENCES = {path.stem: path.read_text() for path in (ROOT / "sql" / "reference").glob("*.sql")}
PARAMETERS = dict.fromkeys(["since", "until", "current_methodology_only", "exclude_warmup", "n"])


class Difference(Exception):
    """An answer that is not what it must be."""


def decode(raw):
    return raw.decode("utf-8", "surrogateescape")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def as_number(column):
    """A BLOB's leading number depends on the encoding of the database, so SQLite reads it here."""
    return f"CASE typeof(t.{column}) WHEN 'blob' THEN CAST(t.{column} AS REAL) ELSE t.{column} END"


class Rows:
    """A source as the contract reads it: each column that it lacks is there, as 0 (or as what filters nothing)."""

    def __init__(self, db, source, names):
        self.db, self.source, self.names = db, source, names
        have = {name.lower() for name in names}
        self.has = lambda column: column in have
        wanted = ["model_id", "engine", "batch_id", "is_warmup", "token_counting_version", "timestamp", *contract.METRICS]
        selected = [f"{as_number(c) if c in contract.METRICS else 't.' + c} AS {c}" if self.has(c)
                    else f"{contract.MISSING.get(c, 'NULL')} AS {c}" for c in wanted]
        both = " + ".join(f"t.{c}" if self.has(c) else "0" for c in ("prompt_tokens", "completion_tokens"))
        key = "t.batch_id COLLATE BINARY <> ''" if self.has("batch_id") else "0"
        self.sql = f"SELECT {', '.join(selected)}, {both} AS both_tokens, {key} AS has_batch FROM {source} AS t"

    def read(self, since=None, until=None, switch=None):
        terms, values = [], []
        for bound, operator in ((since, ">="), (until, "<=")):
            if bound is not None:
                terms.append(f"t.timestamp {operator} ?")
                values.append(bound)
        if switch and self.has(switch.split()[0]):
            terms.append("t." + switch)
        where = " WHERE " + " AND ".join(terms) if terms else ""
        cursor = self.db.execute(self.sql + where, values)
        names = [d[0] for d in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
        for row in rows:
            row.update({c: utf8(row[c]) for c in contract.METRICS if isinstance(row[c], str)})
        return rows


def utf8(text):
    """What is not UTF-8 reads as no number, as a question mark does."""
    return text.encode("utf-8", "replace").decode()


def expected(function, rows, n=None):
    """The answer's rows as dicts of Figures, keys as they are ordered."""
    if function == "batch_stats":
        return exact.batches(rows)
    if function == "engine_stats":
        return exact.grouped(rows, "engine", contract.ENGINE)
    models = exact.grouped(rows, "model_id", contract.MODEL)
    if function == "aggregated_stats":
        answer = exact.summary(models, contract.MODEL, contract.SUMMARY_TOTALS, contract.SUMMARY_MEANS)
        answer["per_model"], answer["per_engine"] = models, exact.grouped(rows, "engine", contract.ENGINE)
        return [answer]
    return models if n is None else models[:n]


def overflows(function, answer, columns):
    """Whether a column that was asked for is an error."""
    for row in answer:
        for column in columns:
            if column in ("per_model", "per_engine"):
                part = contract.MODEL if column == "per_model" else contract.ENGINE
                if overflows(function, row[column], part):
                    return True
            elif column in row and row[column].value == exact.OVERFLOW and column != "energy_per_token_joules":
                return True
    return False


def compare(function, columns, got, want):
    """`got` as rows of values, `want` as `expected` gives them, to the last bit where the contract fixes the arithmetic."""
    if len(got) != len(want):
        raise Difference(f"{len(got)} rows, wanted {len(want)}")
    key = KEYS[function]
    for values, wanted in zip(got, want):
        for column, value in zip(columns, values):
            if column in ("per_model", "per_engine"):
                compare_json(column, value, wanted[column])
            elif column == key and function != "aggregated_stats":
                if exact.group_key(value) != wanted["key"]:
                    raise Difference(f"{column}: {value!r:.100}, wanted {wanted['key']!r:.100}")
            else:
                compare_figure(column, value, wanted[column])


def compare_figure(column, value, figure):
    if figure.value == exact.OVERFLOW:  # of the tokens below energy_per_token_joules: the contract leaves it open
        return
    if type(value) is not type(figure.value):
        raise Difference(f"{column}: {value!r} is {type(value).__name__}, wanted {figure.value!r}")
    if value != figure.value and not abs(value - figure.value) <= figure.rounding:
        raise Difference(f"{column}: {value!r}, wanted {figure.value!r}, off by {value - figure.value!r}")


def compare_json(column, text, want):
    rules, key = (contract.MODEL, "model_id") if column == "per_model" else (contract.ENGINE, "engine")
    items = json.loads(text)
    if [list(item) for item in items] != [[key, "call_count", *rules]] * len(want):
        raise Difference(f"{column}: {len(items)} items, wanted {len(want)}, or other names: {text:.300}")
    for item, wanted in zip(items, want):
        compare_json_value(item[key], plain_key(wanted["key"]), key)
        for name in ("call_count", *rules):
            compare_json_value(item[name], wanted[name].value, name)


def plain_key(key):
    return None if key == (0, 0) else decode(key[1]) if key[0] == 2 else key[1]


def as_json(value):
    """What a value reads as in our JSON: no BLOB, no infinity, no bytes that are not UTF-8."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def compare_json_value(got, value, name):
    value = as_json(value)
    if type(got) is not type(value) or got != value:
        if isinstance(got, (int, float)) and isinstance(value, (int, float)) and name in KEYS.values() and got == value:
            return  # 1 and 1.0 are one key; which of them is shown is left open
        raise Difference(f"in JSON, {name}: {got!r:.100}, wanted {value!r:.100}")


def compare_reference(db, function, columns, got, want, parameters):
    """Against the plain SQL, whose sums round: within what adding one after the other may be off. `telemetry` must have all columns."""
    try:
        cursor = db.execute(REFERENCES[function], PARAMETERS | parameters)
        names = [d[0] for d in cursor.description]
        rows = [dict(zip(names, row)) for row in cursor]
    except sqlite3.OperationalError as error:
        if re.search("integer overflow|too big|BLOB values", str(error)):
            return False  # SUM overflows on the way, json_object refuses a BLOB
        raise
    if len(rows) != len(got):
        raise Difference(f"{len(got)} rows, sql/reference gives {len(rows)}")
    for index, (values, row, wanted) in enumerate(zip(got, rows, want)):
        for column, value in zip(columns, values):
            if column in ("per_model", "per_engine") or column == KEYS[function]:
                continue
            figure = wanted[column]
            if figure.mixed_infinities or figure.value == exact.OVERFLOW or not math.isfinite(figure.slack):
                continue
            if not (value == row[column] or abs(value - row[column]) <= figure.slack + figure.rounding):
                raise Difference(f"{column} of row {index}: {value!r}, sql/reference gives {row[column]!r}")
    return True
