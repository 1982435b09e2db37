//! What every roll-up holds: all that `model_stats`, `engine_stats`, `aggregated_stats` and
//! `top_models` are made of.

use crate::telemetry::{CURRENT_TOKEN_COUNTING_VERSION, Input, Key, Plan, TOKEN_COUNTING_VERSION};

/// Columns that a roll-up groups by, which the table must have.
pub(super) const KEYS: &[&str] = &["model_id", "engine"];

const TOKENS: &[&[&str]] =
    &[&["total_tokens"], &["prompt_tokens"], &["completion_tokens"], &["prompt_tokens_evaluated"]];

const SUMS: &[&[&str]] = &[
    &["latency_seconds"],
    &["cost_usd"],
    &["ttft"],
    &["energy_joules"],
    &["gpu_utilization_pct"],
    &["throughput_tok_per_sec"],
    &["tokens_per_joule"],
    &["energy_per_output_token_joules"],
    &["throughput_per_watt"],
    &["prefill_energy_joules"],
    &["decode_energy_joules"],
    &["mean_itl_ms"],
    &["median_itl_ms"],
    &["p95_itl_ms"],
    &["ane_energy_joules"],
    &["soc_energy_joules"],
];

/// The plan of every roll-up. The last part of the key is the one filter that those functions have
/// besides bounds.
pub(crate) fn plan() -> Plan {
    let current = Key::Holds(TOKEN_COUNTING_VERSION.to_owned(), CURRENT_TOKEN_COUNTING_VERSION);
    let keys = KEYS.iter().map(|&column| Key::Column(column.to_owned()));
    let mut plan = Plan::by(keys.chain([current]).collect());
    for &columns in TOKENS {
        plan.tokens(Input::Columns(columns));
    }
    for &columns in SUMS {
        plan.sum(Input::Columns(columns));
    }
    plan
}
