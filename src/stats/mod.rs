//! Pure arithmetic: exact sums and what is made of them. No SQLite in here.

#![forbid(unsafe_code)]

mod bank;
mod binomial;
mod calendar;
mod distribution;
mod exact_sum;
mod gap_mean;
mod lane;
mod mean;
mod moments;
mod number;
mod quantile;
mod ranked_values;
mod ratio;
mod sketch;
mod sorted_window;
mod sorting;
mod sums;
mod superaccumulator;
#[cfg(test)]
mod test_support;
mod token_sums;
mod token_total;

pub use bank::{Bank, Decoder, Encoder, Undecodable};
pub use binomial::interval_ranks;
pub use calendar::{Moment, TimeBuckets};
pub use distribution::Distribution;
pub use exact_sum::ExactSum;
pub use gap_mean::GapMean;
pub use lane::{Covered, Lane, Shared};
pub use mean::Mean;
pub use moments::Moments;
pub use number::Number;
pub use quantile::{quantile, ranks_of};
pub use ranked_values::{Interval, RankedValues};
pub use ratio::Ratio;
pub use sketch::{Bucket, Refused, Sketch};
pub use sorting::{place_ranks, sort_in_parts};
pub use sums::Sums;
pub use token_sums::TokenSums;
pub use token_total::{TokenTotal, TotalValue};

/// An allocation that could not be had. Maps to `SQLITE_NOMEM` at the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

impl From<std::collections::TryReserveError> for OutOfMemory {
    fn from(_: std::collections::TryReserveError) -> Self {
        OutOfMemory
    }
}

impl From<hashbrown::TryReserveError> for OutOfMemory {
    fn from(_: hashbrown::TryReserveError) -> Self {
        OutOfMemory
    }
}
