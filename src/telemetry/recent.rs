//! A cache in front of a map of values: most rows hold a value that was seen lately, and find its
//! number here, without hashing.

use crate::ffi::SqlValue;

/// Slots of the cache.
const SLOTS: usize = 64;

/// 2^64 over the golden ratio, made odd: multiplying by it spreads the bits of a number.
pub(super) const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The latest values, each in the slot that its bytes choose.
#[derive(Debug)]
pub(super) struct Recent(Box<[Slot; SLOTS]>);

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    value: Signature,
    number: u32,
    is_set: bool,
}

impl Recent {
    pub(super) fn new() -> Self {
        Recent(Box::new([Slot::default(); SLOTS]))
    }

    /// The number of a value, if it is there.
    #[inline(always)]
    pub(super) fn number(&self, value: &SqlValue<'_>) -> Option<usize> {
        let signature = Signature::of(value)?;
        let slot = self.0.get(signature.slot())?;
        (!slot.value.differs(&signature) && slot.is_set).then_some(slot.number as usize)
    }

    /// Puts a value there, instead of another; a text or blob that is too long stays out.
    #[cold]
    pub(super) fn remember(&mut self, value: &SqlValue<'_>, number: usize) {
        if let Some(value) = Signature::of(value)
            && let Some(slot) = self.0.get_mut(value.slot())
        {
            *slot = Slot { value, number: number as u32, is_set: true };
        }
    }
}

/// A short key in a fixed number of words, so that comparing two takes the same few steps whatever
/// they are: the processor cannot guess the length of the next row's key, and a wrong guess costs
/// more than the comparison.
#[derive(Debug, Clone, Copy, Default)]
struct Signature {
    /// The kind of the value and its length.
    tag: u64,
    /// The bytes, in words that overlap where there are fewer than 48.
    words: [u64; 6],
}

impl Signature {
    const LONGEST: usize = 48;

    /// What tells this value from every other one.
    #[inline(always)]
    fn of(value: &SqlValue<'_>) -> Option<Self> {
        let number = |tag, bits| Some(Signature { tag, words: [bits, 0, 0, 0, 0, 0] });
        match *value {
            SqlValue::Text(bytes) => Signature::of_bytes(bytes, 3),
            SqlValue::Integer(integer) => number(1, integer as u64),
            SqlValue::Real(real) => match value.as_integer() {
                Some(integer) => number(1, integer as u64),
                None => number(2, real.to_bits()),
            },
            SqlValue::Null => Some(Signature::default()),
            SqlValue::Blob(bytes) => Signature::of_bytes(bytes, 4),
        }
    }

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
        // Spelt out: `map` over the array is sometimes not inlined, at 80 instructions a row.
        let words = [
            word(0),
            word(from_front(8)),
            word(from_front(16)),
            word(from_back(16)),
            word(from_back(8)),
            word(last),
        ];
        Some(Signature { tag, words })
    }

    /// Without a branch until all is compared.
    #[inline(always)]
    fn differs(&self, other: &Signature) -> bool {
        let mut difference = self.tag ^ other.tag;
        for (one, other) in self.words.iter().zip(&other.words) {
            difference |= one ^ other;
        }
        difference != 0
    }

    /// The slot that the bytes choose.
    #[inline(always)]
    fn slot(&self) -> usize {
        let [first, .., last] = self.words;
        let mixed = first ^ last.rotate_left(29) ^ self.tag;
        (mixed.wrapping_mul(MIXER) >> (64 - SLOTS.ilog2())) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::SqlValue::{Blob, Integer, Null, Real, Text};
    use super::*;

    fn differ(one: &SqlValue<'_>, other: &SqlValue<'_>) -> bool {
        Signature::of(one).unwrap().differs(&Signature::of(other).unwrap())
    }

    #[test]
    fn signatures_differ_where_values_do() {
        let long: Vec<u8> = (0..60).collect();
        let mut values = vec![
            Null,
            Integer(0),
            Integer(3),
            Real(0.5),
            Real(1e300),
            Text(b"\0"),
            Text(b"\0\0"),
            Blob(b"\0"),
        ];
        values.extend((0..=48).map(|length| Text(&long[..length])));
        values.extend((1..=48).map(|start| Text(&long[start..48])));
        for one in &values {
            for other in &values {
                assert_eq!(differ(one, other), one != other, "{one:?} {other:?}");
            }
        }
        // A change of any one byte shows.
        for length in 1..=48 {
            for at in 0..length {
                let (one, mut other) = (long[..length].to_vec(), long[..length].to_vec());
                other[at] ^= 0x40;
                assert!(differ(&Text(&one), &Text(&other)));
            }
        }
        assert!(Signature::of(&Text(&long[..49])).is_none());
        assert!(!differ(&Integer(5), &Real(5.0)));
    }
}
