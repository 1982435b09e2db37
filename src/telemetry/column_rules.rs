//! When a column of the telemetry table was measured: the rules that all statistics of measured
//! figures count by, as people read them. A test holds them against plain SQL of the same.
//!
//! Source: the writers of OpenJarvis 0.1.1 to 1.0.4.

use super::calls::{IS_BARE_TWIN, IS_REMOTE, IS_RESEARCH};
use super::input::Input;

/// A rule of one column.
pub(crate) struct ColumnRule {
    /// The column.
    pub(crate) column: &'static str,
    /// Unit of its values.
    pub(crate) unit: &'static str,
    /// The value where it counts.
    pub(crate) formula: &'static str,
    /// SQL over the stored row and the names of [`NAMED_RULES`].
    pub(crate) counts_when: &'static str,
    /// Who writes it so, or what else it rests on.
    pub(crate) source: &'static str,
}

/// A rule with a name: what it says, and where it comes from.
pub(crate) struct NamedRule {
    /// Its name.
    pub(crate) name: &'static str,
    /// SQL over the stored row and names before this one.
    pub(crate) rule: Input,
    /// Who writes it so.
    pub(crate) source: &'static str,
}

impl NamedRule {
    /// The rule over names of columns.
    pub(crate) fn sql(&self) -> String {
        match self.rule {
            Input::Rule(rule) => rule.replace(['{', '}'], ""),
            Input::Columns(columns) => columns.join(" + "),
        }
    }
}

/// What rules of columns refer to, each after those that it refers to.
pub(crate) const NAMED_RULES: [NamedRule; 6] = [
    NamedRule {
        name: "is_bare_twin",
        rule: IS_BARE_TWIN,
        source: "telemetry/wrapper.py around instrumented_engine.py, to 1.0.2: no call of its own",
    },
    NamedRule {
        name: "is_research",
        rule: IS_RESEARCH,
        source: "server/research_router.py: one row for a whole run, stamped at its end",
    },
    NamedRule {
        name: "is_remote",
        rule: IS_REMOTE,
        source: "engine/cloud.py and engine/multi.py: the model ran elsewhere",
    },
    NamedRule {
        name: "is_streamed",
        rule: Input::Rule("{is_streaming} = 1 AND NOT is_research"),
        source: "instrumented_engine.py, stream(): client clock, one timestamp a chunk",
    },
    NamedRule {
        name: "output_is_known",
        rule: Input::Rule(
            "{completion_tokens} > 0 OR {completion_tokens} = 0 \
             AND ({prompt_tokens} > 0 OR is_streamed)",
        ),
        source: "a 0 beside a usage report is true: a refusal, a tool call",
    },
    NamedRule {
        name: "energy_is_true",
        rule: Input::Rule(
            "{latency_seconds} > 0 AND NOT is_remote \
             AND {energy_joules} <= 20000 * {latency_seconds}",
        ),
        source: "energy_nvidia.py: a counter that cannot be read counts as 0",
    },
];

const fn rule(
    column: &'static str,
    unit: &'static str,
    counts_when: &'static str,
    source: &'static str,
) -> ColumnRule {
    ColumnRule { column, unit, formula: column, counts_when, source }
}

const fn computed(formula: &'static str, rule: ColumnRule) -> ColumnRule {
    ColumnRule { formula, ..rule }
}

const STREAMED_GAPS: &str = "is_streamed AND completion_tokens >= 2 AND mean_itl_ms > 0";
const MONITOR: &str = "telemetry/gpu_monitor.py: 0 is no reading";
const COUNTERS: &str = "as energy_joules, each part of it";
const NOT_STORED: &str = "computed from what is measured, never read";
const GAPS: &str = "as mean_itl_ms; then 0 is true: a burst";

