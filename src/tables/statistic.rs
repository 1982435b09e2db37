//! Statistics of a group of calls: what each is made of, and its answer. Zero, never NULL, where
//! nothing was measured.

use crate::ffi::{Column, Context, Output, Result, SqlError};
use crate::stats::{TokenTotal, TotalValue};
use crate::telemetry::{Groups, KeyValue, ScanPlan, TokenSum};
use std::ffi::CStr;

/// What a column of a table function shows of a group.
#[derive(Debug, Clone, Copy)]
pub(super) enum Statistic {
    /// The group's key.
    Key,
    /// Its number of rows.
    Count,
    /// Total of tokens.
    Tokens(TokenSum),
    /// Total of a measured column.
    Total(&'static CStr),
    /// Average of a measured column over its values that are not NULL.
    Average(&'static CStr),
    /// Total of a measured column over a total of tokens; 0.0 when there are no tokens.
    PerToken(&'static CStr, TokenSum),
}

/// A named statistic.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatColumn {
    pub(super) name: &'static str,
    pub(super) statistic: Statistic,
}

pub(super) const fn key(name: &'static str) -> StatColumn {
    StatColumn { name, statistic: Statistic::Key }
}
pub(super) const fn count(name: &'static str) -> StatColumn {
    StatColumn { name, statistic: Statistic::Count }
}
pub(super) const fn tokens(name: &'static str, of: TokenSum) -> StatColumn {
    StatColumn { name, statistic: Statistic::Tokens(of) }
}
pub(super) const fn total(name: &'static str, of: &'static CStr) -> StatColumn {
    StatColumn { name, statistic: Statistic::Total(of) }
}
pub(super) const fn average(name: &'static str, of: &'static CStr) -> StatColumn {
    StatColumn { name, statistic: Statistic::Average(of) }
}
pub(super) const fn per_token(
    name: &'static str,
    of: &'static CStr,
    tokens: TokenSum,
) -> StatColumn {
    StatColumn { name, statistic: Statistic::PerToken(of, tokens) }
}

impl StatColumn {
    /// The column as it is declared.
    pub(super) fn column(&self) -> Column {
        let declared = match self.statistic {
            Statistic::Key => "TEXT",
            Statistic::Count | Statistic::Tokens(_) => "INTEGER",
            _ => "REAL",
        };
        Column { name: self.name, declared }
    }
}

impl Statistic {
    /// Adds to a plan what this statistic is made of.
    pub(super) fn plan(&self, plan: &mut ScanPlan) {
        match *self {
            Statistic::Key | Statistic::Count => {}
            Statistic::Tokens(tokens) => plan.want_tokens(tokens),
            Statistic::Total(real) | Statistic::Average(real) => plan.want_real(real),
            Statistic::PerToken(real, tokens) => {
                plan.want_real(real);
                plan.want_tokens(tokens);
            }
        }
    }

    /// The same with the places of its totals, once the scan has settled them.
    fn placed(&self, plan: &ScanPlan) -> Placed {
        match *self {
            Statistic::Key => Placed::Key,
            Statistic::Count => Placed::Count,
            Statistic::Tokens(tokens) => Placed::Tokens(plan.tokens_at(tokens)),
            Statistic::Total(real) => Placed::Total(plan.real_at(real)),
            Statistic::Average(real) => Placed::Average(plan.real_at(real)),
            Statistic::PerToken(real, tokens) => {
                Placed::PerToken(plan.real_at(real), plan.tokens_at(tokens))
            }
        }
    }
}

/// A statistic by the places of its totals; `None` for what the source lacks, which counts as 0.
#[derive(Debug, Clone, Copy)]
pub(super) enum Placed {
    Key,
    Count,
    Tokens(Option<usize>),
    Total(Option<usize>),
    Average(Option<usize>),
    PerToken(Option<usize>, Option<usize>),
}

/// The columns with the places of their totals.
pub(super) fn placed(columns: &[StatColumn], plan: &ScanPlan) -> Vec<Placed> {
    columns.iter().map(|column| column.statistic.placed(plan)).collect()
}

impl Placed {
    /// The answer for one group.
    pub(super) fn answer<'g>(&self, groups: &'g Groups, group: usize) -> Result<Answer<'g>> {
        let totals = groups.totals();
        let tokens = |column: Option<usize>| {
            column.map(|column| totals.token_total(group, column)).unwrap_or_default()
        };
        let total =
            |column: Option<usize>| column.map_or(Ok(0.0), |column| totals.total(group, column));
        Ok(match *self {
            Placed::Key => Answer::Key(groups.key(group, 0)),
            Placed::Count => {
                Answer::Integer(i64::try_from(totals.count(group)).unwrap_or(i64::MAX))
            }
            Placed::Tokens(column) => Answer::of_tokens(&tokens(column))?,
            Placed::Total(column) => Answer::Real(or_zero(total(column)?)),
            Placed::Average(column) => Answer::Real(or_zero(
                column.map_or(Ok(0.0), |column| totals.average(group, column))?,
            )),
            Placed::PerToken(real, of) => {
                let tokens = match tokens(of).value()? {
                    TotalValue::Integer(tokens) => tokens as f64,
                    TotalValue::Real(tokens) => tokens,
                };
                let total = or_zero(total(real)?);
                Answer::Real(if tokens > 0.0 { or_zero(total / tokens) } else { 0.0 })
            }
        })
    }
}

/// The peer says `or 0.0` where SQLite gives NULL, which is where the arithmetic gives NaN.
pub(super) fn or_zero(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

/// An answer on its way out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer<'g> {
    Key(KeyValue<'g>),
    Integer(i64),
    Real(f64),
}

impl Answer<'_> {
    /// A token total, which fails outside 64 bits as SQLite's `SUM` does.
    pub(super) fn of_tokens(total: &TokenTotal) -> Result<Answer<'static>> {
        match total.value()? {
            TotalValue::Integer(total) => i64::try_from(total)
                .map(Answer::Integer)
                .map_err(|_| SqlError::new("integer overflow")),
            TotalValue::Real(total) => Ok(Answer::Real(or_zero(total))),
        }
    }

    pub(super) fn put(&self, output: &Context) {
        match *self {
            Answer::Integer(integer) | Answer::Key(KeyValue::Integer(integer)) => {
                output.integer(integer)
            }
            Answer::Real(real) | Answer::Key(KeyValue::Real(real)) => output.real(real),
            Answer::Key(KeyValue::Text(bytes)) => output.text(bytes),
            Answer::Key(KeyValue::Blob(bytes)) => output.blob(bytes),
            Answer::Key(KeyValue::Null) => output.null(),
        }
    }
}
