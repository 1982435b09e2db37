//! Groups, and of the calls of each the distributions of measured latencies: one pass for both.

use super::calls::Call;
use super::fields::{Field, Fields};
use super::filter::Filter;
use super::groups::{Groups, max_bytes};
use super::plan::Plan;
use super::scan::{Prepared, run};
use super::source::Source;
use crate::ffi::{self, Collector, Result, Value};
use crate::stats::Sketch;

/// What is measured of a call and sketched: time to first token, time per output token, end-to-end
/// latency.
pub(crate) const LATENCIES: [fn(&Call) -> Option<f64>; 3] = [Call::ttft, Call::tpot, Call::latency];

/// Sketches by group, each once it has a value.
#[derive(Default)]
pub(crate) struct Sketches(Vec<[Option<Box<Sketch>>; LATENCIES.len()]>);

impl Sketches {
    /// Of a group, the sketch of one of the [`LATENCIES`]; `None` where no call has it.
    pub(crate) fn of(&self, group: usize, latency: usize) -> Option<&Sketch> {
        self.0.get(group)?.get(latency)?.as_deref()
    }
}

/// What [`super::scan`] answers, and the sketches of the latencies that are wanted. Which rows are
/// calls, and when a call counts, is told by [`super::calls`].
pub(crate) fn scan_with_sketches(
    call: &ffi::Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &Plan,
    wanted: [bool; LATENCIES.len()],
) -> Result<(Groups, Sketches)> {
    let connection = &call.connection;
    let fields = Fields::new(&[
        Field::Latency,
        Field::Ttft,
        Field::IsStreaming,
        Field::TimesFirstToken,
        Field::CompletionTokens,
    ]);
    let mut prepared = Prepared::new(connection, source, plan)?;
    let mut pass = Pass {
        of_groups: prepared.arguments().len(),
        groups: prepared.groups(call.function)?,
        fields,
        places: Vec::new(),
        wanted,
        sketches: Sketches::default(),
        bytes: 0,
    };
    for expression in pass.fields.expressions(connection, source)? {
        let known = prepared.arguments().iter().position(|argument| *argument == expression);
        pass.places.push(known.unwrap_or(prepared.arguments().len()));
        if known.is_none() {
            prepared = prepared.and(expression);
        }
    }
    let is_call = Filter::default().measurable().rules(connection, source)?.join(" AND ");
    prepared = prepared.and(if is_call.is_empty() { "1".to_owned() } else { is_call });
    let rows = filter.clause(connection, source)?;
    let sql = prepared.sql(&format!("{} AS t", source.in_from()), &rows);
    run(connection, call.function, &sql, &rows, &mut pass)?;
    Ok((pass.groups, pass.sketches))
}

/// Takes rows: what the groups take, what more the fields of a call are, and whether it is one.
struct Pass {
    /// How many of a row's values the groups take.
    of_groups: usize,
    groups: Groups,
    fields: Fields,
    /// Where a row has each of the fields, which the groups may take too.
    places: Vec<usize>,
    wanted: [bool; LATENCIES.len()],
    sketches: Sketches,
    /// Memory that the sketches take.
    bytes: usize,
}

impl Collector for Pass {
    #[inline(always)]
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let group = self.groups.take(row.get(..self.of_groups).unwrap_or_default())?;
        if row.last().is_none_or(|is_call| is_call.as_i64() != 1) {
            return Ok(());
        }
        let value = |place: &usize| row.get(*place).map_or(0.0, Value::as_f64);
        let call = Call::of(&self.fields, self.places.iter().map(value));
        self.add(group, &call)
    }
}

impl Pass {
    #[inline(always)]
    fn add(&mut self, group: usize, call: &Call) -> Result<()> {
        let sketches = &mut self.sketches.0;
        if group >= sketches.len() {
            sketches.try_reserve(group + 1 - sketches.len())?;
            sketches.resize_with(group + 1, Default::default);
        }
        let slots = sketches.get_mut(group).into_iter().flatten();
        for ((slot, latency), is_wanted) in slots.zip(LATENCIES).zip(self.wanted) {
            if let Some(value) = latency(call).filter(|_| is_wanted) {
                let before = slot.as_ref().map_or(0, |sketch| sketch.bytes());
                let sketch = slot.get_or_insert_default();
                sketch.add(value)?;
                self.bytes += sketch.bytes() - before;
            }
        }
        if self.bytes > max_bytes() {
            return Err(self.groups.too_large());
        }
        Ok(())
    }
}
