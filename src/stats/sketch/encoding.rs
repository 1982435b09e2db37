//! A sketch as bytes.
//!
//! `JQS`, a version byte 1, a scale byte 6; the counts of 0, +infinity and -infinity as varints;
//! then two runs, the negative and the positive values: a varint number of entries, and for each
//! its step from the one before (from 0 for the first) as a zigzag varint and its count as a
//! varint. Buckets ascend, counts are at least 1, varints are LEB128 without spare bytes: one
//! multiset of values has one BLOB.

use super::counts::Counts;
use super::edges::{HIGHEST, LOWEST};
use super::{Refused, Sketch};
use crate::stats::{Decoder, Encoder, OutOfMemory};

const MAGIC: &[u8] = b"JQS";
const VERSION: u8 = 1;
/// Buckets double in number with each step of the scale; 6 are 64 an octave.
const SCALE: u8 = 6;

impl Sketch {
    /// As bytes, the same for the same values. For a sketch whose count fits 64 bits.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, OutOfMemory> {
        let mut bytes = Encoder::default();
        bytes.put(MAGIC)?;
        bytes.put(&[VERSION, SCALE])?;
        for count in [self.zero, self.plus_infinity, self.minus_infinity] {
            bytes.put_varint(count as u64)?;
        }
        for counts in [&self.negative, &self.positive] {
            bytes.put_varint(counts.entries().count() as u64)?;
            let mut before = 0;
            for (index, count) in counts.entries() {
                let step = i64::from(index - before);
                bytes.put_varint(((step << 1) ^ (step >> 63)) as u64)?;
                bytes.put_varint(count as u64)?;
                before = index;
            }
        }
        Ok(bytes.into_bytes())
    }

    /// Reads what `encode` wrote, and refuses anything else.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Sketch, Refused> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Refused::Malformed)?;
        let rest = match rest {
            [VERSION, SCALE, rest @ ..] => rest,
            [VERSION, scale, ..] => return Err(Refused::Scale(*scale)),
            [] | [VERSION] => return Err(Refused::Malformed),
            [version, ..] => return Err(Refused::Version(*version)),
        };
        let mut reader = Reader { rest: Decoder::new(rest), total: 0 };
        let sketch = Sketch {
            zero: reader.count(0)?,
            plus_infinity: reader.count(0)?,
            minus_infinity: reader.count(0)?,
            negative: reader.run()?,
            positive: reader.run()?,
            count: i128::from(reader.total),
        };
        // Without values there is no sketch.
        if reader.rest.is_at_end() && reader.total > 0 {
            Ok(sketch)
        } else {
            Err(Refused::Malformed)
        }
    }
}

/// What is left to read, and the sum of the counts read.
struct Reader<'b> {
    rest: Decoder<'b>,
    total: i64,
}

