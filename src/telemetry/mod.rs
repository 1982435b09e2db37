//! The telemetry table: finding it and its columns, reading arguments about it, and scanning it
//! once.

mod arguments;
mod call_groups;
mod call_sketches;
mod calls;
mod columns;
mod combinations;
mod distinct;
mod doctor;
mod fields;
mod filter;
mod groups;
mod input;
mod instruments;
mod keys;
mod kinds;
mod machines;
mod plan;
mod ranking;
mod recent;
mod row_kinds;
mod scan;
mod shares;
mod sides;
mod source;
mod stream;
mod time;

pub(crate) use arguments::{
    DEFAULT_SOURCE, PER, SINCE, SOURCE, UNTIL, column_name, limit, part, read_source_name,
    source_name, steps, switch, whole_number,
};
pub(crate) use call_groups::{CallGroups, CallState, Reading};
pub(crate) use call_sketches::{LATENCIES, Sketches, scan_with_sketches};
pub(crate) use calls::Call;
pub(crate) use columns::{COLUMN_RULES, ColumnRule, ENERGY_SHARE, JOULES};
pub(crate) use doctor::{Findings, examine, traps};
pub(crate) use fields::{Field, Fields};
pub(crate) use filter::Filter;
pub(crate) use groups::{Groups, Route};
pub(crate) use input::{Input, qualified};
pub(crate) use instruments::Instruments;
pub(crate) use plan::{Key, Plan, Slot};
pub(crate) use row_kinds::ROW_KINDS;
pub(crate) use scan::{Prepared, run, scan};
pub(crate) use shares::Shares;
pub(crate) use sides::Sides;
pub(crate) use source::{Source, column_names, quoted};
pub(crate) use stream::stream;
pub(crate) use time::now;

/// Rows with this `token_counting_version` are the peer's current methodology; older ones counted
/// tokens differently.
pub(crate) const CURRENT_TOKEN_COUNTING_VERSION: i64 = 2;

/// The column that holds it.
pub(crate) const TOKEN_COUNTING_VERSION: &str = "token_counting_version";

/// The column that bounds compare.
pub(crate) const TIMESTAMP: &str = "timestamp";
