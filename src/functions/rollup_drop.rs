//! `rollup_drop([source])`: removes the roll-up of a table, INTEGER: 1 if there was one, else 0.
//!
//! 1. Its tables and triggers go, in one transaction. Also those of a table that is gone or was
//!    renamed, under the name that it had.
//! 2. `source` names another table; NULL is the default, `telemetry`. What can have no roll-up has
//!    none: 0.
//! 3. Errors: neither such a table nor a roll-up of it; a statement that writes around this one;
//!    what SQLite says of a file that cannot be written, or while another statement of the
//!    connection reads (`database table is locked`).
//! 4. DIRECTONLY. Cost: that of `DROP TABLE`.
//!
//! Source of the definition: this project.

use super::SourceArgument;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};
use crate::rollup::drop_rollup;

/// `rollup_drop`.
pub(crate) struct RollupDrop;

impl Scalar for RollupDrop {
    const NAME: &'static str = "rollup_drop";
    const FORMS: Forms = &[
        Form { arguments: &[], sample: "rollup_drop()" },
        Form { arguments: &["source"], sample: "rollup_drop('telemetry')" },
    ];
    const TRUST: Trust = Trust::Direct;
    const ABOUT: About =
        About { answer: "INTEGER, 0 or 1", sentence: "removes the roll-up of a table" };

    fn call(
        connection: &Connection<'_>,
        arguments: &Arguments<'_>,
        output: &Context,
    ) -> Result<()> {
        let was_there = drop_rollup(connection, SourceArgument::read(arguments)?.name())?;
        output.integer(i64::from(was_there));
        Ok(())
    }
}
