//! `rollup_status(source)`: whether a roll-up is there and used, exactly one row.
//!
//! 1. `is_present`: there is one. `is_used`: `model_stats` and the others answer from it now.
//!    `reason` says why not, NULL where it is used. (Inside a statement that writes they scan all
//!    the same.)
//! 2. `covered_rows` have their sums stored; `tail_rows` are newer; `dirty_chunks` had a row
//!    changed since: the next refresh takes both. `skipped_chunks` stay with the scan: their sums
//!    would take more than a hundredth of their rows, or they hold text where a number belongs, or
//!    a REAL key.
//! 3. `bytes` that the sums take; `refreshed_at` in Unix seconds, NULL where it is not used.
//! 4. Errors: a missing table, a wrong argument.
//! 5. Cost: a count of the tail, and a look at each chunk.
//!
//! Source of the definition: this project.

use super::rolled_up::plan_rolled_up;
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, SqlValue,
    TableFunction,
};
use crate::rollup::{Status, status};
use crate::telemetry::{SOURCE, Source, source_name};

/// `rollup_status`.
pub(crate) struct RollupStatus;

const COLUMNS: &[Column] = &[
    Column { name: "is_present", declared: "INTEGER" },
    Column { name: "is_used", declared: "INTEGER" },
    Column { name: "reason", declared: "TEXT" },
    Column { name: "covered_rows", declared: "INTEGER" },
    Column { name: "tail_rows", declared: "INTEGER" },
    Column { name: "dirty_chunks", declared: "INTEGER" },
    Column { name: "skipped_chunks", declared: "INTEGER" },
    Column { name: "bytes", declared: "INTEGER" },
    Column { name: "refreshed_at", declared: "REAL" },
];

impl TableFunction for RollupStatus {
    const NAME: &'static str = "rollup_status";
    const PARAMETERS: &'static [Parameter] = &[SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 1;
    const IS_SINGLE_ROW: bool = true;
    const ABOUT: About = About {
        answer: "exactly one row",
        sentence: "whether a table has a roll-up, whether it is used, and what it covers",
    };
    const SAMPLE: &'static str = "rollup_status()";
    type Rows<'a> = InMemory<Status>;

    fn columns() -> Vec<Column> {
        COLUMNS.to_vec()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let source = Source::find(&call.connection, source_name(call)?)?;
        Ok(status(&call.connection, &source, plan_rolled_up)?.into())
    }
}

/// The one row.
impl IndexedRows for Status {
    fn count(&self) -> usize {
        1
    }

    fn column(&self, _row: usize, column: usize, output: &Context) -> Result<()> {
        let reason = self.reason.as_deref().map(|reason| SqlValue::Text(reason.as_bytes()));
        let values = [
            SqlValue::Integer(i64::from(self.is_present)),
            SqlValue::Integer(i64::from(self.reason.is_none())),
            reason.unwrap_or(SqlValue::Null),
            SqlValue::Integer(self.covered_rows),
            SqlValue::Integer(self.tail_rows),
            SqlValue::Integer(self.dirty_chunks),
            SqlValue::Integer(self.skipped_chunks),
            SqlValue::Integer(self.bytes),
            self.refreshed_at.map_or(SqlValue::Null, SqlValue::Real),
        ];
        output.value(values.get(column).copied().unwrap_or(SqlValue::Null));
        Ok(())
    }
}
