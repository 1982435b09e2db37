//! `measured_calls(since, until, source)`: the telemetry table with what was not measured as NULL.
//!
//! 1. One row per call, in table order. Left out: the bare twins (engine `instrumented`) that
//!    releases 0.1.1 to 1.0.2 wrote of each served call.
//! 2. The columns of release 1.0.4 under their names and in their order, whichever the source has:
//!    `FROM telemetry` becomes `FROM measured_calls()`. One that the source lacks is NULL.
//! 3. 0 is NULL where it cannot be true; a column is also NULL where what it holds is another
//!    thing: the TTFT of plain calls, the energy of a machine that waited, stored totals and ratios
//!    (which are computed from what was measured), energy split by phases. Column by column:
//!    `stats_definitions()`.
//! 4. A number column that holds text or a blob is the number that it reads as.
//! 5. `timestamp` is the start: that of a research run is moved back from its end. Bounds mean it.
//! 6. `tpot_ms` = 1000 * (latency_seconds - ttft) / (completion_tokens - 1), from 2 tokens on;
//!    `normalized_latency_ms` = 1000 * latency_seconds / completion_tokens, from 1 on.
//! 7. `energy_share` is the call's part of the machine, as `energy_stats` has it, 0 < share <= 1,
//!    NULL without measured energy; `joules` is energy_joules * energy_share. Calls outside the
//!    bounds are not seen.
//! 8. `is_remote`: 1 where the model ran elsewhere.
//! 9. Errors: a wrong argument, a missing table, no column `timestamp`.
//! 10. Cost: rows are streamed, and a column that is not named is not computed. With energy_share
//!     or joules one more scan in the order of starts, and 32 bytes a call that was not alone. Not
//!     INNOCUOUS: with `source` it would hand a stranger's trigger whole rows.
//!
//! Source of the rules: the writers of OpenJarvis 0.1.1 to 1.0.4.

use crate::ffi::{
    About, Call, Column, Connection, Context, Output, Parameter, Result, Rows, Statement, Step,
    TableFunction,
};
use crate::telemetry::{
    COLUMN_RULES, ColumnRule, ENERGY_SHARE, Filter, JOULES, SINCE, SOURCE, Shares, Source, UNTIL,
    column_names, source_name, stream,
};

/// `measured_calls`.
pub(crate) struct MeasuredCalls;

impl TableFunction for MeasuredCalls {
    const NAME: &'static str = "measured_calls";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 1_000_000;
    const ABOUT: About = About {
        answer: "one row per call",
        sentence: "the telemetry table with NULL for what was not measured",
    };
    const SAMPLE: &'static str = "measured_calls()";
    type Rows<'a> = MeasuredRows<'a>;

    fn columns() -> Vec<Column> {
        let column = |rule: &ColumnRule| Column { name: rule.name, declared: rule.declared };
        COLUMN_RULES.iter().map(column).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<MeasuredRows<'a>> {
        let connection = &call.connection;
        let filter = Filter::within_bounds(call)?.started();
        let source = Source::find(connection, source_name(call)?)?;
        let names = column_names(connection, source.in_from())?;
        filter.start(connection, &source)?;
        let (mut columns, mut places, mut wants_shares) = (Vec::new(), Vec::new(), false);
        for (number, rule) in COLUMN_RULES.iter().enumerate() {
            let place = match (call.uses(number), rule.name) {
                (false, _) => Place::Nowhere,
                (true, ENERGY_SHARE) => Place::Share,
                (true, JOULES) => Place::Joules,
                (true, _) => {
                    columns.push(rule.expression(connection, &source)?);
                    Place::Row(columns.len() as i32 - 1)
                }
            };
            wants_shares |= matches!(place, Place::Share | Place::Joules);
            places.push(place);
        }
        let mut shares = None;
        if wants_shares {
            let found = Shares::of(call, &source, &filter)?;
            let first = columns.len() as i32;
            columns.extend(found.expressions(connection, &source)?);
            shares = Some((found, first));
        }
        if columns.is_empty() {
            columns.push("1".to_owned());
        }
        let statement = stream(call, &source, &names, filter, &columns.join(", "), false)?;
        Ok(MeasuredRows { connection: call.connection, statement, places, shares, share: None })
    }
}

/// Where a column comes from.
enum Place {
    /// Not asked for.
    Nowhere,
    /// The statement's column of that number.
    Row(i32),
    Share,
    Joules,
}

/// The open statement; its current row is ours.
pub(crate) struct MeasuredRows<'a> {
    connection: Connection<'a>,
    statement: Statement<'a>,
    places: Vec<Place>,
    /// With the statement's first column for it.
    shares: Option<(Shares, i32)>,
    /// Of the current row: share and joules.
    share: Option<(f64, f64)>,
}

impl Rows for MeasuredRows<'_> {
    fn advance(&mut self) -> Result<bool> {
        let MeasuredRows { connection, statement, shares, share, .. } = self;
        let is_row =
            connection.nested(MeasuredCalls::NAME, || Ok(statement.step()? == Step::Row))?;
        if let (true, Some((shares, first))) = (is_row, shares) {
            *share = shares.of_row(statement, *first)?;
        }
        Ok(is_row)
    }

    fn column(&self, column: usize, output: &Context) -> Result<()> {
        match (self.places.get(column), self.share) {
            (Some(Place::Row(place)), _) => output.value(self.statement.column(*place)),
            (Some(Place::Share), Some((share, _))) => output.real(share),
            (Some(Place::Joules), Some((_, joules))) => output.real(joules),
            _ => {}
        }
        Ok(())
    }

    /// Streamed, so there is nothing to go back to.
    fn rewind(&mut self) -> bool {
        false
    }
}
