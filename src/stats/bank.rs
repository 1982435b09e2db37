//! Banks of state: what a scan keeps of many groups, one kind of state a bank, side by side.
//!
//! A bank is told to make room for a group, gets the group's values row by row (by a verb of its
//! own, since banks take different values), and can add one of its groups to one of another bank. A
//! group can be kept as bytes and added to a group later, by another process too:
//! `decode(encode(group))` added to an empty group is that group to the last bit.

use super::OutOfMemory;

/// State of any number of groups, numbered from 0.
pub(crate) trait Bank {
    /// Adds an empty group.
    fn push_group(&mut self) -> Result<(), OutOfMemory>;

    /// Adds group `from` of `other`, a bank of as many columns, to group `into`.
    fn combine(&mut self, into: usize, other: &Self, from: usize) -> Result<(), OutOfMemory>;

    /// Appends what a group holds.
    fn encode(&self, group: usize, bytes: &mut Encoder) -> Result<(), OutOfMemory>;

    /// Memory taken, without what a single group may have put aside.
    fn bytes(&self) -> usize;
}

/// Makes room for a group in the flat array of a bank.
pub(super) fn grow<T: Clone>(values: &mut Vec<T>, by: usize, value: T) -> Result<(), OutOfMemory> {
    values.try_reserve(by)?;
    values.resize(values.len() + by, value);
    Ok(())
}

/// Why stored bytes were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// No encoder wrote them.
    Damaged,
    /// There was no memory for what they hold.
    OutOfMemory,
}

impl From<OutOfMemory> for Undecodable {
    fn from(_: OutOfMemory) -> Self {
        Undecodable::OutOfMemory
    }
}

/// Bytes under construction.
#[derive(Debug, Default)]
pub(crate) struct Encoder(Vec<u8>);

impl Encoder {
    /// What was written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was written, to keep.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Appends bytes as they are.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.0.try_reserve(bytes.len())?;
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends a number in as few bytes as it takes, seven bits a byte (LEB128).
    pub(crate) fn put_varint(&mut self, mut number: u64) -> Result<(), OutOfMemory> {
        while number >= 0x80 {
            self.put(&[number as u8 | 0x80])?;
            number >>= 7;
        }
        self.put(&[number as u8])
    }

    /// Appends a double, bit for bit.
    pub(crate) fn put_real(&mut self, real: f64) -> Result<(), OutOfMemory> {
        self.put(&real.to_le_bytes())
    }

    /// Appends a 128-bit integer.
    pub(crate) fn put_wide(&mut self, integer: i128) -> Result<(), OutOfMemory> {
        // Zigzag: a small number of either sign takes few bytes.
        let folded = (integer << 1 ^ integer >> 127) as u128;
        self.put_varint(folded as u64 & (u64::MAX >> 1))?;
        self.put_varint((folded >> 63) as u64)?;
        self.put_varint((folded >> 127) as u64)
    }
}

/// Bytes being read, from the front on.
#[derive(Debug)]
pub(crate) struct Decoder<'b>(&'b [u8]);

impl<'b> Decoder<'b> {
    /// Reads `bytes`.
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Decoder(bytes)
    }

    /// Whether all has been read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `N` bytes.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Undecodable> {
        let (front, rest) = self.0.split_first_chunk::<N>().ok_or(Undecodable::Damaged)?;
        self.0 = rest;
        Ok(*front)
    }

    /// As many of the next bytes.
    pub(crate) fn bytes(&mut self, length: u64) -> Result<&'b [u8], Undecodable> {
        let length = usize::try_from(length).map_err(|_| Undecodable::Damaged)?;
        let (front, rest) = self.0.split_at_checked(length).ok_or(Undecodable::Damaged)?;
        self.0 = rest;
        Ok(front)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Undecodable> {
        self.take::<1>().map(|[byte]| byte)
    }

    /// A number as `put_varint` wrote it, in no more bytes than it takes.
    pub(crate) fn varint(&mut self) -> Result<u64, Undecodable> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(Undecodable::Damaged);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Undecodable::Damaged)
    }

    /// A double.
    pub(crate) fn real(&mut self) -> Result<f64, Undecodable> {
        self.take().map(f64::from_le_bytes)
    }

    /// A 128-bit integer.
    pub(crate) fn wide(&mut self) -> Result<i128, Undecodable> {
        let (low, middle, high) = (self.varint()?, self.varint()?, self.varint()?);
        if low > u64::MAX >> 1 || high > 1 {
            return Err(Undecodable::Damaged);
        }
        let folded = u128::from(low) | u128::from(middle) << 63 | u128::from(high) << 127;
        Ok((folded >> 1) as i128 ^ -((folded & 1) as i128))
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;

    #[test]
    fn numbers_come_back() {
        let mut random = Random::new(11);
        for _ in 0..2000 {
            let mut bytes = Encoder::default();
            let shift = random.below(128) as u32;
            let wide = (i128::from(random.next()) << 64 | i128::from(random.next())) >> shift;
            let (varint, real) = (random.next() >> (shift % 64), f64::from_bits(random.next()));
            bytes.put_wide(wide).unwrap();
            bytes.put_varint(varint).unwrap();
            bytes.put_real(real).unwrap();
            let mut decoder = Decoder::new(bytes.bytes());
            assert_eq!(decoder.wide(), Ok(wide));
            assert_eq!(decoder.varint(), Ok(varint));
            assert_eq!(decoder.real().unwrap().to_bits(), real.to_bits());
            assert!(decoder.is_at_end());
            assert_eq!(decoder.byte(), Err(Undecodable::Damaged));
        }
        for wide in [0, -1, 1, i128::MAX, i128::MIN] {
            let mut bytes = Encoder::default();
            bytes.put_wide(wide).unwrap();
            assert_eq!(Decoder::new(bytes.bytes()).wide(), Ok(wide));
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        for bytes in [&[0x80, 0][..], &[0xff; 10], &[0x80; 11], &[0x80]] {
            assert_eq!(Decoder::new(bytes).varint(), Err(Undecodable::Damaged));
        }
        let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(Decoder::new(&largest).varint(), Ok(u64::MAX));
    }
}
