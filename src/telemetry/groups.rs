//! The groups of one scan: numbers for their keys, and for each what the banks hold.
//!
//! Cost per group: that of its key, and what the banks take.

mod stored;

use super::keys::Keys;
use super::plan::Slot;
use super::ranking::ranked;
use crate::ffi::{Collector, Connection, Result, SqlError, SqlValue, Value};
use crate::stats::{Bank, ExactSum, Extremes, Sums, TokenSums, TokenTotal};

pub(crate) use stored::Route;

/// No real telemetry has more, so that a crafted file is an error before memory runs out.
const MAX_GROUPS: usize = 10_000_000;
/// The same for groups that are few and large.
const MAX_BYTES: usize = 4 << 30;

/// Where the banks keep what a plan asked for: a column of the bank for each slot, none for what
/// the source lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) key_parts: usize,
    pub(super) tokens: Vec<Option<usize>>,
    pub(super) sums: Vec<Option<usize>>,
    pub(super) extremes: Vec<Option<usize>>,
    /// For each column of the extremes, the column of the sums whose values it looks at.
    pub(super) extremes_of: Vec<usize>,
    /// Whether some value to sum may be NULL.
    pub(super) nullable: bool,
}

/// Groups by any number of key parts.
pub(crate) struct Groups {
    function: &'static str,
    layout: Layout,
    keys: Keys,
    calls: Vec<u64>,
    tokens: TokenSums,
    sums: Sums,
    extremes: Extremes,
    /// Whether every value to sum is a double, and only summed: the way of most scans.
    is_plain: bool,
    /// Values of the current row to be summed.
    row: Vec<f64>,
}

impl Groups {
    /// No groups yet; one, if the key has no parts.
    pub(super) fn new(function: &'static str, layout: Layout) -> Result<Self> {
        let planned = |slots: &[Option<usize>]| slots.iter().flatten().count();
        let (tokens, sums) = (planned(&layout.tokens), planned(&layout.sums));
        let mut groups = Groups {
            function,
            keys: Keys::new(layout.key_parts),
            calls: Vec::new(),
            tokens: TokenSums::new(tokens),
            sums: Sums::new(sums, layout.nullable),
            extremes: Extremes::new(layout.extremes_of.len()),
            is_plain: !layout.nullable && layout.extremes_of.is_empty(),
            row: vec![0.0; sums],
            layout,
        };
        if groups.keys.parts() == 0 {
            groups.push(0)?;
        }
        Ok(groups)
    }

    /// Number of groups.
    pub(crate) fn count(&self) -> usize {
        self.calls.len()
    }

