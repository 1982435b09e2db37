//! Statistics of a group of calls: what each is made of, and its answer. Where nothing was measured
//! it is zero, never NULL, but for a least and a greatest value: no value is one.

use crate::ffi::{Column, Result, SqlError, SqlValue};
use crate::stats::{Extremes, Sums, TokenSums, TokenTotal, TotalValue};
use crate::telemetry::{Groups, Input, Plan, Slot};

/// What a column of a table function shows of a group: `T` of tokens, `S` of values to sum, `E` of
/// values to find the least or the greatest of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Statistic<T, S, E> {
    /// The group's key.
    Key,
    /// Its number of rows.
    Calls,
    /// A total of tokens.
    Tokens(T),
    /// A total.
    Total(S),
    /// The least of the values that are not NULL.
    Least(E),
    /// The greatest of them.
    Greatest(E),
    /// The average of the values that are not NULL.
    Average(S),
    /// A total over a total of tokens; 0.0 when there are no tokens.
    PerToken(S, T),
}

/// A statistic by its inputs, as a table function declares it.
pub(super) type Declared = Statistic<Input, Input, Input>;
/// The same by the slots of a plan, as it is answered.
pub(super) type Planned = Statistic<Slot<TokenSums>, Slot<Sums>, Slot<Extremes>>;

/// A named statistic.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatColumn {
    pub(super) name: &'static str,
    pub(super) statistic: Declared,
}

/// Columns of the telemetry table, added up.
pub(super) type Columns = &'static [&'static str];

pub(super) const fn key(name: &'static str) -> StatColumn {
    StatColumn { name, statistic: Statistic::Key }
}
pub(super) const fn calls(name: &'static str) -> StatColumn {
    StatColumn { name, statistic: Statistic::Calls }
}
pub(super) const fn tokens(name: &'static str, of: Columns) -> StatColumn {
    StatColumn { name, statistic: Statistic::Tokens(Input::Columns(of)) }
}
pub(super) const fn total(name: &'static str, of: Columns) -> StatColumn {
    StatColumn { name, statistic: Statistic::Total(Input::Columns(of)) }
}
pub(super) const fn least(name: &'static str, of: Columns) -> StatColumn {
    StatColumn { name, statistic: Statistic::Least(Input::Columns(of)) }
}
pub(super) const fn greatest(name: &'static str, of: Columns) -> StatColumn {
    StatColumn { name, statistic: Statistic::Greatest(Input::Columns(of)) }
}
pub(super) const fn average(name: &'static str, of: Columns) -> StatColumn {
    StatColumn { name, statistic: Statistic::Average(Input::Columns(of)) }
}
pub(super) const fn per_token(name: &'static str, of: Columns, tokens: Columns) -> StatColumn {
    let (of, tokens) = (Input::Columns(of), Input::Columns(tokens));
    StatColumn { name, statistic: Statistic::PerToken(of, tokens) }
}

impl StatColumn {
    /// The column as it is declared.
    pub(super) fn column(&self) -> Column {
        let declared = match self.statistic {
            Statistic::Key => "TEXT",
            Statistic::Calls | Statistic::Tokens(_) => "INTEGER",
            Statistic::Total(_)
            | Statistic::Least(_)
            | Statistic::Greatest(_)
            | Statistic::Average(_)
            | Statistic::PerToken(..) => "REAL",
        };
        Column { name: self.name, declared }
    }
}

impl Declared {
    /// Asks for what the statistic is made of.
    pub(super) fn plan(self, plan: &mut Plan) -> Planned {
        match self {
            Statistic::Key => Statistic::Key,
            Statistic::Calls => Statistic::Calls,
            Statistic::Tokens(tokens) => Statistic::Tokens(plan.tokens(tokens)),
            Statistic::Total(of) => Statistic::Total(plan.sum(of)),
            Statistic::Least(of) => Statistic::Least(plan.extremes(of)),
            Statistic::Greatest(of) => Statistic::Greatest(plan.extremes(of)),
            Statistic::Average(of) => Statistic::Average(plan.sum(of)),
            Statistic::PerToken(of, tokens) => {
                Statistic::PerToken(plan.sum(of), plan.tokens(tokens))
            }
        }
    }
}

impl Planned {
    /// The answer for one group.
    pub(super) fn answer<'g>(&self, groups: &'g Groups, group: usize) -> Result<SqlValue<'g>> {
        Ok(match *self {
            Statistic::Key => groups.key(group, 0),
            Statistic::Calls => count(groups.calls(group)),
            Statistic::Tokens(slot) => token_answer(&groups.tokens(group, slot))?,
            Statistic::Total(slot) => SqlValue::Real(or_zero(groups.sum(group, slot)?.round())),
            Statistic::Least(slot) => groups
                .extremes(group, slot)
                .map_or(SqlValue::Null, |[least, _]| SqlValue::Real(least)),
            Statistic::Greatest(slot) => groups
                .extremes(group, slot)
                .map_or(SqlValue::Null, |[_, most]| SqlValue::Real(most)),
            Statistic::Average(slot) => SqlValue::Real(or_zero(groups.average(group, slot)?)),
            Statistic::PerToken(slot, of) => {
                let tokens = match groups.tokens(group, of).value()? {
                    TotalValue::Integer(tokens) => tokens as f64,
                    TotalValue::Real(tokens) => tokens,
                };
                let total = or_zero(groups.sum(group, slot)?.round());
                SqlValue::Real(if tokens > 0.0 { or_zero(total / tokens) } else { 0.0 })
            }
        })
    }
}

/// The peer says `or 0.0` where SQLite gives NULL, which is where the arithmetic gives NaN.
pub(super) fn or_zero(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

/// A number of rows.
pub(super) fn count(rows: u64) -> SqlValue<'static> {
    SqlValue::Integer(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// A sum of what should be whole numbers: INTEGER where it is one.
pub(super) fn whole(sum: f64) -> SqlValue<'static> {
    let sum = SqlValue::Real(sum);
    sum.as_integer().map_or(sum, SqlValue::Integer)
}

/// A token total, which fails outside 64 bits as SQLite's `SUM` does.
pub(super) fn token_answer(total: &TokenTotal) -> Result<SqlValue<'static>> {
    match total.value()? {
        TotalValue::Integer(total) => {
            let total = i64::try_from(total).map_err(|_| SqlError::new("integer overflow"))?;
            Ok(SqlValue::Integer(total))
        }
        TotalValue::Real(total) => Ok(SqlValue::Real(or_zero(total))),
    }
}
