//! The bank of exact sums, in flat arrays, so that a scan touches one stretch of memory a row.
//!
//! Per group and column an exact sum in the three parts of [`ExactSum`]. A sum that does not fit
//! them, which ordinary data never has, goes to a map on the side. Nothing is ever taken out, so an
//! infinity needs no counter: it stays in the high part and follows IEEE from there.

use super::aside::Aside;
use super::bank::{Bank, Decoder, Encoder, Undecodable, grow};
use super::exact_sum::two_sum;
use super::{ExactSum, OutOfMemory};

/// Exact sums of columns, of any number of groups. 24 bytes a group and column; 8 more where values
/// may be NULL.
#[derive(Debug)]
pub(crate) struct Sums {
    columns: usize,
    /// Per group: all high parts, then all middle parts, then all low parts.
    parts: Vec<f64>,
    /// Per group and column, how many values there were; none where there is one a row.
    values: Option<Vec<u64>>,
    aside: Aside,
}

impl Sums {
    /// No groups yet, of that many columns; `nullable` where a row may lack values, so that they
    /// must be counted.
    pub(crate) fn new(columns: usize, nullable: bool) -> Self {
        let values = nullable.then(Vec::new);
        Sums { columns, parts: Vec::new(), values, aside: Aside::default() }
    }

    /// Whether values are counted.
    #[inline(always)]
    pub(crate) fn is_nullable(&self) -> bool {
        self.values.is_some()
    }

    /// Adds the values of a row, one a column, 0.0 for NULL.
    #[inline(always)]
    pub(crate) fn add_row(
        &mut self,
        group: usize,
        row: impl Iterator<Item = f64>,
    ) -> Result<(), OutOfMemory> {
        let Some([high, middle, low]) = parts_of(&mut self.parts, self.columns, group) else {
            return Ok(());
        };
        let row = row.zip(high).zip(middle).zip(low);
        for (column, (((x, high), middle), low)) in row.enumerate() {
            let (sum, error) = two_sum(*high, x);
            let (next, error) = two_sum(*middle, error);
            // False also where the sum overflowed or met an infinity: then the error is NaN.
            if error == 0.0 {
                (*high, *middle) = (sum, next);
            } else {
                self.aside.settle([high, middle, low], x, (group, column))?;
            }
        }
        Ok(())
    }

    /// Notes that the current row of `group` has a value in a column; `rest` is what the value
    /// given to `add_row` lacks, as an INTEGER of more than 53 bits does.
    #[inline]
    pub(crate) fn count_value(
        &mut self,
        group: usize,
        column: usize,
        rest: f64,
    ) -> Result<(), OutOfMemory> {
        let values = self.values.as_mut();
        if let Some(count) = values.and_then(|v| v.get_mut(group * self.columns + column)) {
            *count += 1;
        }
        if rest == 0.0 {
            return Ok(());
        }
        self.aside.at((group, column))?.add(rest)
    }

    /// The values of a column that were not NULL; `None` where they are not counted, which is where
    /// there is one a row.
    pub(crate) fn values(&self, group: usize, column: usize) -> Option<u64> {
        let values = self.values.as_ref()?;
        Some(values.get(group * self.columns + column).copied().unwrap_or(0))
    }

    /// The exact sum of a column.
    pub(crate) fn sum(&self, group: usize, column: usize) -> Result<ExactSum, OutOfMemory> {
        let n = self.columns;
        let at = |part| self.parts.get(3 * n * group + part * n + column).copied().unwrap_or(0.0);
        ExactSum::from_parts([at(0), at(1), at(2)], self.aside.get((group, column)))
    }

    /// Adds what was encoded to group `into`: of each encoded column, the column here, if it is
    /// wanted; `are_counted` where the encoding bank counted values.
    pub(crate) fn decode(
        &mut self,
        into: usize,
        bytes: &mut Decoder<'_>,
        columns: impl Iterator<Item = Option<usize>>,
        are_counted: bool,
    ) -> Result<(), Undecodable> {
        for column in columns {
            let sum = ExactSum::decode(bytes)?;
            let values = if are_counted { bytes.varint()? } else { 0 };
            if values > u64::from(u32::MAX) << 16 {
                return Err(Undecodable::Damaged);
            }
            if let Some(column) = column {
                self.add_sum(into, column, &sum)?;
                self.add_count(into, column, values);
            }
        }
        Ok(())
    }

    fn add_sum(&mut self, into: usize, column: usize, sum: &ExactSum) -> Result<(), OutOfMemory> {
        let (parts, spilled) = sum.split();
        for part in parts {
            let Some(parts) = parts_of(&mut self.parts, self.columns, into) else { break };
            let [Some(high), Some(middle), Some(low)] = parts.map(|part| part.get_mut(column))
            else {
                break;
            };
            self.aside.settle([high, middle, low], part, (into, column))?;
        }
        if let Some(spilled) = spilled {
            self.aside.at((into, column))?.merge(&spilled)?;
        }
        Ok(())
    }

    fn add_count(&mut self, into: usize, column: usize, count: u64) {
        let values = self.values.as_mut();
        if let Some(total) = values.and_then(|v| v.get_mut(into * self.columns + column)) {
            *total += count;
        }
    }
}

impl Bank for Sums {
    fn push_group(&mut self) -> Result<(), OutOfMemory> {
        if let Some(values) = &mut self.values {
            grow(values, self.columns, 0)?;
        }
        grow(&mut self.parts, 3 * self.columns, 0.0)
    }

