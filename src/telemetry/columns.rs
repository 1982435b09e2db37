//! The columns of the telemetry table of OpenJarvis 1.0.4 as measurements: each with the condition
//! under which it was measured, and what it then is.
//!
//! A rule is that of [`Input::Rule`], in which `[term]` is one of the conditions of [`TERMS`]. [`super::calls`] has the same rules in Rust, for
//! statistics; a test holds the two together.

use super::input::{Input, filled};
use super::kinds::{IS_REMOTE, IS_RESEARCH, START};
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
    /// Unit of it, empty for none.
    pub(crate) unit: &'static str,
    /// Who writes it so, or why it is measured then.
    pub(crate) source: &'static str,
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
    ColumnRule { name, declared, measured_when: "", value, unit: "", source: "" }
}

const fn measured(
    name: &'static str,
    declared: &'static str,
    measured_when: &'static str,
    value: &'static str,
) -> ColumnRule {
    ColumnRule { name, declared, measured_when, value, unit: "", source: "" }
}

const MONITOR: &str = "telemetry/gpu_monitor.py: 0 is no reading";
const COUNTERS: &str = "as energy_joules, of which it is a part";
const RECOMPUTED: &str = "computed of what was measured; what is stored is not read";
const GAPS: &str = "as mean_itl_ms; then 0 is true: a burst";

/// In the order of the table, then those that only a measurement has.
pub(crate) const COLUMN_RULES: [ColumnRule; 50] = [
    stored("id", "INTEGER", "{id}").says("", "telemetry/store.py"),
    stored("timestamp", "REAL", "[start] + 0.0")
        .says("s", "start of the call, Unix seconds; a research run stores its end"),
    stored("model_id", "TEXT", "{model_id}").says("", "as the engine knows the model"),
    measured("engine", "TEXT", "{engine} <> ''", "{engine}")
        .says("", "multi is a router: what it routed to is not told"),
    measured("agent", "TEXT", "{agent} <> ''", "{agent}")
        .says("", "no shipped writer names one but research"),
    measured("prompt_tokens", "INTEGER", "{+prompt_tokens} > 0", "{+prompt_tokens}")
        .says("tokens", "streamed calls never have it"),
    measured(
        "prompt_tokens_evaluated",
        "INTEGER",
        "{+prompt_tokens_evaluated} > 0",
        "{+prompt_tokens_evaluated}",
    )
    .says(
        "tokens",
        "less than prompt_tokens: cache hits (Ollama alone; else a copy of prompt_tokens)",
    ),
    measured("completion_tokens", "INTEGER", "[completion]", "{+completion_tokens}").says(
        "tokens",
        "of a stream its chunks; 0 beside a usage report is true: a refusal, a tool call",
    ),
    measured(
        "total_tokens",
        "INTEGER",
        "{+prompt_tokens} > 0 AND [completion]",
        "{+prompt_tokens} + {+completion_tokens}",
    )
    .says("tokens", RECOMPUTED),
    measured("latency_seconds", "REAL", "[latency]", "{+latency_seconds}")
        .says("s", "two readings of the wall clock, which may be set between them"),
    measured("ttft", "REAL", "[ttft]", "{+ttft}")
        .says("s", "else the whole call (cloud.py), or prefill inside the server (Ollama)"),
    measured("cost_usd", "REAL", "{+cost_usd} > 0", "{+cost_usd}")
        .says("USD", "0: local, streamed, an unknown model, or a release before 1.0.4"),
    measured("energy_joules", "REAL", "[booked]", "{+energy_joules}").says(
        "J",
        "energy_nvidia.py: counters of the whole device; one that cannot be read counts as 0",
    ),
    measured("power_watts", "REAL", "{+power_watts} > 0", "{+power_watts}").says("W", MONITOR),
    measured("gpu_utilization_pct", "REAL", "{+gpu_memory_used_gb} > 0", "{+gpu_utilization_pct}")
        .says("%", "then 0 is true; monitors of AMD, Apple and RAPL never fill it"),
    measured("gpu_memory_used_gb", "REAL", "{+gpu_memory_used_gb} > 0", "{+gpu_memory_used_gb}")
        .says("GB", MONITOR),
    measured("gpu_temperature_c", "REAL", "{+gpu_temperature_c} > 0", "{+gpu_temperature_c}")
        .says("degrees C", MONITOR),
    measured(
        "throughput_tok_per_sec",
        "REAL",
        "[completion] AND [latency]",
        "1.0 * {+completion_tokens} / {+latency_seconds}",
    )
    .says("tokens/s", RECOMPUTED),
    measured("prefill_latency_seconds", "REAL", "[ttft]", "{+ttft}").says("s", RECOMPUTED),
    measured("decode_latency_seconds", "REAL", "[ttft]", "{+latency_seconds} - {+ttft}")
        .says("s", RECOMPUTED),
    measured("energy_method", "TEXT", "{energy_method} <> ''", "{energy_method}")
        .says("", "hw_counter, polling, rapl, zeus, tdp_estimate and others"),
    measured("energy_vendor", "TEXT", "{energy_vendor} <> ''", "{energy_vendor}")
        .says("", "nvidia, amd, apple, cpu_rapl"),
    measured("batch_id", "TEXT", "{batch_id} <> ''", "{batch_id}")
        .says("", "no shipped writer sets it"),
    stored("is_warmup", "INTEGER", "{is_warmup}").says("", "no shipped writer sets it"),
    measured(
        "cpu_energy_joules",
        "REAL",
        "[energy] AND {+cpu_energy_joules} > 0",
        "{+cpu_energy_joules}",
    )
    .says("J", COUNTERS),
    measured(
        "gpu_energy_joules",
        "REAL",
        "[energy] AND {+gpu_energy_joules} > 0",
        "{+gpu_energy_joules}",
    )
    .says("J", COUNTERS),
    measured(
        "dram_energy_joules",
        "REAL",
        "[energy] AND {+dram_energy_joules} > 0",
        "{+dram_energy_joules}",
    )
    .says("J", COUNTERS),
    measured(
        "ane_energy_joules",
        "REAL",
        "[energy] AND {+ane_energy_joules} > 0",
        "{+ane_energy_joules}",
    )
    .says("J", COUNTERS),
    measured(
        "soc_energy_joules",
        "REAL",
        "[energy] AND {+soc_energy_joules} > 0",
        "{+soc_energy_joules}",
    )
    .says("J", COUNTERS),
    measured("energy_basis", "TEXT", "{energy_basis} <> ''", "{energy_basis}")
        .says("", "gpu or soc"),
    measured(
        "tokens_per_joule",
        "REAL",
        "[completion] AND [booked]",
        "1.0 * {+completion_tokens} / {+energy_joules}",
    )
    .says("tokens/J", RECOMPUTED),
    measured(
        "energy_per_output_token_joules",
        "REAL",
        "{+completion_tokens} > 0 AND [booked]",
        "1.0 * {+energy_joules} / {+completion_tokens}",
    )
    .says("J/token", RECOMPUTED),
    measured(
        "throughput_per_watt",
        "REAL",
        "[completion] AND [latency] AND {+power_watts} > 0",
        "1.0 * {+completion_tokens} / {+latency_seconds} / {+power_watts}",
    )
    .says("tokens/s/W", RECOMPUTED),
    measured("prefill_energy_joules", "REAL", "0", "NULL")
        .says("J", "the energy split by time: no measurement"),
    measured("decode_energy_joules", "REAL", "0", "NULL")
        .says("J", "the energy split by time: no measurement"),
    measured("mean_itl_ms", "REAL", "[itl]", "{+mean_itl_ms}")
        .says("ms", "else decode time over tokens, or what is left between two clocks"),
    measured("median_itl_ms", "REAL", "[itl]", "{+median_itl_ms}").says("ms", GAPS),
    measured("p90_itl_ms", "REAL", "[itl]", "{+p90_itl_ms}").says("ms", GAPS),
    measured("p95_itl_ms", "REAL", "[itl]", "{+p95_itl_ms}").says("ms", GAPS),
    measured("p99_itl_ms", "REAL", "[itl]", "{+p99_itl_ms}").says("ms", GAPS),
    measured("std_itl_ms", "REAL", "[itl] AND {+completion_tokens} >= 3", "{+std_itl_ms}")
        .says("ms", "of the gaps of one call: it takes two"),
    stored("is_streaming", "INTEGER", "{is_streaming}")
        .says("", "instrumented_engine.py, stream()"),
    stored("token_counting_version", "INTEGER", "{token_counting_version}")
        .says("", "2 since 1.0.3; NULL before"),
    stored("mining_session_id", "TEXT", "{mining_session_id}").says("", "since 1.0.2"),
    stored("metadata", "TEXT", "{metadata}").says("", "a JSON object of the writer's own"),
    measured(
        "tpot_ms",
        "REAL",
        "[ttft] AND {+completion_tokens} >= 2",
        "1000.0 * ({+latency_seconds} - {+ttft}) / ({+completion_tokens} - 1)",
    )
    .says("ms", "vLLM, AIPerf"),
    measured(
        "normalized_latency_ms",
        "REAL",
        "[latency] AND {+completion_tokens} >= 1",
        "1000.0 * {+latency_seconds} / {+completion_tokens}",
    )
    .says("ms", "the Orca and PagedAttention papers"),
    measured(ENERGY_SHARE, "REAL", "[booked]", "its part of the machine").says(
        "1",
        "the integral of dt / (calls in flight, of one energy_vendor), over the latency",
    ),
    measured(JOULES, "REAL", "[booked]", "energy_joules * energy_share")
        .says("J", "what no two calls book twice"),
    stored("is_remote", "INTEGER", "[remote] IS TRUE").says("", "engine/cloud.py, engine/multi.py"),
];

