//! `partial_stats(since, until, source)`: sums made for adding up outside, over many files.
//!
//! 1. One row per `model_id`, `engine` and `current`, which is 1 where `token_counting_version` is
//!    2, else 0, also for NULL and for a table without that column. Most calls first, ties by the
//!    three. NULL is a model and an engine like any other. An empty table has no rows.
//! 2. `call_count` counts rows. A REAL column is the sum of the table's column of that name over
//!    its values that are not NULL, exact and rounded once, and `measured_...` their number, which
//!    averages are taken over; token columns are sums too, INTEGER while every value is one. No
//!    values, and a column that the table lacks: 0, never NULL. Units are those of `model_stats`.
//! 3. `min_latency_seconds` and `max_latency_seconds` are the least and the greatest of the values
//!    that `latency_seconds` sums, as a double each: NULL where there is none, -0.0 is 0.0. MIN and
//!    MAX of them over files are those of all.
//! 4. `ttft_sketch` (s), `tpot_sketch` (ms) and `e2el_sketch` (s) are of the calls that
//!    `latency_stats` measures, by its rules, every value in its bucket; NULL where no call has
//!    one.
//! 5. Of files that share no row, SUM gives counts and tokens exactly and the other sums to within
//!    1e-12 of the sum of the magnitudes; `sketch_merge` gives the sketch of all byte for byte.
//!    Every figure of `model_stats`, `engine_stats` and `aggregated_stats` is made of such sums
//!    (sql/fleet); of `current` = 1 those with current_methodology_only.
//! 6. Errors: a wrong argument, a missing table, no column `model_id` or `engine`, bounds without a
//!    column `timestamp`, `integer overflow` when a token total that the query reads leaves 64
//!    bits, more than 10,000,000 rows, or 4 GiB of them or of sketches.
//! 7. Cost: one scan of the columns that the query reads, none of what a roll-up has summed up;
//!    sketches take a scan of all rows, the same one, and 1 to 10 kB of memory each. Not
//!    INNOCUOUS.
//!
//! Source of the definition: the sums under OpenJarvis's `TelemetryAggregator`.

use super::group_rows::unannounced;
use super::rolled_up::scan_or_roll_up;
use super::statistic::{
    self, Columns, Planned, StatColumn, calls, count, greatest, least, tokens, total,
};
use crate::ffi::{About, Call, Column, Context, Output, Parameter, Result, Rows, TableFunction};
use crate::stats::Sums;
use crate::telemetry::{
    CURRENT_TOKEN_COUNTING_VERSION, Filter, Groups, Input, Key, LATENCIES, Plan, SINCE, SOURCE,
    Sketches, Slot, Source, TOKEN_COUNTING_VERSION, UNTIL, scan_with_sketches, source_name,
};

/// `partial_stats`.
pub(crate) struct PartialStats;

/// What a column shows of a row, by its inputs as declared, by slots as answered.
#[derive(Debug, Clone, Copy)]
enum Partial<S, F> {
    /// A part of the key.
    Key(usize),
    /// The number of values in a sum.
    Measured(S),
    /// Of one of the latencies.
    Sketch(usize),
    /// A figure of the group that is more than its key.
    Figure(F),
}

type Declared = Partial<Columns, statistic::Declared>;
type Answered = Partial<Slot<Sums>, Planned>;

const KEYS: [(&str, &str); 3] = [("model_id", "TEXT"), ("engine", "TEXT"), ("current", "INTEGER")];
/// A column to sum, and the name of its number of values.
macro_rules! sums {
    ($($column:literal),*) => { &[$((&[$column], concat!("measured_", $column))),*] };
}

const SUMS: &[(Columns, &str)] = sums![
    "latency_seconds",
    "cost_usd",
    "ttft",
    "energy_joules",
    "gpu_utilization_pct",
    "throughput_tok_per_sec",
    "tokens_per_joule",
    "energy_per_output_token_joules",
    "throughput_per_watt",
    "prefill_energy_joules",
    "decode_energy_joules",
    "mean_itl_ms",
    "median_itl_ms",
    "p95_itl_ms",
    "ane_energy_joules",
    "soc_energy_joules"
];

const EXTREMES: [StatColumn; 2] = [
    least("min_latency_seconds", &["latency_seconds"]),
    greatest("max_latency_seconds", &["latency_seconds"]),
];

const TOKENS: [Columns; 4] =
    [&["prompt_tokens"], &["completion_tokens"], &["total_tokens"], &["prompt_tokens_evaluated"]];

const SKETCHES: [&str; LATENCIES.len()] = ["ttft_sketch", "tpot_sketch", "e2el_sketch"];

