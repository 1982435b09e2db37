//! The distinct values of one part of a key, numbered in the order in which they came.
//!
//! Cost per value: its bytes, about 40 bytes beside them, and none in the cache.

use super::recent::{MIXER, Recent};
use crate::ffi::{Result, SqlValue};
use crate::stats::OutOfMemory;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Values and their numbers.
pub(super) struct Distinct {
    kept: Vec<Kept>,
    arena: Vec<u8>,
    /// By a hash that is seeded at random: crafted values cannot make it slow.
    index: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    recent: Recent,
}

/// A number, with the hash of its value: the map grows without going back to the values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) hash: u32,
    pub(super) number: u32,
}

/// The map wants the upper bits of a hash and the lower ones.
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(MIXER)
}

/// A value as it is kept: text and blobs in the arena.
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
    fn value(self, arena: &[u8]) -> SqlValue<'_> {
        let bytes =
            |start: usize, length: usize| arena.get(start..start + length).unwrap_or_default();
        match self {
            Kept::Text { start, length } => SqlValue::Text(bytes(start, length)),
            Kept::Blob { start, length } => SqlValue::Blob(bytes(start, length)),
            Kept::Integer(integer) => SqlValue::Integer(integer),
            Kept::Real(real) => SqlValue::Real(real),
            Kept::Null => SqlValue::Null,
        }
    }
}

impl Distinct {
    /// No values yet.
    pub(super) fn new() -> Self {
        Distinct {
            kept: Vec::new(),
            arena: Vec::new(),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            recent: Recent::new(),
        }
    }

    /// The value of a number.
    pub(super) fn value(&self, number: usize) -> SqlValue<'_> {
        self.kept.get(number).map_or(SqlValue::Null, |kept| kept.value(&self.arena))
    }

    /// Memory taken.
    pub(super) fn bytes(&self) -> usize {
        self.arena.capacity()
            + self.kept.capacity() * size_of::<Kept>()
            + self.index.capacity() * (size_of::<Entry>() + 1)
    }

    /// The number of a value, which is added if need be.
    #[inline(always)]
    pub(super) fn number(&mut self, value: SqlValue<'_>) -> Result<usize> {
        match self.recent.number(&value) {
            Some(number) => Ok(number),
            None => self.look_up_or_add(value),
        }
    }

    #[cold]
    fn look_up_or_add(&mut self, value: SqlValue<'_>) -> Result<usize> {
        let hash = (self.hasher.hash_one(value) >> 32) as u32;
        let is_it =
            |entry: &Entry| entry.hash == hash && self.value(entry.number as usize) == value;
        let number = match self.index.find(spread(hash), is_it) {
            Some(entry) => entry.number as usize,
            None => self.add(hash, value)?,
        };
        self.recent.remember(&value, number);
        Ok(number)
    }

    #[cold]
    fn add(&mut self, hash: u32, value: SqlValue<'_>) -> Result<usize> {
        self.index.try_reserve(1, |entry| spread(entry.hash)).map_err(OutOfMemory::from)?;
        self.kept.try_reserve(1)?;
        let kept = match value {
            SqlValue::Null => Kept::Null,
            SqlValue::Integer(integer) => Kept::Integer(integer),
            SqlValue::Real(real) => Kept::Real(real),
            SqlValue::Text(bytes) => Kept::Text { start: self.keep(bytes)?, length: bytes.len() },
            SqlValue::Blob(bytes) => Kept::Blob { start: self.keep(bytes)?, length: bytes.len() },
        };
        let number = self.kept.len();
        self.kept.push(kept);
        let entry = Entry { hash, number: number as u32 };
        self.index.insert_unique(spread(hash), entry, |entry| spread(entry.hash));
        Ok(number)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<usize> {
        let start = self.arena.len();
        self.arena.try_reserve(bytes.len())?;
        self.arena.extend_from_slice(bytes);
        Ok(start)
    }
}
