//! What a figure is, for people: each table of measured figures defines its own.

/// A figure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    /// As the table has it: a metric, or a column.
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// Over columns as `stats_definitions` defines them.
    pub(super) formula: &'static str,
    pub(super) counts_when: &'static str,
    /// Who defined it so.
    pub(super) source: &'static str,
}
