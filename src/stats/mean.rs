//! Arithmetic mean over an exact sum.

use super::{ExactSum, Number, OutOfMemory};

/// Mean of numbers; adding and removing is exact.
#[derive(Debug, Default)]
pub(crate) struct Mean {
    sum: ExactSum,
    rows: i64,
}

impl Mean {
    /// Counts one value.
    #[inline(always)]
    pub(crate) fn add(&mut self, number: Number) -> Result<(), OutOfMemory> {
        self.sum.add_number(number)?;
        self.rows += 1;
        Ok(())
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(crate) fn remove(&mut self, number: Number) -> Result<(), OutOfMemory> {
        self.sum.subtract_number(number)?;
        self.rows -= 1;
        Ok(())
    }

    /// The rounded sum over the count; `None` for no values; may be NaN.
    #[inline(always)]
    pub(crate) fn value(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.sum.round() / self.rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Integer, Real};
    use super::*;

    #[test]
    fn mean_of_what_is_in_it() {
        let mut mean = Mean::default();
        assert_eq!(mean.value(), None);
        mean.add(Integer(1)).unwrap();
        mean.add(Real(2.0)).unwrap();
        assert_eq!(mean.value(), Some(1.5));
        mean.add(Real(f64::INFINITY)).unwrap();
        assert_eq!(mean.value(), Some(f64::INFINITY));
        mean.remove(Real(f64::INFINITY)).unwrap();
        mean.remove(Integer(1)).unwrap();
        assert_eq!(mean.value(), Some(2.0));
    }
}
