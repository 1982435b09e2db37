//! The ranks between which a percentile lies, whatever the distribution: order statistics and the
//! binomial distribution (Conover, Practical Nonparametric Statistics; Hahn and Meeker, Statistical
//! Intervals). They hold if the values are independent of one another.
//!
//! The sums run outwards from the mode by the ratio of neighbours, (n - k) / (k + 1) * p / (1 - p),
//! and are divided by the whole: + - * / alone, so that the ranks are the same on every platform,
//! in O(sqrt(n)).

/// A weight this far below the mode's, and all beyond it, cannot be seen in a sum.
const NOTHING: f64 = 1e-40;

/// A sum this little above its limit, as a part of it, is on it: 1 - 0.8 is less than 0.2 in
/// doubles, and a sum of many terms is rounded as often.
const ROUNDING: f64 = 1e-12;

/// The ranks, from 1, of the values that bound the percentile p (0 < p < 1) of n values with at
/// least this confidence (0 < confidence < 1), half of the doubt on each side: with B binomial(n,
/// p) and a = 1 - confidence the low one is the largest r >= 1 with P(B <= r - 1) <= a / 2, the
/// high one the smallest r <= n with P(B <= r - 1) >= 1 - a / 2. `None` where there is no such
/// rank.
pub(crate) fn interval_ranks(n: u64, p: f64, confidence: f64) -> (Option<u64>, Option<u64>) {
    let weights = Weights::new(n, p);
    let doubt = (1.0 - confidence) / 2.0 * weights.total * (1.0 + ROUNDING);
    let low = weights.rank_below(doubt);
    let high = weights.rank_above(doubt);
    ((low >= 1).then_some(low), (high <= n).then_some(high))
}

/// The binomial distribution's weights, the mode's being 1.
struct Weights {
    n: u64,
    p: f64,
    /// First and last k with a weight worth counting, and their weights.
    first: (u64, f64),
    last: (u64, f64),
    total: f64,
}

impl Weights {
    fn new(n: u64, p: f64) -> Self {
        let mode = (((n + 1) as f64 * p) as u64).min(n);
        let mut weights = Weights { n, p, first: (mode, 1.0), last: (mode, 1.0), total: 1.0 };
        while weights.last.0 < n {
            let next = weights.after(weights.last);
            if next.1 < NOTHING {
                break;
            }
            weights.total += next.1;
            weights.last = next;
        }
        while weights.first.0 > 0 {
            let next = weights.before(weights.first);
            if next.1 < NOTHING {
                break;
            }
            weights.total += next.1;
            weights.first = next;
        }
        weights
    }

    fn after(&self, (k, weight): (u64, f64)) -> (u64, f64) {
        (k + 1, weight * ((self.n - k) as f64 * self.p) / ((k + 1) as f64 * (1.0 - self.p)))
    }

    fn before(&self, (k, weight): (u64, f64)) -> (u64, f64) {
        (k - 1, weight * (k as f64 * (1.0 - self.p)) / ((self.n - k + 1) as f64 * self.p))
    }

    /// The largest r with the weights below r, r left out, at most the doubt.
    fn rank_below(&self, doubt: f64) -> u64 {
        let (mut at, mut sum) = (self.first, 0.0);
        loop {
            sum += at.1;
            if sum > doubt || at.0 == self.last.0 {
                return at.0;
            }
            at = self.after(at);
        }
    }

    /// The smallest r with the weights from r on at most the doubt.
    fn rank_above(&self, doubt: f64) -> u64 {
        let (mut at, mut sum) = (self.last, 0.0);
        loop {
            sum += at.1;
            if sum > doubt || at.0 == self.first.0 {
                return at.0 + 1;
            }
            at = self.before(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From scipy.stats.binom: ppf and cdf.
    #[test]
    fn ranks_are_those_of_the_tables() {
        assert_eq!(interval_ranks(12, 0.99, 0.95), (Some(11), None));
        assert_eq!(interval_ranks(5, 0.5, 0.95), (None, None));
        assert_eq!(interval_ranks(6, 0.5, 0.95), (Some(1), Some(6)));
        assert_eq!(interval_ranks(100, 0.5, 0.95), (Some(40), Some(61)));
        assert_eq!(interval_ranks(1000, 0.5, 0.95), (Some(469), Some(532)));
        assert_eq!(interval_ranks(1, 0.5, 0.5), (None, None));
        assert_eq!(interval_ranks(0, 0.5, 0.95), (None, None));
    }

    /// The smallest samples that have an upper bound: 1 - p^n >= 0.975.
    #[test]
    fn an_upper_bound_exists_from_these_counts_on() {
        for (p, n) in [(0.9, 36), (0.95, 72), (0.99, 368)] {
            assert_eq!(interval_ranks(n, p, 0.95).1, Some(n));
            assert_eq!(interval_ranks(n - 1, p, 0.95).1, None);
        }
    }

    /// Summed term by term from exact binomial coefficients.
    #[test]
    fn ranks_follow_the_definition() {
        let chance = |n: u64, k: u64, p: f64| {
            (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
                * p.powi(k as i32)
                * (1.0 - p).powi((n - k) as i32)
        };
        for n in 1..60 {
            for p in [0.01, 0.1, 0.37, 0.5, 0.9, 0.99] {
                for confidence in [0.5, 0.8, 0.9, 0.95, 0.99, 0.9999] {
                    let half = (1.0 - confidence) / 2.0;
                    let below = |r: u64| (0..r).map(|k| chance(n, k, p)).sum::<f64>();
                    let from = |r: u64| (r..=n).map(|k| chance(n, k, p)).sum::<f64>();
                    let low = (1..=n).rev().find(|r| below(*r) <= half * (1.0 + ROUNDING));
                    let high = (1..=n).find(|r| from(*r) <= half * (1.0 + ROUNDING));
                    let got = interval_ranks(n, p, confidence);
                    assert_eq!(got, (low, high), "{n} {p} {confidence}");
                }
            }
        }
    }

    /// Extremes of every argument end, and in order.
    #[test]
    fn extremes_end_in_order() {
        for n in [1, 2, 1000, 1 << 27, 1 << 40] {
            for p in [f64::MIN_POSITIVE, 1e-9, 0.5, 1.0 - f64::EPSILON / 2.0] {
                for confidence in [f64::MIN_POSITIVE, 0.5, 1.0 - f64::EPSILON / 2.0] {
                    let (low, high) = interval_ranks(n, p, confidence);
                    assert!(low.is_none_or(|low| (1..=n).contains(&low)));
                    assert!(high.is_none_or(|high| (1..=n).contains(&high)));
                    assert!(
                        low.zip(high).is_none_or(|(low, high)| low <= high),
                        "{low:?} {high:?}"
                    );
                }
            }
        }
    }
}
