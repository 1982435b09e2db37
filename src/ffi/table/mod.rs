//! Table-valued functions: eponymous virtual tables whose hidden columns are the arguments.

mod best_index;
mod cursor;
mod in_memory;
mod module;

use super::catalogue::About;
use super::connection::Connection;
use super::context::Context;
use super::error::{Result, SqlError};
use super::state::State;
use super::sys::{sqlite3, sqlite3_vtab};
use super::value::OwnedValue;
use std::fmt::Display;
use std::sync::Arc;

pub(crate) use in_memory::{InMemory, IndexedRows};
pub(super) use module::module;

/// A visible column and the type it is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: &'static str,
    /// TEXT, INTEGER or REAL; BI tools read this.
    pub(crate) declared: &'static str,
}

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A moment.
    Time,
    /// On or off.
    Switch,
    /// A whole number from 0.
    WholeNumber,
    /// The name of a table or view.
    Source,
    /// The name of a column, or 'none'.
    Column,
    /// A number above 0.
    Limit,
    /// The name of a column, or 'period'.
    ColumnOrPeriod,
    /// A value of that column, or a period.
    Side,
    /// A number between 0 and 1, both left out.
    Part,
    /// The width of buckets of time.
    Width,
    /// The same, or 'all'.
    Step,
    /// A BLOB made by `sketch` or `sketch_merge`.
    Sketch,
}

impl Takes {
    /// As an error says it.
    pub(crate) const fn wanted(self) -> &'static str {
        match self {
            Takes::Time => "Unix seconds or a time value ('2026-11-01', '-7 days')",
            Takes::Switch => "0, 1, 'true' or 'false'",
            Takes::WholeNumber => "a whole number from 0",
            Takes::Source => "the name of a table or view",
            Takes::Column => "a column or 'none'",
            Takes::Limit => "a number above 0",
            Takes::ColumnOrPeriod => "a column or 'period'",
            Takes::Side => {
                "a value of the column that per names, or with per 'period' two times 'from/to'"
            }
            Takes::Part => "a number above 0 and below 1 (0.95, not 95)",
            Takes::Width => "seconds or a width such as '15 minutes' or '1 day +02:00'",
            Takes::Step => "'all', seconds or a width such as '15 minutes' or '1 day +02:00'",
            Takes::Sketch => "a sketch made by sketch()",
        }
    }
}

/// An argument as a table function declares it: a hidden column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) takes: Takes,
}

/// An argument as it was given; `None` when left out or NULL.
pub(crate) type Argument = Option<OwnedValue>;

/// A table-valued function.
pub(crate) trait TableFunction: Sized + 'static {
    /// Its SQL name.
    const NAME: &'static str;
    /// Its arguments, in order.
    const PARAMETERS: &'static [Parameter];
    /// Whether a stranger's view or trigger may use it under `trusted_schema=OFF`.
    const IS_INNOCUOUS: bool;
    /// Rows that the planner should expect.
    const EXPECTED_ROWS: i64;
    /// Whether there is exactly one row, always.
    const IS_SINGLE_ROW: bool = false;
    /// For the catalogue.
    const ABOUT: About;
    /// A call that works on every telemetry table.
    const SAMPLE: &'static str;
    /// Its rows.
    type Rows<'a>: Rows;

    /// The visible columns, in order.
    fn columns() -> Vec<Column>;
    /// Answers one call.
    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>>;
}

/// The rows of one call.
pub(crate) trait Rows {
    /// Moves to the next row (at first, to the first); false when there is none.
    fn advance(&mut self) -> Result<bool>;
    /// Puts visible column `column` of the current row out.
    fn column(&self, column: usize, output: &Context) -> Result<()>;
    /// Goes back before the first row if the answer is in memory; false if it has to be made anew.
    fn rewind(&mut self) -> bool;
}

/// One call of a table function.
pub(crate) struct Call<'a, 'c> {
    /// The caller's connection.
    pub(crate) connection: Connection<'a>,
    /// The function's name.
    pub(crate) function: &'static str,
    parameters: &'static [Parameter],
    arguments: &'c [Argument],
    used: u64,
}

impl<'c> Call<'_, 'c> {
    /// The place and the declaration of an argument, `None` where the function has none of that
    /// name.
    fn parameter(&self, name: &str) -> Option<(usize, &'static Parameter)> {
        self.parameters.iter().enumerate().find(|(_, parameter)| parameter.name == name)
    }

    /// The argument of that name; `None` when it was left out or NULL, or where the function
    /// declares none.
    pub(crate) fn argument(&self, name: &str) -> Option<&'c OwnedValue> {
        let (index, _) = self.parameter(name)?;
        self.arguments.get(index)?.as_ref()
    }

    /// `function: argument 1 (name): expected` what the argument takes`, got GOT`.
    pub(crate) fn argument_error(&self, name: &str, got: impl Display) -> SqlError {
        match self.parameter(name) {
            Some((index, parameter)) => {
                SqlError::argument(self.function, index, name, parameter.takes.wanted(), got)
            }
            None => SqlError::new(format!("{}: no argument {name}", self.function)),
        }
    }

    /// `function: argument 3 (name): no WHAT GOT in PLACE; expected` what the argument takes.
    pub(crate) fn no_such(
        &self,
        name: &str,
        what: &str,
        got: impl Display,
        place: &str,
    ) -> SqlError {
        match self.parameter(name) {
            Some((index, parameter)) => SqlError::new(format!(
                "{}: argument {} ({name}): no {what} {got} in {place}; expected {}",
                self.function,
                index + 1,
                parameter.takes.wanted()
            )),
            None => self.argument_error(name, got),
        }
    }

    /// Whether the query reads that visible column. SQLite has one bit for all columns from the
    /// 64th on.
    pub(crate) fn uses(&self, column: usize) -> bool {
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
