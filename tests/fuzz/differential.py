"""Random questions to random tables, each answer compared with exact arithmetic to the last bit and with sql/reference."""

import json
import sqlite3

import contract
import exact
import oracle
from oracle import Difference, quoted
from values import START

import tables

TABLE_FUNCTIONS = list(oracle.COLUMNS)
SWITCHED = {"batch_stats": "is_warmup = 0", "model_stats": "token_counting_version = 2",
            "engine_stats": "token_counting_version = 2", "aggregated_stats": "token_counting_version = 2"}
ARGUMENTS = {entry.name: entry.arguments for entry in oracle.catalogue("table")}
# (as it is given, the moment it means)
TIMES = [(None, None), ("", None), (START, START), (START + 7.5, START + 7.5), (str(START + 3), START + 3),
         (" 1793491210.25 ", 1793491210.25), ("2026-11-01", 1793491200.0), ("2026-11-01 00:00:05.500", 1793491205.5), (-1e10, -1e10),
         ("-1e300", -1e300), (0, 0), (9e999, float("inf")), (2**63 - 1, 2**63 - 1), ("2026-11-01T00:00:10Z", 1793491210.0)]
SWITCHES = [(None, False), ("", False), (0, False), (0.0, False), ("0", False), ("false", False), ("FALSE", False), (1, True),
            (1.0, True), ("1", True), (" 1.0", True), ("true", True), ("True", True)]
NUMBERS = [(None, 5), ("", 5), (0, 0), (1, 1), (2.0, 2), ("3", 3), (10**18, 10**18), (1e300, 10**300), ("4.0", 4)]


def case(random, note):
    """One random database with some tables, each asked some questions. Returns (questions, rows compared)."""
    db = tables.connect()
    encoding = random.choice(["UTF-8", "UTF-8", "UTF-16le", "UTF-16be"])
    db.execute(f"PRAGMA encoding = '{encoding}'")
    db.execute("CREATE TABLE first(x)")
    db.enable_load_extension(True)
    db.load_extension(oracle.EXTENSION)
    schema = random.choice(["main", "main", "main", "temp", "other"])
    if schema == "other":
        db.execute("ATTACH ':memory:' AS other")
    note(f"-- {encoding}")
    try:
        table = tables.make(random, db, schema)
    except sqlite3.OperationalError as error:
        if "error in generated column" in str(error) or "generated column" in str(error) or "ambiguous" in str(error):
            return 0, 0
        raise
    finally:
        note("-- table made")
    for sql in table.script:
        note(sql)
    if random.random() < 0.4:
        # A roll-up, where the table can have one, must not show. Ids far apart lie in chunks of their own.
        for sql, values in ((f"UPDATE {table.sql} SET id = id * 30000", ()), ("SELECT rollup_refresh(?)", (table.name,))):
            note(f"{sql}; -- {values} {ask(db, sql, values)}")
    questions = rows = 0
    for _ in range(random.choice([3, 6])):
        kind = random.choice(TABLE_FUNCTIONS * 3 + ["export_records", "record_count", "aggregates", "windows", "forms", "forms"])
        asks = {"export_records": export, "record_count": count, "aggregates": aggregates, "windows": windows,
                "forms": forms}.get(kind, table_function)
        rows += asks(random, table, kind, note)
        questions += 1
    db.close()
    return questions, rows


def ask(db, sql, values=()):
    """(rows, None) or (None, the error's text)."""
    try:
        return db.execute(sql, values).fetchall(), None
    except sqlite3.Error as error:
        return None, str(error)
    except UnicodeDecodeError:  # a damaged schema in SQLite's own text, which Python cannot pass on
        return None, "malformed database schema"


