//! The groups of one scan: keys in a hash map, totals in flat arrays.
//!
//! Cost per group: its key's bytes, about 40 bytes for each key part and the map, and what its
//! totals take.

use super::key::{KeyFront, KeyValue, Signature};
use crate::ffi::{Collector, Result, SqlError, Value};
use crate::stats::{CallTotals, Layout, MAX_REALS, OutOfMemory};
use hashbrown::HashTable;
use std::cmp::Reverse;
use std::hash::{BuildHasher, Hash, Hasher};

/// A limit that no real telemetry meets, so that a crafted file ends in an error and not in the
/// machine's last byte.
const MAX_GROUPS: usize = 10_000_000;

/// Slots for recent keys.
const RECENT: usize = 64;

/// A key seen lately, and its group.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    key: [Signature; 2],
    group: u32,
    is_set: bool,
}

/// A group in the map, with the hash of its key: the map grows without going back to the keys.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    group: u32,
}

/// An odd number with its bits well spread: 2^64 over the golden ratio.
const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A key part as it is kept: text and blobs in the arena.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Null,
    Integer(i64),
    Real(f64),
    Text { start: usize, length: usize },
    Blob { start: usize, length: usize },
}

impl Kept {
    #[inline(always)]
    fn value(self, arena: &[u8]) -> KeyValue<'_> {
        let bytes =
            |start: usize, length: usize| arena.get(start..start + length).unwrap_or_default();
        match self {
            Kept::Text { start, length } => KeyValue::Text(bytes(start, length)),
            Kept::Blob { start, length } => KeyValue::Blob(bytes(start, length)),
            Kept::Integer(integer) => KeyValue::Integer(integer),
            Kept::Real(real) => KeyValue::Real(real),
            Kept::Null => KeyValue::Null,
        }
    }
}

