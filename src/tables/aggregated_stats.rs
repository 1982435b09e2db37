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
use super::group_rows::json_array;
use super::model_stats::{CURRENT_METHODOLOGY_ONLY, MODEL_KEY, methodology_filter, model_columns};
use super::statistic::{Answer, StatColumn, Statistic, or_zero};
use crate::ffi::{About, Call, Column, Context, Output, Parameter, Result, Rows, TableFunction};
use crate::stats::{ExactSum, TokenTotal};
use crate::telemetry::{
    Groups, SINCE, SOURCE, ScanPlan, Source, TokenSum, UNTIL, scan, source_name,
};
use std::ffi::CStr;

/// `aggregated_stats`.
pub struct AggregatedStats;

/// What a column shows of all models together.
#[derive(Debug, Clone, Copy)]
enum Summary {
    Calls,
    Tokens(TokenSum),
    Total(&'static CStr),
    WeightedAverage(&'static CStr),
    PerModel,
    PerEngine,
}

const SUMMARY_COLUMNS: &[(&str, Summary)] = &[
    ("total_calls", Summary::Calls),
    ("total_tokens", Summary::Tokens(&[c"total_tokens"])),
    ("total_cost", Summary::Total(c"cost_usd")),
    ("total_latency", Summary::Total(c"latency_seconds")),
    ("total_energy_joules", Summary::Total(c"energy_joules")),
    ("avg_throughput_tok_per_sec", Summary::WeightedAverage(c"throughput_tok_per_sec")),
    ("avg_gpu_utilization_pct", Summary::WeightedAverage(c"gpu_utilization_pct")),
    (
        "avg_energy_per_output_token_joules",
        Summary::WeightedAverage(c"energy_per_output_token_joules"),
    ),
    ("avg_throughput_per_watt", Summary::WeightedAverage(c"throughput_per_watt")),
    ("total_prefill_energy_joules", Summary::Total(c"prefill_energy_joules")),
    ("total_decode_energy_joules", Summary::Total(c"decode_energy_joules")),
    ("avg_mean_itl_ms", Summary::WeightedAverage(c"mean_itl_ms")),
    ("avg_median_itl_ms", Summary::WeightedAverage(c"median_itl_ms")),
    ("avg_p95_itl_ms", Summary::WeightedAverage(c"p95_itl_ms")),
    ("per_model", Summary::PerModel),
    ("per_engine", Summary::PerEngine),
    ("total_ane_energy_joules", Summary::Total(c"ane_energy_joules")),
    ("total_soc_energy_joules", Summary::Total(c"soc_energy_joules")),
];

impl Summary {
    fn declared(self) -> &'static str {
        match self {
            Summary::Calls | Summary::Tokens(_) => "INTEGER",
            Summary::Total(_) | Summary::WeightedAverage(_) => "REAL",
            Summary::PerModel | Summary::PerEngine => "TEXT",
        }
    }

    /// The statistic of each model that this is made of.
    fn plan(self, plan: &mut ScanPlan) {
        let plan_all = |plan: &mut ScanPlan, columns: &[StatColumn]| {
            columns.iter().for_each(|column| column.statistic.plan(plan));
        };
        match self {
            Summary::Calls => {}
            Summary::Tokens(tokens) => Statistic::Tokens(tokens).plan(plan),
            Summary::Total(real) | Summary::WeightedAverage(real) => {
                Statistic::Total(real).plan(plan)
            }
            Summary::PerModel => plan_all(plan, &model_columns()),
            Summary::PerEngine => plan_all(plan, &engine_columns()),
        }
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
    type Rows<'a> = SummaryRow;

    fn columns() -> Vec<Column> {
        SUMMARY_COLUMNS
            .iter()
            .map(|&(name, summary)| Column { name, declared: summary.declared() })
            .collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<SummaryRow> {
        let filter = methodology_filter(call)?;
        let source = Source::find(&call.connection, source_name(call)?)?;
        let mut plan = ScanPlan { keys: vec![MODEL_KEY], ..ScanPlan::default() };
        for (index, (_, summary)) in SUMMARY_COLUMNS.iter().enumerate() {
            if call.uses(index) {
                summary.plan(&mut plan);
                if matches!(summary, Summary::PerEngine) {
                    plan.keys.push(ENGINE_KEY);
                }
            }
        }
        let groups = scan(call, &source, &filter, &mut plan)?;
        let (models, engines) = if plan.keys.len() > 1 {
            (groups.merged_by(0)?, Some(groups.merged_by(1)?))
        } else {
            (groups, None)
        };
        Ok(SummaryRow { models, engines, plan, is_past: None })
    }
}

/// The one row.
pub struct SummaryRow {
    models: Groups,
    engines: Option<Groups>,
    plan: ScanPlan,
    /// Not started, on the row, past it.
    is_past: Option<bool>,
}

impl SummaryRow {
    fn calls(&self) -> u64 {
        (0..self.models.count()).map(|model| self.models.totals().count(model)).sum()
    }

    /// A model whose own total is NaN is 0 for the peer, and so for the sum; here and in `total`.
    fn tokens(&self, tokens: TokenSum) -> Result<Answer<'static>> {
        let mut sum = TokenTotal::default();
        if let Some(column) = self.plan.tokens_at(tokens) {
            for model in 0..self.models.count() {
                let total = self.models.totals().token_total(model, column);
                if !total.is_nan() {
                    sum.merge(&total)?;
                }
            }
        }
        Answer::of_tokens(&sum)
    }

    fn total(&self, real: &CStr) -> Result<f64> {
        let mut sum = ExactSum::default();
        if let Some(column) = self.plan.real_at(real) {
            for model in 0..self.models.count() {
                let total = self.models.totals().exact_total(model, column)?;
                if !total.round().is_nan() {
                    sum.merge(&total)?;
                }
            }
        }
        Ok(or_zero(sum.round()))
    }

    fn weighted_average(&self, real: &CStr) -> Result<f64> {
        let mut weighted = ExactSum::default();
        if let Some(column) = self.plan.real_at(real) {
            for model in 0..self.models.count() {
                let average = or_zero(self.models.totals().average(model, column)?);
                weighted.add(average * self.models.totals().count(model) as f64)?;
            }
        }
        Ok(or_zero(weighted.round() / self.calls() as f64))
    }
}

impl Rows for SummaryRow {
    fn advance(&mut self) -> Result<bool> {
        self.is_past = Some(self.is_past.is_some());
        Ok(self.is_past == Some(false))
    }

    fn column(&self, column: usize, output: &Context) -> Result<()> {
        let Some((_, summary)) = SUMMARY_COLUMNS.get(column) else { return Ok(()) };
        match *summary {
            Summary::Calls => output.integer(i64::try_from(self.calls()).unwrap_or(i64::MAX)),
            Summary::Tokens(tokens) => self.tokens(tokens)?.put(output),
            Summary::Total(real) => output.real(self.total(real)?),
            Summary::WeightedAverage(real) => output.real(self.weighted_average(real)?),
            Summary::PerModel => {
                output.json(json_array(&self.models, &self.plan, &model_columns())?.finish())
            }
            Summary::PerEngine => {
                let engines = self.engines.as_ref();
                if let Some(engines) = engines {
                    output.json(json_array(engines, &self.plan, &engine_columns())?.finish());
                }
            }
        }
        Ok(())
    }

    fn rewind(&mut self) -> bool {
        self.is_past = None;
        true
    }
}
