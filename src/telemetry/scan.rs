//! The one pass: `SELECT jarvis_stats_scan(keys, tokens, measures) FROM source WHERE bounds`.
//!
//! Only the columns that the query needs are named, and only the bounds that were given: each
//! column costs about 4 % of a full scan. Column names are always qualified, since SQLite takes an
//! unqualified unknown name in double quotes for a string.

use super::groups::Groups;
use super::source::Source;
use super::time::{Bounds, Seconds};
use crate::ffi::{Call, Result, SCAN_FUNCTION};
use crate::stats::{Layout, MAX_REALS, MAX_TOKENS};
use std::ffi::CStr;

/// Token columns whose values are added up in a row, as `prompt_tokens + completion_tokens`.
pub type TokenSum = &'static [&'static CStr];

/// What a scan is to collect. Columns are found by their place here.
#[derive(Debug, Default)]
pub struct ScanPlan {
    /// One or two key columns, which the source must have.
    pub keys: Vec<&'static CStr>,
    /// Token sums.
    pub tokens: Vec<TokenSum>,
    /// Measured columns.
    pub reals: Vec<&'static CStr>,
}

/// Rows to leave out, besides those outside the bounds.
#[derive(Debug, Default)]
pub struct Filter {
    /// The bounds.
    pub bounds: Bounds,
    /// Keep what differs from `''` in the first key column, whatever its collation; NULL goes too.
    pub key_is_not_empty: bool,
    /// Keep rows with this value in this column, if the source has it.
    pub equal: Option<(&'static CStr, i64)>,
}

impl ScanPlan {
    /// The place of a token sum, which is added if need be.
    pub fn want_tokens(&mut self, tokens: TokenSum) {
        if !self.tokens.contains(&tokens) && self.tokens.len() < MAX_TOKENS {
            self.tokens.push(tokens);
        }
    }

    /// The place of a measured column, which is added if need be.
    pub fn want_real(&mut self, real: &'static CStr) {
        if !self.reals.contains(&real) && self.reals.len() < MAX_REALS {
            self.reals.push(real);
        }
    }

    /// Where the totals of a token sum are.
    pub fn tokens_at(&self, tokens: TokenSum) -> Option<usize> {
        self.tokens.iter().position(|&planned| planned == tokens)
    }

    /// Where the totals of a measured column are.
    pub fn real_at(&self, real: &CStr) -> Option<usize> {
        self.reals.iter().position(|&planned| planned == real)
    }
}

fn qualified(column: &CStr) -> String {
    format!("t.\"{}\"", column.to_string_lossy())
}

/// Scans the source once. Columns that it lacks count as 0 and leave the plan, but for keys and a
/// `timestamp` that bounds need.
pub fn scan(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &mut ScanPlan,
) -> Result<Groups> {
    let connection = &call.connection;
    let mut arguments = Vec::new();
    for &key in &plan.keys {
        source.column(connection, key)?.ok_or_else(|| source.lacks(key))?;
        arguments.push(qualified(key));
    }
    let mut tokens = Vec::new();
    for &sum in &plan.tokens {
        let mut terms = Vec::new();
        for &column in sum {
            terms.push(source.column(connection, column)?.map(|_| qualified(column)));
        }
        if terms.iter().any(Option::is_some) {
            let terms: Vec<String> =
                terms.into_iter().map(|term| term.unwrap_or("0".to_owned())).collect();
            arguments.push(terms.join(" + "));
            tokens.push(sum);
        }
    }
    plan.tokens = tokens;
    let (mut reals, mut nullable) = (Vec::new(), false);
    for &column in &plan.reals {
        if let Some(facts) = source.column(connection, column)? {
            arguments.push(qualified(column));
            reals.push(column);
            nullable |= !facts.is_always_real;
        }
    }
    plan.reals = reals;
    let (conditions, moments) = conditions(call, source, filter, plan)?;
    let sql = format!(
        "SELECT {}({}) FROM {} AS t{conditions}",
        SCAN_FUNCTION,
        arguments.join(", "),
        source.from_clause()
    );
    let layout = Layout { tokens: plan.tokens.len(), reals: plan.reals.len(), nullable };
    let mut groups = Groups::new(call.function, plan.keys.len(), layout);
    let bind = |statement: &mut crate::ffi::Statement<'_>| {
        (1..).zip(&moments).try_for_each(|(index, moment)| moment.bind(statement, index))
    };
    connection.nested(call.function, || connection.collect(&sql, bind, &mut groups))?;
    Ok(groups)
}

/// The WHERE clause, and the moments to bind from `?1` on.
fn conditions(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &ScanPlan,
) -> Result<(String, Vec<Seconds>)> {
    let (mut terms, moments) = filter.bounds.conditions(call, source)?;
    if let (true, Some(key)) = (filter.key_is_not_empty, plan.keys.first()) {
        terms.insert(0, format!("{} COLLATE BINARY <> ''", qualified(key)));
    }
    if let Some((column, value)) = filter.equal
        && source.column(&call.connection, column)?.is_some()
    {
        terms.push(format!("{} = {value}", qualified(column)));
    }
    let clause =
        if terms.is_empty() { String::new() } else { format!(" WHERE {}", terms.join(" AND ")) };
    Ok((clause, moments))
}

impl Bounds {
    /// Terms of a WHERE clause for the bounds given, over `t`, and what to bind to its parameters,
    /// from `?1` on.
    pub fn conditions(
        &self,
        call: &Call<'_, '_>,
        source: &Source,
    ) -> Result<(Vec<String>, Vec<Seconds>)> {
        const TIMESTAMP: &CStr = c"timestamp";
        let given: Vec<(&str, Seconds)> = [(">=", self.since), ("<=", self.until)]
            .into_iter()
            .filter_map(|(op, end)| Some((op, end?)))
            .collect();
        if !given.is_empty() {
            source.column(&call.connection, TIMESTAMP)?.ok_or_else(|| source.lacks(TIMESTAMP))?;
        }
        let terms = (1..)
            .zip(&given)
            .map(|(index, (op, _))| format!("{} {op} ?{index}", qualified(TIMESTAMP)));
        Ok((terms.collect(), given.iter().map(|&(_, end)| end).collect()))
    }
}
