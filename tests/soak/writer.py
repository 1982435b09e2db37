"""The real TelemetryStore of OpenJarvis, writing as fast as it can: writer.py DIRECTORY DATABASE JOURNAL.

Writes until its stdin closes, and empties the table by the real TelemetryAggregator.clear() when it has grown to MOST_ROWS (by its statement
without WAL, which that class switches on). The last line is JSON:
rows written, how long a write took, what failed.
"""

import json
import pathlib
import random
import select
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "peer"))
import peer  # noqa: E402

MOST_ROWS = 20_000
MODELS = ["meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3-32B", "qwen3:8b", "gpt-oss:120b", "naïve 模型", "it's"]
ENGINES = ["vllm", "ollama", "cloud", ""]


def record(types, number):
    prompt, completion = random.randrange(4000), random.randrange(600)
    return types.TelemetryRecord(
        timestamp=time.time(), model_id=random.choice(MODELS), engine=random.choice(ENGINES), prompt_tokens=prompt,
        completion_tokens=completion, total_tokens=prompt + completion, prompt_tokens_evaluated=prompt // 2,
        latency_seconds=random.expovariate(1), ttft=random.random(), cost_usd=random.random() / 100,
        energy_joules=random.lognormvariate(3, 2), gpu_utilization_pct=random.random() * 100, throughput_tok_per_sec=random.random() * 90,
        mean_itl_ms=random.expovariate(0.05), median_itl_ms=random.expovariate(0.05), p95_itl_ms=random.expovariate(0.02),
        tokens_per_joule=random.random(), energy_per_output_token_joules=random.random(), throughput_per_watt=random.random(),
        prefill_energy_joules=random.random(), decode_energy_joules=random.random(), batch_id=f"batch-{number // 64}",
        is_warmup=number % 64 < 3, token_counting_version=random.choice([None, 1, 2]), soc_energy_joules=random.random(),
        metadata={"n": number})


# A roll-up keeps sums of stretches of so many ids, and leaves the newest one alone: ids jump, so that every table that is filled
# reaches into two.
STRETCH = 65_536
JUMP = f"UPDATE sqlite_sequence SET seq = (seq / {STRETCH} + 2) * {STRETCH} - {MOST_ROWS // 2} WHERE name = 'telemetry'"
LATE = "UPDATE telemetry SET energy_joules = energy_joules + 1 WHERE id = (SELECT min(id) FROM telemetry)"


def main():
    directory, database, journal = sys.argv[1:]
    aggregator, store_module, types = peer.load(directory)
    store = store_module.TelemetryStore(database)
    if store._conn.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0] != journal.lower():
        sys.exit(f"no journal_mode {journal}")
    cleaner = aggregator.TelemetryAggregator(database) if journal == "WAL" else None
    written = cleared = in_table = 0
    times, failures = [], []
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(50):  # a batch of the store: the last of them writes
            start = time.perf_counter()
            try:
                store.record(record(types, written))
            except Exception as error:  # whatever the real one does to its caller
                failures.append(repr(error))
            times.append(time.perf_counter() - start)
            written += 1
            in_table += 1
        if written % 5000 == 0:
            try:
                store.flush()
                store._conn.execute(LATE if in_table != 5000 else JUMP)
                store._conn.commit()
            except Exception as error:
                failures.append(repr(error))
                store._conn.rollback()
        if in_table >= MOST_ROWS:
            try:
                store.flush()
                if cleaner:
                    cleaner.clear()
                else:
                    store._conn.execute("DELETE FROM telemetry")
                    store._conn.commit()
                store._conn.execute(JUMP)
                store._conn.commit()
                cleared += 1
                in_table = 0
            except Exception as error:
                failures.append(repr(error))
                store._conn.rollback()
                if cleaner:
                    cleaner._conn.rollback()
        if len(times) > 200_000:
            times = sorted(times)[-20_000:]
    if store._conn.execute("PRAGMA journal_mode").fetchone()[0] != journal.lower():
        failures.append("the journal_mode did not stay")
    store.close()
    times.sort(reverse=True)
    print(json.dumps({"written": written, "cleared": cleared, "failures": failures[:5], "failed": len(failures),
                      "slowest_ms": round(times[0] * 1000, 1) if times else 0,
                      "hundredth_ms": round(times[min(100, len(times) - 1)] * 1000, 1) if times else 0}))


if __name__ == "__main__":
    main()
