"""One function per question: what has to hold between the extension, the reference, exact arithmetic and the peer."""

import math
from collections import Counter

import exact
import data
from answers import ROOT, parse, same_json
from contract import ENGINE_COLUMNS, MODEL_COLUMNS

KEY = {"model": "model_id", "engine": "engine", "batch": "batch_id", "summary": None}
COUNT = {"model": "call_count", "engine": "call_count", "batch": "total_requests", "summary": "total_calls"}
REFERENCE = {"model": "model_stats", "engine": "engine_stats", "batch": "batch_stats", "summary": "aggregated_stats"}
JSON_COLUMNS = ("per_model", "per_engine")


class Report:
    def __init__(self):
        self.passed = self.failed = 0
        self.by_contract = Counter()  # where the peer or plain SQL has no answer of its own, and which rule decides

    def check(self, label, problems):
        if problems:
            self.failed += 1
            print(f"FAILED {label}")
            for problem in problems[:4]:
                print(f"    {problem}"[:600])
            if len(problems) > 4:
                print(f"    and {len(problems) - 4} more")
        else:
            self.passed += 1


def within(got, figure, digits=0.0):
    """Whether a naive computation, printed with so many digits, may give `got` for this figure."""
    if figure.value == exact.OVERFLOW or got is None:
        return False
    return got == figure.value or abs(got - figure.value) <= figure.slack + digits * abs(figure.value)


def to_the_bit(got, figure):
    if type(got) is not type(figure.value):
        return False
    return got == figure.value or (figure.rounding > 0 and abs(got - figure.value) <= figure.rounding)


def overflowing(expected):
    """Columns whose exact total leaves 64 bits: asking for them is an error."""
    return {name for answer in expected for name, figure in answer.items()
            if isinstance(figure, exact.Figure) and figure.value == exact.OVERFLOW}


def ours_is_exact(ours, plain, question, arguments, expected, truth):
    """Counts, keys, order, types equal; totals and means to the last bit; an overflow only where it is asked for."""
    table, columns = ours.TABLES[question][0], ours.TABLES[question][1]
    bad = overflowing(expected)
    if question == "summary":
        bad |= {name for name, part in (("per_model", truth.model), ("per_engine", truth.engine)) if overflowing(part)}
    if question == "batch" and "batch_id" not in plain.names:
        return raises(ours, table, arguments, ["*"], "batch_stats: 'telemetry' has no column batch_id")
    problems = []
    if bad:
        problems += raises(ours, table, arguments, sorted(bad - {"energy_per_token_joules"}), exact.OVERFLOW)
        columns = [c for c in columns if c not in bad]
    rows = ours.table(question, arguments, columns)
    if len(rows) != len(expected):
        return problems + [f"{table}: {len(rows)} rows, expected {len(expected)}"]
    for row, answer in zip(rows, expected):
        key = KEY[question]
        if key and exact.group_key(row[key]) != answer["key"]:
            problems.append(f"{table}: key {row[key]!r}, expected {answer['key']!r}")
            continue
        for column in columns:
            if column != key and column not in JSON_COLUMNS and not to_the_bit(row[column], answer[column]):
                got, want = row[column], answer[column].value
                problems.append(f"{table}.{column} of {row.get(key)!r}: {got!r}, exactly {want!r}")
    if question == "summary":
        problems += json_columns(ours, arguments, rows[0])
    return problems


def raises(ours, table, arguments, columns, text):
    """Each column, asked for alone, is an error with this text. (Its class differs with the driver's version.)"""
    problems = []
    for column in columns:
        try:
            ours.query(f"SELECT {column} FROM {table}(?, ?, ?)", arguments)
            problems.append(f"{table}.{column}: no error instead of {text!r}")
        except Exception as error:
            problems += [] if str(error) == text else [f"{table}.{column}: {error!r} instead of {text!r}"]
    return problems


def json_columns(ours, arguments, row):
    """per_model and per_engine hold what model_stats and engine_stats give, row by row."""
    return [
        f"{column} differs from the rows of {question}_stats: {row[column][:300]}"
        for column, question in (("per_model", "model"), ("per_engine", "engine"))
        if column in row and not same_json(parse(row[column]), ours.table(question, arguments))
    ]


