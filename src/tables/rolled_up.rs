//! What a roll-up holds of the table functions that it answers.

use super::{aggregated_stats, partial_stats};
use crate::telemetry::Plan;

/// Asks for what every column is made of: of `aggregated_stats`, which shows those of `model_stats`
/// (as `top_models` does) and `engine_stats`, and of `partial_stats` but for its sketches.
pub(crate) fn plan_rolled_up(plan: &mut Plan) {
    aggregated_stats::plan_columns(plan);
    partial_stats::plan_figures(plan);
}