/// Groups by one or two key columns.
pub struct Groups {
    function: &'static str,
    key_parts: usize,
    kept: Vec<Kept>,
    arena: Vec<u8>,
    /// Groups by the hash of their key, which is seeded at random: crafted keys cannot make it
    /// slow.
    index: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    /// Groups of the latest keys, by a few bits of their signature: most rows find theirs here,
    /// without hashing.
    recent: Box<[Recent; RECENT]>,
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
            recent: Box::new([Recent::default(); RECENT]),
            totals: CallTotals::new(layout),
        }
    }

    /// Number of groups.
    pub fn count(&self) -> usize {
        self.totals.len()
    }

    /// Their totals.
    pub fn totals(&self) -> &CallTotals {
        &self.totals
    }

    /// A part of a group's key.
    pub fn key(&self, group: usize, part: usize) -> KeyValue<'_> {
        let kept = self.kept.get(group * self.key_parts + part);
        kept.map_or(KeyValue::Null, |kept| kept.value(&self.arena))
    }

    /// The groups with the highest count first, ties by key.
    pub fn ranked(&self) -> Result<Vec<u32>> {
        // The front of a key is sorted beside its group: going to the key itself for every
        // comparison takes most of the time when there are many groups.
        let mut ranks: Vec<(Reverse<u64>, KeyFront, u32)> = Vec::new();
        ranks.try_reserve_exact(self.count())?;
        ranks.extend((0..self.count()).map(|group| {
            (Reverse(self.totals.count(group)), self.key(group, 0).front(), group as u32)
        }));
        ranks.sort_unstable_by(|(count, front, group), (other_count, other_front, other)| {
            let by_front = count.cmp(other_count).then_with(|| front.cmp(other_front));
            by_front.then_with(|| self.key(*group as usize, 0).cmp(&self.key(*other as usize, 0)))
        });
        let mut order = Vec::new();
        order.try_reserve_exact(self.count())?;
        order.extend(ranks.into_iter().map(|(_, _, group)| group));
        Ok(order)
    }

    /// The same rows grouped by one part of the key alone.
    pub fn merged_by(&self, part: usize) -> Result<Groups> {
        let mut merged = Groups::new(self.function, 1, self.totals.layout());
        for group in 0..self.count() {
            let into = merged.find_or_add(&[self.key(group, part)])?;
            merged.totals.merge_group(into, &self.totals, group)?;
        }
        Ok(merged)
    }

    #[inline(always)]
    fn is_key_of<const PARTS: usize>(&self, group: usize, key: &[KeyValue<'_>; PARTS]) -> bool {
        let first = group * PARTS;
        let Some(kept) = self.kept.get(first..first + PARTS) else { return false };
        let mut same = true;
        for (kept, value) in kept.iter().zip(key) {
            same &= kept.value(&self.arena) == *value;
        }
        same
    }

    #[inline(always)]
    fn find_or_add<const PARTS: usize>(&mut self, key: &[KeyValue<'_>; PARTS]) -> Result<usize> {
        let mut recent = Recent::default();
        let mut mixed = 0;
        for (kept, part) in recent.key.iter_mut().zip(key) {
            let Some(signature) = part.signature() else { return self.look_up_or_add(key) };
            *kept = signature;
            mixed = (mixed ^ signature.mix()).wrapping_mul(MIXER);
        }
        let slot = (mixed >> (64 - RECENT.ilog2())) as usize;
        if let Some(known) = self.recent.get(slot)
            && !known.key.iter().zip(&recent.key).take(PARTS).any(|(one, other)| one.differs(other))
            && known.is_set
        {
            return Ok(known.group as usize);
        }
        let group = self.look_up_or_add(key)?;
        (recent.group, recent.is_set) = (group as u32, true);
        if let Some(known) = self.recent.get_mut(slot) {
            *known = recent;
        }
        Ok(group)
    }

    fn look_up_or_add<const PARTS: usize>(&mut self, key: &[KeyValue<'_>; PARTS]) -> Result<usize> {
        let hash = hash_of(&self.hasher, key);
        let is_it = |entry: &Entry| entry.hash == hash && self.is_key_of(entry.group as usize, key);
        match self.index.find(spread(hash), is_it) {
            Some(entry) => Ok(entry.group as usize),
            None => self.add(hash, key),
        }
    }

    /// Measured values that may be NULL, or be numbers which no double holds.
    fn add_nullable(&mut self, group: usize, measures: &[Value<'_>]) -> Result<()> {
        let mut reals = [0.0; MAX_REALS];
        for (column, (real, value)) in reals.iter_mut().zip(measures).enumerate() {
            if let Some(number) = value.as_summand() {
                let [high, low] = number.as_doubles();
                *real = high;
                self.totals.count_measured(group, column, low)?;
            }
        }
        Ok(self.totals.add_row(group, reals.into_iter())?)
    }

    #[cold]
    fn add(&mut self, hash: u32, key: &[KeyValue<'_>]) -> Result<usize> {
        let limit = max_groups();
        if self.count() >= limit {
            return Err(SqlError::new(format!("{}: more than {limit} groups", self.function)));
        }
        self.index.try_reserve(1, |entry| spread(entry.hash)).map_err(OutOfMemory::from)?;
        self.kept.try_reserve(key.len())?;
        for value in key {
            let kept = match *value {
                KeyValue::Null => Kept::Null,
                KeyValue::Integer(integer) => Kept::Integer(integer),
                KeyValue::Real(real) => Kept::Real(real),
                KeyValue::Text(bytes) => {
                    Kept::Text { start: keep(&mut self.arena, bytes)?, length: bytes.len() }
                }
                KeyValue::Blob(bytes) => {
                    Kept::Blob { start: keep(&mut self.arena, bytes)?, length: bytes.len() }
                }
            };
            self.kept.push(kept);
        }
        let group = self.totals.push_group()?;
        let entry = Entry { hash, group: group as u32 };
        self.index.insert_unique(spread(hash), entry, |entry| spread(entry.hash));
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
fn hash_of(hasher: &foldhash::fast::RandomState, key: &[KeyValue<'_>]) -> u32 {
    let mut state = hasher.build_hasher();
    for part in key {
        part.hash(&mut state);
    }
    (state.finish() >> 32) as u32
}

/// The map wants the upper bits and the lower ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(MIXER)
}

#[cfg(not(feature = "planted-faults"))]
fn max_groups() -> usize {
    MAX_GROUPS
}

#[cfg(feature = "planted-faults")]
fn max_groups() -> usize {
    let lowered =
        std::env::var("JARVIS_STATS_MAX_GROUPS").ok().and_then(|groups| groups.parse().ok());
    lowered.unwrap_or(MAX_GROUPS)
}

/// Rows come as the key parts, then the token values, then the measured values.
impl Collector for Groups {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let layout = self.totals.layout();
        let group = match row {
            [key, ..] if self.key_parts == 1 => self.find_or_add(&[KeyValue::of(key)])?,
            [key, other, ..] => self.find_or_add(&[KeyValue::of(key), KeyValue::of(other)])?,
            _ => return Ok(()),
        };
        let values = row.get(self.key_parts..).unwrap_or_default();
        let (tokens, measures) = values.split_at_checked(layout.tokens).unwrap_or_default();
        for (column, value) in tokens.iter().enumerate() {
            if let Some(number) = value.as_summand() {
                self.totals.add_tokens(group, column, number)?;
            }
        }
        if layout.nullable {
            return self.add_nullable(group, measures);
        }
        Ok(self.totals.add_row(group, Value::reals(measures))?)
    }
}