/// How many of them the table stores.
pub(super) const STORED_COLUMNS: usize = 45;

/// The two that no row tells alone.
pub(crate) const ENERGY_SHARE: &str = "energy_share";
pub(crate) const JOULES: &str = "joules";

impl ColumnRule {
    const fn says(self, unit: &'static str, source: &'static str) -> Self {
        ColumnRule { unit, source, ..self }
    }

    /// What it is where it was measured, over names of columns.
    pub(crate) fn formula(&self) -> String {
        for_people(self.value)
    }

    /// When it was measured, over names of columns and of [`ROW_KINDS`].
    pub(crate) fn counts_when(&self) -> String {
        if self.measured_when.is_empty() { "1".to_owned() } else { for_people(self.measured_when) }
    }

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

/// A rule as a person reads it: kinds of rows by their names.
pub(super) fn for_people(rule: &str) -> String {
    let rule = without_terms(rule).replace("[research]", "is_research");
    in_columns(&rule.replace("[remote]", "is_remote")).replace("{+", "{").replace(['{', '}'], "")
}

/// A rule with its terms written out.
fn in_columns(rule: &str) -> String {
    let shared = [("[research]", IS_RESEARCH), ("[remote]", IS_REMOTE), ("[start]", START)];
    let mut rule = without_terms(rule);
    for (name, meaning) in shared {
        if let Input::Rule(meaning) = meaning {
            rule = rule.replace(name, meaning);
        }
    }
    rule
}

/// A rule without [`TERMS`]. They name terms of the list before them, and what others share.
fn without_terms(rule: &str) -> String {
    let mut rule = rule.to_owned();
    for (name, meaning) in TERMS.iter().rev() {
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
