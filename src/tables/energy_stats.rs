//! `energy_stats(since, until, per, source)`: joules of each key, none booked twice.
//!
//! 1. One row per key, `energy_method` and `energy_vendor`: figures of different instruments are
//!    never added. A key without measured energy has one row, method and vendor NULL.
//! 2. Energy is measured where 0 < energy_joules <= 20000 * latency_seconds, the latency is above 0
//!    and the model did not run elsewhere (engine `cloud`, a cost, a cloud model behind `multi`).
//! 3. A call's share of the machine is the integral of dt / k over it, divided by its latency: k
//!    calls of one vendor are in flight at the moment, warm-ups among them. Alone it is 1. A call
//!    that booked less than half of power_watts * latency_seconds has its own part already.
//! 4. `calls` of the key, warm-ups and bare twins apart; `measured_calls` of them by this
//!    instrument. A research run is one, and starts at timestamp - latency_seconds; bounds mean
//!    starts.
//! 5. `booked_joules` is the sum of energy_joules, `joules` that of energy_joules * share.
//! 6. `output_tokens` and `total_tokens` of the measured calls whose tokens are measured; the total
//!    only of calls that know their prompt. `j_per_output_token`, `j_per_total_token`: joules over
//!    tokens, both of the calls that have both.
//! 7. `j_per_request`: joules over measured calls. `mean_watts`: joules over the sum of
//!    latency_seconds * share, the mean power of the device while these calls ran.
//! 8. Sums are exact; a ratio over 0 is NULL. The key's calls descending, key, method, vendor.
//! 9. `per` is a column of the source, `model_id` by default, or 'none'. An empty table has no
//!    rows; with 'none' one, calls 0.
//! 10. Errors: a wrong argument, a missing table, no such column, no column `timestamp`.
//! 11. Cost: one scan in the order of starts, which SQLite sorts; memory for the calls in flight at
//!     once. Not INNOCUOUS: `per` can name any column.
//!
//! Source of the definitions: OpenJarvis books the counters of all devices between start and end of
//! a call (`energy_nvidia.py`); AIPerf and ML.ENERGY divide by output tokens.

use super::definition::Definition;
use super::statistic::{count, whole};
use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, Parameter, Result, SqlValue,
    TableFunction,
};
use crate::stats::ExactSum;
use crate::telemetry::{
    self, CallGroups, CallState, Field, Fields, Filter, Key, PER, Reading, SINCE, SOURCE, Source,
    UNTIL, column_name, source_name,
};

/// `energy_stats`.
pub(crate) struct EnergyStats;

const COLUMNS: [(&str, &str); 13] = [
    ("key", "TEXT"),
    ("energy_method", "TEXT"),
    ("energy_vendor", "TEXT"),
    ("calls", "INTEGER"),
    ("measured_calls", "INTEGER"),
    ("booked_joules", "REAL"),
    ("joules", "REAL"),
    ("output_tokens", "INTEGER"),
    ("total_tokens", "INTEGER"),
    ("j_per_output_token", "REAL"),
    ("j_per_total_token", "REAL"),
    ("j_per_request", "REAL"),
    ("mean_watts", "REAL"),
];

/// What the columns say.
pub(super) const METRICS: &[Definition] = &[
    Definition {
        name: "booked_joules",
        unit: "J",
        formula: "sum(energy_joules)",
        counts_when: "energy_joules is measured",
        source: "OpenJarvis: the counters of all devices between start and end of the call",
    },
    Definition {
        name: "joules",
        unit: "J",
        formula: "sum(energy_joules * energy_share), energy_share the integral of dt / (calls in \
                  flight, one energy_vendor) over the call / latency_seconds",
        counts_when: "energy_joules is measured",
        source: "calls in flight together share the device equally at each instant: a convention",
    },
    Definition {
        name: "j_per_output_token",
        unit: "J/token",
        formula: "joules / sum(completion_tokens)",
        counts_when: "energy_joules AND completion_tokens are measured",
        source: "AIPerf, ML.ENERGY",
    },
    Definition {
        name: "j_per_total_token",
        unit: "J/token",
        formula: "joules / sum(prompt_tokens + completion_tokens)",
        counts_when: "energy_joules AND total_tokens are measured",
        source: "AIPerf",
    },
    Definition {
        name: "j_per_request",
        unit: "J",
        formula: "joules / measured_calls",
        counts_when: "energy_joules is measured",
        source: "AIPerf",
    },
    Definition {
        name: "mean_watts",
        unit: "W",
        formula: "joules / sum(latency_seconds * energy_share)",
        counts_when: "energy_joules is measured",
        source: "the mean power of the device while the calls ran",
    },
];

impl TableFunction for EnergyStats {
    const NAME: &'static str = "energy_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, PER, SOURCE];
    const IS_INNOCUOUS: bool = false;
    const EXPECTED_ROWS: i64 = 25;
    const ABOUT: About = About {
        answer: "one row per model, or per value of another column, and instrument",
        sentence: "joules that no two calls book twice, per output token, total token and request",
    };
    const SAMPLE: &'static str = "energy_stats()";
    type Rows<'a> = InMemory<EnergyRows>;

