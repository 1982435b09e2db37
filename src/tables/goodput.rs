//! `goodput(ttft_ms, tpot_ms, e2el_ms, since, until, per, source)`: calls within limits, of each
//! key.
//!
//! 1. Limits in milliseconds, numbers above 0; NULL is no such limit, and one at least is needed.
//! 2. A call is bad if some limit's metric is measured and above it; good if all limits' metrics
//!    are measured and none is above; else unknown. An answer of one token has no time per output
//!    token: it meets that limit. What is measured is as in `latency_stats`.
//! 3. good_fraction = good / (good + bad), NULL when both are 0; good_fraction_low = good / calls,
//!    which takes what was not measured for bad.
//! 4. busy_seconds: the time in which a call of the key ran, each instant once, NULL where no
//!    latency was measured; good_per_second = good / busy_seconds, NULL when that is 0 or NULL.
//! 5. Calls, `per`, order and the empty table as in `latency_stats`; with 'none' one row, calls 0.
//!    Calls that failed are not in the table, so they count nowhere.
//! 6. Errors: no limit, a wrong argument, a missing table, no such column, no column `timestamp`
//!    where bounds or busy_seconds need it.
//! 7. Cost: one scan of the columns that the limits read; where the query reads the last two
//!    columns, SQLite's sort by `timestamp` as well. Not INNOCUOUS: `per` can name any column.
//!
//! Source of the definitions: vLLM's `--goodput`, AIPerf's goodput.

use super::definition::Definition;
use super::statistic::count;
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, SqlError,
    TableFunction, Takes,
};
use crate::stats::Covered;
use crate::telemetry::{
    self, CallGroups, CallState, Field, Fields, Filter, Key, PER, Reading, SINCE, SOURCE, Source,
    UNTIL, column_name, limit, source_name,
};

/// `goodput`.
pub(crate) struct Goodput;

const TTFT_MS: Parameter = Parameter { name: "ttft_ms", takes: Takes::Limit };
const TPOT_MS: Parameter = Parameter { name: "tpot_ms", takes: Takes::Limit };
const E2EL_MS: Parameter = Parameter { name: "e2el_ms", takes: Takes::Limit };

const COLUMNS: [(&str, &str); 9] = [
    ("key", "TEXT"),
    ("calls", "INTEGER"),
    ("good", "INTEGER"),
    ("bad", "INTEGER"),
    ("unknown", "INTEGER"),
    ("good_fraction", "REAL"),
    ("good_fraction_low", "REAL"),
    ("busy_seconds", "REAL"),
    ("good_per_second", "REAL"),
];
/// What the columns say.
pub(super) const METRICS: &[Definition] = &[
    Definition {
        name: "good_fraction",
        unit: "1",
        formula: "good / (good + bad)",
        counts_when: "a metric with a limit is above it, or all of them are measured",
        source: "vLLM --goodput",
    },
    Definition {
        name: "good_fraction_low",
        unit: "1",
        formula: "good / calls",
        counts_when: "1",
        source: "AIPerf: what was not measured is not good",
    },
    Definition {
        name: "busy_seconds",
        unit: "s",
        formula: "time in which at least one call of the key ran",
        counts_when: "latency_seconds is measured",
        source: "the union of the calls: a table of weeks has no wall time of a benchmark",
    },
    Definition {
        name: "good_per_second",
        unit: "calls/s",
        formula: "good / busy_seconds",
        counts_when: "busy_seconds > 0",
        source: "vLLM request goodput, over busy time",
    },
];
/// The columns for which calls must come in order.
const IN_ORDER: [usize; 2] = [7, 8];

