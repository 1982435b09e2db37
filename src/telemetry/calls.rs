//! What a row of the telemetry table says of a call, and when it says so: 0 stands for "not
//! measured" wherever 0 cannot be true.
//!
//! A call's columns are read as numbers, as `SUM` reads them, and judged here, once for every
//! statistic: the same rules as CASE expressions would take SQLite 2.3 times as long as reading the
//! columns does.
//!
//! Source of the rules: the writers of OpenJarvis 0.1.1 to 1.0.4 (`instrumented_engine.py`,
//! `telemetry/wrapper.py`, `research_router.py`).

use super::fields::{FIELD_COUNT, Field, Fields};
use crate::ffi::Value;

/// Joules a second above which a counter was read wrong: it failed at the start of the call, and
/// what it has counted in its whole life was booked.
const MOST_WATTS: f64 = 20_000.0;

/// One call. A field that was not asked for reads as 0, which is never a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    fields: [f64; FIELD_COUNT],
    /// What measured its energy, if that was measured and asked for.
    pub(crate) instrument: u32,
}

impl Call {
    /// The call that a row of these fields tells of.
    #[inline(always)]
    pub(crate) fn of_row(fields: &Fields, row: &[Value<'_>]) -> Self {
        Call::of(fields, Value::reals(row))
    }

    /// The same of its values as numbers.
    #[inline(always)]
    pub(super) fn of(fields: &Fields, values: impl Iterator<Item = f64>) -> Self {
        Call { fields: fields.numbers(values), instrument: 0 }
    }

    #[inline(always)]
    fn get(&self, field: Field) -> f64 {
        self.fields.get(field as usize).copied().unwrap_or(0.0)
    }

    /// Its start is no number.
    pub(super) fn set_without_start(&mut self) {
        if let Some(start) = self.fields.get_mut(Field::Start as usize) {
            *start = f64::NAN;
        }
    }

    /// Start, Unix seconds; NaN where it is no number. As [`super::kinds::START`] has it.
    pub(crate) fn start(&self) -> f64 {
        let timestamp = self.get(Field::Start);
        match self.seconds() {
            Some(seconds) if self.is_research() => timestamp - seconds,
            _ => timestamp,
        }
    }

    /// Whether it is a run of the research agent: many calls in one row.
    #[inline(always)]
    pub(crate) fn is_research(&self) -> bool {
        self.get(Field::IsResearch) == 1.0
    }

    /// Whether it prepared the engine.
    pub(crate) fn is_warm_up(&self) -> bool {
        self.get(Field::IsWarmUp) == 1.0
    }

    /// Seconds from start to end, whatever ran meanwhile.
    #[inline(always)]
    pub(crate) fn seconds(&self) -> Option<f64> {
        Some(self.get(Field::Latency)).filter(|latency| *latency > 0.0)
    }

    /// End-to-end latency, seconds.
    #[inline(always)]
    pub(crate) fn latency(&self) -> Option<f64> {
        self.seconds().filter(|_| !self.is_research())
    }

    fn is_streamed(&self) -> bool {
        self.get(Field::IsStreaming) == 1.0 && !self.is_research()
    }

    /// Time to first token, seconds: of streamed calls, and of an engine that streams inside.
    /// Others write the whole call, or the prefill inside the server, into the same column.
    #[inline(always)]
    pub(crate) fn ttft(&self) -> Option<f64> {
        let is_timed = self.is_streamed() || self.get(Field::TimesFirstToken) == 1.0;
        Some(self.get(Field::Ttft))
            .filter(|ttft| is_timed && *ttft > 0.0 && *ttft <= self.get(Field::Latency))
    }

    /// Prompt tokens.
    pub(crate) fn prompt_tokens(&self) -> Option<f64> {
        Some(self.get(Field::PromptTokens)).filter(|tokens| *tokens > 0.0)
    }

    /// Output tokens, 0 where the engine reported none: beside prompt tokens, or of a stream.
    pub(crate) fn completion_tokens(&self) -> Option<f64> {
        let is_reported = self.is_streamed() || self.prompt_tokens().is_some();
        let tokens = self.get(Field::CompletionTokens);
        (tokens > 0.0 || (is_reported && tokens == 0.0)).then_some(tokens)
    }

    /// Prompt and output tokens.
    pub(crate) fn total_tokens(&self) -> Option<f64> {
        Some(self.prompt_tokens()? + self.completion_tokens()?)
    }

    /// What the call cost, US dollars.
    pub(crate) fn cost(&self) -> Option<f64> {
        Some(self.get(Field::Cost)).filter(|cost| *cost > 0.0)
    }

    /// Whether it is on the first side of a comparison, and on the second.
    #[inline(always)]
    pub(crate) fn sides(&self) -> [bool; 2] {
        let bits = self.get(Field::Side) as u8;
        [bits & 1 != 0, bits & 2 != 0]
    }

    /// Joules that the call booked, of the machine that ran the model.
    pub(crate) fn energy(&self) -> Option<f64> {
        let (joules, seconds) = (self.get(Field::Energy), self.seconds()?);
        let is_true = joules > 0.0 && joules <= MOST_WATTS * seconds;
        (is_true && self.get(Field::IsRemote) != 1.0).then_some(joules)
    }

    /// Whether its energy is that of the whole device while it ran, as every writer of OpenJarvis
    /// books it: about power times time. Else it is the call's own part already.
    pub(crate) fn books_whole_device(&self) -> bool {
        let watts = self.get(Field::Power);
        watts <= 0.0 || self.get(Field::Energy) >= 0.5 * watts * self.get(Field::Latency)
    }

    /// Output tokens from 1 on; of a streamed call its chunks.
    #[inline(always)]
    pub(crate) fn output_tokens(&self) -> Option<f64> {
        Some(self.get(Field::CompletionTokens)).filter(|tokens| *tokens >= 1.0)
    }

    /// Time per output token after the first, milliseconds.
    #[inline(always)]
    pub(crate) fn tpot(&self) -> Option<f64> {
        let tokens = self.output_tokens().filter(|tokens| *tokens >= 2.0)?;
        let tpot = 1000.0 * (self.get(Field::Latency) - self.ttft()?) / (tokens - 1.0);
        // Between infinities.
        Some(tpot).filter(|tpot| !tpot.is_nan())
    }

    /// Latency per output token, milliseconds.
    #[inline(always)]
    pub(crate) fn normalized_latency(&self) -> Option<f64> {
        Some(1000.0 * self.latency()? / self.output_tokens()?).filter(|latency| !latency.is_nan())
    }

    /// Mean inter-token latency in milliseconds, and the number of gaps that it is the mean of.
    #[inline(always)]
    pub(crate) fn itl(&self) -> Option<(f64, f64)> {
        let tokens = self.output_tokens().filter(|tokens| *tokens >= 2.0)?;
        let mean = self.get(Field::MeanItl);
        (self.is_streamed() && mean > 0.0).then_some((mean, tokens - 1.0))
    }

    /// Standard deviation of the gaps, milliseconds; it takes two gaps.
    #[inline(always)]
    pub(crate) fn itl_deviation(&self) -> Option<f64> {
        let (_, gaps) = self.itl()?;
        Some(self.get(Field::StdItl)).filter(|deviation| gaps >= 2.0 && *deviation >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(fields: &[(Field, f64)]) -> Call {
        let mut call = Call { fields: [0.0; FIELD_COUNT], instrument: 0 };
        for (field, value) in fields {
            call.fields[*field as usize] = *value;
        }
        call
    }

    #[test]
    fn nothing_is_measured_where_all_is_zero() {
        let call = call(&[]);
        assert_eq!((call.latency(), call.ttft(), call.tpot()), (None, None, None));
        assert_eq!((call.normalized_latency(), call.itl()), (None, None));
    }

    #[test]
    fn a_streamed_call_has_all() {
        let call = call(&[
            (Field::Latency, 3.0),
            (Field::Ttft, 1.0),
            (Field::IsStreaming, 1.0),
            (Field::CompletionTokens, 5.0),
            (Field::MeanItl, 490.0),
        ]);
        assert_eq!((call.ttft(), call.tpot()), (Some(1.0), Some(500.0)));
        assert_eq!((call.normalized_latency(), call.itl()), (Some(600.0), Some((490.0, 4.0))));
        // A true 0 is a burst.
        assert_eq!(call.itl_deviation(), Some(0.0));
    }

    #[test]
    fn the_ttft_of_a_plain_call_is_another_thing() {
        let plain = [(Field::Latency, 3.0), (Field::Ttft, 1.0), (Field::CompletionTokens, 5.0)];
        assert_eq!(call(&plain).ttft(), None);
        let mut afm = plain.to_vec();
        afm.push((Field::TimesFirstToken, 1.0));
        assert_eq!(call(&afm).ttft(), Some(1.0));
        assert_eq!(call(&[(Field::IsStreaming, 1.0), (Field::Ttft, 4.0)]).ttft(), None);
    }

    #[test]
    fn infinities_measure_nothing_between_them() {
        let endless = [Field::Latency, Field::Ttft, Field::CompletionTokens];
        let mut endless = endless.map(|field| (field, f64::INFINITY)).to_vec();
        endless.push((Field::IsStreaming, 1.0));
        let call = call(&endless);
        assert_eq!((call.tpot(), call.normalized_latency()), (None, None));
    }
}
