"""Random telemetry tables: every kind of table or view that a file may have under that name, and rows of every kind."""

import sqlite3

import contract
import oracle
import values
from oracle import quoted

TYPES = ["", "REAL", "INTEGER", "TEXT", "NUMERIC", "BLOB", "FLOAT", "DOUBLE PRECISION", "VARCHAR(10)", "BOOLEAN", "real",
         "FLOATING POINT", "DECIMAL(10,5)", "ANY"]
STRICT_TYPES = ["REAL", "INTEGER", "TEXT", "BLOB", "ANY", "INT"]
COLLATIONS = ["", "", "", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY"]
ODD_NAMES = ["select", 'a"b', "ü", "two words", "rowid", "oid", "_rowid_", "t", "since", "record", "x.y", "'", "%s", "record_count"]
RELEASE = {  # how the peer declares them
    **{column: "REAL NOT NULL DEFAULT 0.0" for column in contract.METRICS}, "timestamp": "REAL NOT NULL", "model_id": "TEXT NOT NULL",
    "engine": "TEXT NOT NULL DEFAULT ''", "batch_id": "TEXT NOT NULL DEFAULT ''", "is_warmup": "INTEGER NOT NULL DEFAULT 0",
    "token_counting_version": "INTEGER", "agent": "TEXT NOT NULL DEFAULT ''", "metadata": "TEXT NOT NULL DEFAULT '{}'",
    **{column: "INTEGER NOT NULL DEFAULT 0" for column in contract.METRICS if "_tokens" in column and "energy" not in column},
}
COLUMNS = list(RELEASE)


class Table:
    """A source in a database of its own connection: `name` as a person writes it for `source`, `sql` for a FROM clause."""

    def __init__(self, db, name, sql, script, has_rowid):
        self.db, self.name, self.sql, self.script = db, name, sql, script
        self.names = [d[0] for d in db.execute(f"SELECT * FROM {sql}").description]
        self.rows = oracle.Rows(db, sql, self.names)
        self.is_utf8 = db.execute("PRAGMA encoding").fetchone()[0] == "UTF-8"
        taken = {name.lower() for name in self.names}
        free = [alias for alias in ("rowid", "oid", "_rowid_") if alias not in taken]
        # What orders the rows as they stand in the table; None for a view, or where SQL cannot name it.
        self.rowid = free[0] if has_rowid and free else None


def connect(path=":memory:"):
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = oracle.decode
    return db


def column(random, name, strict):
    """(how the name is spelled, the column's definition)"""
    spelled = random.choice([name, name, name, name.upper(), name.title()])
    if random.random() < 0.4 and not strict:
        return spelled, f"{quoted(spelled)} {RELEASE[name]}"
    kind = random.choice(STRICT_TYPES if strict else TYPES)
    rest = random.choice(COLLATIONS)
    if random.random() < 0.2:
        rest += " NOT NULL" + random.choice(["", " DEFAULT 0", " DEFAULT ''", " DEFAULT 1.5"] if not strict else [""])
    return spelled, f"{quoted(spelled)} {kind}{rest}"


def generated(random, names):
    """A column made from others."""
    one, other = random.choice(names), random.choice(names)
    return random.choice([f"{one} + {other}", f"{one} || {other}", f"coalesce({one}, {other})", f"abs({one})", f"-{one}",
                          f"CASE WHEN {one} > {other} THEN {one} END", "1.5", "'12'", "x'3132'", "9e999 * 0"])


def make(random, db, schema="main"):
    """Creates a table, perhaps with views over it, fills it, and returns it as a Table."""
    script = []

    def run(sql):
        script.append(sql)
        db.execute(sql)

    keep = random.choice([1.0, 0.9, 0.7])
    names = [name for name in COLUMNS if random.random() < keep or name in ("model_id", "engine", "batch_id") and random.random() < 0.9]
    names = names or ["model_id"]
    random.shuffle(names)
    strict = random.random() < 0.08
    columns = [column(random, name, strict) for name in names]
    plain = [quoted(spelled) for spelled, _ in columns]
    filled = dict(zip(names, plain))
    definitions = [definition for _, definition in columns]
    if not strict:
        for index, name in enumerate(names):
            if random.random() < 0.04 and len(names) > 3:
                others = [p for i, p in enumerate(plain) if i != index and names[i] in filled and "AS (" not in definitions[i]]
                kind = random.choice(["", "REAL", "INTEGER", "TEXT", "REAL NOT NULL"])
                stored = random.choice(["", " VIRTUAL", " STORED"])
                definitions[index] = f"{plain[index]} {kind} GENERATED ALWAYS AS ({generated(random, others)}){stored}"
                filled.pop(name)
                break
    odd = [name for name in ODD_NAMES if random.random() < 0.06]
    definitions += [quoted(name) + (" BLOB" if strict else "") for name in odd]
    suffix = []
    without_rowid = random.random() < 0.12
    if without_rowid or random.random() < 0.5:
        definitions.insert(random.randrange(len(definitions) + 1) if random.random() < 0.3 else 0,
                           f"id INTEGER PRIMARY KEY{' DESC' if without_rowid and random.random() < 0.5 else ''}")
    if without_rowid:
        suffix.append("WITHOUT ROWID")
    if strict:
        suffix.append("STRICT")
    base = random.choice(["telemetry", "telemetry", "telemetry", "TELEMETRY", "my table", 'odd"name', "a.b", "Ünïcode", "t", "main", "select"])
    over = random.choice(["", "", "", "", "view", "cast view", "union view", "filtered view", "renamed view", "join view"])
    table = f"{quoted(schema)}.{quoted(base)}"
    run(f"CREATE TABLE {table}({', '.join(definitions)}) {', '.join(suffix)}".strip())
    fill(random, db, table, filled, odd, "id" if without_rowid else None)
    if "timestamp" in filled and random.random() < 0.3:
        run(f"CREATE INDEX {quoted(schema)}.by_time ON {quoted(base)}({filled['timestamp']}{random.choice(['', ' DESC', ' COLLATE NOCASE'])})")
    if random.random() < 0.1:
        run(f"CREATE INDEX {quoted(schema)}.covering ON {quoted(base)}({', '.join(random.sample(plain, min(4, len(plain))))})")
    name = base
    if over:
        name = "the view" if base.lower() == "telemetry" else random.choice(["telemetry", "v"])
        selected = {
            "view": "*", "filtered view": "*", "join view": "a.*", "union view": "*",
            "cast view": ", ".join(f"CAST({p} AS {random.choice(['TEXT', 'REAL', 'INTEGER', 'BLOB', 'NUMERIC'])}) AS {p}" if random.random() < 0.3 else p
                                   for p in plain),
            "renamed view": ", ".join(f"{p} AS {quoted(n)}" for p, n in zip(plain, names)),
        }[over]
        body = f"SELECT {selected} FROM {quoted(base)}"
        if over == "filtered view":
            body += f" WHERE {random.choice(plain)} IS NOT NULL"
        if over == "join view":
            body += " AS a LEFT JOIN (SELECT 1 AS other UNION ALL SELECT 2)"
        if over == "union view":
            body += f" UNION ALL {body}"
        run(f"CREATE VIEW {quoted(schema)}.{quoted(name)} AS {body}")
    qualified = schema != "main" or random.random() < 0.2 or "." in name
    sql = f"{quoted(schema)}.{quoted(name)}"
    return Table(db, f"{schema}.{name}" if qualified else name, sql, script, has_rowid=not over and not without_rowid)


def fill(random, db, table, filled, odd, key):
    pool = values.Pool(random)
    names = list(filled) + odd
    targets = ", ".join([filled.get(name) or quoted(name) for name in names] + (["id"] if key else []))
    raw_text = db.execute("PRAGMA encoding").fetchone()[0] == "UTF-8"
    for number in range(random.choice([0, 1, 2, 5, 12, 40])):
        row = [pool.value(name) for name in names] + ([number * 7 % 41] if key else [])
        for attempt in (row, [0 if value is None else value for value in row]):
            slots, bound = zip(*(slot(value, raw_text) for value in attempt))
            try:
                db.execute(f"INSERT INTO {table}({targets}) VALUES ({', '.join(slots)})", bound)
                break
            except (sqlite3.IntegrityError, sqlite3.OperationalError):  # NOT NULL, STRICT, abs() of a generated column
                continue


def slot(value, raw_text):
    """A placeholder and what to bind to it; Python binds no text that is not UTF-8, so that goes in as bytes."""
    if isinstance(value, str) and not value.isascii():
        raw = value.encode("utf-8", "surrogateescape")
        if raw != value.encode("utf-8", "replace"):
            return ("CAST(? AS TEXT)", raw) if raw_text else ("?", raw.decode("utf-8", "replace"))
    return "?", value
