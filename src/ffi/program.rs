//! What a statement touches, as EXPLAIN tells, and which statements are writing while we read.
//!
//! SQLite does not know what a table function or `record_count` reads, so a statement that writes
//! the table that they read would see its own rows, and a stranger's view could have any virtual
//! table read. Both are found here. The opcodes that open something have had their names and places
//! since long before the oldest host.

use super::api::call;
use super::connection::Connection;
use super::error::{Result, SqlError, text};
use super::state::WriterRun;
use super::statement::Step;
use super::sys::sqlite3_stmt;
use std::collections::BTreeSet;
use std::ptr;

/// A B-tree: the number of its database on the connection, and its root page there.
type Tree = (i64, i64);

/// What a statement opens.
#[derive(Debug, Default)]
pub(crate) struct Program {
    reads: BTreeSet<Tree>,
    writes: BTreeSet<Tree>,
    /// The virtual tables, as EXPLAIN names them: `vtab:` and the address of each.
    tables: BTreeSet<String>,
}

impl Program {
    /// Whether it opens a virtual table other than these.
    pub(crate) fn opens_table_beyond(&self, allowed: &BTreeSet<String>) -> bool {
        !self.tables.is_subset(allowed)
    }

    /// The virtual tables.
    pub(crate) fn into_tables(self) -> BTreeSet<String> {
        self.tables
    }
}

/// A statement of this connection that is writing now, and in the middle of whose run we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Writer(*mut sqlite3_stmt);

impl Writer {
    fn address(self) -> usize {
        self.0.addr()
    }
}

impl Connection<'_> {
    /// What `sql` opens.
    pub(crate) fn program(&self, sql: &str) -> Result<Program> {
        const OPCODE: i32 = 1;
        const P1: i32 = 2;
        const P2: i32 = 3;
        const P3: i32 = 4;
        const P4: i32 = 5;
        let mut statement = self.prepare(&format!("EXPLAIN {sql}"))?;
        let mut program = Program::default();
        while statement.step()? == Step::Row {
            let integer = |column| statement.column_integer(column);
            match statement.column_bytes(OPCODE) {
                b"OpenRead" | b"ReopenIdx" => program.reads.insert((integer(P3), integer(P2))),
                b"OpenWrite" => program.writes.insert((integer(P3), integer(P2))),
                b"Clear" => program.writes.insert((integer(P2), integer(P1))),
                b"VOpen" => {
                    let name = String::from_utf8_lossy(statement.column_bytes(P4));
                    program.tables.insert(name.into_owned())
                }
                _ => false,
            };
        }
        Ok(program)
    }

    /// The statements that are writing. One that has given a row (of RETURNING) and waits for the
    /// host has written all that it will.
    pub(super) fn writers(&self) -> Vec<Writer> {
        let mut writers = Vec::new();
        let mut statement: *mut sqlite3_stmt = ptr::null_mut();
        loop {
            // SAFETY: the connection is open; null asks for its first statement, and the statements
            // that this gives are alive.
            unsafe {
                statement = call!(next_stmt(self.raw(), statement));
                if statement.is_null() {
                    return writers;
                }
                let is_writing = call!(stmt_busy(statement)) != 0
                    && call!(stmt_readonly(statement)) == 0
                    && call!(data_count(statement)) == 0;
                if is_writing {
                    writers.push(Writer(statement));
                }
            }
        }
    }

    /// Whether we are called by a statement that writes.
    pub(crate) fn is_called_by_writer(&self) -> bool {
        !self.writers().is_empty()
    }

    /// Checks that what `select` reads of the source is as it was when the statement that calls us
    /// began. That is known of the first read in a table function; what comes later, where the
    /// statement writes what is read, is an error.
    pub(crate) fn check_unwritten(&self, select: &str, label: &str) -> Result<()> {
        let writers = self.writers();
        if writers.is_empty() {
            return Ok(());
        }
        let reads = self.program(select)?.reads;
        for writer in writers {
            // SAFETY: the statement is alive: it is in the middle of its run.
            let sql = unsafe { text(call!(sql(writer.0))) };
            // What cannot be explained, say for want of memory, is taken to write everything.
            let is_unrelated =
                self.program(&sql).is_ok_and(|program| program.writes.is_disjoint(&reads));
            if is_unrelated {
                continue;
            }
            let mut runs = self.writer_runs();
            match runs.iter_mut().find(|run| run.writer == writer.address()) {
                Some(run) if !run.has_read => run.has_read = true,
                _ => {
                    return Err(SqlError::new(format!(
                        "the statement that asks this changes '{label}', which is read here; \
                         put what is read into a temporary table first"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Notes that a cursor was opened, in the runs of which writers.
    pub(super) fn enter_runs(&self) -> Vec<Writer> {
        let writers = self.writers();
        let mut runs = self.writer_runs();
        for writer in writers.iter().map(|writer| writer.address()) {
            match runs.iter_mut().find(|run| run.writer == writer) {
                Some(run) => run.cursors += 1,
                None => runs.push(WriterRun { writer, cursors: 1, has_read: false }),
            }
        }
        drop(runs);
        writers
    }

    /// Notes that such a cursor is closed; with the last one the run is over.
    pub(super) fn leave_runs(&self, writers: &[Writer]) {
        let mut runs = self.writer_runs();
        for run in runs.iter_mut() {
            let is_left = writers.iter().any(|writer| writer.address() == run.writer);
            run.cursors -= usize::from(is_left);
        }
        runs.retain(|run| run.cursors > 0);
    }
}
