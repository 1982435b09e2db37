//! One row per group, highest count first.

use super::json::Json;
use super::statistic::{Placed, StatColumn, placed};
use crate::ffi::{Call, Column, Context, Result, Rows};
use crate::telemetry::{Filter, Groups, ScanPlan, Source, scan};
use std::ffi::CStr;

/// The groups of a scan as rows.
pub struct GroupRows {
    columns: Vec<Placed>,
    groups: Groups,
    order: Vec<u32>,
    /// One past the current row.
    position: usize,
}

/// The columns as they are declared.
pub(super) fn declared(columns: &[StatColumn]) -> Vec<Column> {
    columns.iter().map(StatColumn::column).collect()
}

impl GroupRows {
    /// Scans `source` for the columns that the call uses, grouped by `key`.
    pub(super) fn scan(
        call: &Call<'_, '_>,
        source: &[u8],
        key: &'static CStr,
        columns: &[StatColumn],
        filter: &Filter,
    ) -> Result<Self> {
        let source = Source::find(&call.connection, source)?;
        let mut plan = ScanPlan { keys: vec![key], ..ScanPlan::default() };
        for (index, column) in columns.iter().enumerate() {
            if call.uses(index) {
                column.statistic.plan(&mut plan);
            }
        }
        let groups = scan(call, &source, filter, &mut plan)?;
        let order = groups.ranked()?;
        Ok(GroupRows { columns: placed(columns, &plan), groups, order, position: 0 })
    }

    /// Keeps the first `rows` rows.
    pub(super) fn truncated(mut self, rows: usize) -> Self {
        self.order.truncate(rows);
        self
    }
}

impl Rows for GroupRows {
    fn advance(&mut self) -> Result<bool> {
        self.position += 1;
        Ok(self.position <= self.order.len())
    }

    fn column(&self, column: usize, output: &Context) -> Result<()> {
        let group = self.position.checked_sub(1).and_then(|row| self.order.get(row));
        if let (Some(column), Some(&group)) = (self.columns.get(column), group) {
            column.answer(&self.groups, group as usize)?.put(output);
        }
        Ok(())
    }

    fn rewind(&mut self) -> bool {
        self.position = 0;
        true
    }
}

/// All groups as a JSON array of objects.
pub(super) fn json_array(groups: &Groups, plan: &ScanPlan, columns: &[StatColumn]) -> Result<Json> {
    let mut json = Json::default();
    let statistics = placed(columns, plan);
    json.begin_array()?;
    for group in groups.ranked()? {
        json.begin_object()?;
        for (column, statistic) in columns.iter().zip(&statistics) {
            json.answer(column.name, statistic.answer(groups, group as usize)?)?;
        }
        json.end_object()?;
    }
    json.end_array()?;
    Ok(json)
}
