//! The distribution of a group's values: exact up to 10,000 of them, a sketch above.
//!
//! So small groups answer as `quantile` does, large ones within 0.5416 %, which is far below what
//! 10,000 values can tell, and memory does not grow with rows. Which of the two a group is depends
//! on how many values it has, not on how they came.

use super::{Bucket, Interval, OutOfMemory, Sketch, interval_ranks, quantile};

/// Most values that are kept as they are.
const MOST_EXACT: usize = 10_000;

/// Values of one group. No NaN; -0.0 counts as 0.0.
#[derive(Debug, Clone)]
pub(crate) struct Distribution(Kept);

#[derive(Debug, Clone)]
enum Kept {
    Exact { values: Vec<f64>, is_sorted: bool },
    Sketched(Box<Sketch>),
}

impl Default for Distribution {
    fn default() -> Self {
        Distribution(Kept::Exact { values: Vec::new(), is_sorted: true })
    }
}

impl Distribution {
    /// Adds one value.
    #[inline(always)]
    pub(crate) fn add(&mut self, value: f64) -> Result<(), OutOfMemory> {
        match &mut self.0 {
            Kept::Exact { values, is_sorted } if values.len() < MOST_EXACT => {
                values.try_reserve(1)?;
                values.push(value + 0.0);
                *is_sorted = false;
                Ok(())
            }
            Kept::Exact { .. } => self.sketched()?.add(value),
            Kept::Sketched(sketch) => sketch.add(value),
        }
    }

    /// How many values; at most what 64 bits count.
    pub(crate) fn count(&self) -> u64 {
        match &self.0 {
            Kept::Exact { values, .. } => values.len() as u64,
            Kept::Sketched(sketch) => sketch.count().map_or(u64::MAX, |count| count as u64),
        }
    }

    /// The percentile p, 0 to 1; `None` for no values, NaN between infinities of both signs.
    pub(crate) fn quantile(&mut self, p: f64) -> Option<f64> {
        match &self.0 {
            Kept::Exact { .. } => {
                let values = self.sorted();
                let value_at = |rank: u64| values.get(rank as usize).copied();
                quantile(values.len() as u64, p, |rank| value_at(rank).unwrap_or(f64::NAN))
            }
            Kept::Sketched(sketch) => sketch.quantile(p),
        }
    }

    /// The percentile and the values between which it lies with that confidence. From a sketch the
    /// bounds are edges of their buckets, the lower one of the low bound and the upper of the high.
    pub(crate) fn interval(&mut self, p: f64, confidence: f64) -> Interval {
        let (count, value) = (self.count(), self.quantile(p));
        let (low, high) = interval_ranks(count, p, confidence);
        let (low, high) = (low.map(|rank| rank - 1), high.map(|rank| rank - 1));
        let (low, high) = match &self.0 {
            Kept::Exact { values, .. } => {
                let at = |rank: Option<u64>| values.get(usize::try_from(rank?).ok()?).copied();
                (at(low), at(high))
            }
            Kept::Sketched(sketch) => {
                let at = |rank: Option<u64>| sketch.bucket_at(rank?);
                (at(low).map(|bucket| bucket.low), at(high).map(|bucket| bucket.high))
            }
        };
        Interval { count, value, low, high }
    }

    /// Between which values the percentile p is for certain: as it is while values are exact, else
    /// by the edges of their buckets. `None` for no values.
    pub(crate) fn certain(&mut self, p: f64) -> Option<(f64, f64)> {
        match &self.0 {
            Kept::Exact { .. } => self.quantile(p).map(|value| (value, value)),
            Kept::Sketched(sketch) => {
                let of_edges = |edge: fn(Bucket) -> f64| {
                    let value_at = |rank| sketch.bucket_at(rank).map_or(f64::NAN, edge);
                    quantile(self.count(), p, value_at)
                };
                of_edges(|bucket| bucket.low).zip(of_edges(|bucket| bucket.high))
            }
        }
    }

    /// The values in order, while they are exact.
    fn sorted(&mut self) -> &[f64] {
        match &mut self.0 {
            Kept::Exact { values, is_sorted } => {
                if !*is_sorted {
                    values.sort_unstable_by(f64::total_cmp);
                    *is_sorted = true;
                }
                values
            }
            Kept::Sketched(_) => &[],
        }
    }

    /// The sketch that it is from now on.
    fn sketched(&mut self) -> Result<&mut Sketch, OutOfMemory> {
        if let Kept::Exact { values, .. } = &self.0 {
            let mut sketch = Box::<Sketch>::default();
            values.iter().try_for_each(|value| sketch.add(*value))?;
            self.0 = Kept::Sketched(sketch);
        }
        match &mut self.0 {
            Kept::Sketched(sketch) => Ok(sketch),
            Kept::Exact { .. } => Err(OutOfMemory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    fn values(count: usize) -> Vec<f64> {
        let mut random = Random::new(count as u64);
        (0..count).map(|_| 0.01 + random.below(1_000_000) as f64 / 1e4).collect()
    }

    fn distribution_of(values: &[f64]) -> Distribution {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.add(*value).unwrap());
        distribution
    }

    fn is_exact(distribution: &Distribution) -> bool {
        matches!(distribution.0, Kept::Exact { .. })
    }

    #[test]
    fn exact_up_to_ten_thousand_and_near_above() {
        for count in [0, 1, 2, 500, MOST_EXACT, MOST_EXACT + 1, 50_000] {
            let mut values = values(count);
            let mut distribution = distribution_of(&values);
            assert_eq!(distribution.count(), count as u64);
            assert_eq!(is_exact(&distribution), count <= MOST_EXACT);
            values.sort_unstable_by(f64::total_cmp);
            for p in [0.0, 0.05, 0.5, 0.95, 0.999, 1.0] {
                let exact = quantile(count as u64, p, |rank| values[rank as usize]);
                let got = distribution.quantile(p);
                if count <= MOST_EXACT {
                    assert_eq!(got, exact);
                } else {
                    assert!((got.unwrap() / exact.unwrap() - 1.0).abs() <= 0.005_416);
                }
            }
        }
    }

    /// Bounds of a sketch are never inside those of the values.
    #[test]
    fn bounds_of_a_sketch_are_no_tighter() {
        let mut values = values(40_000);
        let mut distribution = distribution_of(&values);
        values.sort_unstable_by(f64::total_cmp);
        for p in [0.01, 0.5, 0.95, 0.999] {
            let interval = distribution.interval(p, 0.95);
            let (low, high) = interval_ranks(values.len() as u64, p, 0.95);
            let at = |rank: Option<u64>| values[rank.unwrap() as usize - 1];
            let (low, high) = (at(low), at(high));
            assert!(interval.low.unwrap() < low && interval.low.unwrap() > low / 1.011);
            assert!(interval.high.unwrap() >= high && interval.high.unwrap() < high * 1.011);
            let exact = quantile(values.len() as u64, p, |rank| values[rank as usize]).unwrap();
            let (least, most) = distribution.certain(p).unwrap();
            assert!(least < exact && exact <= most && most < least * 1.011);
            assert!(interval.low.unwrap() <= least && most <= interval.high.unwrap());
        }
        let mut none = Distribution::default();
        let nothing = Interval { count: 0, value: None, low: None, high: None };
        assert_eq!((none.interval(0.5, 0.95), none.certain(0.5)), (nothing, None));
        assert_eq!(distribution_of(&[3.0, 5.0]).certain(0.5), Some((4.0, 4.0)));
    }
}
