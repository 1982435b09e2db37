//! The values of a group or of a sliding frame, of which any rank can be asked for.
//!
//! A group is asked once, when all its values are in: they stay as they came, and each rank is
//! found by selection. Whatever comes after a first answer makes it a sliding frame, which keeps
//! its values sorted from then on.

use super::sorted_window::SortedWindow;
use super::sorting::{place_ranks, sort_in_parts};
use super::{OutOfMemory, interval_ranks, quantile, ranks_of};

/// Values that came since the last answer are inserted one by one up to this many, or an eighth of
/// what is there; more are sorted with the rest.
const FEW: usize = 64;

/// A percentile and what bounds it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Interval {
    /// How many values there are.
    pub(crate) count: u64,
    /// The percentile; NaN between infinities of both signs.
    pub(crate) value: Option<f64>,
    /// Not below, `None` where the values are too few to say.
    pub(crate) low: Option<f64>,
    /// Not above, likewise.
    pub(crate) high: Option<f64>,
}

/// A multiset of doubles. No NaN; -0.0 counts as 0.0.
#[derive(Debug, Default)]
pub(crate) struct RankedValues {
    /// Values that came: all of them before a second answer, those of the last rows later.
    loose: Vec<f64>,
    /// Values that have left since the last answer.
    leaving: Vec<f64>,
    /// The other values, once there has been a second answer.
    sorted: SortedWindow,
    has_answered: bool,
}

impl RankedValues {
    /// How many values there are.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.loose.len() + self.sorted.len() - self.leaving.len()
    }

    /// Adds one value.
    #[inline(always)]
    pub(crate) fn add(&mut self, value: f64) -> Result<(), OutOfMemory> {
        push(&mut self.loose, value + 0.0)
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(crate) fn remove(&mut self, value: f64) -> Result<(), OutOfMemory> {
        push(&mut self.leaving, value + 0.0)
    }

    /// Gets ready to answer for `ranks`, ascending, until the next value comes or goes; `check`
    /// says in between whether to go on.
    pub(crate) fn prepare<E: From<OutOfMemory>>(
        &mut self,
        ranks: &[usize],
        mut check: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let is_group = !self.has_answered && self.leaving.is_empty();
        self.has_answered = true;
        if is_group {
            return place_ranks(&mut self.loose, 0, ranks, &f64::total_cmp, &mut check);
        }
        self.settle(check)
    }

    /// The value at a rank from 0, one of those that `prepare` was told.
    pub(crate) fn at(&self, rank: usize) -> Option<f64> {
        if self.sorted.is_empty() { self.loose.get(rank).copied() } else { self.sorted.at(rank) }
    }

    /// The percentiles of several p; `None` each where there are no values.
    pub(crate) fn quantiles<E: From<OutOfMemory>>(
        &mut self,
        probabilities: &[f64],
        check: impl FnMut() -> Result<(), E>,
    ) -> Result<Vec<Option<f64>>, E> {
        let count = self.len();
        let mut ranks: Vec<usize> =
            probabilities.iter().flat_map(|p| ranks_of(count, *p)).collect();
        ranks.sort_unstable();
        self.prepare(&ranks, check)?;
        let value_at = |rank: u64| self.at(rank as usize).unwrap_or(f64::NAN);
        Ok(probabilities.iter().map(|p| quantile(count as u64, *p, value_at)).collect())
    }

    /// The percentile p and the values between which it lies with that confidence.
    pub(crate) fn interval<E: From<OutOfMemory>>(
        &mut self,
        p: f64,
        confidence: f64,
        check: impl FnMut() -> Result<(), E>,
    ) -> Result<Interval, E> {
        let count = self.len();
        let (low, high) = interval_ranks(count as u64, p, confidence);
        let place = |rank: Option<u64>| rank.map(|rank| rank as usize - 1);
        let (low, high) = (place(low), place(high));
        let mut ranks: Vec<usize> = ranks_of(count, p).chain(low).chain(high).collect();
        ranks.sort_unstable();
        self.prepare(&ranks, check)?;
        let value_at = |rank: u64| self.at(rank as usize).unwrap_or(f64::NAN);
        Ok(Interval {
            count: count as u64,
            value: quantile(count as u64, p, value_at),
            low: low.and_then(|rank| self.at(rank)),
            high: high.and_then(|rank| self.at(rank)),
        })
    }

    /// Brings the sorted values up to date.
    fn settle<E: From<OutOfMemory>>(
        &mut self,
        check: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.loose.len() > FEW.max(self.sorted.len() / 8) {
            self.sort_all(check)?;
        } else {
            for value in self.loose.drain(..) {
                self.sorted.insert(value)?;
            }
        }
        for value in self.leaving.drain(..) {
            self.sorted.remove(value)?;
        }
        Ok(())
    }

    /// Sorts what is loose together with what is sorted.
    fn sort_all<E: From<OutOfMemory>>(
        &mut self,
        mut check: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        self.loose.try_reserve(self.sorted.len()).map_err(OutOfMemory::from)?;
        self.loose.extend(self.sorted.values());
        self.sorted = SortedWindow::default();
        sort_in_parts(&mut self.loose, &f64::total_cmp, &mut check)?;
        self.sorted.fill(&self.loose)?;
        // A first frame may have been long, and the next rows come one by one.
        self.loose = Vec::new();
        Ok(())
    }
}

