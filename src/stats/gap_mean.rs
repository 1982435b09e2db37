//! Mean inter-token latency over the gaps between tokens: n tokens have n - 1 gaps.
//!
//! Source of the definition: the ITL that vLLM's serving benchmark reports pools the gaps of all
//! requests into one list, so that a request weighs as much as it has gaps.

use super::exact_sum::ExactSum;
use super::{Number, OutOfMemory};

/// Mean of per-request ITLs, each weighted by its gaps; adding and removing is exact but for one
/// rounding of each row's product.
#[derive(Debug, Default)]
pub(crate) struct GapMean {
    weighted: ExactSum,
    gaps: ExactSum,
    rows: i64,
}

impl GapMean {
    /// Counts a request of `tokens` tokens with mean ITL `itl`; one with fewer than 2 tokens has no
    /// gap and is skipped.
    #[inline(always)]
    pub(crate) fn add(&mut self, itl: Number, tokens: Number) -> Result<(), OutOfMemory> {
        if has_gaps(tokens) {
            self.weighted.add(time_in_gaps(itl, tokens)?)?;
            self.gaps.add_number(tokens)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Takes back an earlier `add`.
    #[inline(always)]
    pub(crate) fn remove(&mut self, itl: Number, tokens: Number) -> Result<(), OutOfMemory> {
        if has_gaps(tokens) {
            self.weighted.subtract(time_in_gaps(itl, tokens)?)?;
            self.gaps.subtract_number(tokens)?;
            self.rows -= 1;
        }
        Ok(())
    }

    /// Rounded sum of products over the rounded sum of gaps; `None` for no gaps; may be NaN.
    pub(crate) fn value(&self) -> Result<Option<f64>, OutOfMemory> {
        if self.rows == 0 {
            return Ok(None);
        }
        // One gap fewer than tokens in each row; subtracting the rows here keeps the sum exact for
        // huge counts too.
        let mut gaps = self.gaps.clone();
        gaps.subtract_number(Number::Integer(self.rows))?;
        Ok(Some(self.weighted.round() / gaps.round()))
    }
}

fn has_gaps(tokens: Number) -> bool {
    match tokens {
        Number::Integer(tokens) => tokens >= 2,
        Number::Real(tokens) => tokens >= 2.0,
    }
}

/// `itl * (tokens - 1)`, rounded once.
#[inline(always)]
fn time_in_gaps(itl: Number, tokens: Number) -> Result<f64, OutOfMemory> {
    /// Up to here `tokens - 1` is exact in a double.
    const EXACT: f64 = (1u64 << 53) as f64;
    let ([itl_high, itl_low], [tokens_high, tokens_low]) = (itl.as_doubles(), tokens.as_doubles());
    let is_exact = itl_low == 0.0 && tokens_low == 0.0 && tokens_high <= EXACT;
    if is_exact || !itl_high.is_finite() || !tokens_high.is_finite() {
        return Ok(itl_high * (tokens_high - 1.0));
    }
    time_in_very_many_gaps(itl, tokens)
}

/// The same for numbers that a double does not hold: the exact product of the parts, rounded at the
/// end.
#[cold]
fn time_in_very_many_gaps(itl: Number, tokens: Number) -> Result<f64, OutOfMemory> {
    /// Takes every product of two doubles back into their range, and loses nothing of one that had
    /// left it.
    const SCALE: f64 = f64::from_bits((1023 - 600) << 52);
    let product_at = |scale: f64| -> Result<(f64, bool), OutOfMemory> {
        let (mut exact, mut is_in_range) = (ExactSum::default(), true);
        for itl in itl.as_doubles() {
            for tokens in tokens.as_doubles().into_iter().chain([-1.0]) {
                let tokens = tokens * scale;
                let product = itl * tokens;
                is_in_range &= product.is_finite();
                exact.add(product)?;
                if product.is_finite() {
                    exact.add(itl.mul_add(tokens, -product))?;
                }
            }
        }
        Ok((exact.round(), is_in_range))
    };
    // The parts of a number may have different signs: two of them beyond the range would be
    // infinities that cancel out to nothing.
    match product_at(1.0)? {
        (product, true) => Ok(product),
        (_, false) => Ok(product_at(SCALE)?.0 / SCALE),
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Integer, Real};
    use super::*;

    #[test]
    fn weighs_by_gaps_and_skips_single_tokens() {
        let mut mean = GapMean::default();
        assert_eq!(mean.value().unwrap(), None);
        mean.add(Real(99.0), Integer(1)).unwrap();
        mean.add(Real(99.0), Real(1.5)).unwrap();
        assert_eq!(mean.value().unwrap(), None);
        mean.add(Real(10.0), Integer(2)).unwrap();
        mean.add(Real(20.0), Integer(4)).unwrap();
        assert_eq!(mean.value().unwrap(), Some(17.5));
        mean.remove(Real(20.0), Integer(4)).unwrap();
        assert_eq!(mean.value().unwrap(), Some(10.0));
    }

    #[test]
    fn huge_counts_lose_nothing() {
        let tokens = (1i64 << 62) + 1;
        assert_eq!(time_in_gaps(Real(3.0), Integer(tokens)).unwrap(), 3.0 * (1i64 << 62) as f64);
        assert_eq!(time_in_gaps(Integer(i64::MAX), Integer(2)).unwrap(), i64::MAX as f64);
        assert_eq!(time_in_gaps(Real(1.5), Real(1e300)).unwrap(), 1.5e300);
        assert_eq!(time_in_gaps(Real(1e300), Real(1e300)).unwrap(), f64::INFINITY);
        assert_eq!(time_in_gaps(Real(f64::INFINITY), Real(1e300)).unwrap(), f64::INFINITY);
        assert_eq!(
            time_in_gaps(Real(f64::NEG_INFINITY), Integer(i64::MAX)).unwrap(),
            f64::NEG_INFINITY
        );
        assert_eq!(time_in_gaps(Real(2.0), Real(f64::INFINITY)).unwrap(), f64::INFINITY);
        let mut mean = GapMean::default();
        mean.add(Real(2.0), Integer(i64::MAX)).unwrap();
        assert_eq!(mean.value().unwrap(), Some(2.0));
    }

    #[test]
    fn parts_beyond_the_range_do_not_cancel_out() {
        let mean = |itl: Number, tokens: Number| {
            let mut mean = GapMean::default();
            mean.add(itl, tokens).unwrap();
            mean.value().unwrap()
        };
        // 2^53 + 1 is a large part and a small one, whose signs differ when it is negative.
        assert_eq!(mean(Integer(-9_007_199_254_740_993), Real(1.7e308)), Some(f64::NEG_INFINITY));
        assert_eq!(mean(Integer(9_007_199_254_740_993), Real(1.7e308)), Some(f64::INFINITY));
        assert_eq!(mean(Real(-1e300), Integer(i64::MAX)), Some(f64::NEG_INFINITY));
        // Parts beyond the range whose sum is not: -(2^32) + (2^32 - 1) = -1.
        let tokens = 1.5 * 2f64.powi(1000);
        assert_eq!(time_in_gaps(Integer(-1), Real(tokens)).unwrap(), -tokens);
        let itl = Integer(-9_007_199_254_740_993);
        let product = time_in_gaps(itl, Real(2f64.powi(970))).unwrap();
        assert_eq!(product, -(2f64.powi(970) * 9_007_199_254_740_992.0));
    }
}