    fn combine(&mut self, into: usize, other: &Self, from: usize) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            self.add_sum(into, column, &other.sum(from, column)?)?;
            self.add_count(into, column, other.values(from, column).unwrap_or(0));
        }
        Ok(())
    }

    fn encode(&self, group: usize, bytes: &mut Encoder) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            self.sum(group, column)?.encode(bytes)?;
            if let Some(values) = self.values(group, column) {
                bytes.put_varint(values)?;
            }
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        let values = self.values.as_ref().map_or(0, Vec::capacity);
        (self.parts.capacity() + values) * size_of::<f64>()
    }
}

/// The high, middle and low parts of a group's `n` sums.
#[inline(always)]
fn parts_of(parts: &mut [f64], n: usize, group: usize) -> Option<[&mut [f64]; 3]> {
    let (high, rest) =
        parts.get_mut(3 * n * group..3 * n * (group + 1))?.split_at_mut_checked(n)?;
    let (middle, low) = rest.split_at_mut_checked(n)?;
    Some([high, middle, low])
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    const COLUMNS: usize = 5;

    fn row(random: &mut Random) -> [f64; COLUMNS] {
        [0; COLUMNS].map(|_| match random.below(40) {
            0 => f64::INFINITY,
            1 => 1.7e308,
            _ => hostile_double(random),
        })
    }

    fn same(got: &Sums, group: usize, column: usize, want: &ExactSum) -> bool {
        let (got, want) = (got.sum(group, column).unwrap().round(), want.round());
        got == want || (got.is_nan() && want.is_nan())
    }

    #[test]
    fn every_sum_is_exact_also_after_a_merge_and_through_bytes() {
        let mut random = Random::new(6);
        for _ in 0..300 {
            let mut sums = Sums::new(COLUMNS, true);
            let mut expected = vec![vec![ExactSum::default(); COLUMNS]; 4];
            for _ in 0..3 {
                sums.push_group().unwrap();
            }
            for _ in 0..random.below(60) {
                let (group, row) = (random.below(3) as usize, row(&mut random));
                sums.add_row(group, row.into_iter()).unwrap();
                for column in 0..COLUMNS {
                    sums.count_value(group, column, 0.0).unwrap();
                    expected[group][column].add(row[column]).unwrap();
                    expected[3][column].add(row[column]).unwrap();
                }
            }
            let mut merged = Sums::new(COLUMNS, true);
            merged.push_group().unwrap();
            let mut decoded = Sums::new(COLUMNS, true);
            decoded.push_group().unwrap();
            for group in 0..3 {
                merged.combine(0, &sums, group).unwrap();
                let mut bytes = Encoder::default();
                sums.encode(group, &mut bytes).unwrap();
                let mut decoder = Decoder::new(bytes.bytes());
                decoded.decode(0, &mut decoder, (0..COLUMNS).map(Some), true).unwrap();
                assert!(decoder.is_at_end());
            }
            for (group, sums_wanted) in expected.iter().enumerate() {
                for (column, want) in sums_wanted.iter().enumerate() {
                    if group < 3 {
                        assert!(same(&sums, group, column, want));
                        continue;
                    }
                    assert!(same(&merged, 0, column, want) && same(&decoded, 0, column, want));
                    assert_eq!(merged.values(0, column), decoded.values(0, column));
                }
            }
        }
    }

    #[test]
    fn values_are_counted_where_one_may_be_missing() {
        let mut sums = Sums::new(2, true);
        sums.push_group().unwrap();
        for x in [1.0, 4.0, 0.0] {
            sums.add_row(0, [x; 2].into_iter()).unwrap();
        }
        sums.count_value(0, 1, 0.0).unwrap();
        sums.count_value(0, 1, 0.0).unwrap();
        assert_eq!((sums.values(0, 0), sums.values(0, 1)), (Some(0), Some(2)));
        assert_eq!(Sums::new(2, false).values(0, 0), None);
    }

    #[test]
    fn infinities_put_nothing_aside() {
        let mut sums = Sums::new(1, false);
        sums.push_group().unwrap();
        for x in [1.0, f64::INFINITY, 1e300, -7.5] {
            sums.add_row(0, [x].into_iter()).unwrap();
        }
        assert_eq!((sums.sum(0, 0).unwrap().round(), sums.aside.count()), (f64::INFINITY, 0));
        sums.add_row(0, [f64::NEG_INFINITY].into_iter()).unwrap();
        assert!(sums.sum(0, 0).unwrap().round().is_nan());
    }

    #[test]
    fn no_bytes_are_a_crash() {
        let mut random = Random::new(7);
        let mut whole = Encoder::default();
        let mut sums = Sums::new(COLUMNS, true);
        sums.push_group().unwrap();
        for _ in 0..20 {
            sums.add_row(0, row(&mut random).into_iter()).unwrap();
        }
        sums.encode(0, &mut whole).unwrap();
        for _ in 0..100_000 {
            let mut bytes = whole.bytes().to_vec();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len() as u64) as usize;
                match random.below(3) {
                    0 => bytes[at] = random.next() as u8,
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, random.next() as u8),
                }
            }
            let mut into = Sums::new(COLUMNS, true);
            into.push_group().unwrap();
            let columns = (0..COLUMNS).map(Some);
            if into.decode(0, &mut Decoder::new(&bytes), columns, true).is_ok() {
                for column in 0..COLUMNS {
                    let _ = into.sum(0, column).unwrap().round();
                }
            }
        }
    }
}
