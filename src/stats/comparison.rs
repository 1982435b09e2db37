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
    fn new(ratio: f64, low: f64, high: f64) -> Option<Self> {
        let all = [ratio, low, high];
        all.iter().all(|x| *x > 0.0 && x.is_finite()).then_some(Compared { ratio, low, high })
    }
}

/// A percentile of a side of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Percentile {
    /// The percentile and its interval.
    pub(crate) interval: Interval,
    /// The percentile is not below this for certain, and not above that; the same unless it comes
    /// from a sketch.
    pub(crate) certain: Option<(f64, f64)>,
}

/// Of two percentiles, each with an interval of its own, in logarithms. `None` where a bound is
/// missing, or is 0, which has no logarithm.
///
/// With b- from a bound to the percentile b and a+ from the percentile a to its bound, the lower end
/// is b / a * exp(-sqrt(b-^2 + a+^2)); it grows with b, falls with a and with the distances of the
/// bounds. So what is known of a percentile by a bucket alone is taken at the edge that gives the
/// wider interval: errors of buckets add up, and are no chance.
///
/// Source of the definition: MOVER, Zou and Donner 2008 (Donner and Zou 2002); for percentiles
/// Miller, arXiv 2401.10233.
pub(crate) fn ratio_of_percentiles(a: &Percentile, b: &Percentile) -> Option<Compared> {
    let ((least_a, most_a), (least_b, most_b)) = (a.certain?, b.certain?);
    let (a, b) = (a.interval, b.interval);
    let below = distance(b.low?, least_b, a.high?, most_a);
    let above = distance(a.low?, least_a, b.high?, most_b);
    let (low, high) = (least_b / most_a * libm::exp(-below), most_b / least_a * libm::exp(above));
    Compared::new(b.value? / a.value?, low, high)
}

/// How far from a percentile to its lower bound and from another to its upper one, together, in
/// logarithms. NaN where one is 0.
fn distance(low: f64, value: f64, high: f64, other: f64) -> f64 {
    let (down, up) = (libm::log(value / low), libm::log(high / other));
    if low > 0.0 { (down * down + up * up).sqrt() } else { f64::NAN }
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
    let ratio = second / first;
    Ok(Compared::new(ratio, ratio * libm::exp(-half), ratio * libm::exp(half)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentile(value: f64, low: f64, high: f64) -> Percentile {
        let interval =
            Interval { count: 100, value: Some(value), low: Some(low), high: Some(high) };
        Percentile { interval, certain: Some((value, value)) }
    }

    #[test]
    fn distances_join_as_the_sides_of_a_triangle() {
        let a = percentile(1.0, (-3.0f64).exp(), 4.0f64.exp());
        let b = percentile(2.0, 1.0, 2.0);
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
        let fine = percentile(2.0, 1.0, 3.0);
        let without = Percentile {
            interval: Interval { high: None, ..fine.interval },
            certain: fine.certain,
        };
        assert!(ratio_of_percentiles(&fine, &fine).is_some());
        for odd in [
            percentile(2.0, 0.0, 3.0),
            percentile(0.0, 0.0, 3.0),
            percentile(2.0, 1.0, f64::INFINITY),
            percentile(f64::NAN, 1.0, 2.0),
            without,
            Percentile::default(),
        ] {
            assert_eq!(ratio_of_percentiles(&odd, &fine), None);
            assert_eq!(ratio_of_percentiles(&fine, &odd), None);
        }
    }

    /// The widest of what values within the edges would give.
    #[test]
    fn what_is_known_by_buckets_widens_the_interval() {
        let edges = |low: f64| Percentile {
            interval: Interval {
                count: 20_000,
                value: Some(low * 1.005),
                low: Some(low * 0.98),
                high: Some(low * 1.03),
            },
            certain: Some((low, low * 1.01)),
        };
        let (a, b) = (edges(1.0), edges(1.01));
        let wide = ratio_of_percentiles(&a, &b).unwrap();
        for i in 0..=10 {
            for j in 0..=10 {
                let inside = |of: &Percentile, k: i32, pull: f64| {
                    let (least, most) = of.certain.unwrap();
                    let value = least + (most - least) * f64::from(k) / 10.0;
                    let Interval { low, high, .. } = of.interval;
                    // The bounds, too, lie somewhere in their buckets.
                    percentile(value, low.unwrap() * (1.0 + pull), high.unwrap() * (1.0 - pull))
                };
                for pull in [0.0, 0.005] {
                    let exact = ratio_of_percentiles(&inside(&a, i, pull), &inside(&b, j, pull));
                    let exact = exact.unwrap();
                    assert!(wide.low <= exact.low * (1.0 + 1e-15), "{wide:?} {exact:?}");
                    assert!(exact.high <= wide.high * (1.0 + 1e-15), "{wide:?} {exact:?}");
                }
            }
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
