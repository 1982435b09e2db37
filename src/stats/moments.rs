//! Mean and standard deviation from exact sums: order never shows, and no variance is negative.

use super::{ExactSum, OutOfMemory};

/// Weighted values: their weights, the sums of value and of value squared, all exact.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moments {
    weight: ExactSum,
    /// The sum of weighted values as the pooled mean of `avg_itl` has it: each product rounded.
    sum: ExactSum,
    /// What those products lack.
    rests: ExactSum,
    squares: ExactSum,
}

impl Moments {
    /// Adds a value that weighs 1.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: f64) -> Result<(), OutOfMemory> {
        self.weight.add(1.0)?;
        self.sum.add(x)?;
        add_product(&mut self.squares, x, x)
    }

    /// Adds a value that stands for `weight` equal ones, up to 2^53.
    #[inline(always)]
    pub(crate) fn add_weighted(&mut self, x: f64, weight: f64) -> Result<(), OutOfMemory> {
        self.weight.add(weight)?;
        let [product, rest] = product(weight, x);
        self.sum.add(product)?;
        self.rests.add(rest)?;
        let square = x * x;
        add_product(&mut self.squares, weight, square)?;
        add_product(&mut self.squares, weight, x.mul_add(x, -square))
    }

    /// The rounded sum over the rounded weight; `None` for no values.
    pub(crate) fn mean(&self) -> Option<f64> {
        let weight = self.weight.round();
        (weight > 0.0).then(|| self.sum.round() / weight)
    }

    /// What all weigh together.
    pub(crate) fn weight(&self) -> f64 {
        self.weight.round()
    }

    /// The variance of the population, weight * squares - sum^2 exactly, rounded once and divided
    /// by weight^2; `None` for no values. Infinite values have none: NaN.
    pub(crate) fn variance(&self) -> Result<Option<f64>, OutOfMemory> {
        let weight = self.weight.round();
        if weight <= 0.0 {
            return Ok(None);
        }
        let mut spread = ExactSum::default();
        let squares = self.squares.expansion()?;
        for term in &squares {
            add_product(&mut spread, weight, *term)?;
        }
        let mut sum = self.sum.clone();
        sum.merge(&self.rests)?;
        let sum = sum.expansion()?;
        for one in &sum {
            for other in &sum {
                add_product(&mut spread, -one, *other)?;
            }
        }
        Ok(Some(spread.round() / weight / weight))
    }

    /// The standard deviation of the population.
    pub(crate) fn deviation(&self) -> Result<Option<f64>, OutOfMemory> {
        Ok(self.variance()?.map(f64::sqrt))
    }
}

/// `a * b`, and what rounding took from it; 0 where it leaves the range of doubles.
#[inline(always)]
fn product(a: f64, b: f64) -> [f64; 2] {
    let product = a * b;
    [product, if product.is_finite() { a.mul_add(b, -product) } else { 0.0 }]
}

/// Adds `a * b` without a rounding error, unless it leaves the range of doubles.
#[inline(always)]
pub(super) fn add_product(sum: &mut ExactSum, a: f64, b: f64) -> Result<(), OutOfMemory> {
    let [product, rest] = product(a, b);
    sum.add(product)?;
    if rest == 0.0 { Ok(()) } else { sum.add(rest) }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    #[test]
    fn deviation_of_what_lies_close_together() {
        let mut moments = Moments::default();
        assert_eq!((moments.mean(), moments.deviation().unwrap()), (None, None));
        for x in [1e9, 1e9 + 1.0, 1e9 + 2.0] {
            moments.add(x).unwrap();
        }
        assert_eq!(moments.mean(), Some(1e9 + 1.0));
        assert_eq!(moments.deviation().unwrap(), Some((2.0f64 / 3.0).sqrt()));
        let mut equal = Moments::default();
        for weight in [3.0, 8.0, 13.0] {
            equal.add_weighted(13.37, weight).unwrap();
        }
        assert_eq!(equal.deviation().unwrap(), Some(0.0));
        let mut one = Moments::default();
        one.add(0.1).unwrap();
        assert_eq!(one.deviation().unwrap(), Some(0.0));
    }

    #[test]
    fn weights_stand_for_equal_values() {
        let mut random = Random::new(41);
        for _ in 0..200 {
            let (mut weighted, mut plain) = (Moments::default(), Moments::default());
            for _ in 0..20 {
                let (x, weight) = (random.below(1000) as f64 / 8.0, 1 + random.below(9));
                weighted.add_weighted(x, weight as f64).unwrap();
                (0..weight).for_each(|_| plain.add(x).unwrap());
            }
            assert_eq!(weighted.mean(), plain.mean());
            assert_eq!(weighted.deviation().unwrap(), plain.deviation().unwrap());
        }
    }
}
