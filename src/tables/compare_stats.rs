//! `compare_stats(first, second, per, p, since, until, source)`: two models, engines, agents or
//! periods, what they differ in and whether the calls suffice to say so.
//!
//! 1. `first` (a) and `second` (b): values of the column that `per` names, `model_id` by default,
//!    compared as SQLite compares a column with a parameter, text byte by byte; '' is a value.
//! 2. With `per` 'period', where the source has no column of that name: two ranges `'from/to'`,
//!    each side a time as `since` takes it, or empty. Both ends are inclusive; a call can be in
//!    both ranges.
//! 3. Always nine rows, in this order: prompt_tokens, output_tokens (tokens), ttft (s), tpot (ms),
//!    e2el (s), normalized_latency (ms), j_per_output_token, j_per_request (J), usd_per_request
//!    (USD). A value without calls is no error.
//! 4. `calls_a`, `calls_b`: rows that are no warm-up, no research run and no bare twin.
//!    `measured_a`, `measured_b`: those that have the metric; without any a, b are NULL.
//! 5. The first six: percentile `p` over the calls, 0.5 by default, as `quantile`; exact up to
//!    10,000 calls a side, within 0.55 % beyond. Latencies are as in `latency_stats`; output tokens
//!    of streamed calls are chunks; 0 tokens is measured where the engine reported none.
//! 6. j_per_output_token: sum of joules over sum of tokens of the calls that have both.
//!    j_per_request, usd_per_request: the mean of the calls that have joules, a cost.
//! 7. Joules are of one instrument (energy_method and energy_vendor): the one of those both sides
//!    have that measured most calls of the two, then the first by name. None in common: not
//!    measured. Joules are shared as in `energy_stats`, among all calls from `since` to `until`,
//!    not only those compared.
//! 8. `ratio` is b / a, `ratio_low` and `ratio_high` its 95 % interval. Percentiles: the interval
//!    of each side as `quantile_ci` has it, joined in logarithms: with the distances to the bounds
//!    a-, a+, b-, b+: ratio * exp(-sqrt(b-^2 + a+^2)) to ratio * exp(sqrt(b+^2 + a-^2)). Beyond
//!    10,000 calls percentile and bounds are known as buckets of `sketch`: the interval is the
//!    widest that values in these give.
//! 9. Sums: with R = sum(y) / sum(x) and v = n / (n - 1) * sum((y - R x)^2) / sum(y)^2 of each side,
//!    ratio * exp(-+ 1.959964 * sqrt(v_a + v_b)), from 30 measured calls a side on.
//! 10. `verdict`: 'b lower' or 'b higher' where the interval leaves out 1, else 'not separable'; 'no
//!     interval' where calls are too few or a value or bound is 0: the ratio is NULL as well; 'not
//!     measured'; 'no calls'. Lower is not always better.
//! 11. The interval holds for independent calls. Calls of one busy hour are not: it is too narrow
//!     then. If the first two rows differ, the work does, and the others say nothing of the models.
//! 12. Errors: `first` or `second` missing, a wrong argument, a missing table, no such column, no
//!     column `timestamp` where periods, bounds or energy need it.
//! 13. Cost: one scan in the order of starts, which SQLite sorts; unsorted where the source has no
//!     column `energy_joules`. Up to 1 MB. Not INNOCUOUS: `per` can name any column.
//!
//! Source of the definitions: medians with order-statistic intervals and a word as in Go's
//! benchstat; MOVER, Zou and Donner 2008, for percentiles Miller, arXiv 2401.10233; the ratio
//! estimator of Cochran, Sampling Techniques.

use super::compared_calls::{BothSides, OfInstrument, PERCENTILES};
use super::definition::Definition;
use super::statistic::count;
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, SqlError,
    TableFunction, Takes,
};
use crate::stats::{Compared, PairSums, Percentile, ratio_of_percentiles, ratio_of_ratios};
use crate::telemetry::{
    CallGroups, Field, Fields, Filter, Instruments, Reading, SINCE, SOURCE, Sides, Source, UNTIL,
    part, source_name,
};

/// `compare_stats`.
pub(crate) struct CompareStats;

const FIRST: Parameter = Parameter { name: "first", takes: Takes::Side };
const SECOND: Parameter = Parameter { name: "second", takes: Takes::Side };
const PER: Parameter = Parameter { name: "per", takes: Takes::ColumnOrPeriod };
const P: Parameter = Parameter { name: "p", takes: Takes::Part };

const COLUMNS: [(&str, &str); 12] = [
    ("metric", "TEXT"),
    ("unit", "TEXT"),
    ("calls_a", "INTEGER"),
    ("calls_b", "INTEGER"),
    ("measured_a", "INTEGER"),
    ("measured_b", "INTEGER"),
    ("a", "REAL"),
    ("b", "REAL"),
    ("ratio", "REAL"),
    ("ratio_low", "REAL"),
    ("ratio_high", "REAL"),
    ("verdict", "TEXT"),
];

/// What its rows and columns say that no other table has.
pub(super) const METRICS: &[Definition] = &[
    Definition {
        name: "usd_per_request",
        unit: "USD",
        formula: "sum(cost_usd) / calls with a cost",
        counts_when: "cost_usd is measured",
        source: "the recorded price",
    },
    Definition {
        name: "ratio",
        unit: "1",
        formula: "b / a, with its 95 % interval",
        counts_when: "both sides are measured, by enough calls",
        source: "MOVER, Zou and Donner 2008; the ratio estimator of Cochran",
    },
];

