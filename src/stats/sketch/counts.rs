//! Counts by bucket, for values of one sign: a page of 64 counts for each octave that has any.

use super::edges::BUCKETS_AN_OCTAVE;
use crate::stats::OutOfMemory;

const PAGE: usize = BUCKETS_AN_OCTAVE as usize;

/// Counts of buckets. They wrap, so that what is added and taken back in whatever order leaves what
/// it should; whoever reads them knows that the total fits.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// Ascending.
    octaves: Vec<i32>,
    pages: Vec<[i64; PAGE]>,
    /// Where the last value went: the next one is likely to be near.
    last: usize,
}

impl Counts {
    /// Adds to a bucket's count, or takes from it.
    #[inline(always)]
    pub(super) fn change(&mut self, index: i32, by: i64) -> Result<(), OutOfMemory> {
        let octave = index.div_euclid(BUCKETS_AN_OCTAVE);
        if self.octaves.get(self.last) != Some(&octave) {
            self.last = self.page_of(octave)?;
        }
        let slot = index.rem_euclid(BUCKETS_AN_OCTAVE) as usize;
        if let Some(count) = self.pages.get_mut(self.last).and_then(|page| page.get_mut(slot)) {
            *count = count.wrapping_add(by);
        }
        Ok(())
    }

    /// Adds all of another's counts, or takes them out.
    pub(super) fn combine(
        &mut self,
        other: &Counts,
        with: fn(i64, i64) -> i64,
    ) -> Result<(), OutOfMemory> {
        for (octave, theirs) in other.octaves.iter().zip(&other.pages) {
            let at = self.page_of(*octave)?;
            for (count, their) in self.pages.get_mut(at).into_iter().flatten().zip(theirs) {
                *count = with(*count, *their);
            }
        }
        Ok(())
    }

    /// Buckets that have a count, ascending.
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = (i32, i64)> {
        self.octaves.iter().zip(&self.pages).flat_map(|(octave, page)| {
            let first = octave * BUCKETS_AN_OCTAVE;
            (first..first + BUCKETS_AN_OCTAVE)
                .zip(page.iter().copied())
                .filter(|(_, count)| *count != 0)
        })
    }

    /// Memory taken.
    pub(super) fn bytes(&self) -> usize {
        self.octaves.capacity() * size_of::<i32>()
            + self.pages.capacity() * size_of::<[i64; PAGE]>()
    }

    /// Where the octave's page is, made if it is not there.
    fn page_of(&mut self, octave: i32) -> Result<usize, OutOfMemory> {
        self.octaves.binary_search(&octave).or_else(|at| {
            self.octaves.try_reserve(1)?;
            self.pages.try_reserve(1)?;
            self.octaves.insert(at, octave);
            self.pages.insert(at, [0; PAGE]);
            Ok(at)
        })
    }
}