/// The columns of release 1.0.4 in the order of its table.
pub(crate) const COLUMN_RULES: &[ColumnRule] = &[
    rule("id", "", "1", "telemetry/store.py"),
    computed(
        "timestamp - CASE WHEN is_research AND latency_seconds > 0 THEN latency_seconds ELSE 0 END",
        rule("timestamp", "s", "1", "start of the call, Unix seconds; research runs store the end"),
    ),
    rule("model_id", "", "1", "as the engine knows the model"),
    rule("engine", "", "engine <> ''", "the router's own name for what it routes: multi"),
    rule("agent", "", "agent <> ''", "no shipped writer names one, but 'research'"),
    rule("prompt_tokens", "tokens", "prompt_tokens > 0", "streamed calls never have it"),
    rule(
        "prompt_tokens_evaluated",
        "tokens",
        "prompt_tokens_evaluated > 0",
        "less than prompt_tokens: cache hits (Ollama alone; else a copy of prompt_tokens)",
    ),
    rule("completion_tokens", "tokens", "output_is_known", "of a streamed call its chunks"),
    computed(
        "prompt_tokens + completion_tokens",
        rule(
            "total_tokens",
            "tokens",
            "prompt_tokens > 0 AND output_is_known",
            "computed; streamed calls store 0",
        ),
    ),
    rule(
        "latency_seconds",
        "s",
        "latency_seconds > 0 AND NOT is_research",
        "differences of time.time(): the clock may be set",
    ),
    rule(
        "ttft",
        "s",
        "(is_streamed OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds",
        "else the whole call (cloud.py), or prefill inside the server (Ollama)",
    ),
    rule("cost_usd", "USD", "cost_usd > 0", "0: local, streamed, unknown model, before 1.0.4"),
    rule(
        "energy_joules",
        "J",
        "energy_joules > 0 AND energy_is_true",
        "the device's counters between start and end of the call",
    ),
    rule("power_watts", "W", "power_watts > 0", MONITOR),
    rule(
        "gpu_utilization_pct",
        "%",
        "gpu_memory_used_gb > 0",
        "then 0 is true; monitors of AMD, Apple and RAPL never fill it",
    ),
    rule("gpu_memory_used_gb", "GB", "gpu_memory_used_gb > 0", MONITOR),
    rule("gpu_temperature_c", "degrees C", "gpu_temperature_c > 0", MONITOR),
    computed(
        "completion_tokens / latency_seconds",
        rule(
            "throughput_tok_per_sec",
            "tokens/s",
            "output_is_known AND latency_seconds > 0 AND NOT is_research",
            NOT_STORED,
        ),
    ),
    computed(
        "ttft",
        rule(
            "prefill_latency_seconds",
            "s",
            "(is_streamed OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds",
            NOT_STORED,
        ),
    ),
    computed(
        "latency_seconds - ttft",
        rule(
            "decode_latency_seconds",
            "s",
            "(is_streamed OR engine = 'afm') AND ttft > 0 AND ttft <= latency_seconds",
            NOT_STORED,
        ),
    ),
    rule("energy_method", "", "energy_method <> ''", "hw_counter, polling, rapl, zeus, ..."),
    rule("energy_vendor", "", "energy_vendor <> ''", "nvidia, amd, apple, cpu_rapl"),
    rule("batch_id", "", "batch_id <> ''", "no shipped writer sets it"),
    rule("is_warmup", "", "1", "no shipped writer sets it"),
    rule("cpu_energy_joules", "J", "cpu_energy_joules > 0 AND energy_is_true", COUNTERS),
    rule("gpu_energy_joules", "J", "gpu_energy_joules > 0 AND energy_is_true", COUNTERS),
    rule("dram_energy_joules", "J", "dram_energy_joules > 0 AND energy_is_true", COUNTERS),
    rule("ane_energy_joules", "J", "ane_energy_joules > 0 AND energy_is_true", COUNTERS),
    rule("soc_energy_joules", "J", "soc_energy_joules > 0 AND energy_is_true", COUNTERS),
    rule("energy_basis", "", "energy_basis <> ''", "gpu or soc"),
    computed(
        "completion_tokens / energy_joules",
        rule(
            "tokens_per_joule",
            "tokens/J",
            "output_is_known AND energy_joules > 0 AND energy_is_true",
            NOT_STORED,
        ),
    ),
    computed(
        "energy_joules / completion_tokens",
        rule(
            "energy_per_output_token_joules",
            "J/token",
            "completion_tokens > 0 AND energy_joules > 0 AND energy_is_true",
            NOT_STORED,
        ),
    ),
    computed(
        "completion_tokens / latency_seconds / power_watts",
        rule(
            "throughput_per_watt",
            "tokens/s/W",
            "output_is_known AND latency_seconds > 0 AND NOT is_research AND power_watts > 0",
            NOT_STORED,
        ),
    ),
    rule("prefill_energy_joules", "J", "0", "the energy split by time: not a measurement"),
    rule("decode_energy_joules", "J", "0", "the energy split by time: not a measurement"),
    rule(
        "mean_itl_ms",
        "ms",
        STREAMED_GAPS,
        "else decode time over tokens, or what is left between two clocks",
    ),
    rule("median_itl_ms", "ms", STREAMED_GAPS, GAPS),
    rule("p90_itl_ms", "ms", STREAMED_GAPS, GAPS),
    rule("p95_itl_ms", "ms", STREAMED_GAPS, GAPS),
    rule("p99_itl_ms", "ms", STREAMED_GAPS, GAPS),
    rule(
        "std_itl_ms",
        "ms",
        "is_streamed AND completion_tokens >= 3 AND mean_itl_ms > 0",
        "as mean_itl_ms, and it takes two gaps",
    ),
    rule("is_streaming", "", "1", "as stored"),
    rule("token_counting_version", "", "1", "2 since 1.0.3, NULL before"),
    rule("mining_session_id", "", "1", "as stored, since 1.0.2"),
    rule("metadata", "", "1", "a JSON object of the writer's own"),
];
