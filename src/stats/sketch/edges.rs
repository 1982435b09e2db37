//! Edges of the buckets: bucket i holds (b^i, b^(i+1)] with b = 2^(1/64).
//!
//! These are the edges of OpenTelemetry's ExponentialHistogram at scale 6, of Prometheus's native
//! histograms of schema 6 and of Elastic's `exponential_histogram`. A double's bucket is found by
//! comparing its bits with those of 64 constants; no logarithm, so the same one on every machine.

/// Buckets between a power of two and the next.
pub(super) const BUCKETS_AN_OCTAVE: i32 = 64;

/// The bucket of the smallest positive double, 2^-1074.
pub(super) const LOWEST: i32 = -1074 * BUCKETS_AN_OCTAVE - 1;

/// The bucket of the largest finite double.
pub(super) const HIGHEST: i32 = 1024 * BUCKETS_AN_OCTAVE - 1;

const FRACTION_BITS: u32 = 52;
const FRACTION: u64 = (1 << FRACTION_BITS) - 1;
const SMALLEST_NORMAL_EXPONENT: i32 = -1022;

/// 2b / (1 + b): times a bucket's lower edge L the value 2LU / (L + U), whose relative distance to
/// both edges is the same, (b - 1) / (b + 1), 0.5416 % or less.
pub(super) const TO_THE_MIDDLE: f64 = 1.0054151594159026;

/// The fraction bits of 2^(j/64), j = 0..63, cut off, not rounded: a double is above the cut-off
/// number exactly when it is above 2^(j/64) itself.
const STEPS: [u64; BUCKETS_AN_OCTAVE as usize] = [
    0x0000000000000,
    0x02c9a3e778060,
    0x059b0d3158574,
    0x0874518759bc8,
    0x0b5586cf9890f,
    0x0e3ec32d3d1a2,
    0x11301d0125b50,
    0x1429aaea92ddf,
    0x172b83c7d517a,
    0x1a35beb6fcb75,
    0x1d4873168b9aa,
    0x2063b88628cd6,
    0x2387a6e756238,
    0x26b4565e27cdd,
    0x29e9df51fdee1,
    0x2d285a6e4030b,
    0x306fe0a31b715,
    0x33c08b26416ff,
    0x371a7373aa9ca,
    0x3a7db34e59ff6,
    0x3dea64c123422,
    0x4160a21f72e29,
    0x44e086061892d,
    0x486a2b5c13cd0,
    0x4bfdad5362a27,
    0x4f9b2769d2ca6,
    0x5342b569d4f81,
    0x56f4736b527da,
    0x5ab07dd485429,
    0x5e76f15ad2148,
    0x6247eb03a5584,
    0x6623882552224,
    0x6a09e667f3bcc,
    0x6dfb23c651a2e,
    0x71f75e8ec5f73,
    0x75feb564267c8,
    0x7a11473eb0186,
    0x7e2f336cf4e62,
    0x82589994cce12,
    0x868d99b4492ec,
    0x8ace5422aa0db,
    0x8f1ae99157736,
    0x93737b0cdc5e4,
    0x97d829fde4e4f,
    0x9c49182a3f090,
    0xa0c667b5de564,
    0xa5503b23e255c,
    0xa9e6b5579fdbf,
    0xae89f995ad3ad,
    0xb33a2b84f15fa,
    0xb7f76f2fb5e46,
    0xbcc1e904bc1d2,
    0xc199bdd85529c,
    0xc67f12e57d14b,
    0xcb720dcef9069,
    0xd072d4a07897b,
    0xd5818dcfba487,
    0xda9e603db3285,
    0xdfc97337b9b5e,
    0xe502ee78b3ff6,
    0xea4afa2a490d9,
    0xefa1bee615a27,
    0xf50765b6e4540,
    0xfa7c1819e90d8,
];

/// The exponent and the fraction of a positive finite double, as if no double were subnormal.
fn parts(x: f64) -> (i32, u64) {
    let bits = x.to_bits();
    let fraction = bits & FRACTION;
    match (bits >> FRACTION_BITS) as i32 {
        0 => {
            let shift = fraction.leading_zeros() - (u64::BITS - 1 - FRACTION_BITS);
            (SMALLEST_NORMAL_EXPONENT - shift as i32, (fraction << shift) & FRACTION)
        }
        biased => (biased - 1023, fraction),
    }
}

/// The bucket of a positive finite double.
#[inline(always)]
pub(super) fn bucket_of(x: f64) -> i32 {
    let (exponent, fraction) = parts(x);
    let below = STEPS.partition_point(|step| *step < fraction);
    exponent * BUCKETS_AN_OCTAVE - 1 + below as i32
}

/// The largest double not above b^index; 0 below the smallest double, and the largest finite double
/// in place of 2^1024.
pub(super) fn edge(index: i32) -> f64 {
    let (octave, step) = (index.div_euclid(BUCKETS_AN_OCTAVE), index.rem_euclid(BUCKETS_AN_OCTAVE));
    let fraction = STEPS.get(step as usize).copied().unwrap_or_default();
    if octave > 1023 {
        return f64::MAX;
    }
    if octave >= SMALLEST_NORMAL_EXPONENT {
        return f64::from_bits((((octave + 1023) as u64) << FRACTION_BITS) | fraction);
    }
    let shift = (SMALLEST_NORMAL_EXPONENT - octave) as u32;
    f64::from_bits((fraction | (1 << FRACTION_BITS)).checked_shr(shift).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::super::test_support::Random;
    use super::*;

    /// A double lies above its bucket's lower edge and not above the upper one; which neighbours
    /// share a bucket is thereby fixed.
    #[test]
    fn a_double_lies_in_its_bucket() {
        let mut random = Random::new(1);
        let check = |x: f64| {
            let index = bucket_of(x);
            assert!((LOWEST..=HIGHEST).contains(&index), "{x:e}");
            assert!(edge(index) < x && x <= edge(index + 1), "{x:e} in {index}");
        };
        for _ in 0..200_000 {
            let x = f64::from_bits(random.next() >> 1);
            if x.is_finite() && x > 0.0 {
                check(x);
            }
            check(f64::from_bits(1 + random.below(1 << 54)));
        }
        for exponent in -1074..1024 {
            let power = edge(exponent * BUCKETS_AN_OCTAVE);
            check(power);
            assert_eq!(bucket_of(power), exponent * BUCKETS_AN_OCTAVE - 1, "2^{exponent}");
            check(f64::from_bits(power.to_bits() + 1));
        }
        check(f64::MAX);
        check(f64::from_bits(1));
        assert_eq!((bucket_of(f64::from_bits(1)), bucket_of(f64::MAX)), (LOWEST, HIGHEST));
    }

    /// Rule: the value that stands for a bucket is within 0.5416 % of everything in it.
    #[test]
    fn the_middle_is_near() {
        let mut random = Random::new(2);
        for _ in 0..200_000 {
            let x = f64::from_bits(random.next() >> 1);
            if x.is_finite() && x >= f64::MIN_POSITIVE {
                let middle = edge(bucket_of(x)) * TO_THE_MIDDLE;
                assert!((middle / x - 1.0).abs() <= 0.005416, "{x:e}");
            }
        }
        assert!((edge(HIGHEST) * TO_THE_MIDDLE).is_finite());
    }
}
