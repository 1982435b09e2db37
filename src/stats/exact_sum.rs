//! An exact sum that costs little while the data is ordinary.
//!
//! Three doubles hold the sum as an unevaluated sum of parts; each addition hands its rounding
//! error (Knuth's TwoSum, exact) one part down. On ordinary data the last error is 0. When it is
//! not, or something overflows, the parts move into a [`Superaccumulator`] made on demand. So the
//! sum is exact always, adding and taking away are inverse to the last bit, and the order of the
//! values never shows.

use super::bank::{Decoder, Encoder, Undecodable};
use super::superaccumulator::Superaccumulator;
use super::{Number, OutOfMemory};

/// Exact sum of numbers, with exact removal. 48 bytes; 620 more once ordinary precision did not do.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExactSum {
    parts: [f64; 3],
    /// At most one: a `Vec`, since a `Box` cannot report that memory ran out.
    spill: Vec<Superaccumulator>,
}

/// `a + b` as (rounded sum, rounding error), exact unless it overflows.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_rounded = sum - a;
    (sum, (a - (sum - b_rounded)) + (b - b_rounded))
}

impl ExactSum {
    /// The sum of three parts and of what was kept elsewhere.
    pub(super) fn from_parts(
        parts: [f64; 3],
        aside: Option<&ExactSum>,
    ) -> Result<Self, OutOfMemory> {
        let mut sum = ExactSum { parts, spill: Vec::new() };
        if let Some(aside) = aside {
            sum.merge(aside)?;
        }
        Ok(sum)
    }

    /// Adds `x`; infinities and NaN follow IEEE while they are in the sum.
    #[inline(always)]
    pub(crate) fn add(&mut self, x: f64) -> Result<(), OutOfMemory> {
        let [high, middle, low] = self.parts;
        let (high, error) = two_sum(high, x);
        if error == 0.0 {
            self.parts = [high, middle, low];
            return Ok(());
        }
        let (middle, error) = two_sum(middle, error);
        let (low, error) = two_sum(low, error);
        if error == 0.0 {
            self.parts = [high, middle, low];
            return Ok(());
        }
        // An overflow, an infinity or a NaN makes every error above a NaN, so it lands here too.
        self.spilled()?.add(x);
        Ok(())
    }

    /// Takes back an earlier `add(x)`.
    #[inline(always)]
    pub(crate) fn subtract(&mut self, x: f64) -> Result<(), OutOfMemory> {
        if x.is_finite() {
            return self.add(-x);
        }
        self.spilled()?.subtract(x);
        Ok(())
    }

    /// Adds an INTEGER or REAL without loss.
    #[inline(always)]
    pub(crate) fn add_number(&mut self, number: Number) -> Result<(), OutOfMemory> {
        let [high, low] = number.as_doubles();
        self.add(high)?;
        if low == 0.0 { Ok(()) } else { self.add(low) }
    }

    /// Takes back an earlier `add_number`.
    #[inline(always)]
    pub(crate) fn subtract_number(&mut self, number: Number) -> Result<(), OutOfMemory> {
        let [high, low] = number.as_doubles();
        self.subtract(high)?;
        if low == 0.0 { Ok(()) } else { self.subtract(low) }
    }

    /// Adds everything that `other` holds.
    pub(crate) fn merge(&mut self, other: &ExactSum) -> Result<(), OutOfMemory> {
        for part in other.parts {
            self.add(part)?;
        }
        if let Some(other) = other.spill.first() {
            self.spilled()?.merge(other);
        }
        Ok(())
    }

    /// Takes away everything that `other`, a sum of finite values, holds.
    pub(crate) fn take_away(&mut self, other: &ExactSum) -> Result<(), OutOfMemory> {
        match other.spill.is_empty() {
            true => other.parts.iter().try_for_each(|part| self.subtract(*part)),
            false => other.expansion()?.into_iter().try_for_each(|term| self.subtract(term)),
        }
    }

    /// Doubles whose exact sum this is, largest first; one that is not finite stands alone.
    pub(crate) fn expansion(&self) -> Result<Vec<f64>, OutOfMemory> {
        let (mut rest, mut terms) = (self.clone(), Vec::new());
        loop {
            let term = rest.round();
            if term == 0.0 {
                return Ok(terms);
            }
            terms.try_reserve(1)?;
            terms.push(term);
            if !term.is_finite() {
                return Ok(terms);
            }
            rest.subtract(term)?;
        }
    }

    /// Its three parts, and what of it lies outside them.
    pub(super) fn split(&self) -> ([f64; 3], Option<ExactSum>) {
        let outside = ExactSum { parts: [0.0; 3], spill: self.spill.clone() };
        (self.parts, (!self.spill.is_empty()).then_some(outside))
    }