def call(random, function, given):
    """The FROM clause and the values to bind: positional arguments, hidden columns, or some of each."""
    names = ARGUMENTS[function]
    first_hidden = random.choice([0, len(names), random.randrange(len(names) + 1)])
    positional, hidden = names[:first_hidden], [n for n in names[first_hidden:] if given[n] is not None]
    while positional and given[positional[-1]] is None and random.random() < 0.7:
        positional = positional[:-1]
    terms = [f"{name} = ?" for name in hidden]
    from_clause = f"{function}({', '.join('?' * len(positional))})" if positional or random.random() < 0.5 else function
    return from_clause, terms, [given[n] for n in positional] + [given[n] for n in hidden]


FORMS_OF_ARGUMENTS = [  # over two calls, whose arguments are a and b
    "(since = :a AND until = :x) OR (since = :b AND until = :y)", "(since, until) IN (VALUES (:a, :x), (:b, :y))",
    "(since, until) IN (SELECT :a, :x UNION ALL SELECT :b, :y)", "(since, until) IN (SELECT * FROM pairs)",
    "(since, until) = (:a, :x) OR (since, until) = (:b, :y)", "NOT (NOT (since = :a AND until = :x) AND NOT (since = :b AND until = :y))"]
JOINS_OF_ARGUMENTS = [  # of two rows of arguments, f each with its call; the last three from 3.39 on
    "FROM pairs AS p JOIN {f} AS m ON (m.since, m.until) = (p.since, p.until)", "FROM pairs AS p, {f} AS m WHERE m.since = p.since AND m.until = p.until",
    "FROM pairs AS p JOIN {f} AS m ON (m.since = p.since AND m.until = p.until) OR (m.since = p.since AND m.until = p.until)",
    "FROM {f} AS m RIGHT JOIN pairs AS p ON m.since = p.since AND m.until = p.until WHERE m.source IS NOT NULL OR m.since IS NOT NULL",
    "FROM pairs AS p RIGHT JOIN {f} AS m ON m.since = p.since AND m.until = p.until",
    "FROM pairs AS p FULL JOIN {f} AS m ON m.since = p.since AND m.until = p.until"]


def forms(random, table, _, note):
    """Arguments in forms that SQLite may not pass on: the rows of the calls written out, or a sentence."""
    function = random.choice([name for name in TABLE_FUNCTIONS if name != "top_models"])
    # NULL and '' are no value to compare with, and equal calls are one where rows are told apart by their call.
    times = [time for time in (START, START + 3, START + 7.5, "2026-11-01 00:00:05.500", 0, 2.5e9)]
    (a, b), (x, y) = random.sample(times, 2), random.choices(times, k=2)
    db, key, last = table.db, oracle.KEYS[function], len(ARGUMENTS[function]) - 1
    count = "total_requests" if function == "batch_stats" else "total_calls" if function == "aggregated_stats" else "call_count"
    columns = count if function == "aggregated_stats" else f"m.{key}, m.{count}"
    db.execute("CREATE TEMP TABLE IF NOT EXISTS pairs(since, until)")
    db.execute("DELETE FROM temp.pairs")
    db.execute("INSERT INTO temp.pairs VALUES (?, ?), (?, ?)", (a, x, b, y))
    source = {"source": table.name, "a": a, "b": b, "x": x, "y": y}
    if random.random() < 0.5:
        sql = f"SELECT {columns} FROM {function} AS m WHERE source = :source AND ({random.choice(FORMS_OF_ARGUMENTS)})"
    else:
        called = f"(SELECT *, since, until, source FROM {function} WHERE source = :source)" if random.random() < 0.5 else f"{function}"
        join = random.choice(JOINS_OF_ARGUMENTS[:3] if sqlite3.sqlite_version_info < (3, 39) else JOINS_OF_ARGUMENTS)
        sql = f"SELECT {columns} {join.format(f=called)}"
        if called == function:
            sql = sql.replace(" ON ", " ON m.source = :source AND (", 1) + ")" if " ON " in sql and " WHERE " not in sql else sql
            if ":source" not in sql:
                sql += " AND m.source = :source"
    note(f"{sql} -- {source!r}")
    got, text = ask(db, sql, source)
    nulls = ["NULL"] * (last - 2)
    one = f"SELECT {columns} FROM {function}(%s, %s, {', '.join(nulls + [':source'])}) AS m"
    want, failed = ask(db, f"{one % (':a', ':x')} UNION ALL {one % (':b', ':y')}", source)
    if text is not None:
        if "used where SQLite does not pass its value on" not in text and (failed is None or text.split(": ")[-1] != failed.split(": ")[-1]):
            raise Difference(f"{sql}: {text}; written out: {failed}")
        return 0
    if want is None or sorted(map(repr, got)) != sorted(map(repr, want)):
        raise Difference(f"{sql} {source!r}: {got!r:.300}, written out: {failed or want!r:.300}")
    return len(got)


