//! The order of groups: most calls first, ties by key as SQLite orders values.

use crate::ffi::{Connection, Front, Result, SqlValue};
use crate::stats::sort_in_parts;
use std::cmp::Reverse;

/// What groups are ranked by, and the group. The front of a key stands beside its group: going to
/// the key itself for every comparison takes most of the time when there are many groups.
type Rank = (Reverse<u64>, Front, u32);

/// The groups from 0 to `count` in order, each with a key of `parts`. The host may interrupt it.
pub(super) fn ranked<'k>(
    connection: &Connection<'_>,
    count: usize,
    parts: usize,
    calls: impl Fn(usize) -> u64,
    key: impl Fn(usize, usize) -> SqlValue<'k>,
) -> Result<Vec<u32>> {
    let mut ranks: Vec<Rank> = Vec::new();
    ranks.try_reserve_exact(count)?;
    let rank = |group| (Reverse(calls(group)), key(group, 0).front(), group as u32);
    ranks.extend((0..count).map(rank));
    let compare = |(calls, front, group): &Rank, (other_calls, other_front, other): &Rank| {
        let by_front = calls.cmp(other_calls).then_with(|| front.cmp(other_front));
        (0..parts).fold(by_front, |order, part| {
            order.then_with(|| key(*group as usize, part).cmp(&key(*other as usize, part)))
        })
    };
    sort_in_parts(&mut ranks, &compare, &mut || connection.check_interrupt())?;
    let mut order = Vec::new();
    order.try_reserve_exact(count)?;
    order.extend(ranks.into_iter().map(|(_, _, group)| group));
    Ok(order)
}
