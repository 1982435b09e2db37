//! An oracle for sums: every double and every 64-bit integer added exactly, rounded once at the
//! end. Slow and plain: a fixed-point number as wide as the doubles' whole range, unlike what the
//! extension does.

use super::Value;

/// 32 bits each, the first for 2^-1074 and up; an `i64` holds 2^31 additions before a carry is due.
const LIMBS: usize = 70;
/// The lowest bit is worth 2^-LOWEST.
const LOWEST: usize = 1074;

#[derive(Clone)]
pub struct ExactSum {
    limbs: [i64; LIMBS],
    positive_infinities: u32,
    negative_infinities: u32,
    nans: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        ExactSum { limbs: [0; LIMBS], positive_infinities: 0, negative_infinities: 0, nans: 0 }
    }
}

impl ExactSum {
    pub fn add(&mut self, x: f64) {
        if x.is_nan() {
            self.nans += 1;
        } else if x == f64::INFINITY {
            self.positive_infinities += 1;
        } else if x == f64::NEG_INFINITY {
            self.negative_infinities += 1;
        } else {
            let bits = x.abs().to_bits();
            let (exponent, fraction) = ((bits >> 52) as usize, bits & ((1 << 52) - 1));
            // A subnormal has no hidden bit and the exponent of the smallest normal.
            let (shift, mantissa) = match exponent {
                0 => (0, fraction),
                e => (e - 1, fraction | 1 << 52),
            };
            self.add_shifted(mantissa, shift, x.is_sign_negative());
        }
    }

    pub fn add_integer(&mut self, i: i64) {
        self.add_shifted(i.unsigned_abs(), LOWEST, i < 0);
    }

    /// A number as SQL holds it; anything else is the test's mistake.
    pub fn add_value(&mut self, value: &Value) {
        match value {
            Value::Int(i) => self.add_integer(*i),
            Value::Real(r) => self.add(*r),
            other => panic!("not a number: {other:?}"),
        }
    }

    fn add_shifted(&mut self, mantissa: u64, shift: usize, negative: bool) {
        let mut wide = u128::from(mantissa) << (shift % 32);
        let mut limb = shift / 32;
        while wide != 0 {
            let part = i64::from(wide as u32);
            self.limbs[limb] += if negative { -part } else { part };
            wide >>= 32;
            limb += 1;
        }
    }

    /// The sum, rounded once to the nearest double, ties to even.
    pub fn round(&self) -> f64 {
        if self.nans > 0 || (self.positive_infinities > 0 && self.negative_infinities > 0) {
            return f64::NAN;
        }
        if self.positive_infinities > 0 {
            return f64::INFINITY;
        }
        if self.negative_infinities > 0 {
            return f64::NEG_INFINITY;
        }
        let (limbs, top_carry) = carried(&self.limbs, 1);
        if top_carry < 0 {
            let (limbs, _) = carried(&self.limbs, -1);
            -magnitude(&limbs)
        } else {
            magnitude(&limbs)
        }
    }
}

/// The limbs times `sign`, each brought into 0..2^32; the carry out of the last tells the sign.
fn carried(limbs: &[i64; LIMBS], sign: i64) -> ([u32; LIMBS], i64) {
    let mut out = [0u32; LIMBS];
    let mut carry = 0i64;
    for (to, from) in out.iter_mut().zip(limbs) {
        let sum = from * sign + carry;
        *to = sum as u32;
        carry = sum >> 32;
    }
    (out, carry)
}

fn magnitude(limbs: &[u32; LIMBS]) -> f64 {
    let bit = |i: usize| limbs[i / 32] >> (i % 32) & 1;
    let Some(top) = (0..LIMBS * 32).rev().find(|i| bit(*i) == 1) else {
        return 0.0;
    };
    if top < 53 {
        // Subnormal, or the first normal binade: the bits of the number are those of the double.
        return f64::from_bits(u64::from(limbs[1]) << 32 | u64::from(limbs[0]));
    }
    let low = top - 52;
    let mut mantissa = (low..=top).rev().fold(0u64, |m, i| m << 1 | u64::from(bit(i)));
    let half = bit(low - 1) == 1;
    let more = (0..low - 1).any(|i| bit(i) == 1);
    let mut exponent = (top - 51) as u64;
    if half && (more || mantissa & 1 == 1) {
        mantissa += 1;
        if mantissa == 1 << 53 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    if exponent >= 2047 {
        return f64::INFINITY;
    }
    f64::from_bits(exponent << 52 | (mantissa & ((1 << 52) - 1)))
}

/// The exact sum of doubles.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut exact = ExactSum::default();
    values.into_iter().for_each(|x| exact.add(x));
    exact.round()
}

#[test]
fn the_oracle_rounds_once() {
    assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
    assert_eq!(sum([0.1; 10]), 1.0);
    assert_eq!(sum([1e308, 1e308, -1e308]), 1e308);
    assert_eq!(sum([1e308, 1e308]), f64::INFINITY);
    assert_eq!(sum([-1e308, -1e308]), f64::NEG_INFINITY);
    assert_eq!(sum([5e-324, 5e-324]), 1e-323);
    assert_eq!(sum([f64::MIN_POSITIVE, -5e-324]), 2.225073858507201e-308);
    assert_eq!(sum([9007199254740992.0, 1.0]), 9007199254740992.0);
    assert_eq!(sum([9007199254740992.0, 1.0, 5e-324]), 9007199254740994.0);
    assert_eq!(sum([-9007199254740992.0, -3.0]), -9007199254740996.0);
    assert!(sum([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    let mut integers = ExactSum::default();
    integers.add_integer(i64::MAX);
    integers.add_integer(i64::MIN);
    integers.add(0.5);
    assert_eq!(integers.round(), -0.5);
}
