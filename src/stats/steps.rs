//! Time in buckets one after another, or in one.

use super::{Moment, TimeBuckets};

/// Buckets one after another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Steps {
    /// One, number 0, without edges.
    All,
    /// As time is cut.
    Buckets(TimeBuckets),
}

impl Steps {
    /// The number of the bucket that holds a second; `None` where buckets cannot be told apart.
    pub(crate) fn number(&self, second: Moment) -> Option<i64> {
        match self {
            Steps::All => Some(0),
            Steps::Buckets(buckets) => buckets.number(second),
        }
    }

    /// Where the bucket of that number begins, and the one before ends.
    pub(crate) fn edge(&self, number: i64) -> f64 {
        let start = match self {
            Steps::All => None,
            Steps::Buckets(buckets) => buckets.start_of(number),
        };
        match start {
            Some(Moment::Integer(second)) => second as f64,
            Some(Moment::Real(second)) => second,
            None if number > 0 => f64::INFINITY,
            None => f64::NEG_INFINITY,
        }
    }
}
