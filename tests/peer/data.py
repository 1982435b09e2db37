"""Telemetry tables to compare on: the schemas of every release, ordinary rows and hostile ones, from a seed."""

import json
import sqlite3
import string

INF = float("inf")
START = 1793491200  # 2026-11-01


def columns_of(ddl):
    """(name, declared type, NOT NULL, default) of each column that a CREATE TABLE statement makes."""
    db = sqlite3.connect(":memory:")
    db.execute(ddl)
    return [row[1:5] for row in db.execute("PRAGMA table_info(telemetry)")]


def create_table(columns, typed=True, strict=True):
    """The same table again; `typed` keeps the types, `strict` NOT NULL and the defaults."""
    parts = []
    for name, kind, notnull, default in columns:
        if name == "id":
            parts.append("id INTEGER PRIMARY KEY AUTOINCREMENT")
            continue
        part = f"{name} {kind}" if typed else name
        if strict and notnull:
            part += " NOT NULL"
        if strict and default is not None:
            part += f" DEFAULT {default}"
        parts.append(part)
    return f"CREATE TABLE telemetry({', '.join(parts)})"


def insert(db, columns, rows):
    names = [name for name, *_ in columns if name != "id"]
    sql = f"INSERT INTO telemetry({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    db.executemany(sql, [[row[name] for name in names] for row in rows])
    db.commit()


ENGINES = ["vllm", "sglang", "ollama", "cloud", "", "llama.cpp", "ta\u0308a\u0308 引擎"]
MODELS = [
    "meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3-32B", "qwen3:8b", "Qwen3:8B", "openai/gpt-oss-120b",
    "it's \"quoted\"", "模型-7b", "naïve", "nai\u0308ve", "🦙" * 40, "x" * 3000, "%s%n%d",
    "a;DROP TABLE telemetry", "", " ", "1",
]
MEASURED = (
    "_joules", "_ms", "_seconds", "_watts", "_pct", "_gb", "_c", "_usd", "_per_sec", "_per_watt", "_per_joule", "ttft",
)


def ordinary(random, names, count):
    """Rows as the real store writes them: every field there, of its type. Some timestamps are equal."""
    rows = []
    for _ in range(count):
        completion = random.choice([0, 1, 2, random.randrange(3, 2000)])
        prompt = random.randrange(0, 14051)
        measured = random.random() < 0.85
        rows.append({
            name: random.lognormvariate(0, 3) if measured and name.endswith(MEASURED) else 0.0 for name in names
        } | {
            "timestamp": START + random.randrange(0, 40) * 0.25 + random.choice([0, random.random() * 1000]),
            "model_id": random.choice(MODELS),
            "engine": random.choice(ENGINES),
            "agent": random.choice(["", "coder"]),
            "prompt_tokens": prompt,
            "prompt_tokens_evaluated": prompt // 2,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "energy_method": "hw_counter" if measured else "",
            "energy_vendor": "nvidia",
            "energy_basis": "gpu",
            "batch_id": random.choice(["", "b-1", "b-2", "B-1", "b-3 ü", "b-4"]),
            "is_warmup": int(random.random() < 0.2),
            "is_streaming": int(random.random() < 0.5),
            "token_counting_version": random.choice([None, 1, 2, 2, 2]),
            "mining_session_id": random.choice([None, "m"]),
            "metadata": json.dumps({"note": random.choice(["", 'größer "2"', "\0🦙"])}),
        })
    return rows


KEYS = [
    None, "", "a", "A", " a", "a ", "ä", "a\u0308", "🦙", "🦙🦙", "nul\0byte", "k" * 4000, "it's", 'say "x"',
    "%s%n", "NULL", "1", "01", "1.0", 1, 1.0, 1.5, -1, 2**53 + 1, 2.0**53, 2**63 - 1, -(2**63), INF, -INF,
    b"a", b"", b"\x00\xff",
]
TEXTS = ["12", " 3 ", "-4.5", "1e3", "12abc", "abc", "", ".5", "0x10", "9e999", "nan", "inf", b"7", b"\x01", b"1e2x"]
TAME = [None, 0, 0.0, -0.0, 1, 0.1, -1.5, 1e-9, 123456.789, 3]
EDGES = [5e-324, -5e-324, 2.2e-308, 1e-300, 1e16, -1e16, 1.0, 1e300, -1e300, 2**53 + 1, -(2**53) - 1]
TOKENS = [None, 0, 1, 2**40, 2**53 + 1, -(2**53) - 1, 1.5, 2.0, -1e15]
LARGEST = 1.7976931348623157e308
INFINITE = [LARGEST, -LARGEST, 1e308, INF, INF, -INF]
LARGE_INTEGERS = [2**62, 2**63 - 1, -(2**63)]
TIMES = [None, "soon", "1793491205", -1e10, INF, b"t", START, START + 7]
TEXT_FIELDS = [None, "{}", b"\x00\xff", 5, 2.0, -INF, "not json", '"\\\u2028\x7f', "tab\tnul\0", "🦙"]


def hostile(random, names, count, keys=KEYS, beyond=None):
    """Rows that no release writes but a file may hold. What leaves the doubles or the integers (`beyond`) comes only
    on request: the first overflow of SUM is the end of the peer's whole query, and so of the comparison."""

    def pick(usual, edges):
        return random.choice(random.choices([usual, edges, TEXTS, beyond], [64, 22, 10, 4 if beyond else 0])[0])

    def measured():
        return pick([*TAME, random.gauss(0, 1) * random.lognormvariate(0, 12)], EDGES)

    def tokens():
        return pick([random.randrange(-5, 5000)], TOKENS)

    return [
        {name: tokens() if "_tokens" in name else measured() for name in names} | {
            "timestamp": random.choice(TIMES) if random.random() < 0.2 else START + random.random() * 20,
            "model_id": random.choice(keys),
            "engine": random.choice(keys),
            "batch_id": random.choice(keys),
            "agent": random.choice(TEXT_FIELDS),
            "energy_method": random.choice(keys),
            "energy_vendor": random.choice(TEXT_FIELDS),
            "energy_basis": "".join(random.choices(string.printable, k=3)),
            "is_warmup": random.choice([0, 0, 1, None, "0", "no", 0.0, 2]),
            "is_streaming": random.choice([0, 1, None]),
            "token_counting_version": random.choice([2, 2, 2.0, "2", 1, None, "two"]),
            "mining_session_id": None,
            "metadata": random.choice(TEXT_FIELDS),
        }
        for _ in range(count)
    ]


def infinite(random, names, count):
    """The first key gets infinities of both signs in every column: its totals are NaN, the other keys' mostly not."""
    keys = random.sample(KEYS, 5)
    rows = hostile(random, names, count, keys, INFINITE)
    for row, infinity in zip(rows, (INF, -INF)):
        row |= {name: infinity for name in names if name.endswith(MEASURED) or "_tokens" in name}
        row |= {"model_id": keys[0], "engine": keys[0], "batch_id": keys[0]}
    return rows


def overflowing(random, names, count):
    return hostile(random, names, count, random.sample(KEYS, 5), LARGE_INTEGERS)