impl TableFunction for CompareStats {
    const NAME: &'static str = "compare_stats";
    const PARAMETERS: &'static [Parameter] = &[FIRST, SECOND, PER, P, SINCE, UNTIL, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 9;
    const ABOUT: About = About {
        answer: "nine rows, one per metric",
        sentence: "two models or periods side by side, their ratio with its 95 % interval, and a \
                   verdict",
    };
    const SAMPLE: &'static str = "compare_stats('vllm', 'ollama', 'engine')";
    type Rows<'a> = InMemory<Vec<Comparison>>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let p = part(call, P.name)?.unwrap_or(0.5);
        let filter = Filter::within_bounds(call)?.started();
        let source = Source::find(&call.connection, source_name(call)?)?;
        let sides = Sides::of(call, &source, [FIRST.name, SECOND.name])?;
        let mut fields = vec![
            Field::Latency,
            Field::Ttft,
            Field::IsStreaming,
            Field::TimesFirstToken,
            Field::CompletionTokens,
            Field::PromptTokens,
            Field::IsResearch,
            Field::IsWarmUp,
            Field::Cost,
        ];
        let shares = source.column(&call.connection, "energy_joules")?.is_some();
        if shares {
            fields.extend([Field::Start, Field::Energy, Field::Power, Field::IsRemote]);
        }
        let fields = Fields::new(&fields).and_sides(sides);
        let reading = Reading { keys: Vec::new(), fields, filter, by_start: shares, shares };
        let empty = BothSides { p, ..BothSides::default() };
        let groups = CallGroups::scan(call, &source, reading, empty)?;
        let Some(state) = groups.state(0) else { return Ok(Vec::new().into()) };
        let mut rows = state.compare_percentiles();
        rows.extend(state.compare_sums(groups.instruments())?);
        Ok(rows.into())
    }
}

impl BothSides {
    fn compare_percentiles(&self) -> Vec<Comparison> {
        let [a, b] = &self.sides;
        let metrics = PERCENTILES.into_iter().zip(a.percentiles.iter().zip(&b.percentiles));
        let compare = |(metric, (a, b)): (_, (&Percentile, &Percentile))| {
            let figures = [a, b].map(|of| (of.interval.count, of.interval.value));
            self.comparison(metric, figures, ratio_of_percentiles(a, b))
        };
        metrics.map(compare).collect()
    }

    fn compare_sums(&self, instruments: Option<&Instruments>) -> Result<[Comparison; 3]> {
        let [a, b] = &self.sides;
        let nothing = OfInstrument::default();
        let (of_a, of_b) = self.by_one_instrument(instruments).unwrap_or((&nothing, &nothing));
        let compare = |metric, a: &PairSums, b: &PairSums| {
            let figures = [a, b].map(|sums| (sums.count(), sums.ratio()));
            Ok::<_, SqlError>(self.comparison(metric, figures, ratio_of_ratios(a, b)?))
        };
        Ok([
            compare(("j_per_output_token", "J"), &of_a.per_token, &of_b.per_token)?,
            compare(("j_per_request", "J"), &of_a.per_request, &of_b.per_request)?,
            compare(("usd_per_request", "USD"), &a.cost, &b.cost)?,
        ])
    }

    /// A row, from how many calls were measured on each side and the figure of each.
    fn comparison(
        &self,
        (metric, unit): (&'static str, &'static str),
        [(measured_a, a), (measured_b, b)]: [(u64, Option<f64>); 2],
        compared: Option<Compared>,
    ) -> Comparison {
        let calls = self.sides.each_ref().map(|side| side.calls);
        let measured = [measured_a, measured_b];
        let verdict = match compared {
            _ if calls.contains(&0) => "no calls",
            _ if measured.contains(&0) => "not measured",
            None => "no interval",
            Some(compared) if compared.high < 1.0 => "b lower",
            Some(compared) if compared.low > 1.0 => "b higher",
            Some(_) => "not separable",
        };
        Comparison { metric, unit, calls, measured, figures: [a, b], compared, verdict }
    }
}

/// A row.
#[derive(Debug)]
pub(crate) struct Comparison {
    metric: &'static str,
    unit: &'static str,
    calls: [u64; 2],
    measured: [u64; 2],
    figures: [Option<f64>; 2],
    compared: Option<Compared>,
    verdict: &'static str,
}

impl IndexedRows for Vec<Comparison> {
    fn count(&self) -> usize {
        self.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(row) = self.get(row) else { return Ok(()) };
        let ([calls_a, calls_b], [measured_a, measured_b], [a, b]) =
            (row.calls, row.measured, row.figures);
        let ratio = |of: fn(Compared) -> f64| output.real(row.compared.map_or(f64::NAN, of));
        match column {
            0 => output.text(row.metric.as_bytes()),
            1 => output.text(row.unit.as_bytes()),
            2 => output.value(count(calls_a)),
            3 => output.value(count(calls_b)),
            4 => output.value(count(measured_a)),
            5 => output.value(count(measured_b)),
            6 => output.real(a.unwrap_or(f64::NAN)),
            7 => output.real(b.unwrap_or(f64::NAN)),
            8 => ratio(|compared| compared.ratio),
            9 => ratio(|compared| compared.low),
            10 => ratio(|compared| compared.high),
            _ => output.text(row.verdict.as_bytes()),
        }
        Ok(())
    }
}
