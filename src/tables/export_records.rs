//! `export_records(since, until, source)`: one row per telemetry row, a JSON object with every
//! column in the table's order.
//!
//! 1. Rows come by `timestamp`, ties in table order; in table order where the table has no such
//!    column.
//! 2. NULL and numbers that are not finite are null, a BLOB is lower-case hex text, bytes that are
//!    not UTF-8 are replaced.
//! 3. Errors: a wrong argument, a missing table, bounds without a column `timestamp`.
//! 4. Cost: SQLite's own sort by `timestamp` (none where an index gives the order); rows are
//!    streamed, never collected.
//! 5. Not INNOCUOUS: with `source` it would hand a stranger's trigger whole rows.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.export_records`.

use super::json;
use crate::ffi::{
    About, Call, Column, Connection, Context, Output, Parameter, Result, Rows, Statement, Step,
    TableFunction,
};
use crate::telemetry::{Filter, SINCE, SOURCE, Source, UNTIL, column_names, source_name, stream};

/// `export_records`.
pub(crate) struct ExportRecords;

impl TableFunction for ExportRecords {
    const NAME: &'static str = "export_records";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 1_000_000;
    const ABOUT: About =
        About { answer: "one row per call", sentence: "every call as a JSON object, oldest first" };
    const SAMPLE: &'static str = "export_records()";
    type Rows<'a> = Records<'a>;

    fn columns() -> Vec<Column> {
        vec![Column { name: "record", declared: "TEXT" }]
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Records<'a>> {
        let filter = Filter::within_bounds(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        let names = column_names(&call.connection, source.in_from())?;
        let statement = stream(call, &source, &names, filter, "*", true)?;
        Ok(Records { connection: call.connection, statement, names })
    }
}

/// The open statement; its current row is ours.
pub(crate) struct Records<'a> {
    connection: Connection<'a>,
    statement: Statement<'a>,
    names: Vec<String>,
}

impl Rows for Records<'_> {
    fn advance(&mut self) -> Result<bool> {
        let statement = &mut self.statement;
        self.connection.nested(ExportRecords::NAME, || Ok(statement.step()? == Step::Row))
    }

    fn column(&self, _column: usize, output: &Context) -> Result<()> {
        let members = (0..).zip(&self.names);
        let members = members.map(|(column, name)| (name.as_str(), self.statement.column(column)));
        output.json(&json::object(members.collect())?);
        Ok(())
    }

    /// Streamed, so there is nothing to go back to.
    fn rewind(&mut self) -> bool {
        false
    }
}
