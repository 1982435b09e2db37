//! Rows that are all in memory before the first is read, found by their number.

use super::super::context::Context;
use super::super::error::Result;
use super::Rows;

/// An answer in memory.
pub(crate) trait IndexedRows {
    /// How many rows there are.
    fn count(&self) -> usize;
    /// Puts visible column `column` of row `row`, from 0 on, out.
    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()>;
}

/// An answer in memory, and how far it has been read.
pub(crate) struct InMemory<R> {
    rows: R,
    /// One past the current row.
    position: usize,
}

impl<R: IndexedRows> From<R> for InMemory<R> {
    fn from(rows: R) -> Self {
        InMemory { rows, position: 0 }
    }
}

impl<R: IndexedRows> Rows for InMemory<R> {
    fn advance(&mut self) -> Result<bool> {
        self.position += 1;
        Ok(self.position <= self.rows.count())
    }

    fn column(&self, column: usize, output: &Context) -> Result<()> {
        match self.position.checked_sub(1) {
            Some(row) => self.rows.column(row, column, output),
            None => Ok(()),
        }
    }

    fn rewind(&mut self) -> bool {
        self.position = 0;
        true
    }
}
