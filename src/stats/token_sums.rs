//! The bank of token totals: exact integers, and what a REAL in a token column makes of them.

use super::aside::Aside;
use super::bank::{Bank, Decoder, Encoder, Undecodable, grow};
use super::{ExactSum, Number, OutOfMemory, TokenTotal};

/// No total of fewer than 2^37 rows is larger, and so many of these fit into 128 bits.
const LARGEST: u128 = 1 << 100;

/// Exact totals of token columns, of any number of groups. 16 bytes a group and column.
#[derive(Debug)]
pub(crate) struct TokenSums {
    columns: usize,
    integers: Vec<i128>,
    /// Sums of the REAL values, by (group, column); empty on ordinary data.
    reals: Aside,
}

impl TokenSums {
    /// No groups yet, of that many columns.
    pub(crate) fn new(columns: usize) -> Self {
        TokenSums { columns, integers: Vec::new(), reals: Aside::default() }
    }

    /// Number of columns.
    #[inline(always)]
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Adds a value of the current row of `group`.
    #[inline(always)]
    pub(crate) fn add(
        &mut self,
        group: usize,
        column: usize,
        value: Number,
    ) -> Result<(), OutOfMemory> {
        match value {
            Number::Integer(value) => {
                if let Some(total) = self.integers.get_mut(group * self.columns + column) {
                    *total += i128::from(value);
                }
                Ok(())
            }
            Number::Real(value) => self.add_real(group, column, value),
        }
    }

    #[cold]
    fn add_real(&mut self, group: usize, column: usize, value: f64) -> Result<(), OutOfMemory> {
        self.reals.at((group, column))?.add(value)
    }

    /// Adds what was encoded to group `into`: of each encoded column, the column here, if it is
    /// wanted.
    pub(crate) fn decode(
        &mut self,
        into: usize,
        bytes: &mut Decoder<'_>,
        columns: impl Iterator<Item = Option<usize>>,
    ) -> Result<(), Undecodable> {
        for column in columns {
            let integers = bytes.wide()?;
            if integers.unsigned_abs() > LARGEST {
                return Err(Undecodable::Damaged);
            }
            let reals = match bytes.byte()? {
                0 => None,
                1 => Some(ExactSum::decode(bytes)?),
                _ => return Err(Undecodable::Damaged),
            };
            let Some(column) = column else { continue };
            if let Some(total) = self.integers.get_mut(into * self.columns + column) {
                *total += integers;
            }
            if let Some(reals) = reals {
                self.reals.at((into, column))?.merge(&reals)?;
            }
        }
        Ok(())
    }

    /// A total.
    pub(crate) fn total(&self, group: usize, column: usize) -> TokenTotal {
        TokenTotal {
            integers: self.integers.get(group * self.columns + column).copied().unwrap_or(0),
            reals: self.reals.get((group, column)).cloned(),
        }
    }
}

impl Bank for TokenSums {
    fn push_group(&mut self) -> Result<(), OutOfMemory> {
        grow(&mut self.integers, self.columns, 0)
    }

    fn combine(&mut self, into: usize, other: &Self, from: usize) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            let TokenTotal { integers, reals } = other.total(from, column);
            if let Some(total) = self.integers.get_mut(into * self.columns + column) {
                *total += integers;
            }
            if let Some(sum) = reals {
                self.reals.at((into, column))?.merge(&sum)?;
            }
        }
        Ok(())
    }

    fn encode(&self, group: usize, bytes: &mut Encoder) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            let TokenTotal { integers, reals } = self.total(group, column);
            bytes.put_wide(integers)?;
            bytes.put(&[u8::from(reals.is_some())])?;
            if let Some(reals) = reals {
                reals.encode(bytes)?;
            }
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.integers.capacity() * size_of::<i128>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TotalValue;
    use super::*;

    #[test]
    fn totals_stay_integers_until_a_real_comes() {
        let mut totals = TokenSums::new(2);
        totals.push_group().unwrap();
        totals.add(0, 1, Number::Integer(i64::MAX)).unwrap();
        totals.add(0, 1, Number::Integer(i64::MAX)).unwrap();
        let twice = TotalValue::Integer(2 * i128::from(i64::MAX));
        assert_eq!(totals.total(0, 1).value().unwrap(), twice);
        totals.add(0, 1, Number::Real(0.5)).unwrap();
        assert_eq!(totals.total(0, 1).value().unwrap(), TotalValue::Real(2f64.powi(64)));
        assert_eq!(totals.total(0, 0).value().unwrap(), TotalValue::Integer(0));
    }

    #[test]
    fn a_group_survives_its_bytes() {
        let mut totals = TokenSums::new(2);
        totals.push_group().unwrap();
        totals.add(0, 0, Number::Integer(-7)).unwrap();
        totals.add(0, 1, Number::Real(1e300)).unwrap();
        totals.add(0, 1, Number::Real(0.25)).unwrap();
        let mut bytes = Encoder::default();
        totals.encode(0, &mut bytes).unwrap();
        let mut again = TokenSums::new(2);
        again.push_group().unwrap();
        let mut decoder = Decoder::new(bytes.bytes());
        again.decode(0, &mut decoder, (0..2).map(Some)).unwrap();
        assert!(decoder.is_at_end());
        assert_eq!(again.total(0, 0).value().unwrap(), TotalValue::Integer(-7));
        assert_eq!(again.total(0, 1).value().unwrap(), totals.total(0, 1).value().unwrap());
    }
}