def must_fail(text, wanted, question):
    if text is None or wanted not in text:
        raise Difference(f"{question}: wanted the error {wanted!r}, got {text!r}")


def table_function(random, table, function, note):
    db = table.db
    since, until, switch, n = (random.choice(pool) for pool in (TIMES, TIMES, SWITCHES, NUMBERS))
    if function == "top_models":
        until, switch = (None, None), (None, False)
    given = {"since": since[0], "until": until[0], ARGUMENTS[function][2]: switch[0], "n": n[0]}
    given["source"] = None if table.name.lower() == "telemetry" and random.random() < 0.8 else table.name
    all_columns = oracle.COLUMNS[function]
    columns = random.sample(all_columns, random.randrange(1, len(all_columns) + 1)) if random.random() < 0.6 else all_columns
    from_clause, terms, values = call(random, function, given)
    sql = f"SELECT {', '.join(columns)} FROM {from_clause}" + (f" WHERE {' AND '.join(terms)}" if terms else "")
    note(f"{sql} -- {values!r}")
    got, text = ask(db, sql, values)

    key = oracle.KEYS[function]
    needed = [key] + (["engine"] if "per_engine" in columns else []) + (["timestamp"] if since[1] is not None or until[1] is not None else [])
    missing = [column for column in needed if not table.rows.has(column)]
    if missing:
        must_fail(text, "has no column " + missing[0], sql) if len(missing) == 1 else must_fail(text, "has no column", sql)
        return 0
    filtered = table.rows.read(since[1], until[1], SWITCHED[function] if switch[1] else None)
    answer = oracle.expected(function, filtered, n[1] if function == "top_models" else None)
    if oracle.overflows(function, answer, columns):
        must_fail(text, "integer overflow", sql)
        return 0
    if text is not None:
        raise Difference(f"{sql} {values!r}: {text}")
    oracle.compare(function, columns, got, answer)
    if table.is_utf8 and table.sql == '"main"."telemetry"' and random.random() < 0.3:
        parameters = {"since": since[1], "until": until[1], ARGUMENTS[function][2]: int(switch[1]), "n": min(n[1], 2**62)}
        with_all_columns(table, lambda: oracle.compare_reference(db, function, columns, got, answer, parameters), table.rows.has)
    return len(got) * len(columns)


def with_all_columns(table, body, has):
    """Runs `body` while `telemetry` is a temporary view in which every column exists."""
    missing = [f"{value} AS {column}" for column, value in contract.MISSING.items() if not has(column)]
    missing += [f"NULL AS {column}" for column in ("timestamp", "model_id", "engine") if not has(column)]
    try:
        table.db.execute(f"CREATE TEMP VIEW telemetry AS SELECT {', '.join(['t.*', *missing])} FROM main.telemetry AS t")
    except sqlite3.OperationalError:
        return
    try:
        body()
    finally:
        table.db.execute("DROP VIEW temp.telemetry")


def pairs(items):
    return [list(item) for item in items]


