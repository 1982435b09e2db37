//! What `model_stats` and `engine_stats` both measure of their calls.

use super::statistic::{StatColumn, average, total};

/// Time, cost, energy, speed.
pub(super) const MEASURES: &[StatColumn] = &[
    total("total_latency", &["latency_seconds"]),
    average("avg_latency", &["latency_seconds"]),
    total("total_cost", &["cost_usd"]),
    average("avg_ttft", &["ttft"]),
    total("total_energy_joules", &["energy_joules"]),
    average("avg_gpu_utilization_pct", &["gpu_utilization_pct"]),
    average("avg_throughput_tok_per_sec", &["throughput_tok_per_sec"]),
    average("avg_tokens_per_joule", &["tokens_per_joule"]),
    average("avg_energy_per_output_token_joules", &["energy_per_output_token_joules"]),
    average("avg_throughput_per_watt", &["throughput_per_watt"]),
    total("total_prefill_energy_joules", &["prefill_energy_joules"]),
    total("total_decode_energy_joules", &["decode_energy_joules"]),
    average("avg_mean_itl_ms", &["mean_itl_ms"]),
    average("avg_median_itl_ms", &["median_itl_ms"]),
    average("avg_p95_itl_ms", &["p95_itl_ms"]),
];

/// Energy by rail, which newer peers report after everything else.
pub(super) const RAILS: &[StatColumn] = &[
    total("total_ane_energy_joules", &["ane_energy_joules"]),
    total("total_soc_energy_joules", &["soc_energy_joules"]),
];
