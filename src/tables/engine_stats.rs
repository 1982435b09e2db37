//! `engine_stats(since, until, current_methodology_only, source)`: one row per `engine`.
//!
//! 1. Units: seconds (latency, ttft), joules, milliseconds (ITL), tokens, percent, the currency of
//!    `cost_usd`.
//! 2. Totals and averages leave NULL out; a group without values, and a column that the table
//!    lacks, is 0. `call_count` counts rows.
//! 3. NULL is an engine like any other. Highest count first, ties by `engine` ascending. An empty
//!    table has no rows.
//! 4. Errors: a wrong argument, a missing table, no column `engine`, bounds without a column
//!    `timestamp`, `integer overflow` when a token total that the query reads leaves 64 bits, more
//!    than 10,000,000 engines.
//! 5. Cost: one scan of the columns that the query reads; memory by the number of engines.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.per_engine_stats`.

use super::group_rows::{GroupRows, declared};
use super::measures::{MEASURES, RAILS};
use super::model_stats::{CURRENT_METHODOLOGY_ONLY, methodology_filter};
use super::statistic::{StatColumn, calls, key, tokens};
use crate::ffi::{About, Call, Column, InMemory, Parameter, Result, TableFunction};
use crate::telemetry::{SINCE, SOURCE, UNTIL};

/// `engine_stats`.
pub(crate) struct EngineStats;

pub(super) const ENGINE_KEY: &str = "engine";

/// The columns.
pub(super) fn engine_columns() -> Vec<StatColumn> {
    const TOKENS: &[StatColumn] =
        &[key("engine"), calls("call_count"), tokens("total_tokens", &["total_tokens"])];
    [TOKENS, MEASURES, RAILS].concat()
}

impl TableFunction for EngineStats {
    const NAME: &'static str = "engine_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, CURRENT_METHODOLOGY_ONLY, SOURCE];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 5;
    const ABOUT: About = About {
        answer: "one row per engine",
        sentence: "calls, tokens, time, cost, energy and speed of each engine",
    };
    const SAMPLE: &'static str = "engine_stats()";
    type Rows<'a> = InMemory<GroupRows>;

    fn columns() -> Vec<Column> {
        declared(&engine_columns())
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        Ok(GroupRows::scan(call, ENGINE_KEY, &engine_columns(), &methodology_filter(call)?)?.into())
    }
}
