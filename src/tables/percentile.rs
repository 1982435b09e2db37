//! Percentiles of the calls of a group, shown where there are enough calls for them.

use crate::stats::Distribution;

/// A percentile, with the number of calls from which on its upper 95 % bound is in the sample:
/// 1 - p^n >= 0.95 (above the median). Wilks's limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percentile {
    p: f64,
    calls: u64,
}

pub(super) const P50: Percentile = Percentile { p: 0.5, calls: 1 };
pub(super) const P90: Percentile = Percentile { p: 0.9, calls: 29 };
pub(super) const P95: Percentile = Percentile { p: 0.95, calls: 59 };
pub(super) const P99: Percentile = Percentile { p: 0.99, calls: 299 };

impl Percentile {
    /// The percentile of these values, one of each call; `None` for too few of them.
    pub(super) fn of(self, values: &mut Distribution, calls: u64) -> Option<f64> {
        if calls >= self.calls { values.quantile(self.p) } else { None }
    }
}