/// The columns: name, declared type, what it shows.
fn all_columns() -> impl Iterator<Item = (&'static str, &'static str, Declared)> {
    let name = |columns: Columns| columns.first().copied().unwrap_or_default();
    let keys = KEYS.iter().enumerate();
    let keys = keys.map(|(part, &(name, declared))| (name, declared, Partial::Key(part)));
    let sums = SUMS.iter().map(move |&(of, _)| figure(total(name(of), of)));
    let measured = SUMS.iter().map(|&(of, name)| (name, "INTEGER", Partial::Measured(of)));
    let extremes = EXTREMES.iter().copied().map(figure);
    let tokens = TOKENS.iter().map(move |&of| figure(tokens(name(of), of)));
    let sketches = SKETCHES.iter().enumerate();
    let sketches = sketches.map(|(latency, &name)| (name, "BLOB", Partial::Sketch(latency)));
    keys.chain([figure(calls("call_count"))])
        .chain(sums)
        .chain(measured)
        .chain(extremes)
        .chain(tokens)
        .chain(sketches)
}

fn figure(column: StatColumn) -> (&'static str, &'static str, Declared) {
    let Column { name, declared } = column.column();
    (name, declared, Partial::Figure(column.statistic))
}

impl Declared {
    /// Asks for what the column is made of.
    fn plan(self, plan: &mut Plan, wanted: &mut [bool; LATENCIES.len()]) -> Answered {
        match self {
            Partial::Key(part) => Partial::Key(part),
            Partial::Measured(of) => Partial::Measured(plan.sum(Input::Columns(of))),
            Partial::Figure(statistic) => Partial::Figure(statistic.plan(plan)),
            Partial::Sketch(latency) => {
                if let Some(wanted) = wanted.get_mut(latency) {
                    *wanted = true;
                }
                Partial::Sketch(latency)
            }
        }
    }
}

/// Asks for what every column but the sketches is made of.
pub(super) fn plan_figures(plan: &mut Plan) {
    for (.., column) in all_columns() {
        if let Partial::Figure(statistic) = column {
            statistic.plan(plan);
        }
    }
}

impl TableFunction for PartialStats {
    const NAME: &'static str = "partial_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 50;
    const ABOUT: About = About {
        answer: "one row per model, engine and whether its calls count tokens as releases do now",
        sentence: "sums, numbers of values and sketches to be added up over many files",
    };
    const SAMPLE: &'static str = "partial_stats()";
    type Rows<'a> = PartialRows;

    fn columns() -> Vec<Column> {
        all_columns().map(|(name, declared, _)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<PartialRows> {
        let filter = Filter::within_bounds(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        let [model, engine, _] = KEYS.map(|(name, _)| Key::Column(name.to_owned()));
        let current = Key::Holds(TOKEN_COUNTING_VERSION.to_owned(), CURRENT_TOKEN_COUNTING_VERSION);
        let mut plan = Plan::by(vec![model, engine, current]);
        let mut wanted = [false; LATENCIES.len()];
        let columns = (0..)
            .zip(all_columns())
            .map(|(index, (.., column))| {
                call.uses(index).then(|| column.plan(&mut plan, &mut wanted))
            })
            .collect();
        let (groups, sketches) = if wanted.contains(&true) {
            scan_with_sketches(call, &source, &filter, &plan, wanted)?
        } else {
            (scan_or_roll_up(call, &source, &filter, &plan)?, Sketches::default())
        };
        let order = groups.ranked(&call.connection)?;
        Ok(PartialRows { columns, groups, sketches, order, position: 0 })
    }
}

/// One row per group.
pub(crate) struct PartialRows {
    /// The columns that the query reads.
    columns: Vec<Option<Answered>>,
    groups: Groups,
    sketches: Sketches,
    order: Vec<u32>,
    /// One past the current row.
    position: usize,
}

impl Rows for PartialRows {
    fn advance(&mut self) -> Result<bool> {
        self.position += 1;
        Ok(self.position <= self.order.len())
    }

    fn column(&self, column: usize, output: &Context) -> Result<()> {
        let Some(partial) = self.columns.get(column).copied().flatten() else {
            return Err(unannounced(column));
        };
        let group = self.position.checked_sub(1).and_then(|row| self.order.get(row));
        let Some(group) = group.map(|group| *group as usize) else { return Ok(()) };
        let groups = &self.groups;
        match partial {
            Partial::Key(part) => output.value(groups.key(group, part)),
            Partial::Measured(slot) => output.value(count(groups.values(group, slot))),
            Partial::Figure(statistic) => output.value(statistic.answer(groups, group)?),
            Partial::Sketch(latency) => {
                if let Some(sketch) = self.sketches.of(group, latency) {
                    output.blob(&sketch.encode()?);
                }
            }
        }
        Ok(())
    }

    fn rewind(&mut self) -> bool {
        self.position = 0;
        true
    }
}
