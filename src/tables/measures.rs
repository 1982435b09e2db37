//! What `model_stats` and `engine_stats` both measure of their calls.

use super::statistic::{StatColumn, average, total};

/// Time, cost, energy, speed.
pub(super) const MEASURES: &[StatColumn] = &[
    total("total_latency", c"latency_seconds"),
    average("avg_latency", c"latency_seconds"),
    total("total_cost", c"cost_usd"),
    average("avg_ttft", c"ttft"),
    total("total_energy_joules", c"energy_joules"),
    average("avg_gpu_utilization_pct", c"gpu_utilization_pct"),
    average("avg_throughput_tok_per_sec", c"throughput_tok_per_sec"),
    average("avg_tokens_per_joule", c"tokens_per_joule"),
    average("avg_energy_per_output_token_joules", c"energy_per_output_token_joules"),
    average("avg_throughput_per_watt", c"throughput_per_watt"),
    total("total_prefill_energy_joules", c"prefill_energy_joules"),
    total("total_decode_energy_joules", c"decode_energy_joules"),
    average("avg_mean_itl_ms", c"mean_itl_ms"),
    average("avg_median_itl_ms", c"median_itl_ms"),
    average("avg_p95_itl_ms", c"p95_itl_ms"),
];

/// Energy by rail, which newer peers report after everything else.
pub(super) const RAILS: &[StatColumn] = &[
    total("total_ane_energy_joules", c"ane_energy_joules"),
    total("total_soc_energy_joules", c"soc_energy_joules"),
];
