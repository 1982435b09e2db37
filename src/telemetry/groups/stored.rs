//! Groups as bytes: kept by one call, and added to the groups of a later one that may want fewer
//! key parts and fewer columns.
//!
//! A count of groups; then for each its number of calls, the parts of its key, its token totals,
//! its sums, its extremes. Bytes that nobody here wrote are found out, but for those that are meant
//! to look right.

use super::Groups;
use crate::ffi::{Result, SqlError, SqlValue};
use crate::stats::{Bank, Decoder, Encoder, OutOfMemory, Undecodable};
use crate::telemetry::plan::Plan;
use crate::telemetry::scan::Prepared;

/// From stored groups to those of another plan.
pub(crate) struct Route {
    /// For each part of the key of these, the part of the stored key.
    keys: Vec<usize>,
    stored_keys: usize,
    /// A part of the stored key, and the INTEGER that it must be to count.
    only: Option<(usize, i64)>,
    /// For each stored column, the one here.
    tokens: Vec<Option<usize>>,
    sums: Vec<Option<usize>>,
    are_counted: bool,
    extremes: Vec<Option<usize>>,
}

impl Route {
    /// The way from the groups of `stored` to those of `wanted`, of the stored groups alone whose
    /// last key part is `only`, if there is one; `None` where they lack something that is wanted.
    pub(crate) fn new(
        stored: &Prepared<'_>,
        wanted: &Prepared<'_>,
        only: Option<i64>,
    ) -> Option<Route> {
        let stored_keys = &stored.plan.keys;
        let key = |key| stored_keys.iter().position(|stored| stored == key);
        let keys = wanted.plan.keys.iter().map(key).collect::<Option<_>>()?;
        let only = match only {
            Some(value) => Some((stored_keys.len().checked_sub(1)?, value)),
            None => None,
        };
        let are_covered = |wanted: &Plan, stored: &Plan| {
            wanted.tokens.iter().all(|input| stored.tokens.contains(input))
                && wanted.sums.iter().all(|input| stored.sums.contains(input))
                && wanted.extremes.iter().all(|input| stored.extremes.contains(input))
        };
        if !are_covered(wanted.plan, stored.plan) {
            return None;
        }
        let tokens = columns(
            (&stored.plan.tokens, &stored.layout.tokens),
            (&wanted.plan.tokens, &wanted.layout.tokens),
        );
        let sums = columns(
            (&stored.plan.sums, &stored.layout.sums),
            (&wanted.plan.sums, &wanted.layout.sums),
        );
        let extremes = columns(
            (&stored.plan.extremes, &stored.layout.extremes),
            (&wanted.plan.extremes, &wanted.layout.extremes),
        );
        let (stored_keys, are_counted) = (stored_keys.len(), stored.layout.nullable);
        Some(Route { keys, stored_keys, only, tokens, sums, are_counted, extremes })
    }
}

/// For each column of the one bank, the column of the other that holds the same input.
fn columns<I: PartialEq>(
    (stored, stored_columns): (&[I], &[Option<usize>]),
    (wanted, wanted_columns): (&[I], &[Option<usize>]),
) -> Vec<Option<usize>> {
    let column_of = |input: &I| {
        let slot = wanted.iter().position(|wanted| wanted == input)?;
        wanted_columns.get(slot).copied().flatten()
    };
    let in_bank = stored.iter().zip(stored_columns).filter(|(_, column)| column.is_some());
    in_bank.map(|(input, _)| column_of(input)).collect()
}

impl Groups {
    /// Appends all groups.
    pub(crate) fn encode(&self, bytes: &mut Encoder) -> Result<()> {
        bytes.put_varint(self.count() as u64)?;
        for group in 0..self.count() {
            bytes.put_varint(self.calls(group))?;
            for part in 0..self.layout.key_parts {
                put_value(bytes, self.key(group, part))?;
            }
            self.tokens.encode(group, bytes)?;
            self.sums.encode(group, bytes)?;
            self.extremes.encode(group, bytes)?;
        }
        Ok(())
    }

