//! `telemetry_doctor(since, until, source)`: one row for each trap that rows are in, the conditions
//! under which a figure over them is wrong or bends.
//!
//! 1. `trap`, `severity`: `error` (the number is wrong), `warn` (averages bend), `note` (know
//!    this). Errors first, then by calls. Nothing found, or no row: one row `none`, `ok`, 0 calls.
//! 2. `where_sql` goes after `SELECT * FROM source WHERE` and selects exactly `calls` rows, the
//!    bounds included as numbers. `share` is of all rows within them. `first_id` is the lowest
//!    integer in the column `id` of these rows, NULL where there is none.
//! 3. `why` it is a trap; `advice`, what to do.
//! 4. A trap that needs a column which the source lacks is not looked for; `columns_missing` names
//!    the column. Rules that all functions share (research run, bare twin, remote call) take a
//!    missing column for NULL, as everywhere.
//! 5. Columns are numbers as `SUM` reads them. Where one holds text, a BLOB or an integer beyond
//!    2^52, `where_sql` says `(column + 0.0)`; NULL is in no trap but old_counting.
//! 6. warmup_never_set, batch_never_set, columns_missing and no_time_index are of the whole table:
//!    every row is in them.
//! 7. near_duplicates: two rows of one model_id and completion_tokens > 0, starts and latencies
//!    within 50 ms, one of the two bare. cold_start: a local call more than 300 s after the end of
//!    all calls of its model that started before. methods_mixed: a model with more than one
//!    energy_method or energy_vendor. energy_overlap: a share of the machine below 1, as
//!    `measured_calls` has it; `why` says the joules booked, and those by share. It needs an `id`.
//! 8. Errors: a wrong argument, a missing table, bounds without a column `timestamp`.
//! 9. Cost: one scan for all traps that one row tells, 1.5 times a count of its columns; for
//!    energy_overlap one sweep of the calls with energy in the order of starts, and `where_sql`
//!    only where `id` is not the INTEGER key of a table; the other traps of rule 7 are queries, which
//!    sort. near_duplicates, only if some rows are bare and some not, compares the distinct rows of
//!    one model, tokens and tenth of a second. Not INNOCUOUS: it tells of any table.
//! 10. cold_start is not looked for in a view before SQLite 3.27.0, which gives other rows than it
//!     counts where such a WHERE meets a UNION ALL.
//!
//! Source of the definitions: the writers of OpenJarvis 0.1.1 to 1.0.4.

use super::statistic::count;
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, TableFunction,
};
use crate::telemetry::{
    Filter, Findings, SINCE, SOURCE, Source, UNTIL, examine, source_name, traps,
};

/// `telemetry_doctor`.
pub(crate) struct TelemetryDoctor;

const COLUMNS: [(&str, &str); 8] = [
    ("trap", "TEXT"),
    ("severity", "TEXT"),
    ("calls", "INTEGER"),
    ("share", "REAL"),
    ("first_id", "INTEGER"),
    ("where_sql", "TEXT"),
    ("why", "TEXT"),
    ("advice", "TEXT"),
];

impl TableFunction for TelemetryDoctor {
    const NAME: &'static str = "telemetry_doctor";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 20;
    const ABOUT: About = About {
        answer: "one row per trap found",
        sentence: "what is wrong with the data: how many calls, which ones, why, and what to do",
    };
    const SAMPLE: &'static str = "telemetry_doctor()";
    type Rows<'a> = InMemory<Findings>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = Filter::within_bounds(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        Ok(examine(call, &source, &filter)?.into())
    }
}

impl IndexedRows for Findings {
    fn count(&self) -> usize {
        self.findings.len().max(1)
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(finding) = self.findings.get(row) else {
            nothing_found(self.rows, column, output);
            return Ok(());
        };
        match column {
            0 => output.text(finding.trap.name.as_bytes()),
            1 => output.text(finding.trap.severity.word().as_bytes()),
            2 => output.value(count(finding.calls)),
            3 => output.real(finding.calls as f64 / self.rows as f64),
            4 => {
                if let Some(id) = finding.first_id {
                    output.integer(id);
                }
            }
            5 => output.text(finding.where_sql.as_bytes()),
            6 => output.text(finding.why.as_bytes()),
            _ => output.text(finding.trap.advice.as_bytes()),
        }
        Ok(())
    }
}

fn nothing_found(rows: u64, column: usize, output: &Context) {
    match column {
        0 => output.text(b"none"),
        1 => output.text(b"ok"),
        2 => output.integer(0),
        3 if rows > 0 => output.real(0.0),
        5 => output.text(b"0"),
        6 => output.text(format!("none of {} traps in {rows} rows", traps().count()).as_bytes()),
        _ => {}
    }
}
