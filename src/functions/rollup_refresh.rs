//! `rollup_refresh([source])`: makes the roll-up of a table, or brings it up to date. JSON:
//! `{"rows":...,"chunks_built":...,"chunks_rebuilt":...,"seconds":...}`.
//!
//! 1. From then on `model_stats`, `engine_stats`, `aggregated_stats` and `top_models` over the
//!    table answer from the stored sums, with a scan of what has none, and with the same answers to
//!    the last bit.
//! 2. `rows` have their sums stored now; a chunk is a stretch of 65,536 rowids; `chunks_built` were
//!    read for the first time, `chunks_rebuilt` since a row of theirs had changed or a schema had.
//! 3. It writes: two tables and three triggers, named `jarvis_rollup_...`, beside the table. The
//!    triggers are plain SQL and work in a process without this extension.
//! 4. In a transaction of the caller's it is part of that. Else it commits as it goes and holds the
//!    write lock only to store what it has read, so that another writer does not wait for the
//!    reading. When it ends in an error or is killed, what is stored so far is right and is used.
//! 5. `source` names another table; NULL is the default, `telemetry`.
//! 6. Errors: a missing table; a view, a virtual table, a TEMP table; no INTEGER PRIMARY KEY; a
//!    UNIQUE index besides it, a generated column, a trigger with `RAISE(IGNORE)`; no column
//!    `model_id` or `engine`; ids so far apart that each row would have sums of its own; a
//!    statement that writes around this one; `PRAGMA read_uncommitted`; what SQLite says of a file
//!    that cannot be written.
//! 7. DIRECTONLY. Cost: at first about two scans of all columns; then the scan of what changed.
//!
//! Source of the definition: this project.

use super::SourceArgument;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};
use crate::rollup::{Refreshed, refresh};
use crate::tables::plan_rolled_up;
use crate::telemetry::Source;

/// `rollup_refresh`.
pub(crate) struct RollupRefresh;

impl Scalar for RollupRefresh {
    const NAME: &'static str = "rollup_refresh";
    const FORMS: Forms = &[
        Form { arguments: &[], sample: "rollup_refresh()" },
        Form { arguments: &["source"], sample: "rollup_refresh('telemetry')" },
    ];
    const TRUST: Trust = Trust::Direct;
    const GIVES_JSON: bool = true;
    const ABOUT: About = About {
        answer: "TEXT, JSON",
        sentence: "writes the roll-up of a table, which makes the statistics of it fast",
    };

    fn call(
        connection: &Connection<'_>,
        arguments: &Arguments<'_>,
        output: &Context,
    ) -> Result<()> {
        let source = Source::find(connection, SourceArgument::read(arguments)?.name())?;
        let Refreshed { rows, built, rebuilt, seconds } =
            refresh(connection, Self::NAME, &source, plan_rolled_up)?;
        let json = format!(
            "{{\"rows\":{rows},\"chunks_built\":{built},\"chunks_rebuilt\":{rebuilt},\
             \"seconds\":{seconds:.3}}}"
        );
        output.json(json.as_bytes());
        Ok(())
    }
}
