//! The one pass: `SELECT jarvis_stats_scan(keys, tokens, sums) FROM source WHERE bounds`.
//!
//! Only what the query needs is named: each column costs about 4 % of a full scan.

use super::filter::{Filter, Where};
use super::groups::{Groups, Layout};
use super::input::Input;
use super::plan::Plan;
use super::source::Source;
use crate::ffi::{Call, Collector, Connection, Result, SCAN_FUNCTION};

/// A plan against a source: what a row contributes, and where the banks keep it.
#[derive(Clone)]
pub(crate) struct Prepared<'p> {
    pub(super) plan: &'p Plan,
    pub(super) layout: Layout,
    /// The SQL of each contribution: keys, tokens, sums.
    arguments: Vec<String>,
}

/// Scans the source once. Inputs whose columns it lacks collect nothing; a key that it lacks is an
/// error, and so is a `timestamp` that bounds need.
pub(crate) fn scan(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &Plan,
) -> Result<Groups> {
    let connection = &call.connection;
    let prepared = Prepared::new(connection, source, plan)?;
    let rows = filter.clause(connection, source)?;
    let mut groups = prepared.groups(call.function)?;
    let sql = prepared.sql(&format!("{} AS t", source.in_from()), &rows);
    run(connection, call.function, &sql, &rows, &mut groups)?;
    Ok(groups)
}

/// Runs a statement of [`Prepared::sql`].
pub(crate) fn run<C: Collector>(
    connection: &Connection<'_>,
    function: &str,
    sql: &str,
    rows: &Where,
    collector: &mut C,
) -> Result<()> {
    connection
        .nested(function, || connection.collect(sql, |statement| rows.bind(statement), collector))
}

impl<'p> Prepared<'p> {
    /// Finds what the source has of the plan.
    pub(crate) fn new(
        connection: &Connection<'_>,
        source: &Source,
        plan: &'p Plan,
    ) -> Result<Self> {
        let mut arguments = Vec::new();
        for key in &plan.keys {
            arguments.push(key.expression(connection, source)?);
        }
        let mut layout = Layout { key_parts: plan.keys.len(), ..Layout::default() };
        // The next column of the bank, if the source has what the input reads.
        let mut place = |input: &Input, columns: &[Option<usize>]| -> Result<_> {
            let expression = input.expression(connection, source)?;
            if !expression.is_known {
                return Ok((None, true));
            }
            arguments.push(expression.sql);
            Ok((Some(columns.iter().flatten().count()), expression.is_always_real))
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
        for input in &plan.extremes {
            let sum = plan.sums.iter().position(|sum| sum == input);
            let of = sum.and_then(|sum| layout.sums.get(sum).copied().flatten());
            layout.extremes.push(of.map(|_| layout.extremes_of.len()));
            layout.extremes_of.extend(of);
        }
        Ok(Prepared { plan, layout, arguments })
    }

    /// No groups yet.
    pub(crate) fn groups(&self, function: &'static str) -> Result<Groups> {
        Groups::new(function, self.layout.clone())
    }

    /// One more contribution after all others, which the groups do not take.
    pub(crate) fn and(mut self, sql: String) -> Self {
        self.arguments.push(sql);
        self
    }

    /// The SQL of the contributions.
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The SQL of those that extremes are of.
    pub(crate) fn extremes(&self) -> impl Iterator<Item = &str> {
        let sums = self.layout.key_parts + self.layout.tokens.iter().flatten().count();
        let of = move |column: &usize| self.arguments.get(sums + column).map(String::as_str);
        self.layout.extremes_of.iter().filter_map(of)
    }

    /// Number of parts of a key, which come first.
    pub(crate) fn key_parts(&self) -> usize {
        self.layout.key_parts
    }

    /// Whether some value to sum may be NULL.
    pub(crate) fn is_nullable(&self) -> bool {
        self.layout.nullable
    }

    /// The statement that hands over the rows of `from`, which calls a row `t`.
    pub(crate) fn sql(&self, from: &str, rows: &Where) -> String {
        let arguments = self.arguments.join(", ");
        format!("SELECT {SCAN_FUNCTION}({arguments}) FROM {from}{}", rows.clause)
    }
}
