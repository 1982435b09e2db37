//! Sums of pairs (x, y), of which the ratio sum(y) / sum(x) and its spread are told in one pass.
//!
//! The sum of (y - R x)^2 is a difference of sums of squares that may cancel. All sums are exact,
//! so it is rounded once, never negative, and the order of the pairs does not show.

use super::moments::add_product;
use super::{ExactSum, OutOfMemory};

/// Pairs, added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct PairSums {
    count: u64,
    x: ExactSum,
    y: ExactSum,
    xx: ExactSum,
    xy: ExactSum,
    yy: ExactSum,
}

impl PairSums {
    /// Adds a pair.
    pub(crate) fn add(&mut self, x: f64, y: f64) -> Result<(), OutOfMemory> {
        self.count += 1;
        self.x.add(x)?;
        self.y.add(y)?;
        add_product(&mut self.xx, x, x)?;
        add_product(&mut self.xy, x, y)?;
        add_product(&mut self.yy, y, y)
    }

    /// How many pairs.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// sum(y) / sum(x); `None` unless the sum of x is above 0.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let x = self.x.round();
        (x > 0.0).then(|| self.y.round() / x)
    }

    /// The variance of the logarithm of the ratio R, by linearization: n / (n - 1) *
    /// sum((y - R x)^2) / sum(y)^2. `None` for fewer than two pairs, and where a square leaves the
    /// range of doubles.
    ///
    /// Source of the definition: Cochran, Sampling Techniques, the ratio estimator.
    pub(crate) fn log_variance(&self) -> Result<Option<f64>, OutOfMemory> {
        let (sum, Some(ratio)) = (self.y.round(), self.ratio()) else { return Ok(None) };
        if self.count < 2 || !(sum * sum).is_normal() || !(ratio * ratio).is_normal() {
            return Ok(None);
        }
        // R is a double, so that its square is two.
        let (square, minus_two) = (ratio * ratio, -2.0 * ratio);
        let mut spread = self.yy.clone();
        for term in self.xy.expansion()? {
            add_product(&mut spread, minus_two, term)?;
        }
        for term in self.xx.expansion()? {
            add_product(&mut spread, square, term)?;
            add_product(&mut spread, ratio.mul_add(ratio, -square), term)?;
        }
        let count = self.count as f64;
        let variance = spread.round() / sum / sum * (count / (count - 1.0));
        Ok(Some(variance).filter(|variance| *variance >= 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    fn sums(pairs: &[(f64, f64)]) -> PairSums {
        let mut sums = PairSums::default();
        pairs.iter().for_each(|(x, y)| sums.add(*x, *y).unwrap());
        sums
    }

    fn in_two_passes(pairs: &[(f64, f64)]) -> f64 {
        let (n, sum) = (pairs.len() as f64, |f: fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum());
        let (x, y): (f64, f64) = (sum(|pair| pair.0), sum(|pair| pair.1));
        let squares: f64 = pairs.iter().map(|pair| (pair.1 - y / x * pair.0).powi(2)).sum();
        n / (n - 1.0) * squares / (y * y)
    }

    #[test]
    fn equals_two_passes_and_knows_no_order() {
        let mut random = Random::new(51);
        for _ in 0..200 {
            let mut pairs: Vec<(f64, f64)> = (0..2 + random.below(60))
                .map(|_| ((1 + random.below(400)) as f64, random.below(1000) as f64 / 7.0 + 0.1))
                .collect();
            let (got, expected) = (sums(&pairs), in_two_passes(&pairs));
            let variance = got.log_variance().unwrap().unwrap();
            assert!((variance - expected).abs() <= 1e-12 * expected, "{variance} {expected}");
            pairs.reverse();
            assert_eq!(sums(&pairs).log_variance().unwrap(), Some(variance));
        }
    }

    /// Where all but the last bits cancel, what is left is still right.
    #[test]
    fn nearly_proportional_pairs_keep_their_spread() {
        let pairs: Vec<(f64, f64)> =
            (1..=40).map(|i| (1e6 + f64::from(i), 0.25 * (1e6 + f64::from(i)))).collect();
        assert_eq!(sums(&pairs).log_variance().unwrap(), Some(0.0));
        // A residual of 2^-20 in joules of 250,000: the squares differ in their 20th digit.
        let mut off = pairs.clone();
        for (i, pair) in off.iter_mut().enumerate() {
            pair.1 += if i % 2 == 0 { 2f64.powi(-20) } else { -2f64.powi(-20) };
        }
        let sum: f64 = off.iter().map(|pair| pair.1).sum();
        let expected = 40.0 / 39.0 * 40.0 * 2f64.powi(-40) / (sum * sum);
        let variance = sums(&off).log_variance().unwrap().unwrap();
        assert!((variance / expected - 1.0).abs() < 1e-3, "{variance:e} {expected:e}");
    }

    #[test]
    fn none_where_there_is_nothing_to_tell() {
        assert_eq!(sums(&[]).ratio(), None);
        assert_eq!(sums(&[(0.0, 5.0)]).ratio(), None);
        assert_eq!(sums(&[(2.0, 5.0)]).ratio(), Some(2.5));
        assert_eq!(sums(&[(2.0, 5.0)]).log_variance().unwrap(), None);
        for scale in [1e-170, 1e170] {
            let odd = sums(&[(1.0, scale), (1.0, 2.0 * scale)]);
            assert_eq!(odd.log_variance().unwrap(), None);
        }
    }
}