    /// A part of a group's key.
    pub(crate) fn key(&self, group: usize, part: usize) -> SqlValue<'_> {
        self.keys.value(group, part)
    }

    /// Rows of a group.
    pub(crate) fn calls(&self, group: usize) -> u64 {
        self.calls.get(group).copied().unwrap_or(0)
    }

    /// A total of tokens.
    pub(crate) fn tokens(&self, group: usize, slot: Slot<TokenSums>) -> TokenTotal {
        let column = self.layout.tokens.get(slot.index()).copied().flatten();
        column.map(|column| self.tokens.total(group, column)).unwrap_or_default()
    }

    /// An exact sum.
    pub(crate) fn sum(&self, group: usize, slot: Slot<Sums>) -> Result<ExactSum> {
        match self.column(slot) {
            Some(column) => Ok(self.sums.sum(group, column)?),
            None => Ok(ExactSum::default()),
        }
    }

    /// The number of values in a sum.
    pub(crate) fn values(&self, group: usize, slot: Slot<Sums>) -> u64 {
        match self.column(slot) {
            Some(column) => self.sums.values(group, column).unwrap_or_else(|| self.calls(group)),
            None => 0,
        }
    }

    /// A sum over the number of its values; NaN for none.
    pub(crate) fn average(&self, group: usize, slot: Slot<Sums>) -> Result<f64> {
        match self.values(group, slot) {
            0 => Ok(f64::NAN),
            values => Ok(self.sum(group, slot)?.round() / values as f64),
        }
    }

    /// The least and the greatest value; `None` where there is none.
    pub(crate) fn extremes(&self, group: usize, slot: Slot<Extremes>) -> Option<[f64; 2]> {
        let column = self.layout.extremes.get(slot.index()).copied().flatten()?;
        self.extremes.of(group, column)
    }

    fn column(&self, slot: Slot<Sums>) -> Option<usize> {
        self.layout.sums.get(slot.index()).copied().flatten()
    }

    /// The groups with the most calls first, ties by the parts of the key.
    pub(crate) fn ranked(&self, connection: &Connection<'_>) -> Result<Vec<u32>> {
        let (calls, key) = (|group| self.calls(group), |group, part| self.key(group, part));
        ranked(connection, self.count(), self.keys.parts(), calls, key)
    }

    /// The same rows grouped by one part of the key alone.
    pub(crate) fn merged_by(&self, part: usize) -> Result<Groups> {
        let layout = Layout { key_parts: 1, ..self.layout.clone() };
        let mut merged = Groups::new(self.function, layout)?;
        for group in 0..self.count() {
            let into = merged.keys.group(&[self.key(group, part)], |part| *part)?;
            merged.count_calls(into, self.calls(group))?;
            merged.tokens.combine(into, &self.tokens, group)?;
            merged.sums.combine(into, &self.sums, group)?;
            merged.extremes.combine(into, &self.extremes, group)?;
        }
        Ok(merged)
    }

    /// Takes one row: the key parts, then the token values, then the values to sum. Its group, which
    /// is new if it is one past the last.
    #[inline(always)]
    pub(super) fn take(&mut self, row: &[Value<'_>]) -> Result<usize> {
        let (key, values) = row.split_at_checked(self.keys.parts()).unwrap_or_default();
        let group = self.keys.group(key, SqlValue::of)?;
        self.count_calls(group, 1)?;
        let (tokens, values) = values.split_at_checked(self.tokens.columns()).unwrap_or_default();
        for (column, value) in tokens.iter().enumerate() {
            if let Some(number) = value.as_summand() {
                self.tokens.add(group, column, number)?;
            }
        }
        if self.is_plain {
            self.sums.add_row(group, Value::reals(values))?;
        } else {
            self.add_others(group, values)?;
        }
        Ok(group)
    }

    /// Counts calls of a group, which may be new.
    #[inline(always)]
    fn count_calls(&mut self, group: usize, more: u64) -> Result<()> {
        match self.calls.get_mut(group) {
            Some(calls) => *calls += more,
            None => self.push(more)?,
        }
        Ok(())
    }

    #[cold]
    fn push(&mut self, calls: u64) -> Result<()> {
        let (groups, limit) = (self.count(), max_groups());
        if groups >= limit {
            return Err(SqlError::new(format!("{}: more than {limit} groups", self.function)));
        }
        self.tokens.push_group()?;
        self.sums.push_group()?;
        self.extremes.push_group()?;
        self.calls.try_reserve(1)?;
        self.calls.push(calls);
        // Adding up what all parts take is too slow for every group, and none of them is so large
        // that a thousand matter.
        if groups % 1024 == 0 && self.bytes() > max_bytes() {
            return Err(self.too_large());
        }
        Ok(())
    }

    /// The error for groups that take more than [`max_bytes`].
    #[cold]
    pub(super) fn too_large(&self) -> SqlError {
        let (gigabytes, function, groups) = (max_bytes() >> 30, self.function, self.count());
        SqlError::new(format!("{function}: more than {gigabytes} GiB for {groups} groups"))
    }

    fn bytes(&self) -> usize {
        self.keys.bytes()
            + self.calls.capacity() * size_of::<u64>()
            + self.tokens.bytes()
            + self.sums.bytes()
            + self.extremes.bytes()
    }

    /// Values that may be NULL, or be numbers which no double holds, or whose extremes are asked
    /// for.
    fn add_others(&mut self, group: usize, values: &[Value<'_>]) -> Result<()> {
        for (column, &of) in self.layout.extremes_of.iter().enumerate() {
            if let Some(number) = values.get(of).and_then(Value::as_summand) {
                self.extremes.add(group, column, number.to_f64());
            }
        }
        if !self.sums.is_nullable() {
            return Ok(self.sums.add_row(group, Value::reals(values))?);
        }
        for (column, (real, value)) in self.row.iter_mut().zip(values).enumerate() {
            *real = 0.0;
            if let Some(number) = value.as_summand() {
                let [high, low] = number.as_doubles();
                *real = high;
                self.sums.count_value(group, column, low)?;
            }
        }
        Ok(self.sums.add_row(group, self.row.iter().copied())?)
    }
}

impl Collector for Groups {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        self.take(row).map(drop)
    }
}

#[cfg(not(feature = "planted-faults"))]
fn max_groups() -> usize {
    MAX_GROUPS
}

#[cfg(not(feature = "planted-faults"))]
pub(super) fn max_bytes() -> usize {
    MAX_BYTES
}

#[cfg(feature = "planted-faults")]
fn max_groups() -> usize {
    lowered("JARVIS_STATS_MAX_GROUPS").unwrap_or(MAX_GROUPS)
}

#[cfg(feature = "planted-faults")]
pub(super) fn max_bytes() -> usize {
    lowered("JARVIS_STATS_MAX_BYTES").unwrap_or(MAX_BYTES)
}

#[cfg(feature = "planted-faults")]
fn lowered(limit: &str) -> Option<usize> {
    std::env::var(limit).ok()?.parse().ok()
}
