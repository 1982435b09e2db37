//! The values of a sliding frame in ascending order, in chunks.
//!
//! A row that enters or leaves is found by two binary searches and moves at most one chunk; a tree
//! of the chunks' lengths (Fenwick's) finds a rank. So a row costs O(log n + chunk), however many
//! rows the frame has.

use super::OutOfMemory;
use std::cmp::Ordering;

/// Longest chunk: its memory stays in the processor's nearest cache while it is moved.
const LONGEST: usize = 512;
/// How full a chunk is that is made from sorted values, so that the next few do not split it.
const FULL: usize = LONGEST * 3 / 4;
/// A chunk this short is joined to a neighbour where both fit into one.
const SHORT: usize = LONGEST / 4;

/// A multiset of doubles in ascending order. No NaN; 0.0 and -0.0 are two values.
#[derive(Debug, Default)]
pub(super) struct SortedWindow {
    /// None of them empty.
    chunks: Vec<Vec<f64>>,
    /// Fenwick's tree over the lengths of the chunks.
    tree: Vec<usize>,
    length: usize,
}

impl SortedWindow {
    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes over values that are sorted; whatever was in it is gone.
    pub(super) fn fill(&mut self, sorted: &[f64]) -> Result<(), OutOfMemory> {
        *self = SortedWindow::default();
        self.chunks.try_reserve(sorted.len().div_ceil(FULL))?;
        for part in sorted.chunks(FULL) {
            let mut chunk = empty_chunk()?;
            chunk.extend_from_slice(part);
            self.chunks.push(chunk);
            self.length += part.len();
        }
        self.count_anew()
    }

    /// Adds one value.
    pub(super) fn insert(&mut self, value: f64) -> Result<(), OutOfMemory> {
        if self.chunks.is_empty() {
            return self.fill(&[value]);
        }
        let at = self.chunk_of(value).min(self.chunks.len() - 1);
        let Some(chunk) = self.chunks.get_mut(at) else { return Ok(()) };
        let place = place_in(chunk, value);
        if chunk.len() < LONGEST {
            chunk.insert(place, value);
            self.length += 1;
            self.adjust(at, 1);
            return Ok(());
        }
        let mut upper = empty_chunk()?;
        self.chunks.try_reserve(1)?;
        if let Some(chunk) = self.chunks.get_mut(at) {
            let half = chunk.len() / 2;
            upper.extend(chunk.drain(half..));
            let (half, place) =
                if place <= half { (chunk, place) } else { (&mut upper, place - half) };
            half.insert(place, value);
        }
        self.chunks.insert(at + 1, upper);
        self.length += 1;
        self.count_anew()
    }

    /// Takes one value out, to the bit the one that was inserted; nothing when it is not in.
    pub(super) fn remove(&mut self, value: f64) -> Result<(), OutOfMemory> {
        let at = self.chunk_of(value);
        let Some(chunk) = self.chunks.get_mut(at) else { return Ok(()) };
        let place = place_in(chunk, value);
        if chunk.get(place).is_none_or(|found| found.total_cmp(&value).is_ne()) {
            return Ok(());
        }
        chunk.remove(place);
        self.length -= 1;
        if chunk.len() <= SHORT && self.join(at) {
            return self.count_anew();
        }
        self.adjust(at, -1);
        Ok(())
    }

