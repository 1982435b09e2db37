//! `usage_stats(since, until, step, per, source)`: a series of buckets of time, without gaps.
//!
//! 1. One row per bucket and key, by start, then key: every bucket from that of `since` (else of
//!    the first call) to that of `until` (else of the last one), for every key seen in the range.
//!    No calls: no rows.
//! 2. `step` is the width of buckets as `time_bucket` takes it, '1 day' by default, or 'all' for
//!    one bucket, which starts at the whole second of `since` or the first call. `start`: Unix
//!    seconds, INTEGER, REAL where the step has a fraction. `start_utc`: the same as text, to the
//!    second, of the years 0 to 9999.
//! 3. `per` is a column of the source or, as by default, 'none': one series, key NULL.
//! 4. Counted are warm-ups and runs of the research agent, which start at timestamp -
//!    latency_seconds; not bare twins, nor rows whose start is no number, is before 2023 or more
//!    than a day ahead of the clock. Bounds mean starts.
//! 5. `calls` that start in the bucket; `prompt_calls`, `priced_calls`, `energy_calls` of them have
//!    prompt tokens, a cost, measured energy.
//! 6. `prompt_tokens`, `output_tokens` (INTEGER), `cost_usd`: sums of what is measured; `joules`
//!    the sum of energy_joules * share of the machine, as `energy_stats` has it, calls that are not
//!    counted being in flight too. NULL where none is measured.
//! 7. `e2el_p50`, `e2el_p95` of the latencies of the bucket's calls, research runs apart; the 95th
//!    percentile from 59 calls on. Exact up to 10,000 calls, within 0.55 % beyond.
//! 8. `busy_seconds`: time of the bucket in which a call of the key ran, wherever that started in
//!    the range; a call is cut at edges. NULL where none ran, 0 calls or not.
//! 9. `output_tok_per_s`: output_tokens over busy_seconds. `mean_concurrency`: seconds of all
//!    calls within the bucket over busy_seconds. `peak_concurrency`: most at once; a call ends
//!    before another starts at the same moment.
//! 10. Sums are exact and rounded once.
//! 11. Errors: a wrong argument, a missing table, no such column, no column `timestamp`, more than
//!     1000000 rows.
//! 12. Cost: one scan; for joules, busy_seconds, output_tok_per_s and the two concurrencies in the
//!     order of starts, which SQLite sorts. Memory: about 300 bytes a row of the answer, and the
//!     latencies for percentiles. Not INNOCUOUS: `per` can name any column.
//!
//! Source of the definitions: buckets as TimescaleDB's `time_bucket_gapfill`; the sweep of vLLM's
//! `bench serve`.

use super::definition::Definition;
use super::statistic::{count, whole};
use super::usage::{Bucket, Extent, Series, Wanted};
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, SqlValue,
    TableFunction, Takes,
};
use crate::stats::{Load, Moment, Steps, TimeBuckets, utc_text};
use crate::telemetry::{
    CallGroups, Field, Fields, Filter, Key, PER, Reading, SINCE, SOURCE, Source, UNTIL,
    column_name, now, source_name, steps,
};
use std::rc::Rc;

/// `usage_stats`.
pub(crate) struct UsageStats;

const STEP: Parameter = Parameter { name: "step", takes: Takes::Step };
const DEFAULT_STEP: &str = "1 day";

/// What a column takes beside the start.
type Needs = &'static [Field];
const PROMPT: Needs = &[Field::PromptTokens];
const OUTPUT: Needs = &[Field::CompletionTokens, Field::PromptTokens, Field::IsStreaming];
const COST: Needs = &[Field::Cost];
const ENERGY: Needs = &[Field::Energy, Field::IsRemote];
const JOULES: Needs = &[Field::Energy, Field::IsRemote, Field::Power];

const COLUMNS: [(&str, &str, Needs); 17] = [
    ("start", "INTEGER", &[]),
    ("start_utc", "TEXT", &[]),
    ("key", "TEXT", &[]),
    ("calls", "INTEGER", &[]),
    ("prompt_calls", "INTEGER", PROMPT),
    ("priced_calls", "INTEGER", COST),
    ("energy_calls", "INTEGER", ENERGY),
    ("prompt_tokens", "INTEGER", PROMPT),
    ("output_tokens", "INTEGER", OUTPUT),
    ("cost_usd", "REAL", COST),
    ("joules", "REAL", JOULES),
    ("e2el_p50", "REAL", &[]),
    ("e2el_p95", "REAL", &[]),
    ("busy_seconds", "REAL", &[]),
    ("output_tok_per_s", "REAL", OUTPUT),
    ("mean_concurrency", "REAL", &[]),
    ("peak_concurrency", "INTEGER", &[]),
];
const SHARED: usize = 10;
const VALUES: [usize; 2] = [11, 12];
const LOADS: [usize; 4] = [13, 14, 15, 16];

/// What columns say that no other table has.
pub(super) const METRICS: &[Definition] = &[
    Definition {
        name: "output_tok_per_s",
        unit: "tokens/s",
        formula: "output_tokens / busy_seconds",
        counts_when: "completion_tokens is measured",
        source: "vLLM's output throughput, over the time in which a call ran",
    },
    Definition {
        name: "mean_concurrency",
        unit: "calls",
        formula: "seconds of all calls / busy_seconds",
        counts_when: "latency_seconds > 0",
        source: "calls in flight while any is",
    },
    Definition {
        name: "peak_concurrency",
        unit: "calls",
        formula: "most calls in flight at once",
        counts_when: "latency_seconds > 0",
        source: "vLLM's bench serve: a call ends before another starts at the same moment",
    },
];

