//! `latency_stats(since, until, per, source)`: five latencies of each key, measured calls alone.
//!
//! 1. One row per key and metric: `ttft` (s), `tpot` (ms), `itl` (ms), `e2el` (s),
//!    `normalized_latency` (ms), in this order; keys with the most calls first, ties by key.
//! 2. A call is a row that is no warm-up, no research run and no bare twin of another; `calls`
//!    counts those of the key, `measured` those that have the metric. Without any, figures are
//!    NULL.
//! 3. ttft: streamed calls (and those of the engine `afm`) with 0 < ttft <= latency. tpot: 1000 *
//!    (latency - ttft) / (n - 1) of n >= 2 output tokens, ttft measured. e2el: latency > 0.
//!    normalized_latency: 1000 * latency / n, n >= 1.
//! 4. itl: a streamed call of n >= 2 tokens stands for n - 1 gaps of its mean: the mean and the
//!    standard deviation are those of the pooled gaps, and `measured` counts calls. A call of two
//!    gaps or more without a stored deviation makes it NULL. Its percentiles cannot be had.
//! 5. mean: exact sum over count. std: of the population, from exact sums; one value has 0.
//! 6. p50, p90, p95, p99 over calls, linear as `quantile`; above the 50th they are NULL until the
//!    sample bounds them with 95 % confidence: from 29, 59 and 299 calls on. Exact up to 10,000
//!    calls a key and metric, within 0.55 % beyond.
//! 7. `per` is a column of the source, `model_id` by default, or 'none' for one group with key
//!    NULL. An empty table has no rows; with 'none' the five rows, calls 0.
//! 8. Errors: a wrong argument, a missing table, no such column, bounds without a column
//!    `timestamp`.
//! 9. Cost: one scan of the columns that the metrics read, unsorted; per key up to 80 kB a metric
//!    while its percentiles are exact. Not INNOCUOUS: `per` can name any column.
//!
//! Source of the definitions: vLLM's `bench serve`, AIPerf, OpenTelemetry's GenAI conventions; the
//! limits of percentiles are Wilks's.

use super::definition::Definition;
use super::percentile::{P50, P90, P95, P99, Percentile};
use super::statistic::count;
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, TableFunction,
};
use crate::stats::{Distribution, ExactSum, Moments};
use crate::telemetry::{
    self, CallGroups, CallState, Field, Fields, Filter, Key, PER, Reading, SINCE, SOURCE, Source,
    UNTIL, column_name, source_name,
};

/// `latency_stats`.
pub(crate) struct LatencyStats;

/// The metrics, in the order of the rows.
pub(super) const METRICS: &[Definition] = &[
    Definition {
        name: "ttft",
        unit: "s",
        formula: "ttft",
        counts_when: "ttft is measured",
        source: "vLLM TTFT, AIPerf time_to_first_token",
    },
    Definition {
        name: "tpot",
        unit: "ms",
        formula: "1000 * (latency_seconds - ttft) / (completion_tokens - 1)",
        counts_when: "ttft is measured AND completion_tokens >= 2",
        source: "vLLM TPOT; AIPerf calls it inter_token_latency",
    },
    Definition {
        name: "itl",
        unit: "ms",
        formula: "mean of all gaps: sum((completion_tokens - 1) * mean_itl_ms) \
                  / sum(completion_tokens - 1)",
        counts_when: "mean_itl_ms is measured",
        source: "vLLM ITL, AIPerf inter_chunk_latency: gaps of all calls in one list",
    },
    Definition {
        name: "e2el",
        unit: "s",
        formula: "latency_seconds",
        counts_when: "latency_seconds is measured",
        source: "vLLM E2EL, AIPerf request_latency",
    },
    Definition {
        name: "normalized_latency",
        unit: "ms",
        formula: "1000 * latency_seconds / completion_tokens",
        counts_when: "latency_seconds is measured AND completion_tokens >= 1",
        source: "the Orca and PagedAttention papers",
    },
];
const ITL: usize = 2;

const PERCENTILES: [Percentile; 4] = [P50, P90, P95, P99];

const COLUMNS: [(&str, &str); 13] = [
    ("key", "TEXT"),
    ("metric", "TEXT"),
    ("unit", "TEXT"),
    ("calls", "INTEGER"),
    ("measured", "INTEGER"),
    ("mean", "REAL"),
    ("std", "REAL"),
    ("min", "REAL"),
    ("p50", "REAL"),
    ("p90", "REAL"),
    ("p95", "REAL"),
    ("p99", "REAL"),
    ("max", "REAL"),
];
/// The columns that cost more than a count.
const MEAN_AND_STD: [usize; 2] = [5, 6];
const FIRST_PERCENTILE: usize = 8;