impl Reader<'_> {
    fn count(&mut self, least: i64) -> Result<i64, Refused> {
        let count = i64::try_from(self.rest.varint()?).map_err(|_| Refused::Malformed)?;
        self.total = self.total.checked_add(count).ok_or(Refused::Malformed)?;
        if count >= least { Ok(count) } else { Err(Refused::Malformed) }
    }

    fn run(&mut self) -> Result<Counts, Refused> {
        let mut counts = Counts::default();
        let mut before = None;
        for _ in 0..self.rest.varint()? {
            let code = self.rest.varint()?;
            let step = (code >> 1) as i64 ^ -((code & 1) as i64);
            if before.is_some() && step < 1 {
                return Err(Refused::Malformed);
            }
            let index = i64::from(before.unwrap_or(0))
                .checked_add(step)
                .and_then(|index| i32::try_from(index).ok())
                .filter(|index| (LOWEST..=HIGHEST).contains(index))
                .ok_or(Refused::Malformed)?;
            counts.change(index, self.count(1)?)?;
            before = Some(index);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_support::{Random, hostile_double};
    use super::super::tests::sketch_of;
    use super::*;

    /// Rule: the bytes, field by field.
    #[test]
    fn the_bytes_are_those_of_the_contract() {
        let bytes = sketch_of(&[1.0, 0.0, -2.0, f64::INFINITY, 1.0]).encode().unwrap();
        // 1 is in bucket -1 (step -1: zigzag 1), -2 by its magnitude in bucket 63 (zigzag 126).
        assert_eq!(bytes, [b'J', b'Q', b'S', 1, 6, 1, 1, 0, 1, 126, 1, 1, 1, 2]);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut random = Random::new(1);
        for length in 1..200 {
            let values: Vec<f64> = (0..length).map(|_| hostile_double(&mut random)).collect();
            let bytes = sketch_of(&values).encode().unwrap();
            let read = Sketch::decode(&bytes).unwrap();
            assert_eq!(read.encode().unwrap(), bytes);
            assert_eq!(read.count(), Some(length as i64));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let good = sketch_of(&[-3.0, 1.0, 2.0, 1000.0]).encode().unwrap();
        for length in 0..good.len() {
            assert_eq!(Sketch::decode(&good[..length]).err(), Some(Refused::Malformed), "{length}");
        }
        let changed = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Sketch::decode(&bytes).err()
        };
        assert_eq!(changed(3, 2), Some(Refused::Version(2)));
        assert_eq!(changed(4, 7), Some(Refused::Scale(7)));
        assert_eq!(changed(0, b'j'), Some(Refused::Malformed));
        let body = |body: &[u8]| Sketch::decode(&[b"JQS\x01\x06", body].concat()).err();
        let malformed = Some(Refused::Malformed);
        assert_eq!(body(&[1, 0, 0, 0, 0]), None);
        assert_eq!(body(&[0, 0, 0, 0, 0]), malformed, "no values");
        assert_eq!(body(&[1, 0, 0, 0, 0, 0]), malformed, "something behind it");
        assert_eq!(body(&[0x81, 0, 0, 0, 0, 0]), malformed, "a spare byte");
        assert_eq!(body(&[0, 0, 0, 0, 1, 2, 0]), malformed, "a count of 0");
        assert_eq!(body(&[0, 0, 0, 0, 2, 2, 1, 0, 1]), malformed, "one bucket twice");
        assert_eq!(body(&[0, 0, 0, 0, 2, 2, 1, 1, 1]), malformed, "descending");
        let highest = [0, 0, 0, 0, 1, 0xfe, 0xff, 0x07, 1];
        assert_eq!(body(&highest), None, "the highest bucket");
        assert_eq!(body(&[0, 0, 0, 0, 1, 0x80, 0x80, 0x08, 1]), malformed, "one above it");
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        let full = |count: &[u8]| [count, &[0, 0, 0, 0]].concat();
        assert_eq!(body(&full(&most)), None, "2^63 - 1 zeros");
        let over = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
        assert_eq!(body(&full(&over)), malformed, "2^63 zeros");
        assert_eq!(body(&[&most[..], &[1, 0, 0, 0]].concat()), malformed, "2^63 values");
        let wide = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02];
        assert_eq!(body(&full(&wide)), malformed, "65 bits");
    }

    /// Rule: never a crash. 100,000 mutations of sketches, and bytes of no origin: whatever is read
    /// is written again as it came.
    #[test]
    fn hostile_bytes_are_refused_or_are_a_sketch() {
        let mut random = Random::new(2);
        let mut taken = 0;
        for round in 0..100_000 {
            let values: Vec<f64> =
                (0..random.below(6)).map(|_| hostile_double(&mut random)).collect();
            let mut bytes = sketch_of(&values).encode().unwrap();
            for _ in 0..1 + random.below(3) {
                let at = random.below(bytes.len() as u64 + 1) as usize;
                match random.below(5) {
                    0 => bytes.insert(at, random.next() as u8),
                    1 => bytes.truncate(at.max(1)),
                    _ if at == bytes.len() => bytes.push(random.next() as u8),
                    2 => drop(bytes.remove(at)),
                    3 => bytes[at] ^= 1 << random.below(8),
                    _ => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].get(round % 5).unwrap_or(&0),
                }
            }
            if let Ok(sketch) = Sketch::decode(&bytes) {
                assert_eq!(sketch.encode().unwrap(), bytes);
                assert!(sketch.quantile(0.5).is_some());
                assert_eq!(
                    sketch.buckets().map(|bucket| bucket.count).sum::<i64>(),
                    sketch.count().unwrap()
                );
                taken += 1;
            }
        }
        assert!(taken > 1000, "{taken} were sketches");
    }
}
