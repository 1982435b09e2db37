//! `stats_definitions()`: what the figures, rules and traps of this extension mean, one row each.
//!
//! 1. `kind`: `metric` (of the tables of measured figures), `column rule` (when a column of
//!    the telemetry table was measured, and the names that such rules use), `trap` (of
//!    telemetry_doctor). Metrics first, then rules in the order of the table's columns, then traps.
//! 2. `unit`; `formula`, the value; `counts_when`, the calls that have it. Of column rules
//!    `counts_when` is SQL over the stored row and the names whose formulas stand before the
//!    columns; of traps `formula` is the condition.
//! 3. `source`: which definition or writer it follows; of traps, why it is one.
//! 4. No argument, no error, no table is read. INNOCUOUS.
//!
//! Source: the texts stand beside the code that computes what they say.

use super::definition::Definition;
use super::{compare_stats, energy_stats, goodput, latency_stats, usage_stats};
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, TableFunction,
};
use crate::telemetry::{COLUMN_RULES, ROW_KINDS, traps};

/// `stats_definitions`.
pub(crate) struct StatsDefinitions;

const COLUMNS: [&str; 6] = ["name", "kind", "unit", "formula", "counts_when", "source"];

impl TableFunction for StatsDefinitions {
    const NAME: &'static str = "stats_definitions";
    const PARAMETERS: &'static [Parameter] = &[];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 100;
    const ABOUT: About = About {
        answer: "one row per metric, column rule and trap",
        sentence: "what each figure means: unit, formula, when a call counts, and who says so",
    };
    const SAMPLE: &'static str = "stats_definitions()";
    type Rows<'a> = InMemory<Vec<Row>>;

    fn columns() -> Vec<Column> {
        COLUMNS.map(|name| Column { name, declared: "TEXT" }).to_vec()
    }

    fn rows<'a>(_call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let tables = [
            latency_stats::METRICS,
            goodput::METRICS,
            energy_stats::METRICS,
            usage_stats::METRICS,
            compare_stats::METRICS,
        ];
        let metrics = tables.into_iter().flatten().map(Row::of_metric);
        let kinds = ROW_KINDS.iter().map(|kind| {
            Row::new(kind.name, "column rule", ["", &kind.formula(), "1", kind.source])
        });
        // A kind of row that is a column too has said what it is.
        let columns = COLUMN_RULES.iter().filter(|c| ROW_KINDS.iter().all(|k| k.name != c.name));
        let columns = columns.map(|rule| {
            let says = [rule.unit, &rule.formula(), &rule.counts_when(), rule.source];
            Row::new(rule.name, "column rule", says)
        });
        let traps = traps().map(|trap| {
            let severity = trap.severity.word();
            Row::new(trap.name, "trap", ["calls", &trap.formula(), severity, trap.why])
        });
        Ok(metrics.chain(kinds).chain(columns).chain(traps).collect::<Vec<Row>>().into())
    }
}

/// One row, by column.
pub(crate) struct Row([String; COLUMNS.len()]);

impl Row {
    fn new(name: &str, kind: &str, [unit, formula, counts_when, source]: [&str; 4]) -> Self {
        Row([name, kind, unit, formula, counts_when, source].map(str::to_owned))
    }

    fn of_metric(metric: &Definition) -> Self {
        let says = [metric.unit, metric.formula, metric.counts_when, metric.source];
        Row::new(metric.name, "metric", says)
    }
}

impl IndexedRows for Vec<Row> {
    fn count(&self) -> usize {
        self.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        if let Some(text) = self.get(row).and_then(|row| row.0.get(column)) {
            output.text(text.as_bytes());
        }
        Ok(())
    }
}
