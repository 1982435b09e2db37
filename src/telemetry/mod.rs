//! The telemetry table: finding it and its columns, reading arguments about it, and scanning it
//! once.

mod arguments;
mod groups;
mod key;
mod scan;
mod source;
mod time;

pub use arguments::{
    DEFAULT_SOURCE, SINCE, SOURCE, UNTIL, read_source_name, source_name, switch, whole_number,
};
pub use groups::Groups;
pub use key::KeyValue;
pub use scan::{Filter, ScanPlan, TokenSum, scan};
pub use source::{ColumnFacts, Source};
pub use time::{Bounds, Seconds, bounds};

/// Rows with this `token_counting_version` are the peer's current methodology; older ones counted
/// tokens differently.
pub const CURRENT_TOKEN_COUNTING_VERSION: i64 = 2;
