//! Group keys: SQL values compared as SQLite compares them, text byte by byte whatever the column's
//! collation.

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
    #[inline(always)]
    pub fn of(value: &'a Value<'_>) -> Self {
        match value.kind() {
            Kind::Text => KeyValue::Text(value.text()),
            Kind::Null => KeyValue::Null,
            Kind::Integer => KeyValue::Integer(value.as_i64()),
            Kind::Real => KeyValue::Real(value.as_f64()),
            Kind::Blob => KeyValue::Blob(value.blob()),
        }
    }

    /// What tells this key from every other one; `None` for text and blobs that are too long for
    /// it.
    #[inline(always)]
    pub(super) fn signature(&self) -> Option<Signature> {
        let number = |integer: Option<i64>, bits: u64| match integer {
            Some(integer) => Signature { tag: 1, words: [integer as u64, 0, 0, 0, 0, 0] },
            None => Signature { tag: 2, words: [bits, 0, 0, 0, 0, 0] },
        };
        match *self {
            KeyValue::Text(bytes) => Signature::of_bytes(bytes, 3),
            KeyValue::Integer(integer) => Some(number(Some(integer), 0)),
            KeyValue::Real(real) => Some(number(as_integer(real), real.to_bits())),
            KeyValue::Null => Some(Signature::default()),
            KeyValue::Blob(bytes) => Signature::of_bytes(bytes, 4),
        }
    }

    /// The front of the key, which orders keys as far as it goes: where two fronts are equal, only
    /// the keys tell.
    pub(super) fn front(&self) -> KeyFront {
        let bytes = match self {
            KeyValue::Text(bytes) | KeyValue::Blob(bytes) => bytes,
            _ => &[][..],
        };
        let mut front = [0; 8];
        front.iter_mut().zip(bytes).for_each(|(front, byte)| *front = *byte);
        KeyFront { class: self.class(), bytes: u64::from_be_bytes(front) }
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

/// A short key in a fixed number of words, so that comparing two takes the same few steps whatever
/// they are: the processor cannot guess the length of the next row's key, and a wrong guess costs
/// more than the comparison.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signature {
    /// The kind of the value and its length.
    tag: u64,
    /// The bytes, in words that overlap where there are fewer than 48.
    words: [u64; 6],
}

impl Signature {
    const LONGEST: usize = 48;

    #[inline(always)]
    fn of_bytes(bytes: &[u8], kind: u64) -> Option<Self> {
        let length = bytes.len();
        let tag = kind | (length as u64) << 8;
        if length > Self::LONGEST {
            return None;
        }
        let Some(last) = length.checked_sub(8) else {
            // Again without a length to guess where there are four bytes, as in the names of
            // engines.
            let word = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(front), Some(back)) => {
                    u64::from(u32::from_le_bytes(*front)) << 32
                        | u64::from(u32::from_le_bytes(*back))
                }
                _ => bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
            };
            return Some(Signature { tag, words: [word, 0, 0, 0, 0, 0] });
        };
        let word = |at: usize| {
            let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<8>());
            word.map_or(0, |word| u64::from_le_bytes(*word))
        };
        // Three words from the front and three from the back cover up to 48 bytes.
        let (from_front, from_back) =
            (|at: usize| at.min(last), |back: usize| last.saturating_sub(back));
        let words = [0, from_front(8), from_front(16), from_back(16), from_back(8), last].map(word);
        Some(Signature { tag, words })
    }

    /// Without a branch until all is compared.
    #[inline(always)]
    pub(super) fn differs(&self, other: &Signature) -> bool {
        let mut difference = self.tag ^ other.tag;
        for (one, other) in self.words.iter().zip(&other.words) {
            difference |= one ^ other;
        }
        difference != 0
    }

    /// A number that is another one for most other keys.
    #[inline(always)]
    pub(super) fn mix(&self) -> u64 {
        let [first, .., last] = self.words;
        first ^ last.rotate_left(29) ^ self.tag
    }
}

/// Kind and first bytes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyFront {
    class: u8,
    bytes: u64,
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
    integer
        .cmp(&(real as i64))
        .then_with(|| 0.0.partial_cmp(&real.fract()).unwrap_or(Ordering::Equal))
}

impl Ord for KeyValue<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (KeyValue::Integer(one), KeyValue::Integer(other)) => one.cmp(other),
            (KeyValue::Real(one), KeyValue::Real(other)) => {
                one.partial_cmp(other).unwrap_or(Ordering::Equal)
            }
            (KeyValue::Integer(one), KeyValue::Real(other)) => compare_integer_real(*one, *other),
            (KeyValue::Real(one), KeyValue::Integer(other)) => {
                compare_integer_real(*other, *one).reverse()
            }
            (KeyValue::Text(one), KeyValue::Text(other))
            | (KeyValue::Blob(one), KeyValue::Blob(other)) => one.cmp(other),
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
            (KeyValue::Text(one), KeyValue::Text(other)) => one == other,
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}

impl Eq for KeyValue<'_> {}

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
                assert!(
                    one.front().cmp(&other.front()) == i.cmp(&j) || one.front() == other.front()
                );
            }
        }
    }

    #[test]
    fn signatures_differ_where_keys_do() {
        let long: Vec<u8> = (0..60).collect();
        let mut keys = vec![
            Null,
            Integer(0),
            Integer(3),
            Real(0.5),
            Real(1e300),
            Text(b"\0"),
            Text(b"\0\0"),
            Blob(b"\0"),
        ];
        keys.extend((0..=48).map(|length| Text(&long[..length])));
        keys.extend((1..=48).map(|start| Text(&long[start..48])));
        for (i, one) in keys.iter().enumerate() {
            for (j, other) in keys.iter().enumerate() {
                let (one, other) = (one.signature().unwrap(), other.signature().unwrap());
                assert_eq!(one.differs(&other), keys[i] != keys[j], "{:?} {:?}", keys[i], keys[j]);
            }
        }
        // A change of any one byte shows.
        for length in 1..=48 {
            for at in 0..length {
                let (one, mut other) = (long[..length].to_vec(), long[..length].to_vec());
                other[at] ^= 0x40;
                assert!(
                    Text(&one).signature().unwrap().differs(&Text(&other).signature().unwrap())
                );
            }
        }
        assert!(Text(&long[..49]).signature().is_none());
        assert!(!Integer(5).signature().unwrap().differs(&Real(5.0).signature().unwrap()));
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
