//! Groups by several parts of a key: a group is a combination of the parts' numbers.

use super::distinct::{Entry, spread};
use super::recent::MIXER;
use crate::ffi::Result;
use crate::stats::OutOfMemory;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Slots for combinations seen lately.
const RECENT: usize = 64;

/// Combinations of numbers, numbered in the order in which they came.
pub(super) struct Combinations {
    parts: usize,
    /// The numbers of each combination, one after the other.
    kept: Vec<u32>,
    /// By a hash that is seeded at random, as that of the values.
    index: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    /// By a few bits of the numbers, the latest combination with them, or the first.
    recent: [u32; RECENT],
}

impl Combinations {
    /// None yet, of that many parts.
    pub(super) fn new(parts: usize) -> Self {
        Combinations {
            parts,
            kept: Vec::new(),
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            recent: [0; RECENT],
        }
    }

    /// The number of a part in a combination.
    pub(super) fn part(&self, combination: usize, part: usize) -> usize {
        self.kept.get(combination * self.parts + part).map_or(0, |number| *number as usize)
    }

    /// Memory taken.
    pub(super) fn bytes(&self) -> usize {
        self.kept.capacity() * size_of::<u32>() + self.index.capacity() * (size_of::<Entry>() + 1)
    }

    #[inline(always)]
    fn holds(&self, combination: usize, numbers: &[u32]) -> bool {
        let first = combination * self.parts;
        self.kept.get(first..first + numbers.len()).is_some_and(|kept| kept == numbers)
    }

    /// The number of a combination, which is added if need be.
    #[inline(always)]
    pub(super) fn number(&mut self, numbers: &[u32]) -> Result<usize> {
        let mut mixed = 0;
        for &number in numbers {
            mixed = (mixed ^ u64::from(number)).wrapping_mul(MIXER);
        }
        let slot = (mixed >> (64 - RECENT.ilog2())) as usize;
        if let Some(&combination) = self.recent.get(slot)
            && self.holds(combination as usize, numbers)
        {
            return Ok(combination as usize);
        }
        let combination = self.look_up_or_add(numbers)?;
        if let Some(recent) = self.recent.get_mut(slot) {
            *recent = combination as u32;
        }
        Ok(combination)
    }

    fn look_up_or_add(&mut self, numbers: &[u32]) -> Result<usize> {
        let hash = (self.hasher.hash_one(numbers) >> 32) as u32;
        let is_it =
            |entry: &Entry| entry.hash == hash && self.holds(entry.number as usize, numbers);
        if let Some(entry) = self.index.find(spread(hash), is_it) {
            return Ok(entry.number as usize);
        }
        self.index.try_reserve(1, |entry| spread(entry.hash)).map_err(OutOfMemory::from)?;
        self.kept.try_reserve(numbers.len())?;
        let combination = self.kept.len() / self.parts.max(1);
        self.kept.extend_from_slice(numbers);
        let entry = Entry { hash, number: combination as u32 };
        self.index.insert_unique(spread(hash), entry, |entry| spread(entry.hash));
        Ok(combination)
    }
}
