//! Keys of any number of parts and the numbers of their groups, in the order in which they came.
//!
//! Cost per group: the key's bytes, and about 40 bytes for each part.

use super::combinations::Combinations;
use super::distinct::Distinct;
use crate::ffi::{Result, SqlValue};

/// Keys, numbered.
pub(super) struct Keys {
    parts: Vec<Distinct>,
    /// Of the numbers in `parts`; unused for a key of one part, whose numbers are the groups'.
    combinations: Combinations,
    /// The numbers of the current key's parts.
    numbers: Vec<u32>,
}

impl Keys {
    /// None yet, of that many parts. A key of no parts is that of group 0.
    pub(super) fn new(parts: usize) -> Self {
        Keys {
            parts: (0..parts).map(|_| Distinct::new()).collect(),
            combinations: Combinations::new(parts),
            numbers: vec![0; parts],
        }
    }

    /// How many parts a key has.
    #[inline(always)]
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// A part of a group's key; NULL where keys have no such part.
    pub(super) fn value(&self, group: usize, part: usize) -> SqlValue<'_> {
        let number = if self.parts.len() > 1 { self.combinations.part(group, part) } else { group };
        self.parts.get(part).map_or(SqlValue::Null, |values| values.value(number))
    }

    /// The group of a key, which is new if it is one past the last; `value` reads a part. (Not an
    /// iterator of values: that takes 3 % more instructions a row of two parts.)
    #[inline(always)]
    pub(super) fn group<'v, K>(
        &mut self,
        key: &'v [K],
        value: impl Fn(&'v K) -> SqlValue<'v>,
    ) -> Result<usize> {
        if let ([values], [part]) = (&mut self.parts[..], key) {
            return values.number(value(part));
        }
        for ((number, values), part) in self.numbers.iter_mut().zip(&mut self.parts).zip(key) {
            *number = values.number(value(part))? as u32;
        }
        self.combinations.number(&self.numbers)
    }

    /// Memory taken.
    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().map(Distinct::bytes).sum::<usize>() + self.combinations.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(parts: usize, rows: &[[i64; 2]]) -> (Keys, Vec<usize>) {
        let mut keys = Keys::new(parts);
        let group =
            |row: &[i64; 2]| keys.group(&row[..parts], |&part| SqlValue::Integer(part)).unwrap();
        let groups = rows.iter().map(group).collect();
        (keys, groups)
    }

    #[test]
    fn groups_are_numbered_as_they_come_by_any_number_of_parts() {
        let rows = [[7, 1], [7, 2], [3, 1], [7, 1], [3, 1]];
        for (parts, expected) in [(0, [0; 5]), (1, [0, 0, 1, 0, 1]), (2, [0, 1, 2, 0, 2])] {
            let (keys, groups) = groups(parts, &rows);
            assert_eq!((keys.parts(), &groups[..]), (parts, &expected[..]));
            for (row, group) in rows.iter().zip(groups) {
                for (part, &value) in row.iter().enumerate() {
                    let expected =
                        if part < parts { SqlValue::Integer(value) } else { SqlValue::Null };
                    assert_eq!(keys.value(group, part), expected);
                }
            }
        }
    }
}
