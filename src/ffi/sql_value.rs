//! SQL values of ours, compared as SQLite compares them, text byte by byte whatever the column's
//! collation.

use super::value::{Kind, OwnedValue, Value};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A value, borrowed from a row or from what was kept of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SqlValue<'a> {
    /// NULL
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

impl<'a> From<&'a OwnedValue> for SqlValue<'a> {
    fn from(value: &'a OwnedValue) -> Self {
        match value {
            OwnedValue::Null => SqlValue::Null,
            OwnedValue::Integer(integer) => SqlValue::Integer(*integer),
            OwnedValue::Real(real) => SqlValue::Real(*real),
            OwnedValue::Text(bytes) => SqlValue::Text(bytes),
            OwnedValue::Blob(bytes) => SqlValue::Blob(bytes),
        }
    }
}

impl<'a> SqlValue<'a> {
    /// The value in a row.
    #[inline(always)]
    pub(crate) fn of(value: &'a Value<'_>) -> Self {
        match value.kind() {
            Kind::Text => SqlValue::Text(value.text()),
            Kind::Null => SqlValue::Null,
            Kind::Integer => SqlValue::Integer(value.as_i64()),
            Kind::Real => SqlValue::Real(value.as_f64()),
            Kind::Blob => SqlValue::Blob(value.blob()),
        }
    }

    /// The front of the value, which orders values as far as it goes: where two fronts are equal,
    /// only the values tell.
    pub(crate) fn front(&self) -> Front {
        let bytes = match self {
            SqlValue::Text(bytes) | SqlValue::Blob(bytes) => bytes,
            _ => &[][..],
        };
        let mut front = [0; 8];
        front.iter_mut().zip(bytes).for_each(|(front, byte)| *front = *byte);
        Front { class: self.class(), bytes: u64::from_be_bytes(front) }
    }

    /// The INTEGER of the same value as a number, if there is one.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        match *self {
            SqlValue::Integer(integer) => Some(integer),
            SqlValue::Real(real) => as_integer(real),
            _ => None,
        }
    }

    /// NULL, then numbers, text, BLOB.
    fn class(&self) -> u8 {
        match self {
            SqlValue::Null => 0,
            SqlValue::Integer(_) | SqlValue::Real(_) => 1,
            SqlValue::Text(_) => 2,
            SqlValue::Blob(_) => 3,
        }
    }
}

/// Kind and first bytes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Front {
    class: u8,
    bytes: u64,
}

/// 2^63, the first double above every INTEGER.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// The INTEGER of the same value, if there is one: 1 and 1.0 are one value.
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
    integer
        .cmp(&(real as i64))
        .then_with(|| 0.0.partial_cmp(&real.fract()).unwrap_or(Ordering::Equal))
}

impl Ord for SqlValue<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (SqlValue::Integer(one), SqlValue::Integer(other)) => one.cmp(other),
            (SqlValue::Real(one), SqlValue::Real(other)) => {
                one.partial_cmp(other).unwrap_or(Ordering::Equal)
            }
            (SqlValue::Integer(one), SqlValue::Real(other)) => compare_integer_real(*one, *other),
            (SqlValue::Real(one), SqlValue::Integer(other)) => {
                compare_integer_real(*other, *one).reverse()
            }
            (SqlValue::Text(one), SqlValue::Text(other))
            | (SqlValue::Blob(one), SqlValue::Blob(other)) => one.cmp(other),
            _ => self.class().cmp(&other.class()),
        }
    }
}

impl PartialOrd for SqlValue<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SqlValue<'_> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (SqlValue::Text(one), SqlValue::Text(other)) => one == other,
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for SqlValue<'_> {}

impl Hash for SqlValue<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            SqlValue::Text(bytes) => hasher.write(bytes),
            SqlValue::Null => hasher.write_u8(0),
            SqlValue::Integer(integer) => hasher.write_i64(*integer),
            SqlValue::Real(real) => match as_integer(*real) {
                Some(integer) => hasher.write_i64(integer),
                None => hasher.write_u64(real.to_bits()),
            },
            SqlValue::Blob(bytes) => {
                hasher.write_u8(3);
                hasher.write(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SqlValue::{Blob, Integer, Null, Real, Text};
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
                assert!(
                    one.front().cmp(&other.front()) == i.cmp(&j) || one.front() == other.front()
                );
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
