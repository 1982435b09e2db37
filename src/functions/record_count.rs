//! `record_count([source])`: number of rows of the telemetry table, INTEGER.
//!
//! 1. `source` names another table or view; NULL is the default, `telemetry`. An empty table has 0.
//! 2. Errors: a missing table; `source` that is no name.
//! 3. Cost: SQLite's `count(*)`.
//! 4. Not INNOCUOUS: with `source` it would tell a stranger's trigger about any table.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.record_count`.

use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Kind, Output, Result, Scalar, Takes, Trust,
    Value,
};
use crate::telemetry::{DEFAULT_SOURCE, Source, read_source_name};

/// `record_count`.
pub struct RecordCount;

impl Scalar for RecordCount {
    const NAME: &'static str = "record_count";
    const FORMS: Forms = &[
        Form { arguments: &[], sample: "record_count()" },
        Form { arguments: &["source"], sample: "record_count('telemetry')" },
    ];
    const TRUST: Trust = Trust::Reads;
    const ABOUT: About =
        About { answer: "INTEGER, rows", sentence: "number of calls in the telemetry table" };

    fn call(
        connection: &Connection<'_>,
        arguments: &Arguments<'_>,
        output: &Context,
    ) -> Result<()> {
        let given = arguments.value(0).filter(|value| value.kind() != Kind::Null);
        let given = given.map(Value::to_owned).transpose()?;
        let name = match &given {
            None => DEFAULT_SOURCE.as_bytes(),
            Some(value) => read_source_name(value)
                .ok_or_else(|| arguments.error(0, Takes::Source.wanted(), value))?,
        };
        let source = Source::find(connection, name)?;
        let count = format!("SELECT count(*) FROM {}", source.from_clause());
        let mut statement = connection.prepare(&count)?;
        connection.nested(Self::NAME, || statement.step())?;
        output.integer(statement.column_integer(0));
        Ok(())
    }
}
