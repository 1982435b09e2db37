//! The pass behind the statistics of what was measured: each call of the source, judged by the
//! rules of [`super::calls`], goes to the state of its key.

use super::calls::Call;
use super::fields::Fields;
use super::filter::Filter;
use super::instruments::Instruments;
use super::keys::Keys;
use super::machines::Machines;
use super::plan::Key;
use super::ranking::ranked;
use super::source::Source;
use crate::ffi::{
    self, Collector, Connection, Kind, Result, SCAN_FUNCTION, SqlValue, Statement, Value,
};

/// What a statistic keeps of the calls of one key; a new key starts with a clone of the empty
/// state.
pub(crate) trait CallState: Clone {
    /// A call of the key; in the order of their starts, if that was asked for.
    fn add(&mut self, call: &Call) -> Result<()>;
    /// A call of the key whose energy was measured, with its share of the machine, in the order of
    /// their ends; if that was asked for.
    fn add_share(&mut self, _call: &Call, _share: f64) -> Result<()> {
        Ok(())
    }
    /// Whether a call is one of its key's: asked of the empty state. Others have their share of the
    /// machine all the same.
    #[inline(always)]
    fn counts(&self, _call: &Call) -> bool {
        true
    }
    /// All calls are in.
    fn settle(&mut self) -> Result<()> {
        Ok(())
    }
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
    /// Whether shares of the machine are wanted, which takes the order of starts.
    pub(crate) shares: bool,
}

/// States by key.
pub(crate) struct CallGroups<S> {
    keys: Keys,
    fields: Fields,
    has_start: bool,
    machines: Option<Machines<u32>>,
    empty: S,
    calls: Vec<u64>,
    states: Vec<S>,
}

impl<S: CallState> CallGroups<S> {
    /// Reads the source once.
    pub(crate) fn scan(
        call: &ffi::Call<'_, '_>,
        source: &Source,
        mut reading: Reading,
        empty: S,
    ) -> Result<Self> {
        let connection = &call.connection;
        let mut expressions = Vec::new();
        for key in &reading.keys {
            expressions.push(key.expression(connection, source)?);
        }
        if reading.shares {
            expressions.extend(Machines::<u32>::expressions(connection, source)?);
        }
        expressions.extend(reading.fields.expressions(connection, source)?);
        let rows = reading.filter.clause(connection, source)?;
        let from = format!("{} AS t{}", source.in_from(), rows.clause);
        let sql = if reading.by_start {
            in_order(&expressions, &from, &reading.filter.start(connection, source)?)
        } else {
            format!("SELECT {SCAN_FUNCTION}({}) FROM {from}", expressions.join(", "))
        };
        let sides = reading.fields.take_sides();
        let mut groups = CallGroups {
            keys: Keys::new(reading.keys.len()),
            has_start: reading.fields.has_start(),
            fields: reading.fields,
            machines: reading.shares.then(Machines::default),
            empty,
            calls: Vec::new(),
            states: Vec::new(),
        };
        if reading.keys.is_empty() {
            groups.calls.push(0);
            groups.states.push(groups.empty.clone());
        }
        connection.nested(call.function, || {
            let bind = |statement: &mut Statement<'_>| {
                rows.bind(statement)?;
                sides.as_ref().map_or(Ok(()), |sides| sides.bind(statement))
            };
            connection.collect(&sql, bind, &mut groups)
        })?;
        let CallGroups { machines, states, .. } = &mut groups;
        if let Some(machines) = machines {
            machines.finish(&mut |group, call, _, share| end(states, group, call, share))?;
        }
        groups.states.iter_mut().try_for_each(S::settle)?;
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

    /// The states of all groups.
    pub(crate) fn states(&self) -> std::slice::Iter<'_, S> {
        self.states.iter()
    }

    /// A part of its key; NULL where keys have no such part.
    pub(crate) fn key(&self, group: usize, part: usize) -> SqlValue<'_> {
        self.keys.value(group, part)
    }

    /// What measured the energy of calls.
    pub(crate) fn instruments(&self) -> Option<&Instruments> {
        self.machines.as_ref().map(Machines::instruments)
    }

    /// The groups by key.
    pub(crate) fn by_key(&self, connection: &Connection<'_>) -> Result<Vec<u32>> {
        let (calls, key) = (|_| 0, |group, part| self.key(group, part));
        ranked(connection, self.states.len(), self.keys.parts(), calls, key)
    }

    /// The groups with the most calls first, ties by key.
    pub(crate) fn ranked(&self, connection: &Connection<'_>) -> Result<Vec<u32>> {
        let count = self.states.len();
        let (calls, key) = (|group| self.calls(group), |group, part| self.key(group, part));
        ranked(connection, count, self.keys.parts(), calls, key)
    }
}

/// No group's.
const UNCOUNTED: u32 = u32::MAX;

/// A call of the group has ended.
fn end<S: CallState>(states: &mut [S], group: u32, call: &Call, share: f64) -> Result<()> {
    states.get_mut(group as usize).map_or(Ok(()), |state| state.add_share(call, share))
}

/// The scan over a sorted subquery: SQLite keeps the order under an aggregate of ours.
pub(super) fn in_order(expressions: &[String], from: &str, start: &str) -> String {
    let columns = (1..).zip(expressions).map(|(n, expression)| format!("{expression} AS c{n}"));
    let columns: Vec<String> = columns.collect();
    let names: Vec<String> = (1..=expressions.len()).map(|n| format!("c{n}")).collect();
    format!(
        "SELECT {SCAN_FUNCTION}({}) FROM (SELECT {} FROM {from} ORDER BY {start})",
        names.join(", "),
        columns.join(", ")
    )
}

/// Rows come as the parts of the key, then what the machine is known by, if that is asked for,
/// then the fields.
impl<S: CallState> Collector for CallGroups<S> {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let (key, row) = row.split_at_checked(self.keys.parts()).unwrap_or_default();
        let (machine, row) = match (&self.machines, row) {
            (Some(_), [method, vendor, rest @ ..]) => (Some((method, vendor)), rest),
            _ => (None, row),
        };
        let mut call = Call::of_row(&self.fields, row);
        if let (true, [start, ..]) = (self.has_start, row)
            && !matches!(start.kind(), Kind::Integer | Kind::Real)
        {
            call.set_without_start();
        }
        let group = if self.empty.counts(&call) { self.add(key, &call)? } else { UNCOUNTED };
        let CallGroups { machines, states, .. } = self;
        if let (Some(machines), Some((method, vendor))) = (machines, machine) {
            let mut ended = |group, call: &Call, _, share| end(states, group, call, share);
            machines.enter(SqlValue::of(method), SqlValue::of(vendor), call, group, &mut ended)?;
        }
        Ok(())
    }
}

impl<S: CallState> CallGroups<S> {
    /// Adds a call to the state of its key, and says which that is.
    #[inline(always)]
    fn add(&mut self, key: &[Value<'_>], call: &Call) -> Result<u32> {
        let group = self.keys.group(key, SqlValue::of)?;
        if group == self.states.len() {
            self.states.try_reserve(1)?;
            self.calls.try_reserve(1)?;
            self.states.push(self.empty.clone());
            self.calls.push(0);
        }
        if let (Some(state), Some(calls)) = (self.states.get_mut(group), self.calls.get_mut(group))
        {
            *calls += 1;
            state.add(call)?;
        }
        Ok(group as u32)
    }
}
