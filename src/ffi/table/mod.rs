//! Table-valued functions: eponymous virtual tables whose hidden columns are the arguments.

mod best_index;
mod cursor;
mod module;

use super::connection::Connection;
use super::context::Context;
use super::error::{Result, SqlError};
use super::state::State;
use super::value::OwnedValue;
use sqlite_loadable::ext::{sqlite3, sqlite3_vtab};
use std::fmt::Display;
use std::sync::Arc;

pub(super) use module::module;

/// A visible column and the type it is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// TEXT, INTEGER or REAL; BI tools read this.
    pub declared: &'static str,
}

/// An argument as it was given; `None` when left out or NULL.
pub type Argument = Option<OwnedValue>;

/// A table-valued function.
pub trait TableFunction: Sized + 'static {
    /// Its SQL name.
    const NAME: &'static str;
    /// Names of its arguments, the hidden columns, in order.
    const ARGUMENTS: &'static [&'static str];
    /// Whether a stranger's view or trigger may use it under `trusted_schema=OFF`.
    const IS_INNOCUOUS: bool;
    /// Rows that the planner should expect.
    const EXPECTED_ROWS: i64;
    /// Whether there is exactly one row, always.
    const IS_SINGLE_ROW: bool = false;
    /// Its rows.
    type Rows<'a>: Rows;

    /// The visible columns, in order.
    fn columns() -> Vec<Column>;
    /// Answers one call.
    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>>;
}

/// The rows of one call.
pub trait Rows {
    /// Moves to the next row (at first, to the first); false when there is none.
    fn advance(&mut self) -> Result<bool>;
    /// Puts visible column `column` of the current row out.
    fn column(&self, column: usize, output: &Context) -> Result<()>;
    /// Goes back before the first row if the answer is in memory; false if it has to be made anew.
    fn rewind(&mut self) -> bool;
}

/// One call of a table function.
pub struct Call<'a, 'c> {
    /// The caller's connection.
    pub connection: Connection<'a>,
    /// The function's name.
    pub function: &'static str,
    names: &'static [&'static str],
    arguments: &'c [Argument],
    used: u64,
}

impl Call<'_, '_> {
    /// The argument of that index; `None` when left out or NULL.
    pub fn argument(&self, index: usize) -> Option<&OwnedValue> {
        self.arguments.get(index)?.as_ref()
    }

    /// `function: argument 1 (name): expected WANT, got GOT`.
    pub fn argument_error(&self, index: usize, want: &str, got: impl Display) -> SqlError {
        let name = self.names.get(index).copied().unwrap_or_default();
        SqlError::argument(self.function, index, name, want, got)
    }

    /// Whether the query reads that visible column.
    pub fn uses(&self, column: usize) -> bool {
        self.used & (1 << column.min(63)) != 0
    }
}

/// SQLite's `sqlite3_vtab` with what is ours behind it.
#[repr(C)]
struct Table {
    base: sqlite3_vtab,
    db: *mut sqlite3,
    state: Arc<State>,
    /// Number of visible columns; the arguments come after them.
    visible: usize,
}