    fn columns() -> Vec<Column> {
        COLUMNS.iter().map(|&(name, declared)| Column { name, declared }).collect()
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = Filter::within_bounds(call)?.started();
        let source = Source::find(&call.connection, source_name(call)?)?;
        let per = column_name(call, &source, Some("model_id"))?;
        let fields = Fields::new(&[
            Field::Start,
            Field::Latency,
            Field::IsStreaming,
            Field::CompletionTokens,
            Field::PromptTokens,
            Field::Energy,
            Field::Power,
            Field::IsRemote,
            Field::IsResearch,
            Field::IsWarmUp,
        ]);
        let keys = Vec::from_iter(per.map(Key::Column));
        let reading = Reading { keys, fields, filter, by_start: true, shares: true };
        let groups = CallGroups::scan(call, &source, reading, ByInstrument::default())?;
        let mut order = Vec::new();
        for group in groups.ranked(&call.connection)? {
            let state = groups.state(group as usize);
            let mut used: Vec<&OfInstrument> = state.map_or(Vec::new(), |s| s.0.iter().collect());
            if let Some(instruments) = groups.instruments() {
                let place = |of: &OfInstrument| of.instrument as usize;
                used.sort_by(|one, other| instruments.order(place(one), place(other)));
            }
            order.try_reserve(used.len().max(1))?;
            if used.is_empty() {
                order.push((group, None));
            }
            order.extend(used.into_iter().map(|used| (group, Some(used.instrument))));
        }
        Ok(EnergyRows { groups, order }.into())
    }
}

/// What is kept of the calls of one key: a few instruments at most.
#[derive(Debug, Clone, Default)]
struct ByInstrument(Vec<OfInstrument>);

/// Calls whose energy one instrument measured.
#[derive(Debug, Clone, Default)]
struct OfInstrument {
    instrument: u32,
    calls: u64,
    booked: ExactSum,
    joules: ExactSum,
    /// Seconds by share: the time of the device.
    seconds: ExactSum,
    output: PerToken,
    total: PerToken,
}

/// Joules and tokens of the calls that have both.
#[derive(Debug, Clone, Default)]
struct PerToken {
    calls: u64,
    tokens: ExactSum,
    joules: ExactSum,
}

impl PerToken {
    fn add(&mut self, tokens: Option<f64>, joules: f64) -> Result<()> {
        let Some(tokens) = tokens else { return Ok(()) };
        self.calls += 1;
        self.tokens.add(tokens)?;
        Ok(self.joules.add(joules)?)
    }

    fn tokens(&self) -> SqlValue<'static> {
        if self.calls > 0 { whole(self.tokens.round()) } else { SqlValue::Null }
    }

    fn ratio(&self) -> f64 {
        over(&self.joules, self.tokens.round())
    }
}

/// NaN, which is NULL, where there is nothing to divide by.
fn over(above: &ExactSum, below: f64) -> f64 {
    if below > 0.0 { above.round() / below } else { f64::NAN }
}

impl CallState for ByInstrument {
    fn counts(&self, call: &telemetry::Call) -> bool {
        !call.is_warm_up()
    }

    fn add(&mut self, _call: &telemetry::Call) -> Result<()> {
        Ok(())
    }

    fn add_share(&mut self, call: &telemetry::Call, share: f64) -> Result<()> {
        let (Some(booked), Some(seconds)) = (call.energy(), call.seconds()) else { return Ok(()) };
        let known = self.0.iter().position(|of| of.instrument == call.instrument);
        let place = match known {
            Some(place) => place,
            None => {
                self.0.try_reserve(1)?;
                self.0.push(OfInstrument { instrument: call.instrument, ..Default::default() });
                self.0.len() - 1
            }
        };
        let Some(of) = self.0.get_mut(place) else { return Ok(()) };
        let joules = booked * share;
        of.calls += 1;
        of.booked.add(booked)?;
        of.joules.add(joules)?;
        of.seconds.add(seconds * share)?;
        of.output.add(call.completion_tokens(), joules)?;
        of.total.add(call.total_tokens(), joules)
    }
}

/// One row per key and instrument.
pub(crate) struct EnergyRows {
    groups: CallGroups<ByInstrument>,
    /// A group, and an instrument of it; none where nothing was measured.
    order: Vec<(u32, Option<u32>)>,
}

impl EnergyRows {
    fn measured(&self, column: usize, of: &OfInstrument, output: &Context) {
        let Some(instruments) = self.groups.instruments() else { return };
        match column {
            1 => output.value(instruments.method(of.instrument as usize)),
            2 => output.value(instruments.vendor(of.instrument as usize)),
            5 => output.real(of.booked.round()),
            6 => output.real(of.joules.round()),
            7 => output.value(of.output.tokens()),
            8 => output.value(of.total.tokens()),
            9 => output.real(of.output.ratio()),
            10 => output.real(of.total.ratio()),
            11 => output.real(over(&of.joules, of.calls as f64)),
            _ => output.real(over(&of.joules, of.seconds.round())),
        }
    }
}

impl IndexedRows for EnergyRows {
    fn count(&self) -> usize {
        self.order.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(&(group, instrument)) = self.order.get(row) else { return Ok(()) };
        let group = group as usize;
        let used = self.groups.state(group).zip(instrument);
        let of = used.and_then(|(state, used)| state.0.iter().find(|of| of.instrument == used));
        match column {
            0 => output.value(self.groups.key(group, 0)),
            3 => output.value(count(self.groups.calls(group))),
            4 => output.value(count(of.map_or(0, |of| of.calls))),
            _ => {
                if let Some(of) = of {
                    self.measured(column, of, output);
                }
            }
        }
        Ok(())
    }
}
