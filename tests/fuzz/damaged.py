"""Damaged database files: bytes changed, pages swapped, files cut short, files of noise. What must hold: no crash and no hang, and where the
plain SQL of sql/reference gives an answer the extension gives the same one, where it fails the extension fails with the same text.
"""

import os
import re
import sqlite3

import differential
import oracle
import values
from oracle import Difference

import tables

QUESTIONS = list(oracle.COLUMNS)
_pristine = {}


def pristine(random):
    """The bytes of one of a few sound files: small pages, overflowing values, an index, another encoding."""
    kind = random.randrange(6)
    if kind not in _pristine:
        path = f"target/fuzz/pristine-{os.getpid()}.db"
        if os.path.exists(path):
            os.remove(path)
        db = tables.connect(path)
        db.execute(f"PRAGMA page_size = {[512, 1024, 4096][kind % 3]}")
        db.execute(f"PRAGMA encoding = '{'UTF-16le' if kind == 5 else 'UTF-8'}'")
        db.execute("BEGIN")
        suffix = " WITHOUT ROWID" if kind == 3 else ""
        db.execute(f"CREATE TABLE telemetry(id INTEGER PRIMARY KEY, {', '.join(f'{n} {k}' for n, k in tables.RELEASE.items())}){suffix}")
        if kind % 2:
            db.execute("CREATE INDEX by_time ON telemetry(timestamp)")
        pool = values.Pool(type(random)(kind))
        for number in range(60):
            row = [pool.value(name) for name in tables.RELEASE]
            slots, bound = zip(*(tables.slot(0 if value is None else value, kind != 5) for value in row))
            db.execute(f"INSERT INTO telemetry VALUES ({number}, {', '.join(slots)})", bound)
        db.execute("COMMIT")
        db.close()
        with open(path, "rb") as file:
            _pristine[kind] = file.read()
        os.remove(path)
    return _pristine[kind]


def damage(random, content):
    content = bytearray(content)
    page = int.from_bytes(content[16:18], "big") or 512
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        how = random.randrange(8)
        at = random.randrange(len(content)) if random.random() < 0.8 else random.randrange(min(len(content), 200))
        if how < 3:
            content[at] = random.randrange(256)
        elif how == 3:
            content[at] ^= 1 << random.randrange(8)
        elif how == 4:  # where a page keeps its kind, its cells and their places
            at = random.randrange(len(content) // page) * page + random.randrange(12)
            content[min(at, len(content) - 1)] = random.choice([0, 1, 2, 5, 10, 13, 0x7f, 0x80, 0xff])
        elif how == 5:
            one, other = (random.randrange(len(content) // page) * page for _ in range(2))
            content[one:one + page], content[other:other + page] = content[other:other + page], content[one:one + page]
        elif how == 6:
            content[at:at + 8] = random.randbytes(len(content[at:at + 8]))
        elif random.random() < 0.2:
            del content[at:]
            content += bytes(max(0, page - len(content)))
        else:
            content[at:at + 64] = bytes(len(content[at:at + 64]))
    return bytes(content)


def case(random, note):
    path = f"target/fuzz/damaged-{os.getpid()}.db"
    noise = random.random() < 0.03
    content = random.randbytes(random.choice([0, 1, 100, 512, 4096])) if noise else damage(random, pristine(random))
    with open(path, "wb") as file:
        file.write(content)
    note(f"-- {path}: {len(content)} bytes")
    immutable = random.choice(["?immutable=1", "?mode=ro", ""])
    db = sqlite3.connect(f"file:{path}{immutable}", uri=True, isolation_level=None)
    db.text_factory = oracle.decode
    db.enable_load_extension(True)
    db.load_extension(oracle.EXTENSION)
    steps = [0]
    db.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1) or steps[0] > 300, 10000)
    questions = rows = 0
    try:
        for function in random.sample(QUESTIONS, 3):
            steps[0] = 0
            note(function)
            rows += compare(db, function)
            questions += 2
        for sql, plain in (("SELECT record_count()", "SELECT count(*) FROM telemetry"),
                           ("SELECT count(*) FROM export_records()", "SELECT count(*) FROM (SELECT * FROM telemetry ORDER BY timestamp, rowid LIMIT -1)"),
                           ("SELECT sum(length(record)) FROM export_records(1793491203)", None)):
            note(sql)
            steps[0] = 0
            got, text = differential.ask(db, sql)
            questions += 1
            if plain == "SELECT count(*) FROM telemetry":
                same_or_both_fail(sql, got, text, *differential.ask(db, plain))
    finally:
        db.close()
        os.remove(path)
    return questions, rows


def compare(db, function):
    columns = oracle.COLUMNS[function]
    got, text = differential.ask(db, f"SELECT {', '.join(columns)} FROM {function}()")
    reference = oracle.REFERENCES[function]
    want, reason = differential.ask(db, f"SELECT {', '.join(columns)} FROM ({reference.rstrip().rstrip(';')})", oracle.PARAMETERS)
    if text is None and reason is None and len(got) == len(want):
        try:
            names = [row[1] for row in db.execute("PRAGMA table_xinfo(telemetry)")]
            if not keeps_its_word(db):
                return 0
            answer = oracle.expected(function, oracle.Rows(db, "telemetry", names).read(), 5 if function == "top_models" else None)
        except (sqlite3.Error, KeyError, UnicodeError):
            return 0  # the rows cannot be read in full, or the schema's names are no text any more
        if db.execute("PRAGMA encoding").fetchone()[0] != "UTF-8" and holds_no_text(answer):
            return 0
        oracle.compare(function, columns, got, answer)
        return len(got)
    if (text is None) != (reason is None) and "integer overflow" not in (text, reason) and not is_about_columns(text, reason):
        raise Difference(f"{function}: {text or got!r:.300}, sql/reference: {reason or want!r:.300}")
    return 0


def is_about_columns(text, reason):
    """A damaged schema may have lost a column: an error for plain SQL, a 0 for us (or the other way about for a key)."""
    said = f"{text} {reason}"
    return any(part in said for part in ("BLOB values", "no such column", "has no column", "no such table", "interrupted"))


# Half a surrogate pair, U+FFFE and U+FFFF, more than U+10FFFF: SQLite's UTF-8 for them does not become the same UTF-16 again.
NO_TEXT = re.compile(rb"\xed[\xa0-\xbf]|\xef\xbf[\xbe\xbf]|\xf4[\x90-\xbf]|[\xf5-\xff]")


def holds_no_text(answer):
    """Damaged UTF-16 may be no text at all, and a key goes through UTF-8."""
    parts = [part for row in answer for part in (row, *row.get("per_model", ()), *row.get("per_engine", ()))]
    return any(part.get("key", (0,))[0] == 2 and NO_TEXT.search(part["key"][1]) for part in parts)


def keeps_its_word(db):
    """Damage can leave NULL in a NOT NULL column, where averages believe the schema (and integrity_check may say ok): see THREAT_MODEL.md."""
    strict = [row[1] for row in db.execute("PRAGMA table_xinfo(telemetry)") if row[3]]
    nulls = " + ".join(f"total(typeof({oracle.quoted(name)}) = 'null')" for name in strict) or "0"
    return db.execute(f"SELECT {nulls} FROM telemetry").fetchone()[0] == 0


def same_or_both_fail(sql, got, text, want, reason):
    if (text is None) != (reason is None) or got != want:
        if not is_about_columns(text, reason):
            raise Difference(f"{sql}: {text or got!r:.200}, plain SQL: {reason or want!r:.200}")
