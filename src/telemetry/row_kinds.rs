//! Rows that are no ordinary calls, by the names that rules of columns are told with.

use super::columns::for_people;
use super::input::Input;
use super::kinds::{IS_BARE_TWIN, IS_REMOTE, IS_RESEARCH};

/// What rules of columns name without writing it out.
pub(crate) const ROW_KINDS: [RowKind; 3] = [
    RowKind {
        name: "is_bare_twin",
        rule: IS_BARE_TWIN,
        source: "telemetry/wrapper.py around instrumented_engine.py, up to 1.0.2: no call of its own",
    },
    RowKind {
        name: "is_research",
        rule: IS_RESEARCH,
        source: "server/research_router.py: one row for a whole run",
    },
    RowKind {
        name: "is_remote",
        rule: IS_REMOTE,
        source: "engine/cloud.py, engine/multi.py: the model ran elsewhere",
    },
];

/// A kind of row.
pub(crate) struct RowKind {
    /// Its name.
    pub(crate) name: &'static str,
    rule: Input,
    /// Who writes such rows.
    pub(crate) source: &'static str,
}

impl RowKind {
    /// What tells it, over names of columns.
    pub(crate) fn formula(&self) -> String {
        match self.rule {
            Input::Rule(rule) => for_people(rule),
            Input::Columns(columns) => columns.join(" + "),
        }
    }
}
