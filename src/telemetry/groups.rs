//! The groups of one scan: keys in a hash map, totals in flat arrays.
//!
//! Cost per group: its key's bytes, about 40 bytes for each key part and the map, and what its totals take.

use super::key::KeyValue;
use crate::ffi::{Collector, Result, SqlError, Value};
use crate::stats::{CallTotals, Layout, MAX_REALS, OutOfMemory};
use hashbrown::HashTable;
use std::ffi::CStr;
use std::hash::{BuildHasher, Hash, Hasher};

/// A limit that no real telemetry meets, so that a crafted file ends in an error and not in the machine's last byte.
const MAX_GROUPS: usize = 10_000_000;

/// A key part as it is kept: text and blobs in the arena.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Null,
    Integer(i64),
    Real(f64),
    Text { start: usize, length: usize },
    Blob { start: usize, length: usize },
}

/// Groups by one or two key columns.
pub struct Groups {
    function: &'static str,
    key_parts: usize,
    kept: Vec<Kept>,
    arena: Vec<u8>,
    /// Group numbers by the hash of their key. The hash is seeded at random: crafted keys cannot make it slow.
    index: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    /// The group of the last row, often that of the next one too.
    last: usize,
    totals: CallTotals,
}

impl Groups {
    /// No groups yet, with `key_parts` key columns.
    pub fn new(function: &'static str, key_parts: usize, layout: Layout) -> Self {
        Groups {
            function,
            key_parts,
            kept: Vec::new(),
            arena: Vec::new(),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            last: 0,
            totals: CallTotals::new(layout),
        }
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.totals.len()
    }

    /// Their totals.
    pub fn totals(&self) -> &CallTotals {
        &self.totals
    }

    /// A part of a group's key.
    pub fn key(&self, group: usize, part: usize) -> KeyValue<'_> {
        key_at(&self.kept, &self.arena, group * self.key_parts + part)
    }

    /// The groups with the highest count first, ties by key.
    pub fn ranked(&self) -> Result<Vec<u32>> {
        let mut order: Vec<u32> = Vec::new();
        order.try_reserve_exact(self.len())?;
        order.extend((0..self.len()).map(|group| group as u32));
        order.sort_unstable_by(|&one, &other| {
            let (one, other) = (one as usize, other as usize);
            let by_count = self.totals.count(other).cmp(&self.totals.count(one));
            by_count.then_with(|| self.key(one, 0).cmp(&self.key(other, 0)))
        });
        Ok(order)
    }

    /// The same rows grouped by one part of the key alone.
    pub fn merged_by(&self, part: usize) -> Result<Groups> {
        let mut merged = Groups::new(self.function, 1, self.totals.layout());
        for group in 0..self.len() {
            let into = merged.find_or_add(&[self.key(group, part)])?;
            merged.totals.merge_group(into, &self.totals, group)?;
        }
        Ok(merged)
    }

    fn is_key_of(&self, group: usize, key: &[KeyValue<'_>]) -> bool {
        let first = group * self.key_parts;
        self.kept.len() > first
            && key.iter().enumerate().all(|(part, value)| key_at(&self.kept, &self.arena, first + part) == *value)
    }

    #[inline]
    fn find_or_add(&mut self, key: &[KeyValue<'_>]) -> Result<usize> {
        if self.is_key_of(self.last, key) {
            return Ok(self.last);
        }
        let hash = hash_of(&self.hasher, key);
        let found = self.index.find(hash, |&group| self.is_key_of(group as usize, key)).copied();
        self.last = match found {
            Some(group) => group as usize,
            None => self.add(hash, key)?,
        };
        Ok(self.last)
    }

    #[cold]
    fn add(&mut self, hash: u64, key: &[KeyValue<'_>]) -> Result<usize> {
        let limit = max_groups();
        if self.len() >= limit {
            return Err(SqlError::new(format!("{}: more than {limit} groups", self.function)));
        }
        let key_parts = self.key_parts;
        let Groups { kept, arena, hasher, index, .. } = self;
        let rehash = |&group: &u32| {
            let mut parts = [KeyValue::Null; 2];
            for (part, value) in parts.iter_mut().enumerate().take(key_parts) {
                *value = key_at(kept, arena, group as usize * key_parts + part);
            }
            hash_of(hasher, parts.get(..key_parts).unwrap_or_default())
        };
        index.try_reserve(1, rehash).map_err(OutOfMemory::from)?;
        self.kept.try_reserve(key.len())?;
        for value in key {
            let kept = match *value {
                KeyValue::Null => Kept::Null,
                KeyValue::Integer(integer) => Kept::Integer(integer),
                KeyValue::Real(real) => Kept::Real(real),
                KeyValue::Text(bytes) => Kept::Text { start: keep(&mut self.arena, bytes)?, length: bytes.len() },
                KeyValue::Blob(bytes) => Kept::Blob { start: keep(&mut self.arena, bytes)?, length: bytes.len() },
            };
            self.kept.push(kept);
        }
        let group = self.totals.push_group()?;
        // There is room, so nothing is hashed anew.
        self.index.insert_unique(hash, group as u32, |_| hash);
        Ok(group)
    }
}

fn keep(arena: &mut Vec<u8>, bytes: &[u8]) -> Result<usize> {
    let start = arena.len();
    arena.try_reserve(bytes.len())?;
    arena.extend_from_slice(bytes);
    Ok(start)
}

#[inline]
fn key_at<'a>(kept: &[Kept], arena: &'a [u8], position: usize) -> KeyValue<'a> {
    let bytes = |start: usize, length: usize| arena.get(start..start + length).unwrap_or_default();
    match kept.get(position) {
        Some(&Kept::Text { start, length }) => KeyValue::Text(bytes(start, length)),
        Some(&Kept::Blob { start, length }) => KeyValue::Blob(bytes(start, length)),
        Some(&Kept::Integer(integer)) => KeyValue::Integer(integer),
        Some(&Kept::Real(real)) => KeyValue::Real(real),
        Some(Kept::Null) | None => KeyValue::Null,
    }
}

