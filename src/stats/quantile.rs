//! The percentile of sorted values: Hyndman and Fan's type 7, linear between neighbours.
//!
//! To the last bit the rule of SQLite's `percentile_cont`; numpy's and DuckDB's `quantile_cont` are
//! the same rule, interpolated in another order of operations.

/// The percentile p (0 to 1) of `count` values, of which `value_at` gives the one at a rank from 0
/// in ascending order. It is asked for one rank or for two neighbours, the lower first. `None` for
/// no values; NaN between infinities of both signs.
pub(crate) fn quantile(count: u64, p: f64, mut value_at: impl FnMut(u64) -> f64) -> Option<f64> {
    let (rank, fraction) = position(count, p)?;
    let low = value_at(rank);
    if fraction == 0.0 {
        return Some(low);
    }
    let high = value_at(rank + 1);
    Some(if low == high { low } else { low + (high - low) * fraction })
}

/// The lower rank that the percentile is read from, and how far to go from there to the next; 0
/// when there is none.
fn position(count: u64, p: f64) -> Option<(u64, f64)> {
    let last = count.checked_sub(1)?;
    let place = p * last as f64;
    // A count that a double does not hold may be rounded up.
    let rank = (place as u64).min(last);
    Some((rank, if rank == last { 0.0 } else { place - rank as f64 }))
}

/// The ranks that `quantile` asks for, none where there are no values.
pub(crate) fn ranks_of(count: usize, p: f64) -> impl Iterator<Item = usize> {
    position(count as u64, p).into_iter().flat_map(|(rank, fraction)| {
        let (low, neighbours) = (rank as usize, usize::from(fraction != 0.0));
        low..=low + neighbours
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], p: f64) -> Option<f64> {
        quantile(values.len() as u64, p, |rank| values[rank as usize])
    }

    #[test]
    fn between_neighbours_it_is_linear() {
        assert_eq!(of(&[], 0.5), None);
        assert_eq!(of(&[7.0], 0.3), Some(7.0));
        assert_eq!(of(&[1.0, 2.0], 0.0), Some(1.0));
        assert_eq!(of(&[1.0, 2.0], 0.25), Some(1.25));
        assert_eq!(of(&[1.0, 2.0], 1.0), Some(2.0));
        assert_eq!(of(&[1.0, 2.0, 4.0], 0.5), Some(2.0));
        assert_eq!(of(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(of(&[5.0, f64::INFINITY], 0.5), Some(f64::INFINITY));
        assert_eq!(of(&[f64::INFINITY; 2], 0.5), Some(f64::INFINITY));
        assert!(of(&[f64::NEG_INFINITY, f64::INFINITY], 0.5).unwrap().is_nan());
    }

    #[test]
    fn counts_beyond_a_double_stay_in_range() {
        let count = i64::MAX as u64;
        assert_eq!(quantile(count, 1.0, |rank| rank as f64), Some((count - 1) as f64));
        assert_eq!(quantile(count, 0.0, |rank| rank as f64), Some(0.0));
    }

    #[test]
    fn the_ranks_are_those_that_are_read() {
        for count in 0..20 {
            for p in [0.0, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0] {
                let mut read = Vec::new();
                quantile(count, p, |rank| {
                    read.push(rank as usize);
                    rank as f64
                });
                let ranks: Vec<usize> = ranks_of(count as usize, p).collect();
                assert_eq!(ranks, read, "{p} of {count}");
            }
        }
    }
}
