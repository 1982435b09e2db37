//! The bank of extremes: the least and the greatest value of columns.
//!
//! A zero is 0.0, never -0.0, as in a sum: the two are equal, so that otherwise the order of the
//! rows would show. A NaN is no value.

use super::OutOfMemory;
use super::bank::{Bank, Decoder, Encoder, Undecodable, grow};

/// What a column without values holds.
const NONE: [f64; 2] = [f64::NAN; 2];

/// Least and greatest values of columns, of any number of groups. 16 bytes a group and column.
#[derive(Debug)]
pub(crate) struct Extremes {
    columns: usize,
    extremes: Vec<[f64; 2]>,
}

impl Extremes {
    /// No groups yet, of that many columns.
    pub(crate) fn new(columns: usize) -> Self {
        Extremes { columns, extremes: Vec::new() }
    }

    /// Adds a value of the current row of `group`.
    #[inline(always)]
    pub(crate) fn add(&mut self, group: usize, column: usize, value: f64) {
        if let Some([least, greatest]) = self.extremes.get_mut(group * self.columns + column) {
            // -0.0 becomes 0.0; of a number and a NaN both functions give the number.
            let value = value + 0.0;
            *least = least.min(value);
            *greatest = greatest.max(value);
        }
    }

    /// The least and the greatest value; `None` where there is none.
    pub(crate) fn of(&self, group: usize, column: usize) -> Option<[f64; 2]> {
        let extremes = self.extremes.get(group * self.columns + column).copied();
        extremes.filter(|[least, _]| !least.is_nan())
    }

    /// Adds what was encoded to group `into`: of each encoded column, to the column here, if it is
    /// wanted.
    pub(crate) fn decode(
        &mut self,
        into: usize,
        bytes: &mut Decoder<'_>,
        columns: impl Iterator<Item = Option<usize>>,
    ) -> Result<(), Undecodable> {
        for column in columns {
            let (least, greatest) = (bytes.real()?, bytes.real()?);
            let is_none = least.is_nan() && greatest.is_nan();
            if !is_none && least.partial_cmp(&greatest).is_none_or(|order| order.is_gt()) {
                return Err(Undecodable::Damaged);
            }
            if let Some(column) = column {
                self.add(into, column, least);
                self.add(into, column, greatest);
            }
        }
        Ok(())
    }
}

impl Bank for Extremes {
    fn push_group(&mut self) -> Result<(), OutOfMemory> {
        grow(&mut self.extremes, self.columns, NONE)
    }

    fn combine(&mut self, into: usize, other: &Self, from: usize) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            for extreme in other.of(from, column).unwrap_or(NONE) {
                self.add(into, column, extreme);
            }
        }
        Ok(())
    }

    fn encode(&self, group: usize, bytes: &mut Encoder) -> Result<(), OutOfMemory> {
        for column in 0..self.columns {
            for extreme in self.of(group, column).unwrap_or(NONE) {
                bytes.put_real(extreme)?;
            }
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.extremes.capacity() * size_of::<[f64; 2]>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    #[test]
    fn the_extremes_of_all_are_those_of_the_extremes_of_parts_also_through_bytes() {
        let mut random = Random::new(51);
        for _ in 0..300 {
            let mut parts = Extremes::new(2);
            let mut whole: [Vec<f64>; 2] = Default::default();
            (0..3).for_each(|_| parts.push_group().unwrap());
            for _ in 0..random.below(20) {
                let (group, column) = (random.below(3) as usize, random.below(2) as usize);
                let value = hostile_double(&mut random);
                parts.add(group, column, value);
                whole[column].push(value);
            }
            let (mut combined, mut decoded) = (Extremes::new(2), Extremes::new(2));
            combined.push_group().unwrap();
            decoded.push_group().unwrap();
            for group in 0..3 {
                combined.combine(0, &parts, group).unwrap();
                let mut bytes = Encoder::default();
                parts.encode(group, &mut bytes).unwrap();
                let mut decoder = Decoder::new(bytes.bytes());
                decoded.decode(0, &mut decoder, (0..2).map(Some)).unwrap();
                assert!(decoder.is_at_end());
            }
            for (column, mut values) in whole.into_iter().enumerate() {
                values.sort_by(f64::total_cmp);
                let expected = values.first().map(|least| [*least, values[values.len() - 1]]);
                assert_eq!(combined.of(0, column), expected);
                assert_eq!(decoded.of(0, column), expected);
            }
        }
    }

    #[test]
    fn a_zero_has_no_sign_and_infinities_are_values() {
        let mut extremes = Extremes::new(1);
        extremes.push_group().unwrap();
        assert_eq!(extremes.of(0, 0), None);
        extremes.add(0, 0, -0.0);
        assert_eq!(extremes.of(0, 0).map(|both| both.map(f64::to_bits)), Some([0, 0]));
        extremes.add(0, 0, f64::INFINITY);
        extremes.add(0, 0, f64::NEG_INFINITY);
        assert_eq!(extremes.of(0, 0), Some([f64::NEG_INFINITY, f64::INFINITY]));
    }

    #[test]
    fn bytes_of_nobodys_writing_are_refused() {
        for pair in [[1.0, 0.5], [f64::NAN, 1.0], [1.0, f64::NAN]] {
            let mut bytes = Encoder::default();
            pair.iter().for_each(|real| bytes.put_real(*real).unwrap());
            let mut extremes = Extremes::new(1);
            extremes.push_group().unwrap();
            let outcome = extremes.decode(0, &mut Decoder::new(bytes.bytes()), [None].into_iter());
            assert_eq!(outcome, Err(Undecodable::Damaged));
        }
    }
}