    /// All values, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.chunks.iter().flatten().copied()
    }

    /// The value at a rank from 0, `None` beyond the last.
    pub(super) fn at(&self, rank: usize) -> Option<f64> {
        let (mut chunk, mut left) = (0, rank);
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            if let Some(&length) = self.tree.get(chunk + step - 1)
                && length <= left
            {
                chunk += step;
                left -= length;
            }
            step /= 2;
        }
        self.chunks.get(chunk)?.get(left).copied()
    }

    /// Memory that the values take.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<f64>()).sum()
    }

    /// The first chunk whose highest value is not below: if the value is in at all, it is there.
    fn chunk_of(&self, value: f64) -> usize {
        self.chunks.partition_point(|chunk| {
            chunk.last().is_some_and(|highest| highest.total_cmp(&value).is_lt())
        })
    }

    /// Gives a chunk that has become short to a neighbour with room for it; an empty one goes.
    /// Whether there is a chunk fewer.
    fn join(&mut self, at: usize) -> bool {
        let length = |at: usize| self.chunks.get(at).map_or(LONGEST, Vec::len);
        let short = length(at);
        let lower = if short == 0 {
            self.chunks.remove(at);
            return true;
        } else if short + length(at + 1) <= FULL {
            at
        } else if at > 0 && short + length(at - 1) <= FULL {
            at - 1
        } else {
            return false;
        };
        let upper = self.chunks.remove(lower + 1);
        if let Some(chunk) = self.chunks.get_mut(lower) {
            chunk.extend(upper);
        }
        true
    }

    /// A chunk has grown or shrunk.
    fn adjust(&mut self, chunk: usize, change: isize) {
        let mut node = chunk + 1;
        while let Some(length) = self.tree.get_mut(node - 1) {
            *length = length.wrapping_add_signed(change);
            node += node & node.wrapping_neg();
        }
    }

    /// The chunks are others than before.
    fn count_anew(&mut self) -> Result<(), OutOfMemory> {
        self.tree.clear();
        self.tree.try_reserve(self.chunks.len())?;
        self.tree.extend(self.chunks.iter().map(Vec::len));
        for node in 1..=self.tree.len() {
            let length = self.tree.get(node - 1).copied().unwrap_or_default();
            if let Some(above) = self.tree.get_mut(node + (node & node.wrapping_neg()) - 1) {
                *above += length;
            }
        }
        Ok(())
    }
}

/// A chunk has all its memory from the start, so that it never asks again.
fn empty_chunk() -> Result<Vec<f64>, OutOfMemory> {
    let mut chunk = Vec::new();
    chunk.try_reserve_exact(LONGEST)?;
    Ok(chunk)
}

/// Where the value is, or would go.
fn place_in(chunk: &[f64], value: f64) -> usize {
    chunk.partition_point(|other| other.total_cmp(&value) == Ordering::Less)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    fn check(window: &SortedWindow, expected: &mut [f64]) {
        expected.sort_unstable_by(f64::total_cmp);
        assert_eq!(window.len(), expected.len());
        assert_eq!(window.is_empty(), expected.is_empty());
        assert!(window.chunks.iter().all(|chunk| (1..=LONGEST).contains(&chunk.len())));
        for (rank, value) in expected.iter().enumerate() {
            assert_eq!(window.at(rank).map(f64::to_bits), Some(value.to_bits()), "rank {rank}");
        }
        assert_eq!(window.at(expected.len()), None);
    }

    #[test]
    fn it_is_what_sorting_would_give() {
        for distinct in [1, 3, 5000, u64::MAX] {
            let mut random = Random::new(distinct);
            let mut draw = |_: usize| match distinct {
                u64::MAX => hostile_double(&mut random),
                few => random.below(few) as f64,
            };
            let mut window = SortedWindow::default();
            let mut values: Vec<f64> = (0..3000).map(&mut draw).collect();
            values.sort_unstable_by(f64::total_cmp);
            window.fill(&values).unwrap();
            check(&window, &mut values);
            for round in 0..12 {
                for _ in 0..700 {
                    let value = draw(0);
                    window.insert(value).unwrap();
                    values.push(value);
                }
                // Every third round takes out more than came.
                let out = if round % 3 == 2 { values.len() - 100 } else { 300 };
                for _ in 0..out {
                    let at = values.len() / 2;
                    window.remove(values.swap_remove(at)).unwrap();
                }
                check(&window, &mut values);
            }
            for value in values.drain(..) {
                window.remove(value).unwrap();
            }
            check(&window, &mut []);
            assert!(window.chunks.is_empty());
        }
    }

    #[test]
    fn what_is_not_in_does_not_leave() {
        let mut window = SortedWindow::default();
        window.remove(1.0).unwrap();
        window.fill(&[1.0, 3.0]).unwrap();
        window.remove(2.0).unwrap();
        window.remove(4.0).unwrap();
        check(&window, &mut [1.0, 3.0]);
    }
}
