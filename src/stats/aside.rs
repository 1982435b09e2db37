//! Sums that the flat arrays of a bank cannot hold, kept at its side; none on ordinary data.

use super::exact_sum::two_sum;
use super::{ExactSum, OutOfMemory};
use hashbrown::HashMap;

/// A group and a column.
type Place = (usize, usize);

/// Exact sums by the place of what they belong to.
#[derive(Debug, Default)]
pub(super) struct Aside(HashMap<Place, ExactSum, foldhash::fast::RandomState>);

impl Aside {
    /// The sum of a place, made if need be.
    pub(super) fn at(&mut self, place: Place) -> Result<&mut ExactSum, OutOfMemory> {
        self.0.try_reserve(1)?;
        Ok(self.0.entry(place).or_default())
    }

    /// The sum of a place, if it has one.
    pub(super) fn get(&self, place: Place) -> Option<&ExactSum> {
        self.0.get(&place)
    }

    /// Number of places that have one.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds to a sum in three parts, high, middle and low, a value that leaves something beyond the
    /// middle one: to the low part, or where that is not exact either, with all parts to here.
    #[cold]
    pub(super) fn settle(
        &mut self,
        parts: [&mut f64; 3],
        x: f64,
        place: Place,
    ) -> Result<(), OutOfMemory> {
        let [high, middle, low] = parts;
        if !(x.is_finite() && high.is_finite()) {
            *high += x;
            return Ok(());
        }
        let (sum, error) = two_sum(*high, x);
        let (next, error) = two_sum(*middle, error);
        let (last, error) = two_sum(*low, error);
        if error == 0.0 {
            (*high, *middle, *low) = (sum, next, last);
            return Ok(());
        }
        let aside = self.at(place)?;
        for part in [high, middle, low].map(std::mem::take).into_iter().chain([x]) {
            aside.add(part)?;
        }
        Ok(())
    }
}
