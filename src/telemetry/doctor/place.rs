//! Where the doctor looks: the source within the bounds, and conditions over it as SQL that a
//! person can run.

use super::row::{NUMBERS, RULES, Selected};
use crate::ffi::{Call, Connection, Kind, Result, Step};
use crate::telemetry::calls::{IS_BARE_TWIN, IS_REMOTE, IS_RESEARCH};
use crate::telemetry::filter::Filter;
use crate::telemetry::input::{Input, fill};
use crate::telemetry::source::Source;
use crate::telemetry::{DEFAULT_SOURCE, TIMESTAMP};

/// A source, and the rows of it that are looked at.
pub(super) struct Place<'c, 's> {
    pub(super) connection: Connection<'c>,
    pub(super) function: &'static str,
    pub(super) source: &'s Source,
    /// Terms over the column `timestamp`.
    pub(super) bounds: Vec<String>,
    /// Arguments with which a function of ours sees the same.
    arguments: String,
    /// The end of tomorrow, Unix seconds.
    pub(super) latest: i64,
}

impl<'c, 's> Place<'c, 's> {
    pub(super) fn new(call: &Call<'c, '_>, source: &'s Source, filter: &Filter) -> Result<Self> {
        let connection = call.connection;
        // A day's end: the same for two questions of one day.
        let mut now = connection
            .prepare("SELECT (CAST(strftime('%s', 'now') AS INTEGER) / 86400 + 2) * 86400")?;
        now.step()?;
        let ends = filter.bounds_in_sql(&connection)?;
        let [since, until] = ends.each_ref().map(|end| end.as_deref().unwrap_or("NULL"));
        let name = source.label().replace('\'', "''");
        let is_default = ends == [None, None] && name == DEFAULT_SOURCE;
        let arguments =
            if is_default { String::new() } else { format!("{since}, {until}, '{name}'") };
        let terms = ends.iter().zip([">=", "<="]);
        let terms = terms.filter_map(|(end, operator)| {
            Some(format!("{TIMESTAMP} {operator} {}", end.as_deref()?))
        });
        Ok(Place {
            connection,
            function: call.function,
            source,
            bounds: terms.collect(),
            arguments,
            latest: now.column_integer(0),
        })
    }

    /// A condition over columns and rules in braces as it goes after `SELECT * FROM source WHERE`;
    /// `None` where the source lacks a column of it. A bit of `odd` for each of the [`NUMBERS`]
    /// that is read as a number though it may hold something else; `!` after a name leaves that.
    pub(super) fn condition(&self, condition: &str, odd: u32) -> Result<Option<String>> {
        let mut is_complete = true;
        let sql = fill(condition, |name| {
            if let Some((_, rule)) = RULES.iter().find(|(rule, _)| *rule == name) {
                return self.rule(*rule, &mut is_complete);
            }
            match name {
                "rows" => return Ok(self.rows()),
                "latest" => return Ok(self.latest.to_string()),
                "measured_calls" => {
                    let has_time = self.source.column(&self.connection, TIMESTAMP)?;
                    is_complete &= has_time.is_some();
                    return Ok(format!("measured_calls({})", self.arguments));
                }
                "is_local" => return self.is_local(&mut is_complete),
                _ => {}
            }
            let column = name.trim_end_matches('!');
            is_complete &= self.source.column(&self.connection, column)?.is_some();
            let place = NUMBERS.iter().position(|number| *number == name);
            let is_odd = place.is_some_and(|place| odd & (1 << place) != 0);
            Ok(if is_odd { format!("({column} + 0.0)") } else { column.to_owned() })
        })?;
        Ok(is_complete.then_some(sql))
    }

    /// A rule that all functions share. A column that the source lacks is NULL in it.
    fn rule(&self, rule: Input, is_complete: &mut bool) -> Result<String> {
        let Input::Rule(rule) = rule else { return Ok("NULL".to_owned()) };
        let mut is_known = false;
        let sql = fill(rule, |column| {
            let has_column = self.source.column(&self.connection, column)?.is_some();
            is_known |= has_column;
            Ok(if has_column { column } else { "NULL" }.to_owned())
        })?;
        *is_complete &= is_known;
        Ok(sql)
    }

    /// Neither a bare twin nor a research run, and the model ran here.
    fn is_local(&self, is_complete: &mut bool) -> Result<String> {
        let mut terms = Vec::new();
        for rule in [IS_BARE_TWIN, IS_REMOTE, IS_RESEARCH] {
            terms.push(format!("({}) IS NOT TRUE", self.rule(rule, is_complete)?));
        }
        Ok(terms.join(" AND "))
    }

    /// For the FROM clause of a query within a condition.
    fn rows(&self) -> String {
        let from = self.source.in_from();
        match self.bounds.as_slice() {
            [] => from.to_owned(),
            bounds => format!("(SELECT * FROM {from} WHERE {})", bounds.join(" AND ")),
        }
    }

    /// The condition within the bounds.
    pub(super) fn within_bounds(&self, condition: &str) -> String {
        if self.bounds.is_empty() {
            return condition.to_owned();
        }
        let bounds = self.bounds.join(" AND ");
        match condition {
            "1" => bounds,
            _ if condition.contains(" OR ") => format!("({condition}) AND {bounds}"),
            _ => format!("{condition} AND {bounds}"),
        }
    }

    /// What a condition selects, found by running it.
    pub(super) fn select(&self, where_sql: &str) -> Result<Selected> {
        let has_id = self.source.column(&self.connection, "id")?.is_some();
        let first = match has_id {
            true => "min(CASE WHEN typeof(id) = 'integer' THEN id END)",
            false => "NULL",
        };
        let from = self.source.in_from();
        self.connection.nested(self.function, || {
            let sql = format!("SELECT count(*), {first} FROM {from} WHERE {where_sql}");
            let mut statement = self.connection.prepare(&sql)?;
            statement.step()?;
            let has_first = statement.column_kind(1) == Kind::Integer;
            Ok(Selected {
                calls: statement.column_integer(0).unsigned_abs(),
                first_id: has_first.then(|| statement.column_integer(1)),
            })
        })
    }

    /// The number of rows of the source, bounds or not, but no more than this.
    pub(super) fn rows_up_to(&self, most: i64) -> Result<i64> {
        let from = self.source.in_from();
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT {most})");
        let mut statement = self.connection.prepare(&sql)?;
        Ok(if statement.step()? == Step::Row { statement.column_integer(0) } else { 0 })
    }
}
