"""What the real writers leave in a row, claim by claim, release by release: the ground of every
column rule.

    rows.py PEERS RELEASE...

A claim that fails here means that a rule of sql/reference/parts/calls.sql stands on nothing.
"""

import json
import os
import pathlib
import sqlite3
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "target" / "writers"
EARLY = ("0.1.1", "1.0.2")  # write a served call twice


def make(peers, release):
    path = TARGET / release / "telemetry.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, str(HERE / "writers.py"), os.path.join(peers, release), str(path)],
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return path


class Rows:
    def __init__(self, path, release):
        self.connection = sqlite3.connect(path)
        self.connection.row_factory = sqlite3.Row
        self.steps = json.loads(pathlib.Path(f"{path}.json").read_text(encoding="utf-8"))
        self.release = release
        self.failed, self.passed = [], 0

    def of(self, step):
        rows = []
        for number in self.steps.get(step, []):
            row = dict(
                self.connection.execute("SELECT * FROM telemetry WHERE id = ?", [number]).fetchone()
            )
            row.setdefault("token_counting_version", None)  # 0.1.1 and 1.0.2 have no such column
            rows.append(row)
        return rows

    def claim(self, text, holds):
        if holds:
            self.passed += 1
        else:
            self.failed.append(f"{self.release}: {text}")

    def fields(self, text, step, **expected):
        rows = self.of(step)
        wrong = {
            name: [row[name] for row in rows]
            for name, value in expected.items()
            for row in rows
            if not close(row[name], value)
        }
        self.claim(
            f"{text}: {step} has {wrong}" if wrong else f"{text}: {step} wrote no row",
            bool(rows) and not wrong,
        )


def close(got, expected):
    if isinstance(expected, float):
        return abs(got - expected) <= 1e-6 * max(
            1.0, abs(expected)
        )  # a clock of 1.8e9 s has steps of 2.4e-7
    return got == expected


