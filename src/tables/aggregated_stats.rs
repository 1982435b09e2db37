//! `aggregated_stats(since, until, current_methodology_only, source)`: the summary over all calls,
//! exactly one row.
//!
//! 1. Units: seconds (latency), joules, milliseconds (ITL), tokens, percent, the currency of
//!    `cost_usd`.
//! 2. Totals are those of `model_stats` added up exactly. Averages are the models' averages
//!    weighted by their call counts: a call counts also where its value is NULL, and a model
//!    without values weighs in as 0.0. That is the peer's figure, not the overall average.
//! 3. `per_model` and `per_engine` are JSON arrays of objects with the columns of `model_stats` and
//!    `engine_stats`, `[]` when empty.
//! 4. An empty table gives one row of zeros.
//! 5. Errors: those of `model_stats`; of `engine_stats` where the query reads `per_engine`.
//! 6. Cost: one scan of the columns that the query reads, grouped by model and engine at once.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.summary`.

use super::engine_stats::{ENGINE_KEY, engine_columns};
use super::group_rows::{json_array, unannounced};
use super::model_stats::{CURRENT_METHODOLOGY_ONLY, MODEL_KEY, methodology_filter, model_columns};
use super::rolled_up::scan_or_roll_up;
use super::statistic::{Planned, StatColumn, count, or_zero, token_answer};
use crate::ffi::{
    About, Call, Column, Connection, Context, InMemory, IndexedRows, Output, Parameter, Result,
    SqlValue, TableFunction,
};
use crate::stats::{ExactSum, Sums, TokenSums, TokenTotal};
use crate::telemetry::{Groups, Input, Key, Plan, SINCE, SOURCE, Slot, Source, UNTIL, source_name};

/// `aggregated_stats`.
pub(crate) struct AggregatedStats;

/// What a column shows of all models together: by its inputs as declared, by slots as answered.
#[derive(Debug, Clone)]
enum Summary<T, S, J> {
    Calls,
    Tokens(T),
    Total(S),
    WeightedAverage(S),
    /// JSON of all models.
    PerModel(J),
    /// JSON of all engines.
    PerEngine(J),
}

type Columns = &'static [&'static str];
type Declared = Summary<Columns, Columns, fn() -> Vec<StatColumn>>;
type Answered = Summary<Slot<TokenSums>, Slot<Sums>, Vec<(&'static str, Planned)>>;

const SUMMARY_COLUMNS: &[(&str, Declared)] = &[
    ("total_calls", Summary::Calls),
    ("total_tokens", Summary::Tokens(&["total_tokens"])),
    ("total_cost", Summary::Total(&["cost_usd"])),
    ("total_latency", Summary::Total(&["latency_seconds"])),
    ("total_energy_joules", Summary::Total(&["energy_joules"])),
    ("avg_throughput_tok_per_sec", Summary::WeightedAverage(&["throughput_tok_per_sec"])),
    ("avg_gpu_utilization_pct", Summary::WeightedAverage(&["gpu_utilization_pct"])),
    (
        "avg_energy_per_output_token_joules",
        Summary::WeightedAverage(&["energy_per_output_token_joules"]),
    ),
    ("avg_throughput_per_watt", Summary::WeightedAverage(&["throughput_per_watt"])),
    ("total_prefill_energy_joules", Summary::Total(&["prefill_energy_joules"])),
    ("total_decode_energy_joules", Summary::Total(&["decode_energy_joules"])),
    ("avg_mean_itl_ms", Summary::WeightedAverage(&["mean_itl_ms"])),
    ("avg_median_itl_ms", Summary::WeightedAverage(&["median_itl_ms"])),
    ("avg_p95_itl_ms", Summary::WeightedAverage(&["p95_itl_ms"])),
    ("per_model", Summary::PerModel(model_columns)),
    ("per_engine", Summary::PerEngine(engine_columns)),
    ("total_ane_energy_joules", Summary::Total(&["ane_energy_joules"])),
    ("total_soc_energy_joules", Summary::Total(&["soc_energy_joules"])),
];

impl Declared {
    fn declared(&self) -> &'static str {
        match self {
            Summary::Calls | Summary::Tokens(_) => "INTEGER",
            Summary::Total(_) | Summary::WeightedAverage(_) => "REAL",
            Summary::PerModel(_) | Summary::PerEngine(_) => "TEXT",
        }
    }

    /// Asks for the statistic of each model or engine that this is made of.
    fn plan(&self, plan: &mut Plan) -> Answered {
        let mut all = |columns: &fn() -> Vec<StatColumn>| {
            let planned = |column: StatColumn| (column.name, column.statistic.plan(plan));
            columns().into_iter().map(planned).collect()
        };
        match self {
            Summary::PerModel(columns) => Summary::PerModel(all(columns)),
            Summary::PerEngine(columns) => Summary::PerEngine(all(columns)),
            Summary::Calls => Summary::Calls,
            Summary::Tokens(of) => Summary::Tokens(plan.tokens(Input::Columns(of))),
            Summary::Total(of) => Summary::Total(plan.sum(Input::Columns(of))),
            Summary::WeightedAverage(of) => Summary::WeightedAverage(plan.sum(Input::Columns(of))),
        }
    }
}

