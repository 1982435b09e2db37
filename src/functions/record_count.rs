//! `record_count([source])`: number of rows of the telemetry table, INTEGER.
//!
//! 1. `source` names another table or view; NULL is the default, `telemetry`. An empty table has 0.
//! 2. Errors: a missing table; `source` that is no name.
//! 3. Cost: SQLite's `count(*)`.
//! 4. Not INNOCUOUS: with `source` it would tell a stranger's trigger about any table.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.record_count`.

use crate::ffi::{Connection, Context, Kind, Output, Result, Scalar, SqlError, Value};
use crate::telemetry::{DEFAULT_SOURCE, SOURCE_WANTED, Source, read_source_name};

/// `record_count`.
pub struct RecordCount;

impl Scalar for RecordCount {
    const NAME: &'static str = "record_count";
    const ARITIES: &'static [i32] = &[0, 1];
    const IS_CONSTANT: bool = false;

    fn call(connection: &Connection<'_>, arguments: &[Value<'_>], output: &Context) -> Result<()> {
        let given = arguments.first().filter(|value| value.kind() != Kind::Null);
        let given = given.map(Value::to_owned).transpose()?;
        let name = match &given {
            None => DEFAULT_SOURCE.as_bytes(),
            Some(value) => read_source_name(value)
                .ok_or_else(|| SqlError::argument(Self::NAME, 0, "source", SOURCE_WANTED, value))?,
        };
        let source = Source::find(connection, name)?;
        let mut statement =
            connection.prepare(&format!("SELECT count(*) FROM {}", source.from_clause()))?;
        connection.nested(Self::NAME, || statement.step())?;
        output.integer(statement.column_integer(0));
        Ok(())
    }
}
