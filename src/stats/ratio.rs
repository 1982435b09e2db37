//! Ratio of two exact sums, as in joules per token.

use super::{ExactSum, Number, OutOfMemory};

/// Sum of numerators over sum of denominators; adding and removing rows is exact.
#[derive(Debug, Default)]
pub(crate) struct Ratio {
    numerator: ExactSum,
    denominator: ExactSum,
    rows: i64,
}

impl Ratio {
    /// Counts one row; its denominator is the sum of `denominators`.
    #[inline(always)]
    pub(crate) fn add(
        &mut self,
        numerator: Number,
        denominators: &[Number],
    ) -> Result<(), OutOfMemory> {
        self.numerator.add_number(numerator)?;
        for &denominator in denominators {
            self.denominator.add_number(denominator)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(crate) fn remove(
        &mut self,
        numerator: Number,
        denominators: &[Number],
    ) -> Result<(), OutOfMemory> {
        self.numerator.subtract_number(numerator)?;
        for &denominator in denominators {
            self.denominator.subtract_number(denominator)?;
        }
        self.rows -= 1;
        Ok(())
    }

    /// The ratio of the two rounded sums. `None` without rows or when the denominators sum to 0 or
    /// less; may be NaN.
    #[inline(always)]
    pub(crate) fn value(&self) -> Option<f64> {
        let denominator = self.denominator.round();
        (self.rows > 0 && (denominator > 0.0 || denominator.is_nan()))
            .then(|| self.numerator.round() / denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Integer, Real};
    use super::*;

    #[test]
    fn no_rows_or_no_tokens_is_none() {
        let mut ratio = Ratio::default();
        assert_eq!(ratio.value(), None);
        ratio.add(Real(5.0), &[Integer(0)]).unwrap();
        assert_eq!(ratio.value(), None);
        ratio.add(Real(5.0), &[Integer(-3)]).unwrap();
        assert_eq!(ratio.value(), None);
    }

    #[test]
    fn sums_before_it_divides() {
        let mut ratio = Ratio::default();
        ratio.add(Real(1.0), &[Integer(1), Integer(3)]).unwrap();
        ratio.add(Real(9.0), &[Integer(1), Real(0.0)]).unwrap();
        assert_eq!(ratio.value(), Some(2.0));
        ratio.remove(Real(1.0), &[Integer(1), Integer(3)]).unwrap();
        assert_eq!(ratio.value(), Some(9.0));
        ratio.remove(Real(9.0), &[Integer(1), Real(0.0)]).unwrap();
        assert_eq!(ratio.value(), None);
    }
}
