//! What a scan is to collect, asked for before it runs and found afterwards by the slot that asking
//! gave: a request is never dropped and cannot be mistaken for one of another bank.

use super::input::{Input, qualified};
use super::source::Source;
use crate::ffi::{Connection, Result};
use crate::stats::{Extremes, Sums, TokenSums};
use std::marker::PhantomData;

/// Where a bank `B` keeps what was asked for.
#[derive(Debug)]
pub(crate) struct Slot<B> {
    index: usize,
    bank: PhantomData<fn() -> B>,
}

impl<B> Clone for Slot<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Slot<B> {}

impl<B> Slot<B> {
    pub(super) fn index(self) -> usize {
        self.index
    }
}

/// A part of the key of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// A column that the source must have.
    Column(String),
    /// Whether a column holds an INTEGER: 1 or 0; 0 for NULL, and where the source lacks the column.
    Holds(String, i64),
}

impl Key {
    /// Its SQL, over the row `t`. A column that must be there and is not is an error.
    pub(super) fn expression(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<String> {
        let (Key::Column(column) | Key::Holds(column, _)) = self;
        let is_known = source.column(connection, column)?.is_some();
        Ok(match self {
            Key::Column(column) if is_known => qualified(column),
            Key::Column(column) => return Err(source.lacks(column)),
            Key::Holds(column, value) if is_known => format!("{} IS {value}", qualified(column)),
            Key::Holds(..) => "0".to_owned(),
        })
    }
}

/// Keys and inputs. Asking twice for the same gives the same slot.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) keys: Vec<Key>,
    pub(super) tokens: Vec<Input>,
    pub(super) sums: Vec<Input>,
    pub(super) extremes: Vec<Input>,
}

impl Plan {
    /// Groups by these parts, in this order; by none, all rows are one group.
    pub(crate) fn by(keys: Vec<Key>) -> Self {
        Plan { keys, ..Plan::default() }
    }

    /// Adds a part to the key.
    pub(crate) fn and_by(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Asks for a total of tokens: INTEGER while every value is one.
    pub(crate) fn tokens(&mut self, input: Input) -> Slot<TokenSums> {
        slot(&mut self.tokens, input)
    }

    /// Asks for an exact sum, and the number of its values.
    pub(crate) fn sum(&mut self, input: Input) -> Slot<Sums> {
        slot(&mut self.sums, input)
    }

    /// Asks for the least and the greatest value of what is summed too, so that SQLite hands it
    /// over once.
    pub(crate) fn extremes(&mut self, input: Input) -> Slot<Extremes> {
        self.sum(input);
        slot(&mut self.extremes, input)
    }
}

fn slot<B>(asked: &mut Vec<Input>, input: Input) -> Slot<B> {
    let index = asked.iter().position(|known| *known == input).unwrap_or_else(|| {
        asked.push(input);
        asked.len() - 1
    });
    Slot { index, bank: PhantomData }
}
