//! The columns of the telemetry table of OpenJarvis 1.0.4 as measurements: each with the condition
//! under which it was measured, and what it then is.
//!
//! A rule is that of [`Input::Rule`], in which `[term]` is one of the conditions of [`TERMS`]. [`super::calls`] has the same rules in Rust, for
//! statistics; a test holds the two together.

use super::calls::{IS_REMOTE, IS_RESEARCH, START};
use super::input::{Input, filled};
use super::source::Source;
use crate::ffi::{Connection, Result};

/// A column, and when it was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnRule {
    /// Its name.
    pub(crate) name: &'static str,
    /// The type that it is declared with.
    pub(crate) declared: &'static str,
    /// When it was measured; empty: always, as it is stored.
    pub(crate) measured_when: &'static str,
    /// What it then is.
    pub(crate) value: &'static str,
}

/// Conditions that several rules share, each after those that it names.
const TERMS: [(&str, &str); 7] = [
    ("streamed", "({is_streaming} = 1 AND [research] IS NOT TRUE)"),
    ("latency", "({+latency_seconds} > 0 AND [research] IS NOT TRUE)"),
    (
        "completion",
        "({+completion_tokens} > 0 OR ({+completion_tokens} = 0 AND ({+prompt_tokens} > 0 OR \
         [streamed])))",
    ),
    (
        "ttft",
        "(([streamed] OR {engine} = 'afm') AND {+ttft} > 0 AND {+ttft} <= {+latency_seconds})",
    ),
    (
        "energy",
        "({+latency_seconds} > 0 AND {+energy_joules} <= 20000 * {+latency_seconds} \
         AND [remote] IS NOT TRUE)",
    ),
    ("itl", "([streamed] AND {+completion_tokens} >= 2 AND {+mean_itl_ms} > 0)"),
    ("booked", "([energy] AND {+energy_joules} > 0)"),
];

const fn stored(name: &'static str, declared: &'static str, value: &'static str) -> ColumnRule {
    ColumnRule { name, declared, measured_when: "", value }
}

const fn measured(
    name: &'static str,
    declared: &'static str,
    measured_when: &'static str,
    value: &'static str,
) -> ColumnRule {
    ColumnRule { name, declared, measured_when, value }
}