/// Asks for what every column is made of.
pub(super) fn plan_columns(plan: &mut Plan) {
    for (_, summary) in SUMMARY_COLUMNS {
        summary.plan(plan);
    }
}

impl TableFunction for AggregatedStats {
    const NAME: &'static str = "aggregated_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, CURRENT_METHODOLOGY_ONLY, SOURCE];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 1;
    const IS_SINGLE_ROW: bool = true;
    const ABOUT: About = About {
        answer: "exactly one row",
        sentence: "the summary over all calls, with models and engines as JSON",
    };
    const SAMPLE: &'static str = "aggregated_stats()";
    type Rows<'a> = InMemory<SummaryRow<'a>>;

    fn columns() -> Vec<Column> {
        let column = |(name, summary): &(&'static str, Declared)| Column {
            name,
            declared: summary.declared(),
        };
        SUMMARY_COLUMNS.iter().map(column).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = methodology_filter(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        let mut plan = Plan::by(vec![Key::Column(MODEL_KEY.to_owned())]);
        let columns: Vec<Option<Answered>> = (0..)
            .zip(SUMMARY_COLUMNS)
            .map(|(index, (_, summary))| call.uses(index).then(|| summary.plan(&mut plan)))
            .collect();
        let by_engine = columns.iter().any(|column| matches!(column, Some(Summary::PerEngine(_))));
        if by_engine {
            plan.and_by(Key::Column(ENGINE_KEY.to_owned()));
        }
        let groups = scan_or_roll_up(call, &source, &filter, &plan)?;
        let (models, engines) = if by_engine {
            (groups.merged_by(0)?, Some(groups.merged_by(1)?))
        } else {
            (groups, None)
        };
        let connection = call.connection;
        Ok(SummaryRow { connection, columns, models, engines }.into())
    }
}

/// The one row.
pub(crate) struct SummaryRow<'a> {
    connection: Connection<'a>,
    /// The columns that the query reads.
    columns: Vec<Option<Answered>>,
    models: Groups,
    engines: Option<Groups>,
}

impl SummaryRow<'_> {
    fn calls(&self) -> u64 {
        (0..self.models.count()).map(|model| self.models.calls(model)).sum()
    }

    /// A model whose own total is NaN is 0 for the peer, and so for the sum; here and in `total`.
    fn tokens(&self, slot: Slot<TokenSums>) -> Result<SqlValue<'static>> {
        let mut sum = TokenTotal::default();
        for model in 0..self.models.count() {
            let total = self.models.tokens(model, slot);
            if !total.is_nan() {
                sum.merge(&total)?;
            }
        }
        token_answer(&sum)
    }

    fn total(&self, slot: Slot<Sums>) -> Result<f64> {
        let mut sum = ExactSum::default();
        for model in 0..self.models.count() {
            let total = self.models.sum(model, slot)?;
            if !total.round().is_nan() {
                sum.merge(&total)?;
            }
        }
        Ok(or_zero(sum.round()))
    }

    fn weighted_average(&self, slot: Slot<Sums>) -> Result<f64> {
        let mut weighted = ExactSum::default();
        for model in 0..self.models.count() {
            let average = or_zero(self.models.average(model, slot)?);
            weighted.add(average * self.models.calls(model) as f64)?;
        }
        Ok(or_zero(weighted.round() / self.calls() as f64))
    }

    fn json(
        &self,
        groups: Option<&Groups>,
        columns: &[(&'static str, Planned)],
        output: &Context,
    ) -> Result<()> {
        if let Some(groups) = groups {
            output.json(&json_array(&self.connection, groups, columns)?);
        }
        Ok(())
    }
}

impl IndexedRows for SummaryRow<'_> {
    fn count(&self) -> usize {
        1
    }

    fn column(&self, _row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(Some(summary)) = self.columns.get(column) else {
            return Err(unannounced(column));
        };
        match summary {
            Summary::Calls => output.value(count(self.calls())),
            Summary::Tokens(slot) => output.value(self.tokens(*slot)?),
            Summary::Total(slot) => output.real(self.total(*slot)?),
            Summary::WeightedAverage(slot) => output.real(self.weighted_average(*slot)?),
            Summary::PerModel(columns) => self.json(Some(&self.models), columns, output)?,
            Summary::PerEngine(columns) => self.json(self.engines.as_ref(), columns, output)?,
        }
        Ok(())
    }
}
