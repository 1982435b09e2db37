//! `engine_stats(since, until, current_methodology_only, source)`: one row per `engine`.
//!
//! 1. Units: seconds (latency, ttft), joules, milliseconds (ITL), tokens, percent, the currency of `cost_usd`.
//! 2. Totals and averages leave NULL out; a group without values, and a column that the table lacks, is 0. `call_count` counts rows.
//! 3. NULL is an engine like any other. Highest count first, ties by `engine` ascending. An empty table has no rows.
//! 4. Errors: a wrong argument, a missing table, no column `engine`, bounds without a column `timestamp`, `integer overflow` when a token
//!    total that the query reads leaves 64 bits, more than 10,000,000 engines.
//! 5. Cost: one scan of the columns that the query reads; memory by the number of engines.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.per_engine_stats`.

use super::group_rows::{GroupRows, declared};
use super::model_stats::methodology_filter;
use super::statistic::{StatColumn, average, count, key, tokens, total};
use crate::ffi::{Call, Column, Result, TableFunction};
use crate::telemetry::source_name;
use std::ffi::CStr;

/// `engine_stats`.
pub struct EngineStats;

pub(super) const ENGINE_KEY: &CStr = c"engine";

pub(super) const ENGINE_COLUMNS: &[StatColumn] = &[
    key("engine"),
    count("call_count"),
    tokens("total_tokens", &[c"total_tokens"]),
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
    total("total_ane_energy_joules", c"ane_energy_joules"),
    total("total_soc_energy_joules", c"soc_energy_joules"),
];

impl TableFunction for EngineStats {
    const NAME: &'static str = "engine_stats";
    const ARGUMENTS: &'static [&'static str] = &["since", "until", "current_methodology_only", "source"];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 5;
    type Rows<'a> = GroupRows;

    fn columns() -> Vec<Column> {
        declared(ENGINE_COLUMNS)
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<GroupRows> {
        let filter = methodology_filter(call)?;
        GroupRows::scan(call, source_name(call, 3)?, ENGINE_KEY, ENGINE_COLUMNS, &filter)
    }
}
