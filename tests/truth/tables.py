"""Random telemetry tables with every kind of row the peer's writers leave, from a seed.

The kinds and their shares are made up; what stands in a row of each kind is what tests/peer/rows.py
found. Times lie on a grid of 1/64 s for half of the tables, so that calls also start and end at the
same instant.
"""

import pathlib
import random
import sqlite3

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = (ROOT / "sql" / "schema.sql").read_text(encoding="utf-8")
START = 1790000000.0
KINDS = (
    "stream",
    "plain",
    "ollama",
    "afm",
    "cloud",
    "cloud_stream",
    "multi",
    "twin",
    "bare",
    "research",
    "warmup",
    "failed_read",
    "clock_back",
    "refusal",
    "split",
    "odd_time",
)


def row(kind, r, start, grid):
    whole = (lambda x: round(x * 64) / 64 or 1 / 64) if grid else (lambda x: x)
    latency = whole(r.lognormvariate(0.5, 0.8))
    n = r.choice((0, 1, 2, 3, r.randint(4, 400)))
    prompt = r.randint(1, 4000)
    watts = r.choice((250.0, 400.0))
    vendor = r.choice(("nvidia", "nvidia", "apple"))
    gaps = {
        "mean_itl_ms": r.uniform(1, 60),
        "median_itl_ms": r.choice((0.0, 9.0)),
        "p90_itl_ms": 50.0,
        "p95_itl_ms": 60.0,
        "p99_itl_ms": 70.0,
        "std_itl_ms": r.uniform(0, 20) if n > 2 else 0.0,
    }
    energy = (
        {}
        if r.random() < 0.2
        else {
            "energy_joules": watts * latency,
            "gpu_energy_joules": watts * latency,
            "power_watts": watts,
            "energy_method": (
                "hw_counter" if vendor == "nvidia" else r.choice(("ioreport", "tdp_estimate"))
            ),
            "energy_vendor": vendor,
            "gpu_memory_used_gb": 20.0 if vendor == "nvidia" else 0.0,
            "gpu_utilization_pct": r.choice((0.0, 70.0)) if vendor == "nvidia" else 0.0,
        }
    )
    tokens = {
        "prompt_tokens": prompt,
        "prompt_tokens_evaluated": prompt,
        "completion_tokens": n,
        "total_tokens": prompt + n,
    }
    call = {
        "timestamp": start,
        "model_id": r.choice(("a", "b", "c:7b", "")),
        "engine": "vllm",
        "latency_seconds": latency,
        "token_counting_version": r.choice((2, 2, None)),
        **energy,
    }
    if kind in ("stream", "cloud_stream"):
        call |= {
            "is_streaming": 1,
            "completion_tokens": n,
            "ttft": whole(latency * r.uniform(0.01, 1.02)),
        }
        call |= gaps if n > 1 else {}
        call["engine"] = "cloud" if kind == "cloud_stream" else "vllm"
    elif kind in ("plain", "warmup", "multi", "split", "odd_time"):
        call |= tokens
        call["is_warmup"] = int(kind == "warmup")
        if kind == "multi":
            call |= {
                "engine": "multi",
                "model_id": r.choice(("gpt-4o", "gpt-oss-20b", "o3-mini", "qwen")),
            }
        if kind == "split" and energy:
            call["energy_joules"] = 0.2 * watts * latency
        if kind == "odd_time":
            call["timestamp"] = r.choice((START * 1000, 0.0))
    elif kind in ("ollama", "afm"):
        call |= tokens | {
            "engine": kind,
            "ttft": latency * 0.2,
            "mean_itl_ms": 30.0 if n else 0.0,
            "prompt_tokens_evaluated": prompt + r.choice((-1, 0, 1)),
        }
    elif kind == "cloud":
        call |= tokens | {
            "engine": "cloud",
            "ttft": latency * 0.999999,
            "mean_itl_ms": 0.001,
            "cost_usd": r.choice((0.0, 0.002)),
        }
    elif kind in ("twin", "bare"):
        call = {
            "timestamp": start,
            "model_id": "a",
            "latency_seconds": latency,
            **tokens,
            "prompt_tokens_evaluated": 0,
            "engine": "instrumented" if kind == "twin" else "multi",
        }
    elif kind == "research":
        call |= tokens | {
            "agent": "research",
            "is_streaming": 1,
            "token_counting_version": None,
            "latency_seconds": whole(latency * 10),
        }
        if energy:
            call["energy_joules"] = watts * call["latency_seconds"]
    elif kind == "failed_read":
        call |= tokens | {
            "energy_joules": r.choice((-4e9, 4e9, 0.0)),
            "energy_method": "hw_counter",
            "energy_vendor": "nvidia",
        }
    elif kind == "clock_back":
        call |= tokens | {"latency_seconds": r.choice((0.0, -5.0))}
    elif kind == "refusal":
        call |= tokens | {"completion_tokens": 0, "total_tokens": prompt}
    return call


def make(seed, count, path=":memory:"):
    r = random.Random(seed)
    grid = seed % 2 == 0
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    start = START
    rows = []
    for _ in range(count):
        gap = r.expovariate(r.choice((0.5, 2.0)))
        start += round(gap * 64) / 64 if grid else gap
        rows.append(row(r.choice(KINDS), r, start, grid))
    r.shuffle(rows)
    for call in rows:
        connection.execute(
            f"INSERT INTO telemetry({', '.join(call)}) VALUES ({', '.join('?' * len(call))})",
            list(call.values()),
        )
    connection.commit()
    return connection


def migrate(connection):
    """Adds the columns that the table lacks, as the store of 1.0.4 does with an older file."""
    have = {row[1] for row in connection.execute("PRAGMA table_info(telemetry)")}
    model = sqlite3.connect(":memory:")
    model.executescript(SCHEMA)
    for _, name, kind, strict, default, _ in model.execute("PRAGMA table_info(telemetry)"):
        if name not in have:
            rule = f"NOT NULL DEFAULT {default}" if strict else ""
            connection.execute(f"ALTER TABLE telemetry ADD COLUMN {name} {kind} {rule}")
    connection.commit()
