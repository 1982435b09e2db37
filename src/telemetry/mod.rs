//! The telemetry table: finding it and its columns, reading arguments about it, and scanning it
//! once.

mod arguments;
mod call_groups;
mod calls;
mod combinations;
mod distinct;
mod filter;
mod groups;
mod input;
mod plan;
mod ranking;
mod recent;
mod scan;
mod source;
mod time;

pub use arguments::{
    DEFAULT_SOURCE, PER, SINCE, SOURCE, UNTIL, column_name, limit, read_source_name, source_name,
    switch, whole_number,
};
pub use call_groups::{CallGroups, CallState, Reading};
pub use calls::{Call, Field, Fields};
pub use filter::{Filter, Where};
pub use groups::{Groups, Route};
pub use input::{Input, qualified};
pub use plan::{Key, Plan, Slot};
pub use scan::{Prepared, run, scan};
pub use source::{Source, column_names, quoted};

/// Rows with this `token_counting_version` are the peer's current methodology; older ones counted
/// tokens differently.
pub const CURRENT_TOKEN_COUNTING_VERSION: i64 = 2;

/// The column that holds it.
pub const TOKEN_COUNTING_VERSION: &str = "token_counting_version";

/// The column that bounds compare.
pub const TIMESTAMP: &str = "timestamp";