#[inline(always)]
fn push(values: &mut Vec<f64>, value: f64) -> Result<(), OutOfMemory> {
    if values.len() == values.capacity() {
        values.try_reserve(1)?;
    }
    values.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    fn go_on() -> Result<(), OutOfMemory> {
        Ok(())
    }

    /// The median and its neighbours, as a fresh sort has them.
    fn check(values: &mut RankedValues, expected: &[f64]) {
        let mut sorted = expected.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        assert_eq!(values.len(), sorted.len());
        let count = sorted.len() as u64;
        for p in [0.0, 0.3, 0.5, 0.99, 1.0] {
            let got = values.quantiles(&[p, 0.5], go_on).unwrap();
            let at = |p| quantile(count, p, |rank| sorted[rank as usize]);
            assert_eq!(got, [at(p), at(0.5)]);
        }
    }

    #[test]
    fn a_group_and_every_frame_answer_as_a_fresh_sort() {
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let mut values = RankedValues::default();
            let mut inside = Vec::new();
            for _ in 0..40 {
                let most = if random.below(8) == 0 { 3000 } else { 4 };
                for _ in 0..random.below(most) {
                    let value = hostile_double(&mut random);
                    values.add(value).unwrap();
                    inside.push(value + 0.0);
                }
                for _ in 0..random.below(4).min(inside.len() as u64) {
                    let at = random.below(inside.len() as u64) as usize;
                    values.remove(inside.swap_remove(at)).unwrap();
                }
                if random.below(3) > 0 {
                    check(&mut values, &inside);
                }
            }
            for value in inside.drain(..) {
                values.remove(value).unwrap();
            }
            assert_eq!(values.len(), 0);
            check(&mut values, &[]);
        }
    }

    #[test]
    fn minus_zero_counts_as_zero() {
        let mut values = RankedValues::default();
        values.add(-0.0).unwrap();
        assert_eq!(values.quantiles(&[0.5], go_on).unwrap()[0].unwrap().to_bits(), 0);
        values.add(0.0).unwrap();
        values.remove(-0.0).unwrap();
        assert_eq!(values.quantiles(&[0.5], go_on).unwrap(), [Some(0.0)]);
    }

    #[test]
    fn memory_is_eight_bytes_a_value_and_sixteen_at_most() {
        let mut values = RankedValues::default();
        let count = 200_000;
        (0..count).for_each(|i| values.add(f64::from(i % 977)).unwrap());
        assert!(values.loose.capacity() * 8 <= 16 * count as usize);
        values.quantiles(&[0.5], go_on).unwrap();
        assert!(values.loose.capacity() * 8 <= 16 * count as usize);
        values.add(5.0).unwrap();
        values.quantiles(&[0.5], go_on).unwrap();
        assert_eq!(values.loose.capacity(), 0);
        // Chunks of their own and the last one not full; then split in halves by what comes.
        assert!(values.sorted.bytes() <= 11 * count as usize);
        for i in 0..count {
            values.remove(f64::from(i % 977)).unwrap();
            values.add(f64::from(i * 7919 % 977)).unwrap();
            values.quantiles(&[0.5], go_on).unwrap();
        }
        assert_eq!(values.len(), count as usize + 1);
        assert!(values.sorted.bytes() <= 17 * count as usize, "{}", values.sorted.bytes());
    }

    /// A frame that starts long is sorted in parts, with a question in between.
    #[test]
    fn a_long_first_frame_can_be_stopped() {
        let mut values = RankedValues::default();
        (0..200_000).for_each(|i| values.add(f64::from(i % 977)).unwrap());
        let mut asked = 0;
        let mut count = || {
            asked += 1;
            Ok(())
        };
        values.quantiles(&[0.5], &mut count).map_err(|_: OutOfMemory| ()).unwrap();
        values.add(5.0).unwrap();
        values.quantiles(&[0.5], &mut count).map_err(|_: OutOfMemory| ()).unwrap();
        assert!(asked >= 3, "{asked}");
        let mut values = RankedValues::default();
        (0..200_000).for_each(|i| values.add(f64::from(i % 977)).unwrap());
        let stop = || Err(OutOfMemory);
        assert_eq!(values.quantiles(&[0.5], stop), Err(OutOfMemory));
        assert_eq!(values.quantiles(&[0.5], stop), Err(OutOfMemory));
    }
}