def reference_agrees(plain, question, parameters, expected, truth, with_json, report):
    """The plain SQL says the same, within what naive sums may lose; its JSON, which has 15 digits, on tame rows."""
    def query():
        return plain.reference(REFERENCE[question], **parameters)

    problems = compared_in_order(query, expected, KEY[question], report)
    if question == "summary" and with_json:
        for column, key, answers in (("per_model", "model_id", truth.model), ("per_engine", "engine", truth.engine)):
            problems += compared_in_order(lambda: parse(query()[0][column]), answers, key, report, digits=1e-14)
    return problems


def compared_in_order(query, expected, key, report, digits=0.0):
    try:
        rows = query()
    except Exception as error:
        # SUM overflows on the way, json_object takes no BLOB: both only on hostile rows
        if str(error) in ("integer overflow", "JSON cannot hold BLOB values"):
            report.by_contract[f"plain SQL: {error}"] += 1
            return []
        raise
    if len(rows) != len(expected):
        return [f"{len(rows)} rows, expected {len(expected)}"]
    problems = []
    for row, answer in zip(rows, expected):
        if key and exact.group_key(row[key]) != answer["key"]:
            problems.append(f"key {row[key]!r}, expected {answer['key']!r}")
            continue
        problems += figures_differ(row, answer, key, report, digits)
    return problems


def figures_differ(row, answer, key, report, digits=0.0):
    problems = []
    for name, got in row.items():
        figure = answer.get(name)
        if name == key or name in JSON_COLUMNS:
            continue
        if not math.isfinite(figure.slack):
            continue  # the sum of magnitudes leaves the doubles: a naive sum may be anything
        if figure.value == exact.OVERFLOW:
            report.by_contract["an exact token total outside 64 bits is an error"] += 1
        elif got is None or (isinstance(got, float) and math.isnan(got)):  # SQLite's NULL, the peer's nan
            report.by_contract["a NaN total is 0.0"] += 1
            if figure.value != 0.0:
                problems.append(f"{name} of {row.get(key)!r}: NaN, exactly {figure.value!r}")
        elif not within(got, figure, digits):
            problems.append(f"{name} of {row.get(key)!r}: {got!r}, exactly {figure.value!r}")
    return problems


def peer_agrees(answer, question, expected, truth, report):
    """The peer's figures lie within a naive computation's reach of the exact ones; its ties may come in any order."""
    rows = answer if isinstance(answer, list) else [answer]
    key, count = KEY[question], COUNT[question]
    if [row[count] for row in rows] != [a[count].value for a in expected]:
        return [f"counts {[row[count] for row in rows]}, expected {[a[count].value for a in expected]}"]
    by_key = {a.get("key"): a for a in expected}
    problems = []
    for row in rows:
        wanted = by_key.get(exact.group_key(row[key]) if key else None)
        if wanted is None:
            problems.append(f"key {row[key]!r} is not among ours")
            continue
        problems += figures_differ(row, wanted, key, report)
    if question == "summary":
        problems += peer_agrees(answer["per_model"], "model", truth.model, truth, report)
        problems += peer_agrees(answer["per_engine"], "engine", truth.engine, truth, report)
    return problems


def export_is_faithful(ours, stored, since, until):
    """Every column in declared order, rows by timestamp with ties in table order."""
    got = [parse(text) for (text,) in ours.query("SELECT record FROM export_records(?, ?)", (since, until))]
    problems = [] if len(got) == len(stored) else [f"{len(got)} records, expected {len(stored)}"]
    return problems + [f"record {g!r}, stored {s!r}" for g, s in zip(got, stored.values()) if not same_json(g, s)]


def peer_exports(answer, stored):
    """The peer exports the same rows; among equal timestamps in any order."""
    by_id = {row["id"]: row for row in answer}
    return [f"row {i}: {by_id.get(i)!r}, stored {stored.get(i)!r}" for i in stored.keys() | by_id.keys()
            if by_id.get(i) != stored.get(i)]


