"""The traps of telemetry_doctor(), each as a predicate over a stored row: see oracle.py."""

import collections
import math

import oracle

CLOUD = ("gpt-", "o1-", "o3-", "o4-", "claude-", "gemini-", "openrouter/")


def cloud_name(model):
    return model.startswith(CLOUD) and not model.startswith("gpt-oss")


def remote(raw):
    return (
        raw["engine"] == "cloud"
        or raw["cost_usd"] > 0
        or (raw["engine"] == "multi" and cloud_name(raw["model_id"]))
    )


NUMBERS = ("latency_seconds", "ttft", "energy_joules", "prompt_tokens", "completion_tokens")
TRAPS = {
    "duplicate_rows": ("error", lambda r: r["engine"] == "instrumented"),
    "energy_negative": ("error", lambda r: r["energy_joules"] < 0),
    "energy_impossible": ("error", lambda r: r["energy_joules"] > 20000 * r["latency_seconds"] > 0),
    "time_not_positive": (
        "error",
        lambda r: r["latency_seconds"] <= 0 or r["ttft"] < 0 or r["mean_itl_ms"] < 0,
    ),
    "ttft_over_latency": ("error", lambda r: r["ttft"] > 1.001 * r["latency_seconds"] > 0),
    "timestamp_odd": ("error", lambda r: not 1672531200 <= r["timestamp"] <= 4102444800),
    "text_in_number": (
        "error",
        lambda r: any(isinstance(r[name], (str, bytes)) for name in NUMBERS),
    ),
    "ttft_is_latency": (
        "warn",
        lambda r: r["is_streaming"] == 0
        and r["ttft"] > 0
        and r["ttft"] >= 0.95 * r["latency_seconds"],
    ),
    "itl_from_leftover": (
        "warn",
        lambda r: r["is_streaming"] == 0
        and r["mean_itl_ms"] > 0
        and r["ttft"] >= 0.95 * r["latency_seconds"],
    ),
    "buffered_stream": (
        "warn",
        lambda r: r["is_streaming"] == 1
        and r["completion_tokens"] > 0
        and r["ttft"] >= 0.95 * r["latency_seconds"]
        and r["latency_seconds"] > 0.5,
    ),
    "stream_without_prompt": (
        "warn",
        lambda r: r["is_streaming"] == 1 and r["prompt_tokens"] == 0 and r["completion_tokens"] > 0,
    ),
    "total_disagrees": (
        "warn",
        lambda r: r["is_streaming"] == 0
        and r["total_tokens"] != r["prompt_tokens"] + r["completion_tokens"],
    ),
    "empty_answer": ("warn", lambda r: r["completion_tokens"] == 0),
    "evaluated_over_prompt": (
        "warn",
        lambda r: r["prompt_tokens_evaluated"] > r["prompt_tokens"] > 0,
    ),
    "energy_zero": ("warn", lambda r: r["energy_joules"] == 0 and r["energy_method"] != ""),
    "energy_modelled": (
        "warn",
        lambda r: r["energy_joules"] > 0
        and r["energy_method"] in ("cpu_time_estimate", "tdp_estimate"),
    ),
    "energy_of_remote_call": ("warn", lambda r: r["energy_joules"] > 0 and remote(r)),
    "energy_outlier": (
        "warn",
        lambda r: r["completion_tokens"] > 0 and r["energy_joules"] > 1800 * r["completion_tokens"],
    ),
    "old_counting": ("warn", lambda r: r["token_counting_version"] != 2),
    "cost_missing": (
        "warn",
        lambda r: r["cost_usd"] == 0
        and r["completion_tokens"] > 0
        and (r["engine"] == "cloud" or r["engine"] == "multi" and cloud_name(r["model_id"])),
    ),
    "research_runs": ("warn", oracle.is_research),
    "energy_unmeasured": ("note", lambda r: r["energy_joules"] == 0 and r["energy_method"] == ""),
    "power_disagrees": (
        "note",
        lambda r: r["power_watts"] > 0
        and r["energy_joules"] > 0
        and r["latency_seconds"] > 0
        and not 0.5 <= r["energy_joules"] / r["latency_seconds"] / r["power_watts"] <= 2,
    ),
    "gpu_unmeasured": ("note", lambda r: r["energy_joules"] > 0 and r["gpu_memory_used_gb"] == 0),
    "phase_energy_modelled": (
        "note",
        lambda r: r["prefill_energy_joules"] > 0 or r["decode_energy_joules"] > 0,
    ),
    "ttft_is_prefill": (
        "note",
        lambda r: r["is_streaming"] == 0
        and r["engine"] != "afm"
        and 0 < r["ttft"] < 0.95 * r["latency_seconds"],
    ),
    "itl_not_streamed": (
        "note",
        lambda r: r["is_streaming"] == 0
        and r["mean_itl_ms"] > 0
        and r["ttft"] < 0.95 * r["latency_seconds"],
    ),
    "chunks_not_tokens": (
        "note",
        lambda r: r["is_streaming"] == 1
        and r["completion_tokens"] > 0
        and r["agent"] != "research",
    ),
    "engine_hidden": ("note", lambda r: r["engine"] in ("multi", "unknown", "")),
}


def doctor(connection):
    """{trap: ids of the calls in it}; traps without calls are left out, and so are those about the
    table."""
    rows = oracle.dicts(connection, "SELECT * FROM telemetry ORDER BY id")
    found = {name: [row["id"] for row in rows if test(row)] for name, (_, test) in TRAPS.items()}
    found["energy_overlap"] = sorted(
        row["id"]
        for row in oracle.calls(connection)
        if row["energy_share"] is not None and row["energy_share"] < 1
    )
    methods = collections.defaultdict(set)
    for row in rows:
        if row["energy_joules"] > 0:
            methods[row["model_id"]].add((row["energy_method"], row["energy_vendor"]))
    found["methods_mixed"] = [
        row["id"] for row in rows if row["energy_joules"] > 0 and len(methods[row["model_id"]]) > 1
    ]
    bare = (
        lambda r: r["energy_joules"] == 0 and r["ttft"] == 0 and r["token_counting_version"] is None
    )
    found["near_duplicates"] = [
        a["id"]
        for a in rows
        if a["completion_tokens"] > 0
        and any(
            a["id"] != b["id"]
            and a["model_id"] == b["model_id"]
            and a["completion_tokens"] == b["completion_tokens"]
            and bare(a) != bare(b)
            and abs(a["timestamp"] - b["timestamp"]) <= 0.05
            and abs(a["latency_seconds"] - b["latency_seconds"]) <= 0.05
            for b in rows
        )
    ]
    local = [
        r
        for r in rows
        if r["engine"] != "instrumented" and not remote(r) and not oracle.is_research(r)
    ]
    found["cold_start"] = []
    for row in local:  # calls that start at the same moment are cold together
        before = [
            other["timestamp"] + other["latency_seconds"]
            for other in local
            if other["model_id"] == row["model_id"] and other["timestamp"] < row["timestamp"]
        ]
        if row["timestamp"] > max(before, default=math.inf) + 300:
            found["cold_start"].append(row["id"])
    return {name: ids for name, ids in found.items() if ids}