impl TableFunction for UsageStats {
    const NAME: &'static str = "usage_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, STEP, PER, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 100;
    const ABOUT: About = About {
        answer: "one row per bucket of time, and per value of a column",
        sentence: "calls, tokens, cost, joules and concurrency as a series without gaps",
    };
    const SAMPLE: &'static str = "usage_stats()";
    type Rows<'a> = InMemory<UsageRows>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared, _)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = Filter::within_bounds(call)?.started();
        let ends = filter.ends();
        let steps = match steps(call, STEP.name)? {
            Some(steps) => steps,
            None => TimeBuckets::from_text(DEFAULT_STEP).map_or(Steps::All, Steps::Buckets),
        };
        let source = Source::find(&call.connection, source_name(call)?)?;
        let per = column_name(call, &source, None)?;
        filter.start(&call.connection, &source)?;
        let mut fields = vec![Field::Start, Field::Latency, Field::IsResearch];
        let used = COLUMNS.iter().enumerate().filter(|(column, _)| call.uses(*column));
        used.for_each(|(_, (_, _, needs))| fields.extend_from_slice(needs));
        let fields = Fields::new(&fields);
        let uses = |columns: &[usize]| columns.iter().any(|column| call.uses(*column));
        let (shares, loads) = (call.uses(SHARED), uses(&LOADS));
        let by_start = shares || loads;
        let keys = Vec::from_iter(per.map(Key::Column));
        let reading = Reading { keys, fields, filter, by_start, shares };
        let wanted = Wanted { steps, now: now(call)?, values: uses(&VALUES), loads };
        let extent = Rc::new(Extent::new(ends, steps));
        let empty = Series::new(wanted, Rc::clone(&extent));
        let groups = CallGroups::scan(call, &source, reading, empty)?;
        let order = groups.by_key(&call.connection)?;
        let (first, buckets) = extent.buckets();
        let buckets_of_time = match steps {
            Steps::Buckets(buckets) => Ok(buckets),
            Steps::All => Err(origin(ends, &groups)),
        };
        Ok(UsageRows { groups, order, buckets_of_time, first, buckets }.into())
    }
}

/// Where the one bucket of 'all' starts.
fn origin([since, _]: [Option<Moment>; 2], groups: &CallGroups<Series>) -> Option<Moment> {
    let first_call = || Moment::Real(groups.states().fold(f64::INFINITY, Series::earlier));
    since.unwrap_or_else(first_call).whole()
}

/// One row per bucket and key.
pub(crate) struct UsageRows {
    groups: CallGroups<Series>,
    order: Vec<u32>,
    /// Or where the only one starts.
    buckets_of_time: std::result::Result<TimeBuckets, Option<Moment>>,
    first: i64,
    buckets: usize,
}

impl UsageRows {
    /// Where a bucket starts; `None` where that is out of 64 bits.
    fn start(&self, number: i64) -> Option<Moment> {
        self.buckets_of_time.map_or_else(|start| start, |buckets| buckets.start_of(number))
    }
}

impl IndexedRows for UsageRows {
    fn count(&self) -> usize {
        self.buckets * self.order.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let keys = self.order.len().max(1);
        let number = self.first + (row / keys) as i64;
        let group = self.order.get(row % keys).map_or(0, |group| *group as usize);
        let Some(series) = self.groups.state(group) else { return Ok(()) };
        match column {
            0 => match self.start(number) {
                Some(Moment::Integer(start)) => output.integer(start),
                Some(Moment::Real(start)) => output.real(start),
                None => {}
            },
            1 => {
                if let Some(Moment::Integer(start)) = self.start(number).and_then(Moment::whole)
                    && let Some(text) = utc_text(start)
                {
                    output.text(text.as_bytes());
                }
            }
            2 => output.value(self.groups.key(group, 0)),
            3..=6 => output.value(count(series.bucket(number).map_or(0, |b| calls(b, column)))),
            7 | 8 => {
                let sum = series.bucket(number).and_then(|bucket| figure(bucket, column));
                output.value(sum.map_or(SqlValue::Null, whole));
            }
            9..=12 => {
                let figure = series.bucket(number).and_then(|bucket| figure(bucket, column));
                output.real(figure.unwrap_or(f64::NAN));
            }
            16 => {
                if let Some(load) = series.load(number) {
                    output.integer(i64::from(load.peak));
                }
            }
            _ => {
                let load = series.load(number);
                let rate = load.and_then(|load| rate(load, series.bucket(number), column));
                output.real(rate.unwrap_or(f64::NAN));
            }
        }
        Ok(())
    }
}

fn calls(bucket: &Bucket, column: usize) -> u64 {
    match column {
        3 => bucket.calls,
        4 => bucket.prompt.calls,
        5 => bucket.cost.calls,
        _ => bucket.energy_calls,
    }
}

fn figure(bucket: &Bucket, column: usize) -> Option<f64> {
    match column {
        7 => bucket.prompt.value(),
        8 => bucket.output.value(),
        9 => bucket.cost.value(),
        10 => (bucket.energy_calls > 0).then(|| bucket.joules.round()),
        _ => bucket.percentiles.get(column - VALUES[0]).copied().flatten(),
    }
}

fn rate(load: &Load, bucket: Option<&Bucket>, column: usize) -> Option<f64> {
    match column {
        13 => Some(load.busy),
        14 => Some(bucket?.output.value()? / load.busy),
        _ => Some(load.seconds / load.busy),
    }
}
