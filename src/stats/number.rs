//! A number as SQLite knows one: a 64-bit integer or a double.

/// INTEGER or REAL, kept apart because a double cannot hold every INTEGER.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// An SQLite INTEGER.
    Integer(i64),
    /// An SQLite REAL; may be infinite.
    Real(f64),
}

/// Integers up to this magnitude are doubles without loss.
const EXACT_INTEGER: i64 = 1 << 53;

impl Number {
    /// The number that a text reads as, by SQLite's rule: decimal, white space around it allowed,
    /// nothing else; an integer where it is written as one and fits 64 bits.
    pub(crate) fn from_text(text: &[u8]) -> Option<Number> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
        let start = text.iter().position(|byte| !is_space(byte))?;
        let end = text.iter().rposition(|byte| !is_space(byte))? + 1;
        let text = std::str::from_utf8(text.get(start..end)?).ok()?;
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
            }
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        let is_number = has_digits && all_digits(whole) && all_digits(fraction);
        if !is_number
            || exponent.is_some_and(|exponent| exponent.is_empty() || !all_digits(exponent))
        {
            return None;
        }
        let integer =
            if exponent.is_none() && !mantissa.contains('.') { text.parse().ok() } else { None };
        integer.map(Number::Integer).or_else(|| text.parse().ok().map(Number::Real))
    }

    /// The nearest double.
    #[inline(always)]
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Number::Integer(integer) => integer as f64,
            Number::Real(real) => real,
        }
    }

    /// Two doubles whose exact sum is this number; the second is 0.0 unless the integer needs more
    /// than 53 bits.
    #[inline(always)]
    pub(crate) fn as_doubles(self) -> [f64; 2] {
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
    fn text_is_a_number_where_sqlite_takes_it_for_one() {
        let integers: [(&str, i64); 5] =
            [("5", 5), (" -7\t", -7), ("+1", 1), ("007", 7), ("9223372036854775807", i64::MAX)];
        for (text, integer) in integers {
            assert_eq!(
                Number::from_text(text.as_bytes()),
                Some(Number::Integer(integer)),
                "{text:?}"
            );
        }
        let reals = [
            ("1.", 1.0),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("-1.5E-1", -0.15),
            ("9223372036854775808", 2f64.powi(63)),
            ("1e999", f64::INFINITY),
        ];
        for (text, real) in reals {
            assert_eq!(Number::from_text(text.as_bytes()), Some(Number::Real(real)), "{text:?}");
        }
        for text in [
            "",
            " ",
            ".",
            "+",
            "e5",
            "1e",
            "1e+",
            "0x10",
            "inf",
            "nan",
            "1 2",
            "1_0",
            "2026-11-01",
            "1\0",
            "--1",
            "+-1",
        ] {
            assert_eq!(Number::from_text(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn as_doubles_loses_nothing() {
        for integer in
            [0, 1, -1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, i64::MAX, i64::MIN, i64::MAX - 1]
        {
            let [high, low] = Number::Integer(integer).as_doubles();
            assert_eq!(high as i128 + low as i128, i128::from(integer));
        }
    }
}
