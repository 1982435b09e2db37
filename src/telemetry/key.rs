//! Group keys: SQL values compared as SQLite compares them, text byte by byte whatever the column's collation.

use crate::ffi::{Kind, Value};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A key, borrowed from a row or from the groups.
#[derive(Debug, Clone, Copy)]
pub enum KeyValue<'a> {
    /// NULL is a key like any other.
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL; never NaN, which SQLite keeps as NULL.
    Real(f64),
    /// TEXT
    Text(&'a [u8]),
    /// BLOB
    Blob(&'a [u8]),
}

impl<'a> KeyValue<'a> {
    /// The key in a row.
    #[inline]
    pub fn of(value: &'a Value<'_>) -> Self {
        match value.kind() {
            Kind::Text => KeyValue::Text(value.bytes()),
            Kind::Null => KeyValue::Null,
            Kind::Integer => KeyValue::Integer(value.as_i64()),
            Kind::Real => KeyValue::Real(value.as_f64()),
            Kind::Blob => KeyValue::Blob(value.bytes()),
        }
    }

    /// A number that differs for most different keys and costs next to nothing. It takes no part in any answer.
    #[inline(always)]
    pub(super) fn fingerprint(&self) -> u64 {
        match self {
            KeyValue::Text(bytes) => match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
                (Some(head), Some(tail)) => {
                    u64::from_le_bytes(*head) ^ u64::from_le_bytes(*tail).rotate_left(29) ^ bytes.len() as u64
                }
                _ => bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
            },
            KeyValue::Integer(integer) => *integer as u64,
            _ => 0,
        }
    }

    /// NULL, then numbers, text, BLOB.
    fn class(&self) -> u8 {
        match self {
            KeyValue::Null => 0,
            KeyValue::Integer(_) | KeyValue::Real(_) => 1,
            KeyValue::Text(_) => 2,
            KeyValue::Blob(_) => 3,
        }
    }
}

/// 2^63, the first double above every INTEGER.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// The INTEGER of the same value, if there is one: 1 and 1.0 are one key.
fn as_integer(real: f64) -> Option<i64> {
    let in_range = (-TWO_TO_63..TWO_TO_63).contains(&real);
    (in_range && real.fract() == 0.0).then_some(real as i64)
}

/// Exact comparison, without turning the INTEGER into a double that cannot hold it.
fn compare_integer_real(integer: i64, real: f64) -> Ordering {
    if real >= TWO_TO_63 {
        return Ordering::Less;
    }
    if real < -TWO_TO_63 {
        return Ordering::Greater;
    }
    integer.cmp(&(real as i64)).then_with(|| 0.0.partial_cmp(&real.fract()).unwrap_or(Ordering::Equal))
}

impl Ord for KeyValue<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (KeyValue::Integer(one), KeyValue::Integer(other)) => one.cmp(other),
            (KeyValue::Real(one), KeyValue::Real(other)) => one.partial_cmp(other).unwrap_or(Ordering::Equal),
            (KeyValue::Integer(one), KeyValue::Real(other)) => compare_integer_real(*one, *other),
            (KeyValue::Real(one), KeyValue::Integer(other)) => compare_integer_real(*other, *one).reverse(),
            (KeyValue::Text(one), KeyValue::Text(other)) | (KeyValue::Blob(one), KeyValue::Blob(other)) => {
                one.cmp(other)
            }
            _ => self.class().cmp(&other.class()),
        }
    }
}

impl PartialOrd for KeyValue<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for KeyValue<'_> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (KeyValue::Text(one), KeyValue::Text(other)) => same_bytes(one, other),
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for KeyValue<'_> {}

/// Equality eight bytes at a time: keys are short, and a call of memcmp for each row costs more than the comparison.
#[inline(always)]
fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some(tail), Some(other_tail)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(one, other)| one == other);
    };
    let words = |bytes| <[u8]>::chunks_exact(bytes, 8);
    tail == other_tail && words(one).zip(words(other)).all(|(one, other)| one == other)
}

impl Hash for KeyValue<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            KeyValue::Text(bytes) => hasher.write(bytes),
            KeyValue::Null => hasher.write_u8(0),
            KeyValue::Integer(integer) => hasher.write_i64(*integer),
            KeyValue::Real(real) => match as_integer(*real) {
                Some(integer) => hasher.write_i64(integer),
                None => hasher.write_u64(real.to_bits()),
            },
            KeyValue::Blob(bytes) => {
                hasher.write_u8(3);
                hasher.write(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyValue::{Blob, Integer, Null, Real, Text};
    use super::*;

    #[test]
    fn order_is_sqlites() {
        let two_to_53 = 1i64 << 53;
        let ascending = [
            Null,
            Real(f64::NEG_INFINITY),
            Real(-1e300),
            Integer(i64::MIN),
            Real(-1.5),
            Integer(-1),
            Integer(0),
            Real(0.5),
            Integer(two_to_53),
            Integer(two_to_53 + 1),
            Real((two_to_53 + 2) as f64),
            Integer(i64::MAX),
            Real(TWO_TO_63),
            Real(f64::INFINITY),
            Text(b""),
            Text(b"A"),
            Text(b"a"),
            Text("\u{e9}".as_bytes()),
            Blob(b""),
            Blob(b"A"),
        ];
        for (i, one) in ascending.iter().enumerate() {
            for (j, other) in ascending.iter().enumerate() {
                assert_eq!(one.cmp(other), i.cmp(&j), "{one:?} {other:?}");
                assert_eq!(one == other, i == j);
            }
        }
    }

    #[test]
    fn equal_numbers_hash_alike() {
        use std::hash::BuildHasher;
        let hasher = foldhash::fast::RandomState::default();
        for (integer, real) in [(0, 0.0), (0, -0.0), (1, 1.0), (i64::MIN, -TWO_TO_63)] {
            assert_eq!(Integer(integer), Real(real));
            assert_eq!(hasher.hash_one(Integer(integer)), hasher.hash_one(Real(real)));
        }
    }
}
