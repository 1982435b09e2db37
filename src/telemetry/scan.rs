//! The one pass: `SELECT jarvis_stats_scan(keys, tokens, sums) FROM source WHERE bounds`.
//!
//! Only what the query needs is named: each column costs about 4 % of a full scan.

use super::filter::Filter;
use super::groups::{Groups, Layout};
use super::input::{Expression, Input, qualified};
use super::plan::{Key, Plan};
use super::source::Source;
use crate::ffi::{Call, Result, SCAN_FUNCTION};

/// Scans the source once. Inputs whose columns it lacks collect nothing; a key that it lacks is an
/// error, and so is a `timestamp` that bounds need.
pub fn scan(call: &Call<'_, '_>, source: &Source, filter: &Filter, plan: &Plan) -> Result<Groups> {
    let connection = &call.connection;
    let mut arguments = Vec::new();
    for Key::Column(column) in &plan.keys {
        source.column(connection, column)?.ok_or_else(|| source.lacks(column))?;
        arguments.push(qualified(column));
    }
    let mut layout = Layout { key_parts: plan.keys.len(), ..Layout::default() };
    // The next column of the bank, if the source has what the input reads.
    let mut place = |input: &Input, columns: &[Option<usize>]| -> Result<_> {
        let Some(Expression { sql, is_always_real }) = input.expression(connection, source)? else {
            return Ok((None, true));
        };
        arguments.push(sql);
        Ok((Some(columns.iter().flatten().count()), is_always_real))
    };
    for input in &plan.tokens {
        let (column, _) = place(input, &layout.tokens)?;
        layout.tokens.push(column);
    }
    for input in &plan.sums {
        let (column, is_always_real) = place(input, &layout.sums)?;
        layout.sums.push(column);
        layout.nullable |= !is_always_real;
    }
    let rows = filter.clause(connection, source)?;
    let sql = format!(
        "SELECT {SCAN_FUNCTION}({}) FROM {} AS t{}",
        arguments.join(", "),
        source.from_clause(),
        rows.clause
    );
    let mut groups = Groups::new(call.function, layout)?;
    connection.nested(call.function, || {
        connection.collect(&sql, |statement| rows.bind(statement), &mut groups)
    })?;
    Ok(groups)
}
