//! The totals of many groups of calls in flat arrays, so that a scan touches one stretch of memory
//! per row.
//!
//! Per group: a count, for each token column an exact integer total, for each measured (REAL)
//! column an exact sum in the three parts of [`ExactSum`]. What does not fit these (a token value
//! that is REAL, a sum that spills) goes to a map on the side, which stays empty on ordinary data.

use super::exact_sum::two_sum;
use super::{ExactSum, Number, OutOfMemory, TokenTotal};
use hashbrown::HashMap;

/// Token columns of a layout at most.
pub const MAX_TOKENS: usize = 4;
/// Measured columns of a layout at most.
pub const MAX_REALS: usize = 16;

/// How many columns the groups of a [`CallTotals`] have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Token columns.
    pub tokens: usize,
    /// Measured columns.
    pub reals: usize,
    /// Whether some measured value may be NULL, so that each column counts its own values.
    pub nullable: bool,
}

/// Exact totals of any number of groups.
#[derive(Debug)]
pub struct CallTotals {
    layout: Layout,
    counts: Vec<u64>,
    tokens: Vec<i128>,
    /// Per group: all high parts, then all middle parts, then all low parts.
    parts: Vec<f64>,
    /// Per group and measured column, values that were not NULL; empty unless the layout is
    /// nullable.
    measured: Vec<u64>,
    /// By (group, column), token columns first.
    aside: Aside,
}

impl CallTotals {
    /// No groups yet.
    pub fn new(layout: Layout) -> Self {
        CallTotals {
            layout,
            counts: Vec::new(),
            tokens: Vec::new(),
            parts: Vec::new(),
            measured: Vec::new(),
            aside: HashMap::default(),
        }
    }

    /// The columns of each group.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Adds an empty group and returns its index.
    pub fn push_group(&mut self) -> Result<usize, OutOfMemory> {
        let Layout { tokens, reals, nullable } = self.layout;
        grow(&mut self.counts, 1, 0)?;
        grow(&mut self.tokens, tokens, 0)?;
        grow(&mut self.parts, 3 * reals, 0.0)?;
        grow(&mut self.measured, if nullable { reals } else { 0 }, 0)?;
        Ok(self.counts.len() - 1)
    }

    /// Counts a row of `group`, whose measured values come in the layout's order.
    #[inline(always)]
    pub fn add_row(
        &mut self,
        group: usize,
        reals: impl Iterator<Item = f64>,
    ) -> Result<(), OutOfMemory> {
        if let Some(count) = self.counts.get_mut(group) {
            *count += 1;
        }
        let Layout { tokens, reals: n, .. } = self.layout;
        let Some([high, middle, low]) = parts_of(&mut self.parts, n, group) else { return Ok(()) };
        for (column, (((x, high), middle), low)) in reals.zip(high).zip(middle).zip(low).enumerate()
        {
            let (sum, error) = two_sum(*high, x);
            let (next, error) = two_sum(*middle, error);
            // False also where the sum overflowed or met an infinity: then the error is NaN.
            if error == 0.0 {
                (*high, *middle) = (sum, next);
            } else {
                settle([high, middle, low], x, &mut self.aside, (group, tokens + column))?;
            }
        }
        Ok(())
    }

    /// Adds one token value of the current row of `group`.
    #[inline(always)]
    pub fn add_tokens(
        &mut self,
        group: usize,
        column: usize,
        value: Number,
    ) -> Result<(), OutOfMemory> {
        match value {
            Number::Integer(value) => {
                if let Some(total) = self.tokens.get_mut(group * self.layout.tokens + column) {
                    *total += i128::from(value);
                }
                Ok(())
            }
            Number::Real(value) => self.aside(group, column)?.add(value),
        }
    }

    /// Notes that the current row of `group` has a value in measured column `column` (nullable
    /// layouts only); `rest` is what the value in the row's reals lacks, as an INTEGER of more than
    /// 53 bits does.
    #[inline]
    pub fn count_measured(
        &mut self,
        group: usize,
        column: usize,
        rest: f64,
    ) -> Result<(), OutOfMemory> {
        if let Some(count) = self.measured.get_mut(group * self.layout.reals + column) {
            *count += 1;
        }
        if rest == 0.0 { Ok(()) } else { self.aside(group, self.layout.tokens + column)?.add(rest) }
    }

