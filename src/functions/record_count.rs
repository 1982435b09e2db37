//! `record_count([source])`: number of rows of the telemetry table, INTEGER.
//!
//! 1. `source` names another table or view; NULL is the default, `telemetry`. An empty table has 0.
//! 2. Errors: a missing table; `source` that is no name.
//! 3. Cost: SQLite's `count(*)`.
//! 4. Not INNOCUOUS: with `source` it would tell a stranger's trigger about any table.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.record_count`.

use super::SourceArgument;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};
use crate::telemetry::Source;

/// `record_count`.
pub(crate) struct RecordCount;

impl Scalar for RecordCount {
    const NAME: &'static str = "record_count";
    const FORMS: Forms = &[
        Form { arguments: &[], sample: "record_count()" },
        Form { arguments: &["source"], sample: "record_count('telemetry')" },
    ];
    const TRUST: Trust = Trust::Trusted;
    const ABOUT: About =
        About { answer: "INTEGER, rows", sentence: "number of calls in the telemetry table" };

    fn call(
        connection: &Connection<'_>,
        arguments: &Arguments<'_>,
        output: &Context,
    ) -> Result<()> {
        let source = Source::find(connection, SourceArgument::read(arguments)?.name())?;
        let count = format!("SELECT count(*) FROM {}", source.in_from());
        let mut statement = connection.prepare(&count)?;
        connection.nested(Self::NAME, || statement.step())?;
        output.integer(statement.column_integer(0));
        Ok(())
    }
}