impl TableFunction for LatencyStats {
    const NAME: &'static str = "latency_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, PER, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 125;
    const ABOUT: About = About {
        answer: "five rows per model, or per value of another column",
        sentence: "TTFT, TPOT, ITL, end-to-end and normalized latency of the calls that were \
                   measured, with percentiles",
    };
    const SAMPLE: &'static str = "latency_stats()";
    type Rows<'a> = InMemory<LatencyRows>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = Filter::within_bounds(call)?.measurable();
        let source = Source::find(&call.connection, source_name(call)?)?;
        let per = column_name(call, &source, Some("model_id"))?;
        let fields = Fields::new(&[
            Field::Latency,
            Field::Ttft,
            Field::IsStreaming,
            Field::TimesFirstToken,
            Field::CompletionTokens,
            Field::MeanItl,
            Field::StdItl,
        ]);
        let wants_moments = MEAN_AND_STD.iter().any(|column| call.uses(*column));
        let mut percentiles = FIRST_PERCENTILE..FIRST_PERCENTILE + PERCENTILES.len();
        let wants_values = percentiles.any(|column| call.uses(column));
        let empty = Latencies { wants_moments, wants_values, ..Latencies::default() };
        let keys = Vec::from_iter(per.map(Key::Column));
        let reading = Reading { keys, fields, filter, by_start: false, shares: false };
        let groups = CallGroups::scan(call, &source, reading, empty)?;
        let order = groups.ranked(&call.connection)?;
        Ok(LatencyRows { groups, order }.into())
    }
}

/// What is kept of the calls of one key.
#[derive(Debug, Clone, Default)]
struct Latencies {
    wants_moments: bool,
    wants_values: bool,
    metrics: [Metric; METRICS.len()],
    /// Of the gaps within calls: the sum of (gaps - 1) * deviation^2.
    within: ExactSum,
    lacks_deviation: bool,
}

#[derive(Debug, Clone)]
struct Metric {
    measured: u64,
    moments: Moments,
    least: f64,
    greatest: f64,
    values: Distribution,
    /// Of `values`, once all are in.
    percentiles: [Option<f64>; PERCENTILES.len()],
}

impl Default for Metric {
    fn default() -> Self {
        Metric {
            measured: 0,
            moments: Moments::default(),
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            values: Distribution::default(),
            percentiles: [None; PERCENTILES.len()],
        }
    }
}

impl CallState for Latencies {
    #[inline(always)]
    fn add(&mut self, call: &telemetry::Call) -> Result<()> {
        let values = [call.ttft(), call.tpot(), None, call.latency(), call.normalized_latency()];
        for (metric, value) in self.metrics.iter_mut().zip(values) {
            let Some(value) = value else { continue };
            metric.measured += 1;
            metric.least = metric.least.min(value);
            metric.greatest = metric.greatest.max(value);
            if self.wants_moments {
                metric.moments.add(value)?;
            }
            if self.wants_values {
                metric.values.add(value)?;
            }
        }
        match call.itl() {
            Some((mean, gaps)) => self.add_gaps(mean, gaps, call.itl_deviation()),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<()> {
        for metric in &mut self.metrics {
            let mut values = std::mem::take(&mut metric.values);
            for (figure, percentile) in metric.percentiles.iter_mut().zip(PERCENTILES) {
                *figure = percentile.of(&mut values, metric.measured);
            }
        }
        Ok(())
    }
}

impl Latencies {
    fn add_gaps(&mut self, mean: f64, gaps: f64, deviation: Option<f64>) -> Result<()> {
        let Some(metric) = self.metrics.get_mut(ITL) else { return Ok(()) };
        metric.measured += 1;
        if self.wants_moments {
            metric.moments.add_weighted(mean, gaps)?;
            match deviation {
                Some(deviation) => self.within.add((gaps - 1.0) * deviation * deviation)?,
                None => self.lacks_deviation |= gaps >= 2.0,
            }
        }
        Ok(())
    }

    /// The standard deviation of a metric; of gaps, that within calls and that between their means.
    fn deviation(&self, number: usize, metric: &Metric) -> Result<Option<f64>> {
        if number != ITL {
            return Ok(metric.moments.deviation()?);
        }
        let between = metric.moments.variance()?.filter(|_| !self.lacks_deviation);
        let within = self.within.round() / metric.moments.weight();
        Ok(between.map(|between| (within + between).sqrt()))
    }

    /// A figure of a metric; `None` where it is not measured, or by too few calls.
    fn figure(&self, number: usize, column: usize) -> Result<Option<f64>> {
        let Some(metric) = self.metrics.get(number).filter(|metric| metric.measured > 0) else {
            return Ok(None);
        };
        Ok(match column {
            5 => metric.moments.mean(),
            6 => self.deviation(number, metric)?,
            7 => Some(metric.least).filter(|_| number != ITL),
            12 => Some(metric.greatest).filter(|_| number != ITL),
            _ => {
                let percentile = metric.percentiles.get(column.saturating_sub(FIRST_PERCENTILE));
                percentile.copied().flatten()
            }
        })
    }
}

/// One row per key and metric.
pub(crate) struct LatencyRows {
    groups: CallGroups<Latencies>,
    order: Vec<u32>,
}

impl IndexedRows for LatencyRows {
    fn count(&self) -> usize {
        self.order.len() * METRICS.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let (number, group) = (row % METRICS.len(), self.order.get(row / METRICS.len()));
        let group = group.map_or(0, |group| *group as usize);
        let (Some(metric), Some(state)) = (METRICS.get(number), self.groups.state(group)) else {
            return Ok(());
        };
        let measured = state.metrics.get(number).map_or(0, |of| of.measured);
        match column {
            0 => output.value(self.groups.key(group, 0)),
            1 => output.text(metric.name.as_bytes()),
            2 => output.text(metric.unit.as_bytes()),
            3 => output.value(count(self.groups.calls(group))),
            4 => output.value(count(measured)),
            _ => {
                if let Some(figure) = state.figure(number, column)? {
                    output.real(figure);
                }
            }
        }
        Ok(())
    }
}