    fn aside(&mut self, group: usize, column: usize) -> Result<&mut ExactSum, OutOfMemory> {
        at(&mut self.aside, (group, column))
    }

    /// Adds group `from` of `other`, which has the same layout, to group `into`.
    pub fn merge_group(
        &mut self,
        into: usize,
        other: &CallTotals,
        from: usize,
    ) -> Result<(), OutOfMemory> {
        let Layout { tokens, reals, nullable } = self.layout;
        if let Some(count) = self.counts.get_mut(into) {
            *count += other.count(from);
        }
        for column in 0..tokens {
            let TokenTotal { integers, reals } = other.token_total(from, column);
            if let Some(total) = self.tokens.get_mut(into * tokens + column) {
                *total += integers;
            }
            if let Some(sum) = reals {
                self.aside(into, column)?.merge(&sum)?;
            }
        }
        for column in 0..reals {
            for part in other.parts(from, column) {
                let Some(parts) = parts_of(&mut self.parts, reals, into) else { break };
                let [Some(high), Some(middle), Some(low)] = parts.map(|part| part.get_mut(column))
                else {
                    break;
                };
                settle([high, middle, low], part, &mut self.aside, (into, tokens + column))?;
            }
            if let Some(sum) = other.aside.get(&(from, tokens + column)) {
                self.aside(into, tokens + column)?.merge(sum)?;
            }
            if nullable && let Some(count) = self.measured.get_mut(into * reals + column) {
                *count += other.measured(from, column);
            }
        }
        Ok(())
    }

    /// Rows of the group.
    pub fn count(&self, group: usize) -> u64 {
        self.counts.get(group).copied().unwrap_or(0)
    }

    /// Exact total of a token column.
    pub fn token_total(&self, group: usize, column: usize) -> TokenTotal {
        TokenTotal {
            integers: self.tokens.get(group * self.layout.tokens + column).copied().unwrap_or(0),
            reals: self.aside.get(&(group, column)).cloned(),
        }
    }

    fn parts(&self, group: usize, column: usize) -> [f64; 3] {
        let n = self.layout.reals;
        [0, 1, 2]
            .map(|part| self.parts.get(3 * n * group + part * n + column).copied().unwrap_or(0.0))
    }

    /// Exact total of a measured column.
    pub fn exact_total(&self, group: usize, column: usize) -> Result<ExactSum, OutOfMemory> {
        ExactSum::from_parts(
            self.parts(group, column),
            self.aside.get(&(group, self.layout.tokens + column)),
        )
    }

    /// Total of a measured column, rounded once.
    pub fn total(&self, group: usize, column: usize) -> Result<f64, OutOfMemory> {
        Ok(self.exact_total(group, column)?.round())
    }

    /// Values of a measured column that were not NULL.
    pub fn measured(&self, group: usize, column: usize) -> u64 {
        if self.layout.nullable {
            self.measured.get(group * self.layout.reals + column).copied().unwrap_or(0)
        } else {
            self.count(group)
        }
    }

    /// Mean of a measured column over its values; NaN for none.
    pub fn average(&self, group: usize, column: usize) -> Result<f64, OutOfMemory> {
        match self.measured(group, column) {
            0 => Ok(f64::NAN),
            values => Ok(self.total(group, column)? / values as f64),
        }
    }
}

type Aside = HashMap<(usize, usize), ExactSum, foldhash::fast::RandomState>;

fn at(aside: &mut Aside, place: (usize, usize)) -> Result<&mut ExactSum, OutOfMemory> {
    aside.try_reserve(1)?;
    Ok(aside.entry(place).or_default())
}

