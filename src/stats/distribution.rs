//! Percentiles of many groups at once: exact while a group is small, within the sketch's bound of
//! 0.55 % after that, so that memory does not grow with rows.

use super::{OutOfMemory, Sketch, quantile};

/// Up to so many values are kept as they are. (Far fewer than tell percentiles 0.55 % apart.)
const EXACT: usize = 10_000;

/// The values of one group. No NaN.
#[derive(Debug, Clone)]
pub enum Distribution {
    /// As they came; sorted once `settle` was called.
    Exact(Vec<f64>),
    /// More than that.
    Sketched(Sketch),
}

impl Default for Distribution {
    fn default() -> Self {
        Distribution::Exact(Vec::new())
    }
}

impl Distribution {
    /// Adds a value.
    #[inline(always)]
    pub fn add(&mut self, value: f64) -> Result<(), OutOfMemory> {
        match self {
            Distribution::Exact(values) if values.len() < EXACT => {
                if values.len() == values.capacity() {
                    values.try_reserve(values.len().max(4))?;
                }
                values.push(value + 0.0);
                Ok(())
            }
            Distribution::Exact(_) => self.sketch(value),
            Distribution::Sketched(sketch) => sketch.add(value),
        }
    }

    #[cold]
    fn sketch(&mut self, value: f64) -> Result<(), OutOfMemory> {
        let mut sketch = Sketch::default();
        if let Distribution::Exact(values) = self {
            values.iter().try_for_each(|value| sketch.add(*value))?;
        }
        sketch.add(value)?;
        *self = Distribution::Sketched(sketch);
        Ok(())
    }

    /// All values are in: percentiles may be asked for.
    pub fn settle(&mut self) {
        if let Distribution::Exact(values) = self {
            values.sort_unstable_by(f64::total_cmp);
        }
    }

    /// The percentile p; `None` for no values.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        match self {
            Distribution::Exact(values) => quantile(values.len() as u64, p, |rank| {
                values.get(rank as usize).copied().unwrap_or(f64::NAN)
            }),
            Distribution::Sketched(sketch) => sketch.quantile(p),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    #[test]
    fn exact_up_to_the_limit_and_close_beyond_it() {
        let mut random = Random::new(31);
        for count in [1, 2, 1000, EXACT, EXACT + 1, 3 * EXACT] {
            let mut values: Vec<f64> =
                (0..count).map(|_| (random.below(1 << 40) as f64).sqrt()).collect();
            let mut distribution = Distribution::default();
            values.iter().for_each(|value| distribution.add(*value).unwrap());
            distribution.settle();
            values.sort_unstable_by(f64::total_cmp);
            for p in [0.0, 0.5, 0.9, 0.99, 1.0] {
                let want = quantile(count as u64, p, |rank| values[rank as usize]).unwrap();
                let got = distribution.quantile(p).unwrap();
                let bound = if count <= EXACT { 0.0 } else { 0.0055 };
                assert!((got - want).abs() <= bound * want, "{count} {p}: {got} {want}");
            }
        }
        assert_eq!(Distribution::default().quantile(0.5), None);
    }
}
