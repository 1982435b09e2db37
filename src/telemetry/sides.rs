//! The two sides of a comparison: which calls are on each. Either two values of a column or two
//! ranges of time; a call can be on both.

use super::TIMESTAMP;
use super::arguments::column_or_word;
use super::filter::MOST_PARAMETERS;
use super::input::qualified;
use super::source::Source;
use super::time::{Bounds, ranges};
use crate::ffi::{Call, OwnedValue, Result, SqlValue, Statement};

/// What `per` names in place of a column.
const PERIOD: &str = "period";

/// Which calls are on which side, as SQL over the row `t`.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    /// 1 for the first, 2 for the second, 3 for both.
    expression: String,
    values: Vec<OwnedValue>,
}

impl Sides {
    /// Reads the arguments of these names: values of the column that `per` names, compared as
    /// SQLite compares a column with a parameter, text byte by byte; or with 'period' two ranges.
    pub(crate) fn of(
        call: &Call<'_, '_>,
        source: &Source,
        names: [&'static str; 2],
    ) -> Result<Self> {
        let mut sides = Sides::default();
        let [first, second] = match column_or_word(call, source, Some("model_id"), PERIOD)? {
            Some(column) => sides.of_column(call, source, &column, names)?,
            None => sides.of_periods(call, source, names)?,
        };
        sides.expression = format!("(({first}) IS TRUE) + 2 * (({second}) IS TRUE)");
        Ok(sides)
    }

    fn of_column(
        &mut self,
        call: &Call<'_, '_>,
        source: &Source,
        column: &str,
        names: [&'static str; 2],
    ) -> Result<[String; 2]> {
        source.column(&call.connection, column)?.ok_or_else(|| source.lacks(column))?;
        let mut term = |name| -> Result<String> {
            let value = call.argument(name);
            let value = value.ok_or_else(|| call.argument_error(name, "nothing"))?;
            let parameter = self.parameter(value.try_clone()?);
            Ok(format!("{} COLLATE BINARY = {parameter}", qualified(column)))
        };
        let [first, second] = names;
        Ok([term(first)?, term(second)?])
    }

    fn of_periods(
        &mut self,
        call: &Call<'_, '_>,
        source: &Source,
        names: [&'static str; 2],
    ) -> Result<[String; 2]> {
        let periods = ranges(call, names)?;
        source.column(&call.connection, TIMESTAMP)?.ok_or_else(|| source.lacks(TIMESTAMP))?;
        Ok(periods.map(|Bounds { since, until }| {
            let mut terms = vec!["1".to_owned()];
            for (operator, end) in [(">=", since), ("<=", until)] {
                let Some(moment) = end else { continue };
                let parameter = self.parameter(moment.into());
                terms.push(format!("{} {operator} {parameter}", qualified(TIMESTAMP)));
            }
            terms.join(" AND ")
        }))
    }

    /// The parameter that this value is bound to.
    fn parameter(&mut self, value: OwnedValue) -> String {
        self.values.push(value);
        format!("?{}", MOST_PARAMETERS as usize + self.values.len())
    }

    pub(super) fn expression(&self) -> &str {
        &self.expression
    }

    pub(super) fn bind(&self, statement: &mut Statement<'_>) -> Result<()> {
        let first = MOST_PARAMETERS + 1;
        let mut values = (first..).zip(&self.values);
        values.try_for_each(|(index, value)| statement.bind(index, SqlValue::from(value)))
    }
}