    /// Appends the sum: a byte that counts the parts up to the last that is not 0, 4 more where
    /// there is a superaccumulator; then these.
    pub(super) fn encode(&self, bytes: &mut Encoder) -> Result<(), OutOfMemory> {
        let parts = self.parts.iter().rposition(|&part| part != 0.0).map_or(0, |last| last + 1);
        let spill = self.spill.first();
        bytes.put(&[parts as u8 + if spill.is_some() { 4 } else { 0 }])?;
        self.parts.iter().take(parts).try_for_each(|&part| bytes.put_real(part))?;
        spill.map_or(Ok(()), |spill| spill.encode(bytes))
    }

    /// Reads what `encode` wrote.
    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Undecodable> {
        let mut sum = ExactSum::default();
        let head = bytes.byte()?;
        if head > 7 {
            return Err(Undecodable::Damaged);
        }
        for part in sum.parts.iter_mut().take(usize::from(head & 3)) {
            *part = bytes.real()?;
        }
        if head & 4 != 0 {
            sum.spill.try_reserve_exact(1).map_err(OutOfMemory::from)?;
            sum.spill.push(Superaccumulator::decode(bytes)?);
        }
        Ok(sum)
    }

    /// The superaccumulator, made if need be, with the three parts moved into it.
    #[cold]
    fn spilled(&mut self) -> Result<&mut Superaccumulator, OutOfMemory> {
        if self.spill.is_empty() {
            self.spill.try_reserve_exact(1)?;
            self.spill.push(Superaccumulator::new());
        }
        let parts = std::mem::take(&mut self.parts);
        let spill = self.spill.first_mut().ok_or(OutOfMemory)?;
        parts.iter().for_each(|&part| spill.add(part));
        Ok(spill)
    }

    /// The sum rounded once to the nearest double (ties to even): beyond the largest double an
    /// infinity, NaN for infinities of both signs.
    #[inline(always)]
    pub(crate) fn round(&self) -> f64 {
        match self.spill.first() {
            None => round_parts(self.parts),
            Some(spill) => {
                let mut spill = spill.clone();
                self.parts.iter().for_each(|&part| spill.add(part));
                spill.round()
            }
        }
    }
}

/// Exactly rounded sum of three doubles.
#[inline(always)]
pub(super) fn round_parts([high, middle, low]: [f64; 3]) -> f64 {
    let sum = high + middle;
    if low == 0.0 && sum.is_finite() {
        return sum;
    }
    let mut accumulator = Superaccumulator::new();
    [high, middle, low].iter().for_each(|&part| accumulator.add(part));
    accumulator.round()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    fn oracle(values: &[f64]) -> f64 {
        let mut accumulator = Superaccumulator::new();
        values.iter().for_each(|&x| accumulator.add(x));
        accumulator.round()
    }

    fn same(left: f64, right: f64) -> bool {
        left.to_bits() == right.to_bits() || (left.is_nan() && right.is_nan())
    }

    #[test]
    fn equals_the_superaccumulator_in_any_order() {
        let mut random = Random::new(3);
        for _ in 0..2_000 {
            let mut values: Vec<f64> =
                (0..random.below(40)).map(|_| hostile_double(&mut random)).collect();
            let expected = oracle(&values);
            for _ in 0..3 {
                let mut sum = ExactSum::default();
                values.iter().for_each(|&x| sum.add(x).unwrap());
                assert!(same(sum.round(), expected), "{values:?}");
                let third = values.len() / 3;
                values.rotate_left(third);
                values.reverse();
            }
        }
    }

    #[test]
    fn a_sliding_sum_equals_a_fresh_one_to_the_last_bit() {
        let mut random = Random::new(4);
        for width in [1usize, 2, 7, 30] {
            let values: Vec<f64> = (0..600)
                .map(|i| match i % 97 {
                    13 => f64::INFINITY,
                    14 => f64::NEG_INFINITY,
                    _ => hostile_double(&mut random),
                })
                .collect();
            let mut sum = ExactSum::default();
            for (i, &x) in values.iter().enumerate() {
                sum.add(x).unwrap();
                if i >= width {
                    sum.subtract(values[i - width]).unwrap();
                }
                let frame = &values[(i + 1).saturating_sub(width)..=i];
                assert!(same(sum.round(), oracle(frame)), "{frame:?}");
            }
        }
    }

    #[test]
    fn merging_equals_adding() {
        let mut random = Random::new(5);
        for _ in 0..500 {
            let values: Vec<f64> = (0..30).map(|_| hostile_double(&mut random)).collect();
            let (mut left, mut right) = (ExactSum::default(), ExactSum::default());
            for (i, &x) in values.iter().enumerate() {
                if i % 3 == 0 { left.add(x).unwrap() } else { right.add(x).unwrap() }
            }
            left.merge(&right).unwrap();
            assert!(same(left.round(), oracle(&values)), "{values:?}");
        }
    }

    #[test]
    fn integers_beyond_53_bits_are_exact() {
        let mut sum = ExactSum::default();
        sum.add_number(Number::Integer(i64::MAX)).unwrap();
        sum.add_number(Number::Integer(-(i64::MAX - 1))).unwrap();
        assert_eq!(sum.round(), 1.0);
        sum.subtract_number(Number::Integer(i64::MIN)).unwrap();
        assert_eq!(sum.round(), 2f64.powi(63));
    }
}
