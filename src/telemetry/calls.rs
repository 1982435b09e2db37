//! What a row of the telemetry table says of a call, and when it says so: 0 stands for "not
//! measured" wherever 0 cannot be true.
//!
//! Which rows are calls is a matter of SQL terms, below. A call's columns are read as numbers, as
//! `SUM` reads them, and judged here, once for every statistic: the same rules as CASE expressions
//! would take SQLite 2.3 times as long as reading the columns does.
//!
//! Source of the rules: the writers of OpenJarvis 0.1.1 to 1.0.4 (`instrumented_engine.py`,
//! `telemetry/wrapper.py`, `research_router.py`).

use super::input::Input;
use super::source::Source;
use crate::ffi::{Connection, Result};

/// A row for a whole run of the research agent: many calls, stamped at its end.
const IS_RESEARCH: Input = Input::Rule(
    "({is_streaming} = 1 AND {ttft} = 0 AND \
    {token_counting_version} IS NULL AND {agent} = 'research')",
);
/// The second row that some releases wrote for a call that they had wrapped twice.
const IS_BARE_TWIN: Input = Input::Rule("{engine} = 'instrumented'");
/// A call that prepared the engine.
const IS_WARM_UP: Input = Input::Rule("{is_warmup} = 1");

/// The SQL terms that hold of a row which is a call that can be measured one by one, as far as the
/// source has the columns that tell.
pub(super) fn measurable(connection: &Connection<'_>, source: &Source) -> Result<Vec<String>> {
    let mut terms = Vec::new();
    for rule in [IS_BARE_TWIN, IS_WARM_UP, IS_RESEARCH] {
        let rule = rule.expression(connection, source)?;
        if rule.is_known {
            terms.push(format!("({}) IS NOT TRUE", rule.sql));
        }
    }
    Ok(terms)
}

/// What the rules read of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Field {
    /// Start of the call, Unix seconds.
    Start,
    /// `latency_seconds`
    Latency,
    /// `ttft`, seconds
    Ttft,
    /// `is_streaming`
    IsStreaming,
    /// 1 where the engine times the first token also without streaming.
    TimesFirstToken,
    /// `completion_tokens`
    CompletionTokens,
    /// `mean_itl_ms`
    MeanItl,
    /// `std_itl_ms`, below 0 where there is none: here 0 can be true.
    StdItl,
}

/// Fields, each with what it is read from.
const FIELDS: [(Field, Input); 8] = [
    (Field::Start, Input::Rule("{timestamp}")),
    (Field::Latency, Input::Rule("{latency_seconds}")),
    (Field::Ttft, Input::Rule("{ttft}")),
    (Field::IsStreaming, Input::Rule("{is_streaming}")),
    (Field::TimesFirstToken, Input::Rule("{engine} = 'afm'")),
    (Field::CompletionTokens, Input::Rule("{completion_tokens}")),
    (Field::MeanItl, Input::Rule("{mean_itl_ms}")),
    (Field::StdItl, Input::Rule("ifnull({std_itl_ms}, -1)")),
];

/// The fields that a statistic asked for.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// Their numbers, ascending, as a row brings them.
    places: Vec<usize>,
}

impl Fields {
    /// These, each once.
    pub(crate) fn new(wanted: &[Field]) -> Self {
        let mut places: Vec<usize> = wanted.iter().map(|field| *field as usize).collect();
        places.sort_unstable();
        places.dedup();
        Fields { places }
    }

    /// Their expressions; a column that the source lacks is NULL in them.
    pub(crate) fn expressions(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<Vec<String>> {
        let mut expressions = Vec::new();
        for (_, input) in self.places.iter().filter_map(|place| FIELDS.get(*place)) {
            expressions.push(input.expression(connection, source)?.sql);
        }
        Ok(expressions)
    }

    /// The call that these values of a row tell of.
    #[inline(always)]
    pub(crate) fn read(&self, values: impl Iterator<Item = f64>) -> Call {
        let mut fields = [0.0; FIELDS.len()];
        for (place, value) in self.places.iter().zip(values) {
            if let Some(field) = fields.get_mut(*place) {
                *field = value;
            }
        }
        Call { fields }
    }
}

/// One call. A field that was not asked for reads as 0, which is never a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    fields: [f64; FIELDS.len()],
}

impl Call {
    #[inline(always)]
    fn get(&self, field: Field) -> f64 {
        self.fields.get(field as usize).copied().unwrap_or(0.0)
    }

    /// Start, Unix seconds.
    pub(crate) fn start(&self) -> f64 {
        self.get(Field::Start)
    }

    /// End-to-end latency, seconds.
    #[inline(always)]
    pub(crate) fn latency(&self) -> Option<f64> {
        Some(self.get(Field::Latency)).filter(|latency| *latency > 0.0)
    }

    fn is_streamed(&self) -> bool {
        self.get(Field::IsStreaming) == 1.0
    }

    /// Time to first token, seconds: of streamed calls, and of an engine that streams inside.
    /// Others write the whole call, or the prefill inside the server, into the same column.
    #[inline(always)]
    pub(crate) fn ttft(&self) -> Option<f64> {
        let is_timed = self.is_streamed() || self.get(Field::TimesFirstToken) == 1.0;
        Some(self.get(Field::Ttft))
            .filter(|ttft| is_timed && *ttft > 0.0 && *ttft <= self.get(Field::Latency))
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
        let mut call = Call { fields: [0.0; FIELDS.len()] };
        for (field, value) in fields {
            call.fields[*field as usize] = *value;
        }
        call
    }

    #[test]
    fn fields_stand_at_their_numbers() {
        for (number, (field, _)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, number);
        }
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
