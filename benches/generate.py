"""Writes a telemetry database of any size, the same bytes of data for the same arguments.

    /usr/bin/python3 benches/generate.py target/bench/1m.db --rows 1000000

The table is the one of sql/schema.sql. What is in it:

* ten served models and two small local ones on five engines, chosen with Zipf weights. Joules per output token and
  inter-token latency of the ten are those of the ML.ENERGY Benchmark v3 at concurrency 64 (Chung et al., NeurIPS Datasets
  and Benchmarks 2025), of the small ones guesses; token counts follow the Azure LLM inference trace of 2023 (Patel et
  al., ISCA 2024, CC-BY); each with a log-normal spread;
* batches of 64 requests under UUIDs, four of them in flight at a time (one after the other would flatter a group
  map that looks at its last key first), and 4 % of calls outside any batch: 1,000,000 rows make 15,000 batches;
* 40 % of calls not streamed: those have a mean inter-token latency but no percentiles. Streamed calls have no prompt
  token count and no cost, as OpenJarvis writes them;
* 10 % of calls whose energy was not measured (0.0), 10 % from before the token counting version (NULL there, and
  derived columns 0.0), 3 % warm-up;
* timestamps over 90 days, up to five seconds out of order.

Rows are made one at a time and go straight to the file: memory does not grow with --rows.
"""

import argparse
import os
import random
import shutil
import sqlite3
import sys
import time
import uuid
from contextlib import contextmanager
from itertools import accumulate, cycle
from pathlib import Path

SCHEMA = Path(__file__).resolve().parent.parent / "sql" / "schema.sql"
START, SPAN = 1_785_542_400.0, 90 * 86_400.0  # 2026-08-01, 90 days
OPEN_BATCHES = 4

# model, joules per output token, median ITL in ms, p90/p50, p95/p50, p99/p50, dollars per million tokens, engines
MODELS = [
    ("meta-llama/Llama-3.1-8B-Instruct", 0.119, 11.5, 1.15, 1.29, 2.23, 0.0, ("vllm", "sglang", "ollama")),
    ("openai/gpt-oss-20b", 0.102, 11.2, 1.10, 1.21, 1.70, 0.0, ("vllm", "ollama", "llamacpp")),
    ("Qwen/Qwen3-8B", 0.267, 26.6, 1.10, 1.15, 1.28, 0.0, ("ollama", "llamacpp", "vllm")),
    ("google/gemma-3-12b-it", 0.245, 21.3, 2.13, 2.57, 2.80, 0.0, ("vllm", "mlx")),
    ("qwen3:4b", 0.310, 18.0, 1.12, 1.20, 1.45, 0.0, ("mlx", "ollama")),
    ("meta-llama/Llama-3.1-70B-Instruct", 0.797, 22.4, 1.09, 1.43, 4.04, 0.0, ("vllm", "sglang")),
    ("Qwen/Qwen3-32B", 0.536, 32.3, 1.05, 1.06, 1.09, 0.0, ("sglang", "vllm")),
    ("openai/gpt-oss-120b", 0.181, 14.0, 1.59, 1.82, 2.30, 0.35, ("vllm",)),
    ("google/gemma-3-27b-it", 0.344, 24.2, 2.33, 2.81, 3.91, 0.0, ("vllm", "mlx")),
    ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", 0.151, 18.0, 1.06, 1.14, 1.31, 0.0, ("vllm",)),
    ("llama3.2:1b", 0.045, 6.5, 1.20, 1.35, 2.10, 0.0, ("llamacpp", "mlx")),
    ("deepseek-ai/DeepSeek-V3.1", 3.517, 37.5, 1.18, 1.21, 1.25, 0.90, ("sglang",)),
]
# The methods and vendors that OpenJarvis writes beside an energy reading.
METHOD = {"mlx": ("zeus", "apple"), "llamacpp": ("rapl", "cpu_rapl")}
AGENTS = ("simple", "orchestrator", "operative", "", "native_react")

COLUMNS = (
    "timestamp model_id engine agent prompt_tokens prompt_tokens_evaluated completion_tokens total_tokens latency_seconds "
    "ttft cost_usd energy_joules power_watts gpu_utilization_pct gpu_memory_used_gb gpu_temperature_c "
    "throughput_tok_per_sec prefill_latency_seconds decode_latency_seconds energy_method energy_vendor batch_id is_warmup "
    "cpu_energy_joules gpu_energy_joules dram_energy_joules ane_energy_joules soc_energy_joules energy_basis "
    "tokens_per_joule energy_per_output_token_joules throughput_per_watt prefill_energy_joules decode_energy_joules "
    "mean_itl_ms median_itl_ms p90_itl_ms p95_itl_ms p99_itl_ms std_itl_ms is_streaming token_counting_version "
    "mining_session_id metadata"
).split()


def pool(rng, length, draw):
    """An endless stream from a pool of draws. Pools of different prime lengths make no row repeat another."""
    values = [draw(rng) for _ in range(length)]
    return cycle(values)


def sources(rng):
    """One (model, engine) after the other, Zipf-skewed in both."""
    flat = []
    for place, model in enumerate(MODELS, 1):
        for rank, engine in enumerate(model[7], 1):
            flat.append((1 / place / rank, (model, engine)))
    weights, pairs = zip(*flat)
    cumulative = list(accumulate(weights))
    while True:
        yield from rng.choices(pairs, cum_weights=cumulative, k=4096)


