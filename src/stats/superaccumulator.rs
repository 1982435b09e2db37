//! A fixed-point accumulator wide enough for every sum of doubles: exact, reversible, rounded once.
//!
//! The value is an integer multiple of the smallest subnormal, 2^-1074, kept in 32-bit digits
//! inside 64-bit limbs, so that an addition touches three limbs and carries are settled only every
//! 2^30 additions. After Neal, "Fast exact summation using small and large superaccumulators"
//! (2015).

use super::OutOfMemory;
use super::bank::{Decoder, Encoder, Undecodable};

/// 2098 bits reach the largest double; the rest holds the carries of 2^63 additions.
const LIMBS: usize = 68;
/// Each addition moves a limb by less than 2^32, so 2^30 of them stay inside an i64.
const CARRY_EVERY: u32 = 1 << 30;
const DIGIT_MASK: i64 = 0xffff_ffff;
/// More infinities than a table has rows, and few enough to add up.
const LARGEST_COUNT: i64 = 1 << 48;

/// Exact sum of doubles. Infinities and NaN are counted apart, so that taking one out again leaves
/// no trace.
#[derive(Debug, Clone)]
pub(super) struct Superaccumulator {
    limbs: [i64; LIMBS],
    pending: u32,
    positive_infinities: i64,
    negative_infinities: i64,
    nans: i64,
}

impl Superaccumulator {
    pub(super) fn new() -> Self {
        Superaccumulator {
            limbs: [0; LIMBS],
            pending: 0,
            positive_infinities: 0,
            negative_infinities: 0,
            nans: 0,
        }
    }

    pub(super) fn add(&mut self, x: f64) {
        if x.is_finite() {
            self.add_finite(x);
        } else {
            self.count_special(x, 1);
        }
    }

    /// Takes back an earlier `add(x)`.
    pub(super) fn subtract(&mut self, x: f64) {
        if x.is_finite() {
            self.add_finite(-x);
        } else {
            self.count_special(x, -1);
        }
    }

    fn count_special(&mut self, x: f64, change: i64) {
        if x.is_nan() {
            self.nans += change;
        } else if x > 0.0 {
            self.positive_infinities += change;
        } else {
            self.negative_infinities += change;
        }
    }

    fn add_finite(&mut self, x: f64) {
        let bits = x.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, shift) =
            if exponent == 0 { (fraction, 0) } else { (fraction | (1 << 52), exponent - 1) };
        let first_limb = shift / 32;
        let mut digits = u128::from(mantissa) << (shift % 32);
        for limb in self.limbs.iter_mut().skip(first_limb).take(3) {
            let digit = (digits as i64) & DIGIT_MASK;
            *limb += if x.is_sign_negative() { -digit } else { digit };
            digits >>= 32;
        }
        self.pending += 1;
        if self.pending >= CARRY_EVERY {
            self.settle_carries();
        }
    }

    /// Brings every limb but the last into 0..2^32; the last carries the sign.
    fn settle_carries(&mut self) {
        let mut carry = 0;
        if let Some((last, rest)) = self.limbs.split_last_mut() {
            for limb in rest {
                let total = *limb + carry;
                *limb = total & DIGIT_MASK;
                carry = total >> 32;
            }
            *last += carry;
        }
        self.pending = 1;
    }

    /// Adds all that `other` holds.
    pub(super) fn merge(&mut self, other: &Superaccumulator) {
        let mut other = other.clone();
        other.settle_carries();
        self.settle_carries();
        for (limb, more) in self.limbs.iter_mut().zip(other.limbs) {
            *limb += more;
        }
        self.pending += 1;
        self.positive_infinities += other.positive_infinities;
        self.negative_infinities += other.negative_infinities;
        self.nans += other.nans;
    }

    /// Appends the value: the first limb that is not 0 and how many there are up to the last such,
    /// then these; then the specials.
    pub(super) fn encode(&self, bytes: &mut Encoder) -> Result<(), OutOfMemory> {
        let mut settled = self.clone();
        settled.settle_carries();
        let first = settled.limbs.iter().position(|&limb| limb != 0).unwrap_or(LIMBS);
        let end = settled.limbs.iter().rposition(|&limb| limb != 0).map_or(LIMBS, |last| last + 1);
        bytes.put(&[first as u8, (end - first) as u8])?;
        for &limb in settled.limbs.iter().take(end).skip(first) {
            bytes.put_wide(i128::from(limb))?;
        }
        [self.positive_infinities, self.negative_infinities, self.nans]
            .into_iter()
            .try_for_each(|count| bytes.put_wide(i128::from(count)))
    }

    /// Reads what `encode` wrote.
    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Undecodable> {
        let mut sum = Superaccumulator::new();
        let [first, count] = bytes.take()?.map(usize::from);
        let limbs = sum.limbs.get_mut(first..first + count).ok_or(Undecodable::Damaged)?;
        for limb in limbs {
            *limb = bounded(bytes, DIGIT_MASK)?;
        }
        for count in [&mut sum.positive_infinities, &mut sum.negative_infinities, &mut sum.nans] {
            *count = bounded(bytes, LARGEST_COUNT)?;
        }
        sum.pending = 1;
        Ok(sum)
    }

    /// The sum, rounded once to the nearest double, ties to even; beyond the largest double an
    /// infinity.
    pub(super) fn round(&self) -> f64 {
        match (self.nans > 0, self.positive_infinities > 0, self.negative_infinities > 0) {
            (true, _, _) | (_, true, true) => return f64::NAN,
            (_, true, _) => return f64::INFINITY,
            (_, _, true) => return f64::NEG_INFINITY,
            (false, false, false) => {}
        }
        let mut magnitude = self.clone();
        magnitude.settle_carries();
        let negative = magnitude.limbs.last().is_some_and(|&last| last < 0);
        if negative {
            for limb in &mut magnitude.limbs {
                *limb = -*limb;
            }
            magnitude.settle_carries();
        }
        let rounded = round_digits(&magnitude.limbs);
        if negative { -rounded } else { rounded }
    }
}

