//! Pure arithmetic: exact sums and what is made of them. No SQLite in here.

#![forbid(unsafe_code)]

mod bank;
mod exact_sum;
mod gap_mean;
mod mean;
mod number;
mod ratio;
mod sums;
mod superaccumulator;
#[cfg(test)]
mod test_support;
mod token_sums;
mod token_total;

pub use bank::{Bank, Decoder, Encoder, Undecodable};
pub use exact_sum::ExactSum;
pub use gap_mean::GapMean;
pub use mean::Mean;
pub use number::Number;
pub use ratio::Ratio;
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
