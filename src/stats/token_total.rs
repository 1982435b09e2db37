//! A total of token counts: INTEGER while every value is one, REAL otherwise, as SQLite's `SUM`.

use super::{ExactSum, OutOfMemory};

/// Exact total of INTEGER and REAL values, kept apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenTotal {
    /// Sum of the INTEGER values.
    pub(crate) integers: i128,
    /// Sum of the REAL values, if there was one.
    pub(crate) reals: Option<ExactSum>,
}

/// What a [`TokenTotal`] comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TotalValue {
    /// Exact; may lie outside 64 bits.
    Integer(i128),
    /// Rounded once; may be infinite or NaN.
    Real(f64),
}

impl TokenTotal {
    /// Adds another total.
    pub(crate) fn merge(&mut self, other: &TokenTotal) -> Result<(), OutOfMemory> {
        self.integers += other.integers;
        if let Some(reals) = &other.reals {
            self.reals.get_or_insert_default().merge(reals)?;
        }
        Ok(())
    }

    /// Whether infinities of both signs are in it.
    pub(crate) fn is_nan(&self) -> bool {
        self.reals.as_ref().is_some_and(|reals| reals.round().is_nan())
    }

    /// The total, rounded once where a REAL took part.
    pub(crate) fn value(&self) -> Result<TotalValue, OutOfMemory> {
        let Some(reals) = &self.reals else { return Ok(TotalValue::Integer(self.integers)) };
        let mut sum = reals.clone();
        let mut rest = self.integers;
        while rest != 0 {
            let leading = rest as f64;
            sum.add(leading)?;
            rest -= leading as i128;
        }
        Ok(TotalValue::Real(sum.round()))
    }
}
