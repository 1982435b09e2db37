//! `model_stats(since, until, current_methodology_only, source)`: one row per `model_id`.
//!
//! 1. Units: seconds (latency, ttft), joules, milliseconds (ITL), tokens, percent, the currency of
//!    `cost_usd`.
//! 2. Totals and averages leave NULL out; a group without values, and a column that the table
//!    lacks, is 0. `call_count` counts rows.
//! 3. NULL is a model like any other. Highest count first, ties by `model_id` ascending. An empty
//!    table has no rows.
//! 4. Errors: a wrong argument, a missing table, no column `model_id`, bounds without a column
//!    `timestamp`, `integer overflow` when a token total that the query reads leaves 64 bits, more
//!    than 10,000,000 models.
//! 5. Cost: one scan of the columns that the query reads; memory by the number of models.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.per_model_stats`.

use super::group_rows::{GroupRows, declared};
use super::measures::{MEASURES, RAILS};
use super::statistic::{StatColumn, calls, key, tokens};
use crate::ffi::{About, Call, Column, InMemory, Parameter, Result, TableFunction, Takes};
use crate::telemetry::{
    CURRENT_TOKEN_COUNTING_VERSION, Filter, SINCE, SOURCE, TOKEN_COUNTING_VERSION, UNTIL, switch,
};

/// `model_stats`.
pub(crate) struct ModelStats;

/// Keep only calls whose tokens are counted by the peer's current method.
pub(super) const CURRENT_METHODOLOGY_ONLY: Parameter =
    Parameter { name: "current_methodology_only", takes: Takes::Switch };

pub(super) const MODEL_KEY: &str = "model_id";

/// The columns.
pub(super) fn model_columns() -> Vec<StatColumn> {
    const TOKENS: &[StatColumn] = &[
        key("model_id"),
        calls("call_count"),
        tokens("total_tokens", &["total_tokens"]),
        tokens("prompt_tokens", &["prompt_tokens"]),
        tokens("completion_tokens", &["completion_tokens"]),
    ];
    const EVALUATED: &[StatColumn] =
        &[tokens("prompt_tokens_evaluated", &["prompt_tokens_evaluated"])];
    [TOKENS, MEASURES, EVALUATED, RAILS].concat()
}

/// Rows that the arguments `since, until, current_methodology_only` keep.
pub(super) fn methodology_filter(call: &Call<'_, '_>) -> Result<Filter> {
    Ok(Filter::within_bounds(call)?.equal_if(
        switch(call, CURRENT_METHODOLOGY_ONLY.name)?,
        TOKEN_COUNTING_VERSION,
        CURRENT_TOKEN_COUNTING_VERSION,
    ))
}

impl TableFunction for ModelStats {
    const NAME: &'static str = "model_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, CURRENT_METHODOLOGY_ONLY, SOURCE];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 25;
    const ABOUT: About = About {
        answer: "one row per model",
        sentence: "calls, tokens, time, cost, energy and speed of each model",
    };
    const SAMPLE: &'static str = "model_stats()";
    type Rows<'a> = InMemory<GroupRows>;

    fn columns() -> Vec<Column> {
        declared(&model_columns())
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        Ok(GroupRows::scan(call, MODEL_KEY, &model_columns(), &methodology_filter(call)?)?.into())
    }
}