def check(rows):
    release, early = rows.release, rows.release in EARLY
    version = None if early else 2
    for step in ("stream_abandoned", "stream_failed", "stream_full", "plain_failed"):
        rows.claim(f"{step} leaves no row", rows.of(step) == [])
    rows.fields(
        "streams: client clock, one token a chunk, no prompt, total or cost",
        "stream",
        is_streaming=1,
        completion_tokens=100,
        prompt_tokens=0,
        prompt_tokens_evaluated=0,
        total_tokens=0,
        cost_usd=0.0,
        ttft=0.2,
        latency_seconds=1.25,
        mean_itl_ms=10.0,
        median_itl_ms=10.0,
        token_counting_version=version,
        agent="",
        batch_id="",
        is_warmup=0,
    )
    rows.fields(
        "latency ends with the stream, not with its last chunk",
        "stream_one_chunk",
        ttft=0.2,
        latency_seconds=0.3,
        completion_tokens=1,
        mean_itl_ms=0.0,
    )
    rows.fields(
        "one gap has a mean and no deviation", "stream_two_chunks", mean_itl_ms=50.0, std_itl_ms=0.0
    )
    rows.fields(
        "a stream without a chunk", "stream_no_chunk", completion_tokens=0, ttft=0.0, is_streaming=1
    )
    rows.fields(
        "bursts: a median of 0 is true; the deviation divides by gaps - 1",
        "stream_bursts",
        mean_itl_ms=25.0,
        median_itl_ms=0.0,
        std_itl_ms=50.0,
    )
    rows.fields(
        "a cloud stream has a real TTFT, no cost, and the idle machine's energy",
        "stream_cloud",
        engine="cloud",
        ttft=0.4,
        cost_usd=0.0,
        energy_joules=680.0,
    )
    rows.fields(
        "no monitor: no energy and no method",
        "stream_no_monitor",
        energy_joules=0.0,
        energy_method="",
        energy_vendor="",
        power_watts=0.0,
    )
    rows.fields(
        "plain: no TTFT, no ITL; evaluated is a copy of the prompt",
        "plain",
        is_streaming=0,
        ttft=0.0,
        mean_itl_ms=0.0,
        prompt_tokens=1000,
        prompt_tokens_evaluated=1000,
        total_tokens=1100,
        energy_joules=800.0,
        gpu_memory_used_gb=20.0,
        gpu_utilization_pct=75.0,
    )
    rows.fields(
        "a refusal: a true 0 beside a prompt",
        "plain_refusal",
        completion_tokens=0,
        prompt_tokens=1000,
    )
    rows.fields("no usage: all tokens 0", "plain_no_usage", completion_tokens=0, prompt_tokens=0)
    rows.fields(
        "ollama: TTFT is prefill inside the server; ITL is decode / n",
        "ollama",
        ttft=0.25,
        mean_itl_ms=2750 / 90,
        latency_seconds=3.0,
    )
    for row in rows.of("ollama"):
        rows.claim(
            "ollama: evaluated is less than the prompt when the cache hit",
            row["prompt_tokens_evaluated"] == 40 < row["prompt_tokens"],
        )
    for row in rows.of("cloud") + rows.of("cloud_openrouter") + rows.of("multi_cloud"):
        rows.claim(
            "cloud: TTFT is the whole call, by another clock",
            0.999 * row["latency_seconds"] < row["ttft"] < row["latency_seconds"],
        )
        rows.claim("cloud: ITL is what is left between two clocks", 0 < row["mean_itl_ms"] < 0.001)
    cost = (1000 * 0.15 + 200 * 0.60) / 1e6
    rows.fields(
        "generate() copies the cost from 1.0.4 on",
        "cloud",
        cost_usd=cost if release == "1.0.4" else 0.0,
    )
    rows.fields("OpenRouter has no price", "cloud_openrouter", cost_usd=0.0, engine="cloud")
    rows.fields("an unknown model has no price", "cloud_unknown_model", cost_usd=0.0)
    rows.fields("the router hides the engine", "multi_cloud", engine="multi")
    rows.fields("the router hides the engine", "multi_local", engine="multi", cost_usd=0.0)
    rows.fields("an engine without a name", "no_engine_id", engine="unknown")
    rows.fields(
        "afm: TTFT as its inner stream had it, ITL decode / n",
        "afm",
        is_streaming=0,
        ttft=0.3,
        mean_itl_ms=30.0,
    )
    for step, count in (("overlap_identical", 3), ("overlap_staggered", 4)):
        rows.claim(f"{step}: {count} calls", len(rows.of(step)) == count)
        rows.fields(
            "each of the calls in flight books the whole device",
            step,
            energy_joules=400.0,
            power_watts=400.0,
            latency_seconds=1.0,
        )
    for row in rows.of("energy_failed_at_start"):
        rows.claim(
            "a failing first read books the counter's whole life",
            row["energy_joules"] > 20000 * row["latency_seconds"],
        )
    for row in rows.of("energy_failed_at_end"):
        rows.claim("a failing last read is a negative energy", row["energy_joules"] < 0)
    rows.fields(
        "both reads failed: 0 joules with a method",
        "energy_failed_both",
        energy_joules=0.0,
        energy_method="hw_counter",
        energy_vendor="nvidia",
    )
    rows.fields(
        "RAPL fills nothing of the GPU",
        "energy_rapl",
        energy_joules=60.0,
        gpu_memory_used_gb=0.0,
        gpu_utilization_pct=0.0,
        energy_method="rapl",
    )
    rows.fields("the clock was set back during the call", "clock_set_back", latency_seconds=-5.0)
    for row in rows.of("clock_set_back_mid_stream"):
        rows.claim("the clock was set back between chunks", row["mean_itl_ms"] < 0)
    # a served call
    for step, engine in (("served", "vllm"), ("served_cloud", "cloud")):
        got = rows.of(step)
        rows.claim(f"{step}: {len(got)} rows", len(got) == (2 if early else 1))
        rows.claim(f"{step}: the first is the full row", got[0]["engine"] == engine)
        for twin in got[1:]:
            rows.claim(
                f"{step}: the twin is bare",
                (
                    twin["engine"],
                    twin["ttft"],
                    twin["energy_joules"],
                    twin["energy_method"],
                    twin["token_counting_version"],
                    twin["prompt_tokens_evaluated"],
                )
                == ("instrumented", 0.0, 0.0, "", None, 0),
            )
            rows.claim(
                f"{step}: the twin starts before, ends after",
                twin["timestamp"] <= got[0]["timestamp"]
                and twin["latency_seconds"] >= got[0]["latency_seconds"],
            )
            # the only cost of a served cloud call that 0.1.1 and 1.0.2 leave: on the twin
            rows.claim(
                f"{step}: the twin carries the cost",
                close(twin["cost_usd"], cost if step == "served_cloud" else 0.0),
            )
    rows.fields(
        "an engine that is not instrumented leaves a bare row under its own name",
        "served_not_instrumented",
        engine="vllm",
        ttft=0.0,
        energy_joules=0.0,
        energy_method="",
        token_counting_version=None,
        prompt_tokens=100,
        prompt_tokens_evaluated=0,
    )
    # Behind a router with more than one engine a served call is written twice by every release. The
    # twin's engine is then 'multi', which is also the name on the only row of a call that the other
    # engines served.
    rows.claim(
        "served through a router: the instrumented engine's call is written twice",
        [row["engine"] for row in rows.of("served_multi_first")] == ["vllm", "multi"],
    )
    for step in ("served_multi_second", "served_multi_cloud"):
        rows.claim(f"{step}: one bare row", len(rows.of(step)) == 1)
        rows.fields(
            "served through a router by another engine",
            step,
            engine="multi",
            ttft=0.0,
            energy_joules=0.0,
            token_counting_version=None,
            prompt_tokens_evaluated=0,
        )
    rows.fields("the bare row has the cost in every release", "served_multi_cloud", cost_usd=cost)
    if release == "0.1.1":
        rows.claim("0.1.1 has no research runs", rows.of("research") == [])
    else:
        rows.fields(
            "research: one row for a whole run, stamped at its end",
            "research",
            agent="research",
            is_streaming=1,
            ttft=0.0,
            token_counting_version=None,
            prompt_tokens=5000,
            completion_tokens=700,
            latency_seconds=30.0,
            energy_joules=9000.0,
        )
        before = rows.of("served_multi_cloud")[-1]["timestamp"]
        rows.claim(
            "research: start = timestamp - latency",
            close(rows.of("research")[0]["timestamp"] - 30.0, before + 60.0),
        )
    agents = {row[0] for row in rows.connection.execute("SELECT DISTINCT agent FROM telemetry")}
    rows.claim("no shipped writer names an agent but 'research'", agents <= {"", "research"})
    own = set(rows.steps["own_warmup"])
    marked = {
        row[0]
        for row in rows.connection.execute(
            "SELECT id FROM telemetry WHERE is_warmup = 1 OR batch_id <> ''"
        )
    }
    rows.claim("no shipped writer sets is_warmup or batch_id", marked <= own)


def main():
    peers, releases = sys.argv[1], sys.argv[2:]
    passed, failed = 0, []
    for release in releases:
        rows = Rows(make(peers, release), release)
        check(rows)
        passed += rows.passed
        failed += rows.failed
    for text in failed:
        print(f"FAILED {text}")
    print(f"{passed} claims about rows hold, {len(failed)} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
