//! Pure arithmetic: exact sums and what is made of them. No SQLite in here.

#![forbid(unsafe_code)]

mod aside;
mod bank;
mod binomial;
mod calendar;
mod civil;
mod comparison;
mod covered;
mod distribution;
mod exact_sum;
mod extremes;
mod gap_mean;
mod lane;
mod load;
mod mean;
mod moments;
mod number;
mod pair_sums;
mod quantile;
mod ranked_values;
mod ratio;
mod sketch;
mod sorted_window;
mod sorting;
mod steps;
mod sums;
mod superaccumulator;
#[cfg(test)]
mod test_support;
mod token_sums;
mod token_total;

pub(crate) use bank::{Bank, Decoder, Encoder, Undecodable};
pub(crate) use binomial::interval_ranks;
pub(crate) use calendar::{Moment, TimeBuckets};
pub(crate) use civil::utc_text;
pub(crate) use comparison::{Compared, Percentile, ratio_of_percentiles, ratio_of_ratios};
pub(crate) use covered::Covered;
pub(crate) use distribution::Distribution;
pub(crate) use exact_sum::ExactSum;
pub(crate) use extremes::Extremes;
pub(crate) use gap_mean::GapMean;
pub(crate) use lane::{Lane, Shared};
pub(crate) use load::{Load, Loads};
pub(crate) use mean::Mean;
pub(crate) use moments::Moments;
pub(crate) use number::Number;
pub(crate) use pair_sums::PairSums;
pub(crate) use quantile::{quantile, ranks_of};
pub(crate) use ranked_values::{Interval, RankedValues};
pub(crate) use ratio::Ratio;
pub(crate) use sketch::{Bucket, Refused, Sketch};
pub(crate) use sorting::sort_in_parts;
pub(crate) use steps::Steps;
pub(crate) use sums::Sums;
pub(crate) use token_sums::TokenSums;
pub(crate) use token_total::{TokenTotal, TotalValue};

/// An allocation that could not be had. Maps to `SQLITE_NOMEM` at the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfMemory;

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
