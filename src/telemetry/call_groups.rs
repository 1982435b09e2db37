//! The pass behind the statistics of what was measured: each call of the source, judged by the
//! rules of [`super::calls`], goes to the state of its key.

use super::calls::{Call, Fields};
use super::filter::Filter;
use super::keys::Keys;
use super::plan::Key;
use super::ranking::ranked;
use super::source::Source;
use crate::ffi::{self, Collector, Connection, Result, SCAN_FUNCTION, SqlValue, Value};

/// What a statistic keeps of the calls of one key; a new key starts with a clone of the empty
/// state.
pub(crate) trait CallState: Clone {
    /// A call of the key; in the order of their starts, if that was asked for.
    fn add(&mut self, call: &Call) -> Result<()>;
    /// All calls are in.
    fn settle(&mut self) {}
}

/// How the source is read.
pub(crate) struct Reading {
    /// The parts of the key; all calls are one group without any.
    pub(crate) keys: Vec<Key>,
    /// What the rules read.
    pub(crate) fields: Fields,
    /// Rows to keep.
    pub(crate) filter: Filter,
    /// Whether calls must come in the order of their starts: SQLite sorts them.
    pub(crate) by_start: bool,
}

/// States by key.
pub(crate) struct CallGroups<S> {
    keys: Keys,
    fields: Fields,
    empty: S,
    calls: Vec<u64>,
    states: Vec<S>,
}

impl<S: CallState> CallGroups<S> {
    /// Reads the source once.
    pub(crate) fn scan(
        call: &ffi::Call<'_, '_>,
        source: &Source,
        reading: Reading,
        empty: S,
    ) -> Result<Self> {
        let connection = &call.connection;
        let mut expressions = Vec::new();
        for key in &reading.keys {
            expressions.push(key.expression(connection, source)?);
        }
        expressions.extend(reading.fields.expressions(connection, source)?);
        let rows = reading.filter.clause(connection, source)?;
        let from = format!("{} AS t{}", source.in_from(), rows.clause);
        let sql = if reading.by_start {
            in_order(&expressions, &from)
        } else {
            format!("SELECT {SCAN_FUNCTION}({}) FROM {from}", expressions.join(", "))
        };
        let mut groups = CallGroups {
            keys: Keys::new(reading.keys.len()),
            fields: reading.fields,
            empty,
            calls: Vec::new(),
            states: Vec::new(),
        };
        if reading.keys.is_empty() {
            groups.calls.push(0);
            groups.states.push(groups.empty.clone());
        }
        connection.nested(call.function, || {
            connection.collect(&sql, |statement| rows.bind(statement), &mut groups)
        })?;
        groups.states.iter_mut().for_each(S::settle);
        Ok(groups)
    }

    /// Calls of a group.
    pub(crate) fn calls(&self, group: usize) -> u64 {
        self.calls.get(group).copied().unwrap_or(0)
    }

    /// Its state.
    pub(crate) fn state(&self, group: usize) -> Option<&S> {
        self.states.get(group)
    }

    /// A part of its key; NULL where keys have no such part.
    pub(crate) fn key(&self, group: usize, part: usize) -> SqlValue<'_> {
        self.keys.value(group, part)
    }

    /// The groups with the most calls first, ties by the key's first part.
    pub(crate) fn ranked(&self, connection: &Connection<'_>) -> Result<Vec<u32>> {
        let count = self.states.len();
        ranked(connection, count, |group| self.calls(group), |group| self.key(group, 0))
    }
}

/// The scan over a sorted subquery: SQLite keeps the order under an aggregate of ours.
fn in_order(expressions: &[String], from: &str) -> String {
    let columns = (1..).zip(expressions).map(|(n, expression)| format!("{expression} AS c{n}"));
    let columns: Vec<String> = columns.collect();
    let names: Vec<String> = (1..=expressions.len()).map(|n| format!("c{n}")).collect();
    format!(
        "SELECT {SCAN_FUNCTION}({}) FROM (SELECT {} FROM {from} ORDER BY t.\"timestamp\")",
        names.join(", "),
        columns.join(", ")
    )
}

/// Rows come as the key parts, then the fields.
impl<S: CallState> Collector for CallGroups<S> {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let (key, fields) = row.split_at_checked(self.keys.parts()).unwrap_or_default();
        let group = self.keys.group(key, SqlValue::of)?;
        if group == self.states.len() {
            self.states.try_reserve(1)?;
            self.calls.try_reserve(1)?;
            self.states.push(self.empty.clone());
            self.calls.push(0);
        }
        let call = self.fields.read(fields);
        if let (Some(state), Some(calls)) = (self.states.get_mut(group), self.calls.get_mut(group))
        {
            *calls += 1;
            state.add(&call)?;
        }
        Ok(())
    }
}
