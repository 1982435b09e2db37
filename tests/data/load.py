"""Builds a telemetry database from public measurements: real call lengths, real energy and latency figures.

    tests/data/load.py DIRECTORY [DATABASE]        (DATABASE: target/real.db by default; replaced if it exists)

DIRECTORY holds three files under these names:

    azure-llm-2023-code.csv, azure-llm-2023-conv.csv
        "Azure LLM inference trace 2023" of the Azure Public Dataset (CC-BY): one line a call of a production service,
        TIMESTAMP, ContextTokens, GeneratedTokens. Patel et al., "Splitwise: Efficient generative LLM inference using
        phase splitting", ISCA 2024.
    ml-energy-v3-llm.csv
        the LLM part of ML.ENERGY Benchmark v3, one line a measured configuration (model, task, GPUs, concurrency).
        Chung et al., "The ML.ENERGY Benchmark", NeurIPS Datasets and Benchmarks 2025.

The two were not measured together. Each call of the trace takes the next configuration of its kind in turn (code:
the task sourcegraph-fim; conversation: all others), and so becomes one row:

    timestamp, prompt and completion tokens       the call's
    model_id                                      the configuration's
    engine                                        vllm, which the benchmark runs
    batch_id                                      the configuration: its line in the file, model, task, GPUs,
                                                  concurrency (three pairs of lines differ in nothing else)
    energy_joules                                 energy_per_token_joules (per output token) * completion tokens
    power_watts, median, p90, p95, p99 ITL        the configuration's
    mean_itl_ms                                   avg_batch_size / output_throughput: the mean time in which each of
                                                  the running requests gets one token
    latency_seconds                               mean_itl_ms * completion tokens
    ttft, cost, utilization and other columns     not measured: 0
"""

import csv
import itertools
import pathlib
import sqlite3
import sys
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE_TASK = "sourcegraph-fim"


def read(path):
    with open(path, newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def unix_seconds(text):
    """The trace has seven digits after the point, one more than datetime reads."""
    whole, _, fraction = text.partition(".")
    start = datetime.strptime(whole, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    return start + float(f"0.{fraction or 0}")


def row(call, configuration):
    numbers = ("_joules", "_ms", "_watts", "_per_sec", "_batch_size")
    c = {k: float(v) for k, v in configuration.items() if k.endswith(numbers)}
    prompt, completion = int(call["ContextTokens"]), int(call["GeneratedTokens"])
    itl = 1000 * c["avg_batch_size"] / c["output_throughput_tokens_per_sec"]
    latency, energy = itl * completion / 1000, c["energy_per_token_joules"] * completion
    return {
        "timestamp": unix_seconds(call["TIMESTAMP"]),
        "model_id": configuration["model_id"],
        "engine": "vllm",
        "prompt_tokens": prompt,
        "prompt_tokens_evaluated": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "latency_seconds": latency,
        "energy_joules": energy,
        "power_watts": c["avg_power_watts"],
        "throughput_tok_per_sec": completion / latency if latency else 0.0,
        "energy_method": "zeus",
        "energy_vendor": "nvidia",
        "batch_id": "{line}: {model_id} {task} {num_gpus}x{gpu_model} {max_num_seqs}".format(**configuration),
        "gpu_energy_joules": energy,
        "energy_basis": "gpu",
        "tokens_per_joule": completion / energy if energy else 0.0,
        "energy_per_output_token_joules": c["energy_per_token_joules"],
        "throughput_per_watt": completion / latency / c["avg_power_watts"] if latency else 0.0,
        "mean_itl_ms": itl,
        "median_itl_ms": c["median_itl_ms"],
        "p90_itl_ms": c["p90_itl_ms"],
        "p95_itl_ms": c["p95_itl_ms"],
        "p99_itl_ms": c["p99_itl_ms"],
        "is_streaming": 1,
        "token_counting_version": 2,
    }


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT / "target" / "real.db"
    files = ["azure-llm-2023-code.csv", "azure-llm-2023-conv.csv", "ml-energy-v3-llm.csv"]
    missing = [name for name in files if not (directory / name).exists()]
    if missing:
        sys.exit(f"{directory} lacks {', '.join(missing)}; see the top of this file for what they are")
    code, conversation, energy = (list(read(directory / name)) for name in files)
    for line, configuration in enumerate(energy, start=2):
        configuration["line"] = line
    rows = [
        row(call, configuration)
        for calls, mine in (
            (code, [c for c in energy if c["task"] == CODE_TASK]),
            (conversation, [c for c in energy if c["task"] != CODE_TASK]),
        )
        for call, configuration in zip(calls, itertools.cycle(mine))
    ]
    rows.sort(key=lambda r: r["timestamp"])

    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    db = sqlite3.connect(target)
    db.executescript((ROOT / "sql" / "schema.sql").read_text(encoding="utf-8"))
    names = list(rows[0])
    with db:
        db.executemany(
            f"INSERT INTO telemetry({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})", rows)
    db.close()
    models, configurations = {r["model_id"] for r in rows}, {r["batch_id"] for r in rows}
    print(f"{target}: {len(rows)} calls, {len(configurations)} configurations of {len(models)} models")


if __name__ == "__main__":
    main()