#[inline]
fn hash_of(hasher: &foldhash::fast::RandomState, key: &[KeyValue<'_>]) -> u64 {
    let mut state = hasher.build_hasher();
    for part in key {
        part.hash(&mut state);
    }
    state.finish()
}

#[cfg(not(feature = "planted-faults"))]
fn max_groups() -> usize {
    MAX_GROUPS
}

#[cfg(feature = "planted-faults")]
fn max_groups() -> usize {
    let lowered = std::env::var("JARVIS_STATS_MAX_GROUPS").ok().and_then(|groups| groups.parse().ok());
    lowered.unwrap_or(MAX_GROUPS)
}

/// Rows come as the key parts, then the token values, then the measured values.
impl Collector for Groups {
    const NAME: &'static str = "jarvis_stats_scan";
    const TAG: &'static CStr = c"jarvis_stats_groups";

    #[inline]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let layout = self.totals.layout();
        let group = match row {
            [key, ..] if self.key_parts == 1 => self.find_or_add(&[KeyValue::of(key)])?,
            [key, other, ..] => self.find_or_add(&[KeyValue::of(key), KeyValue::of(other)])?,
            _ => return Ok(()),
        };
        let mut values = row.iter().skip(self.key_parts);
        for (column, value) in values.by_ref().take(layout.tokens).enumerate() {
            if let Some(number) = value.as_summand() {
                self.totals.add_tokens(group, column, number)?;
            }
        }
        let mut reals = [0.0; MAX_REALS];
        if layout.nullable {
            for (column, (real, value)) in reals.iter_mut().zip(values).enumerate() {
                let Some(number) = value.as_summand() else { continue };
                let [high, low] = number.as_doubles();
                *real = high;
                self.totals.count_measured(group, column, low)?;
            }
        } else {
            for (real, value) in reals.iter_mut().zip(values) {
                *real = value.as_f64();
            }
        }
        self.totals.add_row(group, &reals)?;
        Ok(())
    }
}