/// In the order of the table, then those that only a measurement has.
pub(crate) const COLUMN_RULES: [ColumnRule; 50] = [
    stored("id", "INTEGER", "{id}"),
    stored("timestamp", "REAL", "[start]"),
    stored("model_id", "TEXT", "{model_id}"),
    measured("engine", "TEXT", "{engine} <> ''", "{engine}"),
    measured("agent", "TEXT", "{agent} <> ''", "{agent}"),
    measured("prompt_tokens", "INTEGER", "{+prompt_tokens} > 0", "{+prompt_tokens}"),
    measured(
        "prompt_tokens_evaluated",
        "INTEGER",
        "{+prompt_tokens_evaluated} > 0",
        "{+prompt_tokens_evaluated}",
    ),
    measured("completion_tokens", "INTEGER", "[completion]", "{+completion_tokens}"),
    measured(
        "total_tokens",
        "INTEGER",
        "{+prompt_tokens} > 0 AND [completion]",
        "{+prompt_tokens} + {+completion_tokens}",
    ),
    measured("latency_seconds", "REAL", "[latency]", "{+latency_seconds}"),
    measured("ttft", "REAL", "[ttft]", "{+ttft}"),
    measured("cost_usd", "REAL", "{+cost_usd} > 0", "{+cost_usd}"),
    measured("energy_joules", "REAL", "[booked]", "{+energy_joules}"),
    measured("power_watts", "REAL", "{+power_watts} > 0", "{+power_watts}"),
    measured("gpu_utilization_pct", "REAL", "{+gpu_memory_used_gb} > 0", "{+gpu_utilization_pct}"),
    measured("gpu_memory_used_gb", "REAL", "{+gpu_memory_used_gb} > 0", "{+gpu_memory_used_gb}"),
    measured("gpu_temperature_c", "REAL", "{+gpu_temperature_c} > 0", "{+gpu_temperature_c}"),
    measured(
        "throughput_tok_per_sec",
        "REAL",
        "[completion] AND [latency]",
        "1.0 * {+completion_tokens} / {+latency_seconds}",
    ),
    measured("prefill_latency_seconds", "REAL", "[ttft]", "{+ttft}"),
    measured("decode_latency_seconds", "REAL", "[ttft]", "{+latency_seconds} - {+ttft}"),
    measured("energy_method", "TEXT", "{energy_method} <> ''", "{energy_method}"),
    measured("energy_vendor", "TEXT", "{energy_vendor} <> ''", "{energy_vendor}"),
    measured("batch_id", "TEXT", "{batch_id} <> ''", "{batch_id}"),
    stored("is_warmup", "INTEGER", "{is_warmup}"),
    measured(
        "cpu_energy_joules",
        "REAL",
        "[energy] AND {+cpu_energy_joules} > 0",
        "{+cpu_energy_joules}",
    ),
    measured(
        "gpu_energy_joules",
        "REAL",
        "[energy] AND {+gpu_energy_joules} > 0",
        "{+gpu_energy_joules}",
    ),
    measured(
        "dram_energy_joules",
        "REAL",
        "[energy] AND {+dram_energy_joules} > 0",
        "{+dram_energy_joules}",
    ),
    measured(
        "ane_energy_joules",
        "REAL",
        "[energy] AND {+ane_energy_joules} > 0",
        "{+ane_energy_joules}",
    ),
    measured(
        "soc_energy_joules",
        "REAL",
        "[energy] AND {+soc_energy_joules} > 0",
        "{+soc_energy_joules}",
    ),
    measured("energy_basis", "TEXT", "{energy_basis} <> ''", "{energy_basis}"),
    measured(
        "tokens_per_joule",
        "REAL",
        "[completion] AND [booked]",
        "1.0 * {+completion_tokens} / {+energy_joules}",
    ),
    measured(
        "energy_per_output_token_joules",
        "REAL",
        "{+completion_tokens} > 0 AND [booked]",
        "1.0 * {+energy_joules} / {+completion_tokens}",
    ),
    measured(
        "throughput_per_watt",
        "REAL",
        "[completion] AND [latency] AND {+power_watts} > 0",
        "1.0 * {+completion_tokens} / {+latency_seconds} / {+power_watts}",
    ),
    measured("prefill_energy_joules", "REAL", "0", "NULL"),
    measured("decode_energy_joules", "REAL", "0", "NULL"),
    measured("mean_itl_ms", "REAL", "[itl]", "{+mean_itl_ms}"),
    measured("median_itl_ms", "REAL", "[itl]", "{+median_itl_ms}"),
    measured("p90_itl_ms", "REAL", "[itl]", "{+p90_itl_ms}"),
    measured("p95_itl_ms", "REAL", "[itl]", "{+p95_itl_ms}"),
    measured("p99_itl_ms", "REAL", "[itl]", "{+p99_itl_ms}"),
    measured("std_itl_ms", "REAL", "[itl] AND {+completion_tokens} >= 3", "{+std_itl_ms}"),
    stored("is_streaming", "INTEGER", "{is_streaming}"),
    stored("token_counting_version", "INTEGER", "{token_counting_version}"),
    stored("mining_session_id", "TEXT", "{mining_session_id}"),
    stored("metadata", "TEXT", "{metadata}"),
    measured(
        "tpot_ms",
        "REAL",
        "[ttft] AND {+completion_tokens} >= 2",
        "1000.0 * ({+latency_seconds} - {+ttft}) / ({+completion_tokens} - 1)",
    ),
    measured(
        "normalized_latency_ms",
        "REAL",
        "[latency] AND {+completion_tokens} >= 1",
        "1000.0 * {+latency_seconds} / {+completion_tokens}",
    ),
    measured(ENERGY_SHARE, "REAL", "[booked]", "its part of the machine"),
    measured(JOULES, "REAL", "[booked]", "energy_joules * energy_share"),
    stored("is_remote", "INTEGER", "[remote] IS TRUE"),
];

/// The two that no row tells alone.
pub(crate) const ENERGY_SHARE: &str = "energy_share";
pub(crate) const JOULES: &str = "joules";

impl ColumnRule {
    /// The measurement as SQL.
    pub(crate) fn expression(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<String> {
        let rule = match self.measured_when {
            "" => self.value.to_owned(),
            when => format!("CASE WHEN {when} THEN {} END", self.value),
        };
        Ok(filled(&in_columns(&rule), connection, source)?.sql)
    }
}

/// A rule with its terms written out. Terms name terms of the list before them.
fn in_columns(rule: &str) -> String {
    let shared = [("research", IS_RESEARCH), ("remote", IS_REMOTE), ("start", START)];
    let shared =
        shared.map(|(name, rule)| (name, if let Input::Rule(sql) = rule { sql } else { "" }));
    let mut rule = rule.to_owned();
    for (name, meaning) in TERMS.iter().rev().chain(&shared) {
        rule = rule.replace(&format!("[{name}]"), meaning);
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_known() {
        for column in COLUMN_RULES {
            for rule in [column.measured_when, column.value] {
                assert!(!in_columns(rule).contains('['), "{column:?}");
            }
        }
    }
}
