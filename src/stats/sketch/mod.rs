//! A distribution in about a kilobyte: a base-2 exponential histogram of fixed scale.
//!
//! Every value is counted in a bucket whose edges lie 1.1 % apart, so that a percentile is within
//! 0.5416 % of the exact one. Counts are integers: the order of values never shows, merging is
//! exact, and what came in can be taken out again.

mod counts;
mod edges;
mod encoding;

use super::{OutOfMemory, Undecodable, quantile};
use counts::Counts;
use edges::{TO_THE_MIDDLE, bucket_of, edge};

/// Why bytes are not a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// They are something else, or damaged.
    Malformed,
    /// A sketch of another version.
    Version(u8),
    /// A sketch with buckets of another width.
    Scale(u8),
    /// They may be one.
    OutOfMemory,
}

impl From<Undecodable> for Refused {
    fn from(undecodable: Undecodable) -> Self {
        match undecodable {
            Undecodable::Damaged => Refused::Malformed,
            Undecodable::OutOfMemory => Refused::OutOfMemory,
        }
    }
}

impl From<OutOfMemory> for Refused {
    fn from(_: OutOfMemory) -> Self {
        Refused::OutOfMemory
    }
}

/// Counts of values by bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sketch {
    zero: i64,
    plus_infinity: i64,
    minus_infinity: i64,
    /// By magnitude.
    negative: Counts,
    positive: Counts,
    /// Of all values; may be beyond 64 bits while sketches are merged.
    count: i128,
}

/// A bucket that has values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    /// Its values lie between these; both are the value where it holds but one (0, an infinity).
    pub(crate) low: f64,
    /// The upper edge.
    pub(crate) high: f64,
    /// What stands for its values.
    pub(crate) value: f64,
    /// How many values.
    pub(crate) count: i64,
}

impl Bucket {
    fn point(value: f64, count: i64) -> Option<Bucket> {
        (count != 0).then_some(Bucket { low: value, high: value, value, count })
    }

    fn positive((index, count): (i32, i64)) -> Bucket {
        let low = edge(index);
        Bucket { low, high: edge(index + 1), value: low * TO_THE_MIDDLE, count }
    }

    fn negative(entry: (i32, i64)) -> Bucket {
        let Bucket { low, high, value, count } = Bucket::positive(entry);
        // Zero less a number, so that no edge is -0.0.
        Bucket { low: 0.0 - high, high: 0.0 - low, value: 0.0 - value, count }
    }
}

impl Sketch {
    /// Counts one value. No NaN.
    #[inline(always)]
    pub(crate) fn add(&mut self, value: f64) -> Result<(), OutOfMemory> {
        self.count_value(value, 1)
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(crate) fn remove(&mut self, value: f64) -> Result<(), OutOfMemory> {
        self.count_value(value, -1)
    }

    #[inline(always)]
    fn count_value(&mut self, value: f64, by: i64) -> Result<(), OutOfMemory> {
        self.count += i128::from(by);
        if value > 0.0 && value < f64::INFINITY {
            return self.positive.change(bucket_of(value), by);
        }
        if value < 0.0 && value > f64::NEG_INFINITY {
            return self.negative.change(bucket_of(-value), by);
        }
        let point = if value == 0.0 {
            &mut self.zero
        } else if value > 0.0 {
            &mut self.plus_infinity
        } else {
            &mut self.minus_infinity
        };
        *point += by;
        Ok(())
    }

    /// Adds all values of another sketch.
    pub(crate) fn merge(&mut self, other: &Sketch) -> Result<(), OutOfMemory> {
        self.combine(other, i64::wrapping_add)?;
        self.count += other.count;
        Ok(())
    }

    /// Takes back an earlier `merge`.
    pub(crate) fn unmerge(&mut self, other: &Sketch) -> Result<(), OutOfMemory> {
        self.combine(other, i64::wrapping_sub)?;
        self.count -= other.count;
        Ok(())
    }

    fn combine(&mut self, other: &Sketch, with: fn(i64, i64) -> i64) -> Result<(), OutOfMemory> {
        self.negative.combine(&other.negative, with)?;
        self.positive.combine(&other.positive, with)?;
        self.zero = with(self.zero, other.zero);
        self.plus_infinity = with(self.plus_infinity, other.plus_infinity);
        self.minus_infinity = with(self.minus_infinity, other.minus_infinity);
        Ok(())
    }

    /// How many values; `None` beyond 64 bits.
    pub(crate) fn count(&self) -> Option<i64> {
        i64::try_from(self.count).ok()
    }

    /// Memory taken.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.negative.bytes() + self.positive.bytes()
    }

