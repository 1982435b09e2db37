//! Sorting that a host can stop: the work is cut into pieces, with a question between them.
//!
//! The standard library's sort and selection cannot be stopped inside. So a long slice is halved by
//! selection of its middle until the pieces are short; the longest piece of work between two
//! questions is then one selection, linear in the slice (0.1 s for ten million numbers). In place,
//! without memory of its own.

use std::cmp::Ordering;

/// Below this many values a sort takes a few milliseconds, and nobody is asked.
const PART: usize = 1 << 16;

/// Sorts by `compare`; `check` says between the pieces whether to go on. After its error the values
/// are all there, in some order. Values that are equal come in any order.
pub(crate) fn sort_in_parts<T, E>(
    values: &mut [T],
    compare: &impl Fn(&T, &T) -> Ordering,
    check: &mut impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    if values.len() <= PART {
        values.sort_unstable_by(compare);
        return Ok(());
    }
    check()?;
    let (before, _, after) = values.select_nth_unstable_by(values.len() / 2, compare);
    sort_in_parts(before, compare, check)?;
    sort_in_parts(after, compare, check)
}

/// Puts at each of the places in `ranks`, ascending, the value that sorting would put there;
/// `offset` is the rank of the first value. A rank beyond the values is passed over.
pub(crate) fn place_ranks<T, E>(
    values: &mut [T],
    offset: usize,
    ranks: &[usize],
    compare: &impl Fn(&T, &T) -> Ordering,
    check: &mut impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    let (lower, rest) = ranks.split_at(ranks.len() / 2);
    let Some((rank, higher)) = rest.split_first() else { return Ok(()) };
    let place = rank.saturating_sub(offset);
    if place >= values.len() {
        return place_ranks(values, offset, lower, compare, check);
    }
    if values.len() > PART {
        check()?;
    }
    let (before, _, after) = values.select_nth_unstable_by(place, compare);
    place_ranks(before, offset, lower, compare, check)?;
    place_ranks(after, offset + place + 1, higher, compare, check)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Random;
    use super::*;
    use std::convert::Infallible;

    fn never() -> Result<(), Infallible> {
        Ok(())
    }

    #[test]
    fn parts_are_sorted_into_a_whole() {
        let mut random = Random::new(1);
        for length in [0, 1, 2, 1000, PART, PART + 1, 3 * PART + 7] {
            for bound in [1, 3, u64::MAX] {
                let mut values: Vec<u64> = (0..length).map(|_| random.below(bound)).collect();
                let mut expected = values.clone();
                expected.sort_unstable();
                sort_in_parts(&mut values, &u64::cmp, &mut never).unwrap();
                assert_eq!(values, expected);
            }
        }
    }

    #[test]
    fn ranks_are_placed_as_sorting_would() {
        let mut random = Random::new(2);
        for length in [0, 1, 2, 10, 1000, 3 * PART] {
            for bound in [1, 4, u64::MAX] {
                let values: Vec<u64> = (0..length).map(|_| random.below(bound)).collect();
                let mut sorted = values.clone();
                sorted.sort_unstable();
                let mut ranks: Vec<usize> = (0..random.below(12))
                    .map(|_| random.below(length as u64 + 3) as usize)
                    .chain([length / 2, length / 2 + 1])
                    .collect();
                ranks.sort_unstable();
                let mut placed = values.clone();
                place_ranks(&mut placed, 0, &ranks, &u64::cmp, &mut never).unwrap();
                for rank in ranks {
                    assert_eq!(placed.get(rank), sorted.get(rank), "{rank} of {length}");
                }
                placed.sort_unstable();
                assert_eq!(placed, sorted, "nothing is lost");
            }
        }
    }

    #[test]
    fn a_long_sort_can_be_stopped_in_the_middle() {
        let mut random = Random::new(3);
        let values: Vec<u64> = (0..8 * PART).map(|_| random.next()).collect();
        for stop_at in 0..6 {
            let mut asked = 0;
            let mut stop = || {
                asked += 1;
                if asked > stop_at { Err("stopped") } else { Ok(()) }
            };
            let mut sorting = values.clone();
            assert_eq!(sort_in_parts(&mut sorting, &u64::cmp, &mut stop), Err("stopped"));
            let (mut left, mut given) = (sorting, values.clone());
            left.sort_unstable();
            given.sort_unstable();
            assert_eq!(left, given, "nothing is lost");
        }
        let mut stop = || Err("stopped");
        let mut placing = values;
        assert_eq!(place_ranks(&mut placing, 0, &[5], &u64::cmp, &mut stop), Err("stopped"));
    }
}
