//! The ratio of two figures and the interval in which it lies with 95 % confidence, if the calls are
//! independent of one another.

use super::{Interval, OutOfMemory, PairSums};

/// The standard normal distribution has 95 % between these.
const NORMAL_95: f64 = 1.959_964;

/// Below, the normal approximation of a ratio of sums is not good enough.
const FEWEST_PAIRS: u64 = 30;

/// A ratio and its interval; all are finite and above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Compared {
    /// The second figure over the first.
    pub(crate) ratio: f64,
    /// Not below.
    pub(crate) low: f64,
    /// Not above.
    pub(crate) high: f64,
}

impl Compared {
    /// A ratio that is off by that much either way, in logarithms.
    fn new(ratio: f64, below: f64, above: f64) -> Option<Self> {
        let (low, high) = (ratio * libm::exp(-below), ratio * libm::exp(above));
        let all = [ratio, low, high];
        all.iter().all(|x| *x > 0.0 && x.is_finite()).then_some(Compared { ratio, low, high })
    }
}

/// Of two percentiles, each with an interval of its own, in logarithms. `None` where a bound is
/// missing, or is 0, which has no logarithm.
///
/// Source of the definition: MOVER, Zou and Donner 2008 (Donner and Zou 2002); for percentiles
/// Miller, arXiv 2401.10233.
pub(crate) fn ratio_of_percentiles(a: &Interval, b: &Interval) -> Option<Compared> {
    let (below_a, above_a) = distances(a)?;
    let (below_b, above_b) = distances(b)?;
    Compared::new(b.value? / a.value?, length(below_b, above_a), length(above_b, below_a))
}

/// From a percentile to its bounds, in logarithms.
fn distances(of: &Interval) -> Option<(f64, f64)> {
    let (value, low, high) = (of.value?, of.low?, of.high?);
    let is_positive = low > 0.0 && value > 0.0;
    is_positive.then(|| (libm::log(value / low), libm::log(high / value)))
}

fn length(one: f64, other: f64) -> f64 {
    (one * one + other * other).sqrt()
}

/// Of two ratios of sums. `None` for fewer than 30 pairs of one.
pub(crate) fn ratio_of_ratios(a: &PairSums, b: &PairSums) -> Result<Option<Compared>, OutOfMemory> {
    if a.count().min(b.count()) < FEWEST_PAIRS {
        return Ok(None);
    }
    let (Some(first), Some(second)) = (a.ratio(), b.ratio()) else { return Ok(None) };
    let (Some(of_first), Some(of_second)) = (a.log_variance()?, b.log_variance()?) else {
        return Ok(None);
    };
    let half = NORMAL_95 * (of_first + of_second).sqrt();
    Ok(Compared::new(second / first, half, half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(value: f64, low: f64, high: f64) -> Interval {
        Interval { count: 100, value: Some(value), low: Some(low), high: Some(high) }
    }

    #[test]
    fn distances_join_as_the_sides_of_a_triangle() {
        let (a, b) = (interval(1.0, (-3.0f64).exp(), 4.0f64.exp()), interval(2.0, 1.0, 2.0));
        let compared = ratio_of_percentiles(&a, &b).unwrap();
        let low = 2.0 * (-(2f64.ln().powi(2) + 16.0).sqrt()).exp();
        assert_eq!(compared.ratio, 2.0);
        assert!((compared.low / low - 1.0).abs() < 1e-14);
        assert!((compared.high / (2.0 * 3f64.exp()) - 1.0).abs() < 1e-14);
        let turned = ratio_of_percentiles(&b, &a).unwrap();
        assert!((turned.low * compared.high - 1.0).abs() < 1e-14);
        assert!((turned.high * compared.low - 1.0).abs() < 1e-14);
    }

    #[test]
    fn no_interval_without_bounds_that_have_logarithms() {
        let fine = interval(2.0, 1.0, 3.0);
        assert!(ratio_of_percentiles(&fine, &fine).is_some());
        for odd in [
            interval(2.0, 0.0, 3.0),
            interval(0.0, 0.0, 3.0),
            interval(2.0, 1.0, f64::INFINITY),
            Interval { high: None, ..fine },
            Interval { low: None, ..fine },
            interval(f64::NAN, 1.0, 2.0),
        ] {
            assert_eq!(ratio_of_percentiles(&odd, &fine), None);
            assert_eq!(ratio_of_percentiles(&fine, &odd), None);
        }
    }

    #[test]
    fn ratios_of_sums_need_thirty_pairs() {
        let (mut a, mut b) = (PairSums::default(), PairSums::default());
        for i in 0..29 {
            a.add(2.0, f64::from(3 + i % 2)).unwrap();
            b.add(2.0, 8.0).unwrap();
        }
        assert_eq!(ratio_of_ratios(&a, &b).unwrap(), None);
        a.add(2.0, 4.0).unwrap();
        assert_eq!(ratio_of_ratios(&a, &b).unwrap(), None);
        b.add(2.0, 8.0).unwrap();
        // 15 of 3 and 15 of 4 over tokens that are all alike: the spread is that of a mean.
        let half = NORMAL_95 * (30.0 / 29.0 * 30.0 * 0.25f64 / (105.0f64 * 105.0)).sqrt();
        let compared = ratio_of_ratios(&a, &b).unwrap().unwrap();
        assert!((compared.ratio - 240.0 / 105.0).abs() < 1e-15);
        assert!((compared.low / compared.ratio - (-half).exp()).abs() < 1e-14);
        assert!((compared.high / compared.ratio - half.exp()).abs() < 1e-14);
    }
}
