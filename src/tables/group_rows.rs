//! One row per group, the group with the most calls first.

use super::json;
use super::rolled_up::scan_or_roll_up;
use super::statistic::{Planned, StatColumn};
use crate::ffi::{Call, Column, Connection, Context, IndexedRows, Output, Result, SqlError};
use crate::telemetry::{Filter, Groups, Key, Plan, Source, source_name};

/// The groups of a scan as rows.
pub(crate) struct GroupRows {
    /// The statistics of the columns that the query reads.
    columns: Vec<Option<Planned>>,
    groups: Groups,
    order: Vec<u32>,
}

/// The columns as they are declared.
pub(super) fn declared(columns: &[StatColumn]) -> Vec<Column> {
    columns.iter().map(StatColumn::column).collect()
}

impl GroupRows {
    /// Scans the source for the columns that the call uses, grouped by the column `key`.
    pub(super) fn scan(
        call: &Call<'_, '_>,
        key: &str,
        columns: &[StatColumn],
        filter: &Filter,
    ) -> Result<Self> {
        let source = Source::find(&call.connection, source_name(call)?)?;
        let mut plan = Plan::by(vec![Key::Column(key.to_owned())]);
        let columns = (0..)
            .zip(columns)
            .map(|(index, column)| call.uses(index).then(|| column.statistic.plan(&mut plan)));
        let columns = columns.collect();
        let groups = scan_or_roll_up(call, &source, filter, &plan)?;
        let order = groups.ranked(&call.connection)?;
        Ok(GroupRows { columns, groups, order })
    }

    /// Keeps the first `rows` rows.
    pub(super) fn truncated(mut self, rows: usize) -> Self {
        self.order.truncate(rows);
        self
    }
}

impl IndexedRows for GroupRows {
    fn count(&self) -> usize {
        self.order.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(statistic) = self.columns.get(column).copied().flatten() else {
            return Err(unannounced(column));
        };
        if let Some(&group) = self.order.get(row) {
            output.value(statistic.answer(&self.groups, group as usize)?);
        }
        Ok(())
    }
}

/// The error for a column that SQLite reads though it did not say so when it chose the plan.
pub(super) fn unannounced(column: usize) -> SqlError {
    SqlError::new(format!("internal error: column {} was not announced", column + 1))
}

/// All groups as a JSON array of objects. The host may interrupt it.
pub(super) fn json_array(
    connection: &Connection<'_>,
    groups: &Groups,
    columns: &[(&'static str, Planned)],
) -> Result<Vec<u8>> {
    /// Groups between two looks at the host's wish to stop: some milliseconds.
    const PATIENCE: usize = 4096;
    let order = groups.ranked(connection)?;
    let rows = order.iter().enumerate().map(|(row, &group)| {
        if row % PATIENCE == 0 {
            connection.check_interrupt()?;
        }
        columns
            .iter()
            .map(|(name, statistic)| Ok((*name, statistic.answer(groups, group as usize)?)))
            .collect()
    });
    json::array(rows)
}