def export(random, table, _, note):
    since, until = random.choice(TIMES), random.choice(TIMES)
    sql = "SELECT record FROM export_records(?, ?, ?)"
    note(f"{sql} -- {(since[0], until[0], table.name)!r}")
    got, text = ask(table.db, sql, (since[0], until[0], table.name))
    terms = [f"timestamp {operator} ?" for operator, bound in ((">=", since[1]), ("<=", until[1])) if bound is not None]
    if terms and not table.rows.has("timestamp"):
        must_fail(text, "has no column timestamp", sql)
        return 0
    if text is not None:
        raise Difference(f"{sql}: {text}")
    where = "WHERE " + " AND ".join(terms) if terms else ""
    order = ["t.timestamp"] if table.rows.has("timestamp") else []
    if table.rowid:
        order.append(f"t.{table.rowid}")
    by = f"ORDER BY {', '.join(order)}" if order else ""
    cursor = table.db.execute(f"SELECT * FROM {table.sql} AS t {where} {by}", [b for b in (since[1], until[1]) if b is not None])
    names = [d[0] for d in cursor.description]
    want = cursor.fetchall()
    if len(got) != len(want):
        raise Difference(f"{sql}: {len(got)} records, wanted {len(want)}")
    records = [json.loads(record, object_pairs_hook=pairs) for record, in got]
    if not table.rowid:  # nothing in SQL says how ties stand in the table
        records.sort(key=repr)
        want.sort(key=lambda row: repr([[name, oracle.as_json(value)] for name, value in zip(names, row)]))
    # What SQLite reads of a virtual REAL column depends on the plan: its sorter keeps a whole number as INTEGER.
    by_plan = any("GENERATED" in sql for sql in table.script)
    for items, row in zip(records, want):
        if [name for name, _ in items] != names:
            raise Difference(f"{sql}: {items!r:.200}, wanted the names {names}")
        for (name, value), stored in zip(items, row):
            if not (by_plan and isinstance(stored, (int, float)) and value == stored):
                oracle.compare_json_value(value, stored, name)
    return len(got)


def count(random, table, _, note):
    note(f"SELECT record_count({table.name!r})")
    got, text = ask(table.db, "SELECT record_count(?)", (table.name,))
    want = table.db.execute(f"SELECT count(*) FROM {table.sql}").fetchall()
    if got != want:
        raise Difference(f"record_count({table.name!r}): {got} {text}, wanted {want}")
    return 1


_numeric = tables.connect()
_numeric.execute("CREATE TABLE n(x NUMERIC)")


class NotANumber(Exception):
    pass


