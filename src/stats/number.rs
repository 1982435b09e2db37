//! A number as SQLite knows one: a 64-bit integer or a double.

/// INTEGER or REAL, kept apart because a double cannot hold every INTEGER.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// An SQLite INTEGER.
    Integer(i64),
    /// An SQLite REAL; may be infinite.
    Real(f64),
}

/// Integers up to this magnitude are doubles without loss.
const EXACT_INTEGER: i64 = 1 << 53;

impl Number {
    /// Two doubles whose exact sum is this number; the second is 0.0 unless the integer needs more than 53 bits.
    pub fn as_doubles(self) -> [f64; 2] {
        match self {
            Number::Real(real) => [real, 0.0],
            Number::Integer(integer) if integer.abs_diff(0) <= EXACT_INTEGER.unsigned_abs() => {
                [integer as f64, 0.0]
            }
            Number::Integer(integer) => {
                let low = integer & 0xffff_ffff;
                [(integer - low) as f64, low as f64]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_doubles_loses_nothing() {
        for integer in [0, 1, -1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, i64::MAX, i64::MIN, i64::MAX - 1] {
            let [high, low] = Number::Integer(integer).as_doubles();
            assert_eq!(high as i128 + low as i128, i128::from(integer));
        }
    }
}
