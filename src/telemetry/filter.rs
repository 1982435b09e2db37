//! Which rows a call reads. Every WHERE clause over a source is made here.

use super::TIMESTAMP;
use super::input::{Input, qualified};
use super::kinds::{IS_BARE_TWIN, IS_RESEARCH, IS_WARM_UP, START};
use super::source::Source;
use super::time::{Bounds, Seconds, bounds};
use crate::ffi::{Call, Connection, Result, Statement};
use crate::stats::Moment;

/// Rows to keep. Only the terms that were given come into the statement: each costs time in every
/// row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    bounds: Bounds,
    has_research: bool,
    not_empty: Option<&'static str>,
    equal: Option<(&'static str, i64)>,
    unless: Vec<Input>,
    own_terms: Vec<String>,
}

/// Most parameters of a clause, numbered from 1.
pub(super) const MOST_PARAMETERS: i32 = 2;

/// A WHERE clause, empty where all rows are kept, or a part of one, and what to bind to its
/// parameters.
pub(crate) struct Where {
    /// Its SQL.
    pub(crate) clause: String,
    moments: Vec<Seconds>,
}

impl Filter {
    /// Rows within the arguments `since` and `until`, as far as the function has them.
    pub(crate) fn within_bounds(call: &Call<'_, '_>) -> Result<Self> {
        Ok(Filter { bounds: bounds(call)?, ..Filter::default() })
    }

    /// Of these, rows that differ from `''` in a column, whatever its collation; NULL goes too.
    pub(crate) fn not_empty(mut self, column: &'static str) -> Self {
        self.not_empty = Some(column);
        self
    }

    /// Of these, rows with this value in a column, if it is wanted and the source has the column.
    pub(crate) fn equal_if(mut self, wanted: bool, column: &'static str, value: i64) -> Self {
        self.equal = wanted.then_some((column, value));
        self
    }

    /// Of these, rows for which a rule does not hold.
    fn unless(mut self, rule: Input) -> Self {
        self.unless.push(rule);
        self
    }

    /// Of these, calls that can be measured one by one: no bare twins, research runs and warm-up.
    pub(crate) fn measurable(self) -> Self {
        self.unless(IS_BARE_TWIN).unless(IS_WARM_UP).unless(IS_RESEARCH)
    }

    /// Rows within the bounds by their starts: all but bare twins.
    pub(crate) fn started(mut self) -> Self {
        self.has_research = true;
        self.unless(IS_BARE_TWIN)
    }

    /// The start of a row that is kept, as SQL. A source without timestamps is an error.
    pub(crate) fn start(&self, connection: &Connection<'_>, source: &Source) -> Result<String> {
        source.column(connection, TIMESTAMP)?.ok_or_else(|| source.lacks(TIMESTAMP))?;
        Ok(match self.has_research {
            true => START.expression(connection, source)?.sql,
            false => qualified(TIMESTAMP),
        })
    }

    /// Of these, rows for which an SQL term over the row `t` holds.
    pub(crate) fn and(mut self, term: String) -> Self {
        self.own_terms.push(term);
        self
    }

    /// Whether rows with this value in a column are kept alone; `None` where the filter says
    /// anything else but bounds.
    pub(crate) fn is_only_of(&self, column: &str, value: i64) -> Option<bool> {
        let is_plain = self.not_empty.is_none() && self.own_terms.is_empty();
        let is_of = self.equal.is_none_or(|equal| equal == (column, value));
        (is_plain && is_of).then_some(self.equal.is_some())
    }

    /// Whether a bound was given.
    pub(crate) fn is_bounded(&self) -> bool {
        self.bounds.since.is_some() || self.bounds.until.is_some()
    }

    /// Both bounds, as far as they were given.
    pub(crate) fn ends(&self) -> [Option<Moment>; 2] {
        [self.bounds.since, self.bounds.until].map(|end| end.map(Seconds::moment))
    }

    /// The bounds, `since` and `until`, as SQL without parameters, for people to run.
    pub(super) fn bounds_in_sql(&self, connection: &Connection<'_>) -> Result<[Option<String>; 2]> {
        let in_sql = |end: Option<Seconds>| end.map(|moment| moment.in_sql(connection)).transpose();
        Ok([in_sql(self.bounds.since)?, in_sql(self.bounds.until)?])
    }

    /// What the bounds say of rows whose timestamps are numbers from `first` to `last`, two SQL
    /// expressions: 1 where all of them are kept, 0 where none is, NULL where only the rows tell,
    /// as they do where `first` is NULL.
    pub(crate) fn verdict(&self, first: &str, last: &str) -> Where {
        let (mut within, mut outside) = (String::new(), String::new());
        let mut moments = Vec::new();
        for (end, is_since) in [(self.bounds.since, true), (self.bounds.until, false)] {
            let Some(moment) = end else { continue };
            moments.push(moment);
            let index = moments.len();
            if is_since {
                within += &format!(" AND {first} >= ?{index}");
                outside += &format!(" OR {last} < ?{index}");
            } else {
                within += &format!(" AND {last} <= ?{index}");
                outside += &format!(" OR {first} > ?{index}");
            }
        }
        let clause = format!("CASE WHEN 1{within} THEN 1 WHEN 0{outside} THEN 0 END");
        Where { clause, moments }
    }

    /// The SQL terms of the rules which rows must not meet, as far as the source has the columns.
    pub(super) fn rules(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<Vec<String>> {
        let mut terms = Vec::new();
        for rule in &self.unless {
            let rule = rule.expression(connection, source)?;
            if rule.is_known {
                terms.push(format!("({}) IS NOT TRUE", rule.sql));
            }
        }
        Ok(terms)
    }

    /// The clause. A source without a timestamp that bounds need is an error.
    pub(crate) fn clause(&self, connection: &Connection<'_>, source: &Source) -> Result<Where> {
        let mut terms = Vec::new();
        if let Some(column) = self.not_empty {
            terms.push(format!("{} COLLATE BINARY <> ''", qualified(column)));
        }
        let mut moments = Vec::new();
        for (operator, end) in [(">=", self.bounds.since), ("<=", self.bounds.until)] {
            let Some(moment) = end else { continue };
            moments.push(moment);
            let start = self.start(connection, source)?;
            terms.push(format!("{start} {operator} ?{}", moments.len()));
            if self.has_research && operator == ">=" {
                // No row starts after its timestamp; an index of that can be used.
                terms.push(format!("{} >= ?{}", qualified(TIMESTAMP), moments.len()));
            }
        }
        if let Some((column, value)) = self.equal
            && source.column(connection, column)?.is_some()
        {
            terms.push(format!("{} = {value}", qualified(column)));
        }
        terms.extend(self.rules(connection, source)?);
        terms.extend(self.own_terms.iter().cloned());
        let joined = terms.join(" AND ");
        let clause = if terms.is_empty() { joined } else { format!(" WHERE {joined}") };
        Ok(Where { clause, moments })
    }
}

impl Where {
    /// Binds the parameters of the clause, which are the statement's first.
    pub(crate) fn bind(&self, statement: &mut Statement<'_>) -> Result<()> {
        (1..).zip(&self.moments).try_for_each(|(index, moment)| moment.bind(statement, index))
    }
}