    /// The buckets that have values, ascending.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let negative = self.negative.entries().rev().map(Bucket::negative);
        let positive = self.positive.entries().map(Bucket::positive);
        (Bucket::point(f64::NEG_INFINITY, self.minus_infinity).into_iter())
            .chain(negative)
            .chain(Bucket::point(0.0, self.zero))
            .chain(positive)
            .chain(Bucket::point(f64::INFINITY, self.plus_infinity))
    }

    /// The bucket in which the value at a rank from 0 lies. For a sketch whose count fits 64 bits.
    pub(crate) fn bucket_at(&self, rank: u64) -> Option<Bucket> {
        let mut below = 0;
        self.buckets().find(|bucket| {
            below += bucket.count as u64;
            rank < below
        })
    }

    /// The percentile p, 0 to 1: the exact rule with each value replaced by what stands for its
    /// bucket. `None` for no values or more than 64 bits can count; NaN between infinities.
    pub(crate) fn quantile(&self, p: f64) -> Option<f64> {
        let count = u64::try_from(self.count()?).ok()?;
        quantile(count, p, |rank| self.bucket_at(rank).map_or(f64::NAN, |bucket| bucket.value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    pub(super) fn sketch_of(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|x| sketch.add(*x).unwrap());
        sketch
    }

    fn infinite(random: &mut Random) -> f64 {
        match random.below(8) {
            0 => f64::INFINITY,
            1 => f64::NEG_INFINITY,
            2 => -0.0,
            _ => hostile_double(random),
        }
    }

    /// Rule: one multiset has one BLOB, whatever the order, the split, the merges, and what left.
    #[test]
    fn one_multiset_has_one_encoding() {
        let mut random = Random::new(1);
        for _ in 0..200 {
            let mut values: Vec<f64> =
                (0..random.below(300) + 1).map(|_| infinite(&mut random)).collect();
            let expected = sketch_of(&values).encode().unwrap();
            for _ in 0..5 {
                let (one, other) = (random.below(300) as usize, random.below(300) as usize);
                let length = values.len();
                values.swap(one % length, other % length);
            }
            let mut merged = Sketch::default();
            let mut rest = values.as_slice();
            while !rest.is_empty() {
                let (part, others) = rest.split_at(1 + random.below(rest.len() as u64) as usize);
                // A part that came with values that left again, and one merged and taken back.
                let mut sketch = sketch_of(&[part, &[1e300, -5.0]].concat());
                sketch.remove(1e300).unwrap();
                sketch.remove(-5.0).unwrap();
                let more = sketch_of(&[f64::INFINITY, 7.0, -1e-300]);
                merged.merge(&more).unwrap();
                merged.merge(&sketch).unwrap();
                merged.unmerge(&more).unwrap();
                rest = others;
            }
            assert_eq!(merged.encode().unwrap(), expected);
        }
    }

    #[test]
    fn counts_beyond_64_bits_are_known_and_come_back() {
        let mut full = sketch_of(&[0.0, 1.0]);
        for _ in 0..62 {
            let same = full.clone();
            full.merge(&same).unwrap();
        }
        assert_eq!(full.count(), None);
        assert_eq!(full.quantile(0.5), None);
        let mut half = sketch_of(&[0.0, 1.0]);
        (0..61).for_each(|_| half.merge(&half.clone()).unwrap());
        full.unmerge(&half).unwrap();
        assert_eq!(full.encode().unwrap(), half.encode().unwrap());
        assert_eq!(half.count(), Some(1 << 62));
        assert_eq!(half.quantile(0.0), Some(0.0));
    }

    #[test]
    fn buckets_ascend_and_hold_their_values() {
        let mut random = Random::new(2);
        let values: Vec<f64> = (0..2000).map(|_| infinite(&mut random)).collect();
        let buckets: Vec<Bucket> = sketch_of(&values).buckets().collect();
        assert!(buckets.windows(2).all(|two| two[0].high <= two[1].low));
        for bucket in &buckets {
            let inside = values.iter().filter(|x| {
                (bucket.low < **x && **x <= bucket.high && bucket.low >= 0.0)
                    || (bucket.low <= **x && **x < bucket.high && bucket.high <= 0.0)
                    || (bucket.low == **x && bucket.high == **x)
            });
            assert_eq!(inside.count() as i64, bucket.count, "{bucket:?}");
            assert!(bucket.low <= bucket.value && bucket.value <= bucket.high);
        }
    }

    /// Rule: a million values of each of five shapes, every percent: within 0.5416 %; and a million
    /// latencies in under 2 kB.
    #[test]
    fn percentiles_of_five_shapes_are_within_the_bound() {
        let mut random = Random::new(3);
        let mut unit = move || ((random.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let mut shapes: [(&str, Vec<f64>); 5] = Default::default();
        for _ in 0..1_000_000 {
            let (u, v) = (unit(), unit());
            let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
            let latency = (0.5 * normal - 0.7).exp();
            let second = if u < 0.7 { latency } else { 20.0 * latency };
            for (shape, (name, value)) in shapes.iter_mut().zip([
                ("log-normal", latency),
                ("uniform", 30.0 * u),
                ("exponential", -v.ln()),
                ("two humps", second),
                ("heavy tail", u.powf(-1.0 / 1.1)),
            ]) {
                shape.0 = name;
                shape.1.push(value);
            }
        }
        for (name, mut values) in shapes {
            let sketch = sketch_of(&values);
            values.sort_unstable_by(f64::total_cmp);
            let count = values.len() as u64;
            let mut worst: f64 = 0.0;
            for percent in 0..=1000 {
                let p = f64::from(percent) / 1000.0;
                let exact = quantile(count, p, |rank| values[rank as usize]).unwrap();
                worst = worst.max((sketch.quantile(p).unwrap() / exact - 1.0).abs());
            }
            assert!(worst <= 0.005_416, "{name}: {worst}");
            let size = sketch.encode().unwrap().len();
            assert!(name != "log-normal" || size < 2000, "{size} bytes");
        }
    }
}
