//! `avg_itl(itl_ms)` and `avg_itl(itl_ms, completion_tokens)`: mean inter-token latency in
//! milliseconds.
//!
//! 1. One argument: the mean of the values that are not NULL, the peer's `AVG`; every request
//!    weighs the same.
//! 2. Two arguments: the mean over inter-token gaps. A request of n tokens has n - 1 gaps and
//!    weighs as much; one with fewer than 2 tokens, or with a NULL, is skipped.
//! 3. NULL when no row counted, and for a NaN.
//! 4. The sums are exact and rounded once, then divided; with two arguments each row's product is
//!    rounded once as well. Row order never changes the answer, and a window gives to the last bit
//!    what a fresh computation over its frame would.
//! 5. Infinities follow IEEE while they are in the frame and leave no trace after.
//! 6. An argument is INTEGER, REAL, TEXT that reads as one, or NULL; anything else is an error that
//!    names it.
//! 7. Cost: constant per row, also over a sliding window; about 110 bytes a group.
//!
//! Source of the definition: `AVG(mean_itl_ms)` of OpenJarvis `TelemetryAggregator`; the pooled ITL
//! of vLLM's serving benchmark.

use super::numbers::number_or_null;
use crate::ffi::{Result, Value, WindowAggregate};
use crate::stats::{GapMean, Mean, Number};

/// `avg_itl`: one of the two, by the number of arguments.
#[derive(Default)]
pub struct AvgItl {
    plain: Mean,
    pooled: GapMean,
}

const NAMES: &[&str] = &["itl_ms", "completion_tokens"];

enum Row {
    Plain(Number),
    Pooled(Number, Number),
}

#[inline(always)]
fn row(arguments: &[Value<'_>]) -> Result<Option<Row>> {
    let argument = |index| number_or_null(AvgItl::NAME, NAMES, arguments, index);
    let itl = argument(0)?;
    if arguments.len() < NAMES.len() {
        return Ok(itl.map(Row::Plain));
    }
    let tokens = argument(1)?;
    Ok(itl.zip(tokens).map(|(itl, tokens)| Row::Pooled(itl, tokens)))
}

impl WindowAggregate for AvgItl {
    const NAME: &'static str = "avg_itl";
    const ARITIES: &'static [i32] = &[1, 2];

    #[inline(always)]
    fn step(&mut self, arguments: &[Value<'_>]) -> Result<()> {
        match row(arguments)? {
            Some(Row::Plain(itl)) => self.plain.add(itl)?,
            Some(Row::Pooled(itl, tokens)) => self.pooled.add(itl, tokens)?,
            None => {}
        }
        Ok(())
    }

    #[inline(always)]
    fn inverse(&mut self, arguments: &[Value<'_>]) -> Result<()> {
        match row(arguments)? {
            Some(Row::Plain(itl)) => self.plain.remove(itl)?,
            Some(Row::Pooled(itl, tokens)) => self.pooled.remove(itl, tokens)?,
            None => {}
        }
        Ok(())
    }

    #[inline(always)]
    fn value(&self) -> Result<Option<f64>> {
        // Only one of the two ever sees a row.
        match self.plain.value() {
            Some(mean) => Ok(Some(mean)),
            None => Ok(self.pooled.value()?),
        }
    }
}