/// A stored number of no more than that magnitude.
fn bounded(bytes: &mut Decoder<'_>, magnitude: i64) -> Result<i64, Undecodable> {
    let number = i64::try_from(bytes.wide()?).map_err(|_| Undecodable::Damaged)?;
    if number.unsigned_abs() > magnitude.unsigned_abs() {
        return Err(Undecodable::Damaged);
    }
    Ok(number)
}

/// Rounds settled, non-negative digits (least first, unit 2^-1074).
fn round_digits(digits: &[i64; LIMBS]) -> f64 {
    let Some(top) = digits.iter().rposition(|&digit| digit != 0) else {
        return 0.0;
    };
    // Three digits hold at least 65 significant bits, so one sticky bit at the bottom decides every
    // tie.
    let lowest = top.saturating_sub(2);
    let leading = digits
        .iter()
        .take(top + 1)
        .skip(lowest)
        .rev()
        .fold(0u128, |value, &digit| (value << 32) | digit as u128);
    let sticky = digits.iter().take(lowest).any(|&digit| digit != 0);
    // Every value here is a multiple of 2^-1074, so the scaling is exact even where the result is
    // subnormal.
    (leading | u128::from(sticky)) as f64 * power_of_two(32 * lowest as i32 - 1074)
}

/// 2^exponent for -1074..=1023.
fn power_of_two(exponent: i32) -> f64 {
    if exponent >= -1022 {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (exponent + 1074))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut accumulator = Superaccumulator::new();
        values.iter().for_each(|&x| accumulator.add(x));
        accumulator.round()
    }

    #[test]
    fn single_values_come_back_to_the_bit() {
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            let x = hostile_double(&mut random);
            assert_eq!(sum(&[x]).to_bits(), (x + 0.0).to_bits(), "{x:e}");
        }
        for x in [
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            f64::MAX,
            -f64::MAX,
            f64::from_bits(0x000f_ffff_ffff_ffff),
        ] {
            assert_eq!(sum(&[x]).to_bits(), x.to_bits());
        }
    }

    #[test]
    fn two_values_round_as_the_processor_rounds() {
        let mut random = Random::new(2);
        for _ in 0..50_000 {
            let (x, y) = (hostile_double(&mut random), hostile_double(&mut random));
            assert_eq!(sum(&[x, y]).to_bits(), (x + y + 0.0).to_bits(), "{x:e} + {y:e}");
        }
    }

    #[test]
    fn ties_are_decided_by_the_last_bit() {
        let half_ulp = 2f64.powi(-53);
        assert_eq!(sum(&[1.0, half_ulp]), 1.0);
        assert_eq!(sum(&[1.0, half_ulp, f64::from_bits(1)]), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[1.0, half_ulp, -f64::from_bits(1)]), 1.0);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    }

    #[test]
    fn infinities_leave_no_trace() {
        let mut accumulator = Superaccumulator::new();
        accumulator.add(2.5);
        accumulator.add(f64::INFINITY);
        assert_eq!(accumulator.round(), f64::INFINITY);
        accumulator.add(f64::NEG_INFINITY);
        assert!(accumulator.round().is_nan());
        accumulator.subtract(f64::INFINITY);
        assert_eq!(accumulator.round(), f64::NEG_INFINITY);
        accumulator.subtract(f64::NEG_INFINITY);
        assert_eq!(accumulator.round(), 2.5);
    }

    #[test]
    fn carries_settle_and_merge() {
        let (mut left, mut right) = (Superaccumulator::new(), Superaccumulator::new());
        for _ in 0..1000 {
            left.add(f64::MAX);
            right.add(-f64::MAX);
            left.settle_carries();
        }
        left.add(3.0);
        left.merge(&right);
        assert_eq!(left.round(), 3.0);
    }
}