/// Adds a value that leaves something beyond the middle part: to the low part, or where that is not
/// exact either, with all parts to the side map.
#[cold]
fn settle(
    parts: [&mut f64; 3],
    x: f64,
    aside: &mut Aside,
    place: (usize, usize),
) -> Result<(), OutOfMemory> {
    let [high, middle, low] = parts;
    let (sum, error) = two_sum(*high, x);
    let (next, error) = two_sum(*middle, error);
    let (last, error) = two_sum(*low, error);
    if error == 0.0 {
        (*high, *middle, *low) = (sum, next, last);
        return Ok(());
    }
    let aside = at(aside, place)?;
    for part in [high, middle, low].map(std::mem::take).into_iter().chain([x]) {
        aside.add(part)?;
    }
    Ok(())
}

fn grow<T: Clone>(values: &mut Vec<T>, by: usize, value: T) -> Result<(), OutOfMemory> {
    values.try_reserve(by)?;
    values.resize(values.len() + by, value);
    Ok(())
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
    use super::super::TotalValue;
    use super::super::test_support::{Random, hostile_double};
    use super::*;

    const LAYOUT: Layout = Layout { tokens: 2, reals: 5, nullable: true };

    fn row(random: &mut Random) -> [f64; LAYOUT.reals] {
        let mut reals = [0.0; LAYOUT.reals];
        for x in &mut reals {
            *x = match random.below(40) {
                0 => f64::INFINITY,
                1 => 1.7e308,
                _ => hostile_double(random),
            };
        }
        reals
    }

    #[test]
    fn every_sum_equals_its_exact_sum_also_after_a_merge() {
        let mut random = Random::new(6);
        for _ in 0..300 {
            let mut totals = CallTotals::new(LAYOUT);
            let mut expected = vec![vec![ExactSum::default(); LAYOUT.reals]; 4];
            for _ in 0..3 {
                totals.push_group().unwrap();
            }
            for _ in 0..random.below(60) {
                let (group, reals) = (random.below(3) as usize, row(&mut random));
                totals.add_row(group, reals.into_iter()).unwrap();
                for column in 0..LAYOUT.reals {
                    expected[group][column].add(reals[column]).unwrap();
                    expected[3][column].add(reals[column]).unwrap();
                }
            }
            let mut merged = CallTotals::new(LAYOUT);
            merged.push_group().unwrap();
            (0..3).for_each(|group| merged.merge_group(0, &totals, group).unwrap());
            for (group, sums) in expected.iter().enumerate() {
                let (got, group) = if group == 3 { (&merged, 0) } else { (&totals, group) };
                for (column, want) in sums.iter().enumerate() {
                    let (got, want) = (got.total(group, column).unwrap(), want.round());
                    assert!(got == want || (got.is_nan() && want.is_nan()), "{got:e} {want:e}");
                }
            }
        }
    }

    #[test]
    fn token_totals_stay_integers_until_a_real_comes() {
        let mut totals = CallTotals::new(LAYOUT);
        let group = totals.push_group().unwrap();
        totals.add_tokens(group, 1, Number::Integer(i64::MAX)).unwrap();
        totals.add_tokens(group, 1, Number::Integer(i64::MAX)).unwrap();
        assert_eq!(
            totals.token_total(group, 1).value().unwrap(),
            TotalValue::Integer(2 * i128::from(i64::MAX))
        );
        totals.add_tokens(group, 1, Number::Real(0.5)).unwrap();
        assert_eq!(totals.token_total(group, 1).value().unwrap(), TotalValue::Real(2f64.powi(64)));
        assert_eq!(totals.token_total(group, 0).value().unwrap(), TotalValue::Integer(0));
    }

    #[test]
    fn averages_count_their_own_values() {
        let mut totals = CallTotals::new(LAYOUT);
        let group = totals.push_group().unwrap();
        for x in [1.0, 4.0, 0.0] {
            totals.add_row(group, [x; LAYOUT.reals].into_iter()).unwrap();
        }
        totals.count_measured(group, 2, 0.0).unwrap();
        totals.count_measured(group, 2, 0.0).unwrap();
        assert_eq!((totals.count(group), totals.average(group, 2).unwrap()), (3, 2.5));
        assert!(totals.average(group, 0).unwrap().is_nan());
    }
}
