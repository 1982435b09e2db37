//! An oracle for sums: every double and every 64-bit integer added exactly, rounded once at the
//! end. Of nobody's making here: the sums are num-bigint's integers, in units of the smallest
//! double, and the rounding is that of the standard library's reader of decimal numbers.

use super::Value;
use num_bigint::BigInt;

/// Every finite double is a whole number of 2^-SMALLEST.
const SMALLEST: u32 = 1074;

#[derive(Clone, Default)]
pub struct ExactSum {
    /// In units of 2^-SMALLEST.
    finite: BigInt,
    /// The infinities and NaNs, which follow IEEE.
    special: f64,
}

impl ExactSum {
    pub fn add(&mut self, x: f64) {
        if !x.is_finite() {
            self.special += x;
            return;
        }
        let bits = x.abs().to_bits();
        let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        // A subnormal has no hidden bit and the exponent of the smallest normal.
        let (mantissa, shift) = match exponent {
            0 => (fraction, 0),
            e => (fraction | 1 << 52, e - 1),
        };
        let units = BigInt::from(mantissa) << shift;
        self.finite += if x < 0.0 { -units } else { units };
    }

    pub fn add_integer(&mut self, i: i64) {
        self.finite += BigInt::from(i) << SMALLEST;
    }

    /// A number as SQL holds it; anything else is the test's mistake.
    pub fn add_value(&mut self, value: &Value) {
        match value {
            Value::Int(i) => self.add_integer(*i),
            Value::Real(r) => self.add(*r),
            other => panic!("not a number: {other:?}"),
        }
    }

    /// The sum, rounded once to the nearest double, ties to even.
    pub fn round(&self) -> f64 {
        if self.special != 0.0 {
            return self.special;
        }
        // units * 2^-1074 is units * 5^1074 * 10^-1074.
        let decimal = &self.finite * BigInt::from(5).pow(SMALLEST);
        format!("{decimal}e-{SMALLEST}").parse().expect("a decimal number")
    }
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
