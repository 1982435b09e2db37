"""What the answers are made of: which columns each table function has, and how each is counted."""

# name of the answer's column -> (how it is counted, the table's column)
TOKENS, TOTAL, MEAN = "tokens", "total", "mean"

MODEL = {
    "total_tokens": (TOKENS, "total_tokens"),
    "prompt_tokens": (TOKENS, "prompt_tokens"),
    "completion_tokens": (TOKENS, "completion_tokens"),
    "total_latency": (TOTAL, "latency_seconds"),
    "avg_latency": (MEAN, "latency_seconds"),
    "total_cost": (TOTAL, "cost_usd"),
    "avg_ttft": (MEAN, "ttft"),
    "total_energy_joules": (TOTAL, "energy_joules"),
    "avg_gpu_utilization_pct": (MEAN, "gpu_utilization_pct"),
    "avg_throughput_tok_per_sec": (MEAN, "throughput_tok_per_sec"),
    "avg_tokens_per_joule": (MEAN, "tokens_per_joule"),
    "avg_energy_per_output_token_joules": (MEAN, "energy_per_output_token_joules"),
    "avg_throughput_per_watt": (MEAN, "throughput_per_watt"),
    "total_prefill_energy_joules": (TOTAL, "prefill_energy_joules"),
    "total_decode_energy_joules": (TOTAL, "decode_energy_joules"),
    "avg_mean_itl_ms": (MEAN, "mean_itl_ms"),
    "avg_median_itl_ms": (MEAN, "median_itl_ms"),
    "avg_p95_itl_ms": (MEAN, "p95_itl_ms"),
    "prompt_tokens_evaluated": (TOKENS, "prompt_tokens_evaluated"),
    "total_ane_energy_joules": (TOTAL, "ane_energy_joules"),
    "total_soc_energy_joules": (TOTAL, "soc_energy_joules"),
}
ENGINE = {
    name: rule for name, rule in MODEL.items()
    if name not in ("prompt_tokens", "completion_tokens", "prompt_tokens_evaluated")
}
SUMMARY_TOTALS = [
    "total_cost", "total_latency", "total_energy_joules", "total_prefill_energy_joules",
    "total_decode_energy_joules", "total_ane_energy_joules", "total_soc_energy_joules",
]
SUMMARY_MEANS = [
    "avg_throughput_tok_per_sec", "avg_gpu_utilization_pct", "avg_energy_per_output_token_joules",
    "avg_throughput_per_watt", "avg_mean_itl_ms", "avg_median_itl_ms", "avg_p95_itl_ms",
]

MODEL_COLUMNS = ["model_id", "call_count", *MODEL]
ENGINE_COLUMNS = ["engine", "call_count", *ENGINE]
BATCH_COLUMNS = ["batch_id", "total_requests", "total_tokens", "total_energy_joules", "energy_per_token_joules"]
SUMMARY_COLUMNS = [
    "total_calls", "total_tokens", "total_cost", "total_latency", "total_energy_joules", "avg_throughput_tok_per_sec",
    "avg_gpu_utilization_pct", "avg_energy_per_output_token_joules", "avg_throughput_per_watt",
    "total_prefill_energy_joules", "total_decode_energy_joules", "avg_mean_itl_ms", "avg_median_itl_ms",
    "avg_p95_itl_ms", "per_model", "per_engine", "total_ane_energy_joules", "total_soc_energy_joules",
]

METRICS = sorted({column for _, column in MODEL.values()})
# what a missing column reads as: 0, every row current, and no row in a batch
MISSING = {**{column: "0" for column in METRICS}, "is_warmup": "0", "token_counting_version": "2", "batch_id": "''"}
