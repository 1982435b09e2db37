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
use crate::telemetry::{Filter, SINCE, SOURCE, Source, UNTIL, source_name};

/// `export_records`.
pub struct ExportRecords;

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
        let mut filter = Filter::within_bounds(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        let from = source.from_clause();
        let mut sql = format!("SELECT * FROM {from} AS t");
        let names = call.connection.prepare(&sql)?.column_names();
        let table_order = match source.rowid(&call.connection, &names)? {
            Some(rowid) => {
                // Else `INSERT INTO telemetry SELECT ... FROM export_records` might read what it
                // writes, for ever. The plus keeps this term from choosing the plan.
                filter = filter.and(format!("+t.{rowid} <= (SELECT max({rowid}) FROM {from})"));
                vec![rowid]
            }
            None => source.primary_key(&call.connection)?,
        };
        let rows = filter.clause(&call.connection, &source)?;
        sql += &rows.clause;
        if source.column(&call.connection, "timestamp")?.is_some() {
            sql += " ORDER BY t.\"timestamp\"";
            table_order.iter().for_each(|column| sql += &format!(", t.{column}"));
        }
        let mut statement = call.connection.prepare(&sql)?;
        rows.bind(&mut statement)?;
        Ok(Records { connection: call.connection, statement, names })
    }
}

/// The open statement; its current row is ours.
pub struct Records<'a> {
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