impl TableFunction for Goodput {
    const NAME: &'static str = "goodput";
    const PARAMETERS: &'static [Parameter] =
        &[TTFT_MS, TPOT_MS, E2EL_MS, SINCE, UNTIL, PER, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 25;
    const ABOUT: About = About {
        answer: "one row per model, or per value of another column",
        sentence: "share and rate of the calls that keep within limits of latency",
    };
    const SAMPLE: &'static str = "goodput(500, 50)";
    type Rows<'a> = InMemory<GoodputRows>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let read = |parameter: Parameter| limit(call, parameter.name);
        let limits = [read(TTFT_MS)?, read(TPOT_MS)?, read(E2EL_MS)?];
        if limits.iter().all(Option::is_none) {
            return Err(SqlError::new(
                "goodput: expected at least one of ttft_ms, tpot_ms, e2el_ms",
            ));
        }
        let filter = Filter::within_bounds(call)?.measurable();
        let source = Source::find(&call.connection, source_name(call)?)?;
        let per = column_name(call, &source, Some("model_id"))?;
        let by_start = IN_ORDER.iter().any(|column| call.uses(*column));
        let mut fields = vec![Field::Latency];
        if by_start {
            fields.push(Field::Start);
        }
        if let [Some(_), _, _] | [_, Some(_), _] = limits {
            fields.extend([Field::Ttft, Field::IsStreaming, Field::TimesFirstToken]);
        }
        if let [_, Some(_), _] = limits {
            fields.push(Field::CompletionTokens);
        }
        let fields = Fields::new(&fields);
        let keys = Vec::from_iter(per.map(Key::Column));
        let reading = Reading { keys, fields, filter, by_start, shares: false };
        let empty = Goodness { limits, by_start, ..Goodness::default() };
        let groups = CallGroups::scan(call, &source, reading, empty)?;
        let order = groups.ranked(&call.connection)?;
        Ok(GoodputRows { groups, order }.into())
    }
}

/// What is kept of the calls of one key.
#[derive(Debug, Clone, Default)]
struct Goodness {
    /// Of ttft, tpot and e2el, milliseconds.
    limits: [Option<f64>; 3],
    by_start: bool,
    good: u64,
    bad: u64,
    busy: Covered,
}

impl CallState for Goodness {
    #[inline(always)]
    fn add(&mut self, call: &telemetry::Call) -> Result<()> {
        let tpot = if call.output_tokens() == Some(1.0) { Some(0.0) } else { call.tpot() };
        let milliseconds = |seconds: Option<f64>| seconds.map(|seconds| 1000.0 * seconds);
        let metrics = [milliseconds(call.ttft()), tpot, milliseconds(call.latency())];
        let (mut is_bad, mut is_known) = (false, true);
        for (limit, metric) in self.limits.iter().zip(metrics) {
            let Some(limit) = limit else { continue };
            match metric {
                Some(metric) => is_bad |= metric > *limit,
                None => is_known = false,
            }
        }
        self.bad += u64::from(is_bad);
        self.good += u64::from(is_known && !is_bad);
        if let (true, Some(latency)) = (self.by_start, call.latency()) {
            self.busy.add(call.start(), call.start() + latency)?;
        }
        Ok(())
    }
}

/// One row per key.
pub(crate) struct GoodputRows {
    groups: CallGroups<Goodness>,
    order: Vec<u32>,
}

impl IndexedRows for GoodputRows {
    fn count(&self) -> usize {
        self.order.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let group = self.order.get(row).map_or(0, |group| *group as usize);
        let Some(state) = self.groups.state(group) else { return Ok(()) };
        let (calls, good, bad) = (self.groups.calls(group), state.good, state.bad);
        // NaN, of 0 over 0, is NULL.
        let ratio = |over: f64| output.real(if over > 0.0 { good as f64 / over } else { f64::NAN });
        match column {
            0 => output.value(self.groups.key(group, 0)),
            1 => output.value(count(calls)),
            2 => output.value(count(good)),
            3 => output.value(count(bad)),
            4 => output.value(count(calls - good - bad)),
            5 => ratio((good + bad) as f64),
            6 => ratio(calls as f64),
            7 => output.real(state.busy.seconds()?.unwrap_or(f64::NAN)),
            _ => ratio(state.busy.seconds()?.unwrap_or(0.0)),
        }
        Ok(())
    }
}