def number(value):
    """A number as sqlite3_value_numeric_type finds it, which is what a column of NUMERIC affinity does to text."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        _numeric.execute("DELETE FROM n")
        _numeric.execute("INSERT INTO n VALUES (?)", (oracle.utf8(value),))
        found = _numeric.execute("SELECT x FROM n").fetchone()[0]
        if isinstance(found, (int, float)):
            return found
    raise NotANumber


def energy_per_token(rows):
    counted = [row for row in rows if None not in row]
    joules, tokens = exact.Sum([row[0] for row in counted]), exact.Sum([x for row in counted for x in row[1:]])
    total = tokens.rounded()
    if not counted or total <= 0:
        return None
    return none_for_nan(divided(joules.rounded(), total))


def avg_itl(rows):
    if rows and len(rows[0]) == 1:
        values = [row[0] for row in rows if row[0] is not None]
        return none_for_nan(exact.Sum(values).rounded() / len(values)) if values else None
    counted = [row for row in rows if None not in row and row[1] >= 2]
    if not counted:
        return None
    products = exact.Sum([product(itl, tokens) for itl, tokens in counted])
    gaps = exact.Sum([tokens for _, tokens in counted] + [-len(counted)])
    return none_for_nan(divided(products.rounded(), gaps.rounded()))


def product(itl, tokens):
    if itl in (float("inf"), float("-inf")) or tokens == float("inf"):
        return float(itl) * (float(tokens) - 1)
    (a, b), (c, d) = itl.as_integer_ratio(), tokens.as_integer_ratio()
    return exact.rounded(a * (c - d), b * d)


def divided(one, other):
    """As IEEE has it; Python refuses a zero and turns whole numbers into another division."""
    return float(one) / float(other) if other else float("nan")


def none_for_nan(value):
    return None if value != value else float(value)


ANSWERS = {"energy_per_token": energy_per_token, "avg_itl": avg_itl}
# The forms of these, over the columns of their sample calls.
FORMS = [(entry.name, entry.sample.split("(", 1)[1].rstrip(")").split(", "))
         for entry in oracle.catalogue("aggregate") if entry.name in ANSWERS]


def same(got, want):
    return type(got) is type(want) and got == want


def arguments(random, table, form):
    """The columns that stand for the arguments: those meant, or any."""
    return [name if table.rows.has(name) and random.random() < 0.7 else random.choice(table.names) for name in form]


def aggregates(random, table, _, note):
    function, form = random.choice(FORMS)
    columns = [quoted(name) for name in arguments(random, table, form)]
    key = quoted(random.choice(table.names))
    expression = ", ".join(f"t.{c}" for c in columns)
    sql = f"SELECT {function}({expression}) FROM {table.sql} AS t GROUP BY t.{key} COLLATE BINARY ORDER BY t.{key} COLLATE BINARY"
    note(sql)
    got, text = ask(table.db, sql)
    rows = table.db.execute(f"SELECT t.{key}, {expression} FROM {table.sql} AS t").fetchall()
    groups = {}
    try:
        for row in rows:
            groups.setdefault(exact.group_key(row[0]), []).append([number(value) for value in row[1:]])
    except NotANumber:
        must_fail(text, f"{function}: argument ", sql)
        return 0
    want = [ANSWERS[function](members) for _, members in sorted(groups.items())] if text is None else None
    if want is None or len(got) != len(want) and table.is_utf8:
        raise Difference(f"{sql}: {text or got!r:.300}, wanted {want!r:.300}")
    if not table.is_utf8:  # BINARY orders the bytes of UTF-16 there
        got, want = sorted(got, key=lambda r: repr(r[0])), sorted(want, key=repr)
    for (value,), wanted in zip(got, want):
        if not same(value, wanted):
            raise Difference(f"{sql}: {value!r}, wanted {wanted!r}")
    return len(got)


def windows(random, table, _, note):
    function, form = random.choice(FORMS)
    columns = [f"t.{quoted(name)}" for name in arguments(random, table, form)]
    start, end = sorted(random.choices([-99, -3, -2, -1, 0, 1, 2, 99], k=2))
    bound = lambda n: "CURRENT ROW" if n == 0 else f"{abs(n)} {'PRECEDING' if n < 0 else 'FOLLOWING'}"  # noqa: E731
    exclude = random.choice(["", "", " EXCLUDE CURRENT ROW"])
    frame = f"ROWS BETWEEN {bound(start)} AND {bound(end)}{exclude}"
    inner = f"SELECT row_number() OVER () AS i, {', '.join(f'{c} AS c{n}' for n, c in enumerate(columns))} FROM {table.sql} AS t"
    names = ", ".join(f"c{n}" for n in range(len(columns)))
    sql = f"WITH n AS MATERIALIZED ({inner}) SELECT {function}({names}) OVER (ORDER BY i {frame}), {names} FROM n ORDER BY i"
    note(sql)
    got, text = ask(table.db, sql)
    try:
        rows = [[number(value) for value in row[1:]] for row in table.db.execute(inner)]
    except NotANumber:
        # An error when a frame reaches the value; frames that no row is ever in do not read it.
        if text is not None and f"{function}: argument " not in text or text is None and start <= 0 <= end and not exclude:
            raise Difference(f"{sql}: wanted an error that names the argument, got {text!r}") from None
        return 0
    if text is not None:
        raise Difference(f"{sql}: {text}")
    for index, answer in enumerate(got):
        frame_rows = [rows[i] for i in range(max(index + start, 0), min(index + end, len(rows) - 1) + 1) if not (exclude and i == index)]
        wanted = ANSWERS[function](frame_rows)
        if not same(answer[0], wanted):
            raise Difference(f"{sql}: row {index}: {answer[0]!r}, wanted {wanted!r} of {frame_rows!r:.300}")
    return len(got)
