//! `rollup_verify([source])`: compares a roll-up with the rows that it is of, TEXT: `ok`.
//!
//! 1. Every stored sum, count and time is computed again from the rows and compared to the last
//!    bit, in one state of the file. What no trigger sees is found here: a process that switched
//!    triggers off, `writable_schema`, incremental writes to a BLOB, tools that write pages.
//! 2. `source` names another table; NULL is the default, `telemetry`.
//! 3. Errors: no roll-up; one that is not used, and why; sums that differ from their rows, or are
//!    damaged, with the first ids that they are of; a missing table.
//! 4. DIRECTONLY. Writes nothing. Cost: a scan of all columns of the rows that have sums.
//!
//! Source of the definition: this project.

use super::SourceArgument;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};
use crate::rollup::verify;
use crate::tables::plan_rolled_up;
use crate::telemetry::Source;

/// `rollup_verify`.
pub(crate) struct RollupVerify;

impl Scalar for RollupVerify {
    const NAME: &'static str = "rollup_verify";
    const FORMS: Forms = &[
        Form { arguments: &[], sample: "rollup_verify()" },
        Form { arguments: &["source"], sample: "rollup_verify('telemetry')" },
    ];
    const TRUST: Trust = Trust::Direct;
    const ABOUT: About =
        About { answer: "TEXT, ok", sentence: "compares a roll-up with the rows that it is of" };

    fn call(
        connection: &Connection<'_>,
        arguments: &Arguments<'_>,
        output: &Context,
    ) -> Result<()> {
        let source = Source::find(connection, SourceArgument::read(arguments)?.name())?;
        verify(connection, Self::NAME, &source, plan_rolled_up)?;
        output.text(b"ok");
        Ok(())
    }
}
