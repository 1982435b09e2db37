//! What a roll-up holds of the table functions that it answers.

use super::{aggregated_stats, partial_stats};
use crate::ffi::{Call, Result};
use crate::rollup;
use crate::telemetry::{Filter, Groups, Plan, Source};

/// Asks for what every column is made of: of `aggregated_stats`, which shows those of `model_stats`
/// (as `top_models` does) and `engine_stats`, and of `partial_stats` but for its sketches.
pub(crate) fn plan_rolled_up(plan: &mut Plan) {
    aggregated_stats::plan_columns(plan);
    partial_stats::plan_figures(plan);
}

/// The plan's figures, from the source's roll-up where it has a valid one.
pub(super) fn scan_or_roll_up(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &Plan,
) -> Result<Groups> {
    rollup::scan_or_roll_up(call, source, filter, plan, plan_rolled_up)
}