def rows(count, batch_size, seed):
    rng = random.Random(seed)
    spread = pool(rng, 65521, lambda r: r.lognormvariate(0.0, 0.25))
    wobble = pool(rng, 49999, lambda r: r.lognormvariate(0.0, 0.08))
    ratio = pool(rng, 39989, lambda r: 0.04 + r.betavariate(2, 9))
    prompts = pool(rng, 60013, lambda r: min(14050, max(8, int(r.lognormvariate(6.9, 1.0)))))
    outputs = pool(rng, 55001, lambda r: min(1900, max(1, int(r.lognormvariate(4.7, 0.9)))))
    late = pool(rng, 45007, lambda r: r.random() * 5.0)
    traits = pool(rng, 70001, lambda r: tuple(r.random() < p for p in (0.60, 0.10, 0.10, 0.03, 0.04)))
    slots = pool(rng, 32749, lambda r: r.randrange(OPEN_BATCHES))
    agents = pool(rng, 251, lambda r: r.choice(AGENTS))
    source = sources(rng)
    step = SPAN / count
    left, batch_of, source_of = [0] * OPEN_BATCHES, [""] * OPEN_BATCHES, [None] * OPEN_BATCHES

    stream = zip(range(count), spread, wobble, ratio, prompts, outputs, late, traits, slots, agents)
    for i, f, w, share, prompt, output, delay, (streaming, unmeasured, legacy, warmup, alone), slot, agent in stream:
        if alone:
            batch, (model, engine) = "", next(source)
        else:
            if left[slot] == 0:
                left[slot] = batch_size
                batch_of[slot] = str(uuid.UUID(int=rng.getrandbits(128)))
                source_of[slot] = next(source)
            left[slot] -= 1
            batch, (model, engine) = batch_of[slot], source_of[slot]
        name, joules, itl, r90, r95, r99, price, _ = model

        mean_itl = itl * f * 1.04
        decode = mean_itl * output / 1000.0
        latency = decode / (1.0 - share)
        ttft = latency - decode
        tokens = 0 if streaming else prompt + output
        speed = output / decode
        energy = 0.0 if unmeasured else joules * output * w
        method, vendor = ("", "") if unmeasured else METHOD.get(engine, ("hw_counter", "nvidia"))
        apple = engine == "mlx"
        gpu = 0.0 if engine == "llamacpp" else energy * 0.86
        power = energy / latency
        utilization = 0.0 if engine == "llamacpp" else min(99.5, 55.0 * f * w + 20.0)
        if legacy or unmeasured:
            per_joule = per_token = per_watt = 0.0
        else:
            per_joule, per_token, per_watt = output / energy, energy / output, speed / power
        median = itl * f if streaming else 0.0

        yield (
            START + i * step + delay, name, engine, agent,
            0 if streaming else prompt, 0 if streaming else prompt - prompt // 3, output, tokens,
            latency, ttft, tokens * price * 1e-6, energy, power, utilization, 12.0 * w + joules, 48.0 + 20.0 * w,
            speed, ttft, decode, method, vendor, batch, 1 if warmup else 0,
            energy * 0.11, gpu, energy * 0.03, energy * 0.2 if apple else 0.0, energy if apple else 0.0,
            "" if legacy else "soc" if apple else "gpu",
            per_joule, per_token, per_watt, energy * share, energy - energy * share,
            mean_itl, median, median * r90, median * r95, median * r99, median * 0.2 * w,
            1 if streaming else 0, None if legacy else 2, None, "{}",
        )


@contextmanager
def replacing(path, start=None):
    """A connection to a file, a copy of `start` if given, that is moved to `path` at the end: a broken run leaves no half database there."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    for leftover in (part, path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        leftover.unlink(missing_ok=True)
    if start:
        shutil.copyfile(start, part)
    db = sqlite3.connect(part, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    yield db
    db.execute("PRAGMA journal_mode = WAL")  # the mode that OpenJarvis leaves its files in
    db.close()
    os.replace(part, path)


def add_index(source, path):
    """A copy of a database with an index on timestamp."""
    with replacing(path, source) as db:
        db.execute("CREATE INDEX telemetry_timestamp ON telemetry(timestamp)")


def write(path, count, batch_size=64, seed=1, schema=SCHEMA):
    """A new database of `count` rows."""
    marks = ", ".join("?" * len(COLUMNS))
    with replacing(path) as db:
        db.executescript(Path(schema).read_text())
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO telemetry ({', '.join(COLUMNS)}) VALUES ({marks})", rows(count, batch_size, seed))
        db.execute("COMMIT")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch-size", type=int, default=64, help="1 makes a group of its own of nearly every row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schema", default=SCHEMA, help="default: sql/schema.sql")
    options = parser.parse_args()
    if options.rows < 1 or options.batch_size < 1:
        parser.error("--rows and --batch-size are at least 1")
    began = time.perf_counter()
    write(options.path, options.rows, options.batch_size, options.seed, options.schema)
    took = time.perf_counter() - began
    size = os.path.getsize(options.path) / 1e6
    print(f"{options.path}: {options.rows:,} rows, {size:,.0f} MB, {took:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