def text_bounds(ours, plain, since, until, switch):
    """Drivers that bind everything as TEXT get the same rows."""
    as_text = [None if v is None else repr(v) for v in (since, until, switch)]
    queries = ["SELECT engine, call_count FROM engine_stats(?, ?, ?)"]
    if "batch_id" in plain.names:
        queries.append("SELECT batch_id, total_requests FROM batch_stats(?, ?, ?)")
    return [f"{sql} differs for {as_text}" for sql in queries
            if ours.query(sql, as_text) != ours.query(sql, (since, until, switch))]


def top_is_a_prefix(ours, n, since, truth):
    want = [answer["key"] for answer in truth.model][:5 if n is None else n]
    cursor = ours.db.execute("SELECT * FROM top_models(?, ?)", (n, since)) if not overflowing(truth.model) else \
        ours.db.execute("SELECT model_id FROM top_models(?, ?)", (n, since))
    rows = cursor.fetchall()
    got = [exact.group_key(row[0]) for row in rows]
    problems = [] if got == want else [f"keys {got}, expected {want}"]
    for row, answer in zip(rows, truth.model):
        problems += [f"{name}: {value!r}, exactly {answer[name].value!r}"
                     for name, value in zip(MODEL_COLUMNS[1:], row[1:]) if not to_the_bit(value, answer[name])]
    return problems


def reference_top(plain, n, since, truth, report):
    wanted = truth.model[:5 if n is None else n]
    return compared_in_order(lambda: plain.reference("top_models", n=n, since=since), wanted, "model_id", report)


def peer_top(answer, n, truth, report):
    """Ties have no order of their own in the peer, so its first n may hold another model with the last count."""
    wanted = truth.model[:5 if n is None else n]
    if [row["call_count"] for row in answer] != [a["call_count"].value for a in wanted]:
        return [f"counts {[row['call_count'] for row in answer]}"]
    by_key = {a["key"]: a for a in truth.model}
    problems = []
    for row in answer:
        problems += figures_differ(row, by_key[exact.group_key(row["model_id"])], "model_id", report)
    return problems


def aggregates(ours, plain, truth):
    """energy_per_token and avg_itl over the table and by batch, where their columns exist and hold numbers."""
    problems = []
    if "mean_itl_ms" in plain.names:
        got = ours.query("SELECT avg_itl(mean_itl_ms), avg_itl(mean_itl_ms, completion_tokens) FROM telemetry")[0]
        want = plain.reference("avg_itl")[0]
        problems += far_apart("avg_itl", got, want)
    got = ours.query("SELECT energy_per_token(energy_joules, completion_tokens),"
                     " energy_per_token(energy_joules, prompt_tokens, completion_tokens) FROM telemetry")[0]
    want = plain.reference("energy_per_token")[0]
    problems += far_apart("energy_per_token", got, want)
    if "batch_id" in plain.names:
        by_batch = {exact.group_key(k): v for k, v in ours.query(
            "SELECT batch_id, energy_per_token(energy_joules, prompt_tokens, completion_tokens)"
            " FROM telemetry WHERE batch_id <> '' GROUP BY batch_id")}
        for answer in truth.batch:
            got, want = by_batch[answer["key"]] or 0.0, answer["energy_per_token_joules"].value
            problems += [] if got == want else [f"energy_per_token of {answer['key']}: {got!r}, batch_stats {want!r}"]
    return problems


def far_apart(function, got, want):
    """Plain SQL sums naively: a few hundred positive values lose at most a few hundred times 2**-53 of the result."""
    return [f"{function} {name}: {g!r}, plain SQL {w!r}" for g, (name, w) in zip(got, want.items())
            if not (g == w or (None not in (g, w) and abs(g - w) <= 1e-12 * abs(w)))]


def schema_file(ddl):
    ours = data.columns_of((ROOT / "sql" / "schema.sql").read_text())
    return [f"{a} in sql/schema.sql, {b} in the package" for a, b in zip(ours, data.columns_of(ddl)) if a != b] + \
        ([] if len(ours) == len(data.columns_of(ddl)) else ["another number of columns"])
