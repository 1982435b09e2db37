//! What every roll-up holds.

use crate::telemetry::{CURRENT_TOKEN_COUNTING_VERSION, Key, Plan, TOKEN_COUNTING_VERSION};

/// Columns that a roll-up groups by, which the table must have.
pub(super) const KEYS: &[&str] = &["model_id", "engine"];

/// Asks for all figures that roll-ups answer; those who show them know which these are.
pub(crate) type Figures = fn(&mut Plan);

/// The plan of every roll-up: all that the table functions which it answers are made of. The last
/// part of the key is the one filter that those have besides bounds.
pub(super) fn plan(figures: Figures) -> Plan {
    let current = Key::Holds(TOKEN_COUNTING_VERSION.to_owned(), CURRENT_TOKEN_COUNTING_VERSION);
    let keys = KEYS.iter().map(|&column| Key::Column(column.to_owned()));
    let mut plan = Plan::by(keys.chain([current]).collect());
    figures(&mut plan);
    plan
}
