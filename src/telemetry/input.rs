//! What a row contributes: one SQL expression over the row's columns. SQLite computes it, in the
//! scan's own statement.

use super::source::Source;
use crate::ffi::{Connection, Result};
use std::borrow::Cow;

/// A contribution, known before the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// The sum of columns, as in `prompt_tokens + completion_tokens`. A column that the source
    /// lacks is 0 in it.
    Columns(&'static [&'static str]),
    /// An expression whose columns stand in braces, as in `CASE WHEN {ttft} > 0 THEN {ttft} END`;
    /// `{+ttft}` is the number that the column reads as. A column that the source lacks is NULL.
    Rule(&'static str),
}

/// An expression over a source's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression {
    /// Its SQL, over the row `t`.
    pub(crate) sql: String,
    /// Whether every value is a REAL, never NULL.
    pub(crate) is_always_real: bool,
    /// Whether the source has a column of it at all; else no row contributes.
    pub(crate) is_known: bool,
}

/// A column of the row `t`, in quotes. Always qualified: SQLite takes an unqualified name in double
/// quotes that it does not know for a string.
pub(crate) fn qualified(column: &str) -> String {
    format!("t.\"{}\"", column.replace('"', "\"\""))
}

impl Input {
    /// The expression over the columns that the source has.
    pub(crate) fn expression(
        self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<Expression> {
        match self {
            Input::Columns(columns) => sum(columns, connection, source),
            Input::Rule(rule) => filled(rule, connection, source),
        }
    }
}

fn sum(columns: &[&str], connection: &Connection<'_>, source: &Source) -> Result<Expression> {
    let mut terms = Vec::new();
    let mut is_always_real = columns.len() == 1;
    let mut is_known = false;
    for column in columns {
        let facts = source.column(connection, column)?;
        is_known |= facts.is_some();
        is_always_real &= facts.is_some_and(|facts| facts.is_always_real);
        terms.push(facts.map_or(Cow::Borrowed("0"), |_| qualified(column).into()));
    }
    Ok(Expression { sql: terms.join(" + "), is_always_real, is_known })
}

/// A rule with its columns filled in.
pub(super) fn filled(
    rule: &str,
    connection: &Connection<'_>,
    source: &Source,
) -> Result<Expression> {
    let mut is_known = false;
    let sql = fill(rule, |name| {
        let number = name.strip_prefix('+');
        let column = number.unwrap_or(name);
        let is_there = source.column(connection, column)?.is_some();
        is_known |= is_there;
        Ok(match (is_there, number) {
            (true, Some(_)) => format!("({} + 0)", qualified(column)),
            (true, None) => qualified(column),
            (false, _) => "NULL".to_owned(),
        })
    })?;
    Ok(Expression { sql, is_always_real: false, is_known })
}

/// A rule with what `what` says in place of each name in braces.
pub(super) fn fill(rule: &str, mut what: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let (mut sql, mut rest) = (String::new(), rule);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        sql += before;
        sql += &what(name)?;
        rest = after;
    }
    sql += rest;
    Ok(sql)
}
