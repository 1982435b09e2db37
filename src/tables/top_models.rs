//! `top_models(n, since, source)`: the first `n` (default 5) rows of `model_stats`.
//!
//! 1. Units, NULL and empty rule as in `model_stats`.
//! 2. `n` is a whole number from 0; more than there are gives all.
//! 3. Errors as in `model_stats`, and for an `n` that is negative or has a fraction.
//! 4. Cost: that of `model_stats`.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.top_models`.

use super::group_rows::{GroupRows, declared};
use super::model_stats::{MODEL_KEY, model_columns};
use crate::ffi::{About, Call, Column, InMemory, Parameter, Result, TableFunction, Takes};
use crate::telemetry::{Filter, SINCE, SOURCE, whole_number};

/// `top_models`.
pub(crate) struct TopModels;

/// How many models.
const N: Parameter = Parameter { name: "n", takes: Takes::WholeNumber };

/// The peer's default.
const DEFAULT_N: usize = 5;

impl TableFunction for TopModels {
    const NAME: &'static str = "top_models";
    const PARAMETERS: &'static [Parameter] = &[N, SINCE, SOURCE];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 5;
    const ABOUT: About =
        About { answer: "one row per model", sentence: "the most used models, as model_stats" };
    const SAMPLE: &'static str = "top_models(5)";
    type Rows<'a> = InMemory<GroupRows>;

    fn columns() -> Vec<Column> {
        declared(&model_columns())
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let n = whole_number(call, N.name)?.unwrap_or(DEFAULT_N);
        let filter = Filter::within_bounds(call)?;
        Ok(GroupRows::scan(call, MODEL_KEY, &model_columns(), &filter)?.truncated(n).into())
    }
}