    /// Adds groups that `encode` wrote, of no more than `most_calls` calls in all; false where the
    /// bytes are of nobody's writing. Then some of them may have been added.
    pub(crate) fn add_encoded(
        &mut self,
        bytes: &[u8],
        route: &Route,
        most_calls: u64,
    ) -> Result<bool> {
        match self.add_all(&mut Decoder::new(bytes), route, most_calls) {
            Ok(()) => Ok(true),
            Err(Failure::Stored(Undecodable::Damaged)) => Ok(false),
            Err(Failure::Stored(Undecodable::OutOfMemory)) => Err(OutOfMemory.into()),
            Err(Failure::Sql(error)) => Err(error),
        }
    }

    fn add_all(
        &mut self,
        bytes: &mut Decoder<'_>,
        route: &Route,
        mut calls_left: u64,
    ) -> std::result::Result<(), Failure> {
        let mut key = Vec::new();
        key.try_reserve(route.stored_keys).map_err(OutOfMemory::from)?;
        for _ in 0..bytes.varint()? {
            let calls = bytes.varint()?;
            calls_left = calls_left.checked_sub(calls).ok_or(Undecodable::Damaged)?;
            key.clear();
            for _ in 0..route.stored_keys {
                key.push(value(bytes)?);
            }
            let part = |part: usize| key.get(part).copied().unwrap_or(SqlValue::Null);
            if route.only.is_none_or(|(at, only)| part(at).as_integer() == Some(only)) {
                let group = self.keys.group(&route.keys, |&at| part(at))?;
                self.count_calls(group, calls)?;
                self.tokens.decode(group, bytes, route.tokens.iter().copied())?;
                let sums = route.sums.iter().copied();
                self.sums.decode(group, bytes, sums, route.are_counted)?;
                self.extremes.decode(group, bytes, route.extremes.iter().copied())?;
            } else {
                self.tokens.decode(0, bytes, route.tokens.iter().map(|_| None))?;
                let sums = route.sums.iter().map(|_| None);
                self.sums.decode(0, bytes, sums, route.are_counted)?;
                self.extremes.decode(0, bytes, route.extremes.iter().map(|_| None))?;
            }
        }
        if bytes.is_at_end() { Ok(()) } else { Err(Undecodable::Damaged.into()) }
    }
}

/// Why groups were not added, or not all of them.
enum Failure {
    Stored(Undecodable),
    Sql(SqlError),
}

impl From<Undecodable> for Failure {
    fn from(error: Undecodable) -> Self {
        Failure::Stored(error)
    }
}

impl From<OutOfMemory> for Failure {
    fn from(error: OutOfMemory) -> Self {
        Failure::Sql(error.into())
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Failure::Sql(error)
    }
}

/// Appends a value: its kind, then the number, or the length and the bytes.
fn put_value(bytes: &mut Encoder, value: SqlValue<'_>) -> Result<()> {
    let (kind, text) = match value {
        SqlValue::Null => return Ok(bytes.put(&[0])?),
        SqlValue::Integer(integer) => {
            bytes.put(&[1])?;
            return Ok(bytes.put_wide(integer.into())?);
        }
        SqlValue::Real(real) => {
            bytes.put(&[2])?;
            return Ok(bytes.put_real(real)?);
        }
        SqlValue::Text(text) => (3, text),
        SqlValue::Blob(blob) => (4, blob),
    };
    bytes.put(&[kind])?;
    bytes.put_varint(text.len() as u64)?;
    Ok(bytes.put(text)?)
}

fn value<'b>(bytes: &mut Decoder<'b>) -> std::result::Result<SqlValue<'b>, Undecodable> {
    Ok(match bytes.byte()? {
        0 => SqlValue::Null,
        1 => {
            let integer = i64::try_from(bytes.wide()?).map_err(|_| Undecodable::Damaged)?;
            SqlValue::Integer(integer)
        }
        2 => SqlValue::Real(bytes.real()?),
        kind @ 3..=4 => {
            let length = bytes.varint()?;
            let text = bytes.bytes(length)?;
            if kind == 3 { SqlValue::Text(text) } else { SqlValue::Blob(text) }
        }
        _ => return Err(Undecodable::Damaged),
    })
}
