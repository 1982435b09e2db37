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

use crate::ffi::{About, Arguments, Context, Form, Forms, Output, Result, WindowAggregate};
use crate::stats::{GapMean, Mean, Number, OutOfMemory};

/// `avg_itl`: one of the two, by the number of arguments.
#[derive(Default)]
pub(crate) struct AvgItl {
    plain: Mean,
    pooled: GapMean,
}

/// Hands the row to the mean that its number of arguments tells.
#[inline(always)]
fn read(
    row: &Arguments<'_>,
    plain: impl FnOnce(Number) -> std::result::Result<(), OutOfMemory>,
    pooled: impl FnOnce(Number, Number) -> std::result::Result<(), OutOfMemory>,
) -> Result<()> {
    let Some(itl) = row.number(0)? else { return row.number(1).map(drop) };
    if row.count() < 2 {
        return Ok(plain(itl)?);
    }
    match row.number(1)? {
        Some(tokens) => Ok(pooled(itl, tokens)?),
        None => Ok(()),
    }
}

impl WindowAggregate for AvgItl {
    const NAME: &'static str = "avg_itl";
    const FORMS: Forms = &[
        Form { arguments: &["itl_ms"], sample: "avg_itl(mean_itl_ms)" },
        Form {
            arguments: &["itl_ms", "completion_tokens"],
            sample: "avg_itl(mean_itl_ms, completion_tokens)",
        },
    ];
    const ABOUT: About = About {
        answer: "REAL, milliseconds",
        sentence: "mean inter-token latency, by calls or by the gaps between tokens",
    };

    #[inline(always)]
    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        let AvgItl { plain, pooled } = self;
        read(row, |itl| plain.add(itl), |itl, tokens| pooled.add(itl, tokens))
    }

    #[inline(always)]
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        let AvgItl { plain, pooled } = self;
        read(row, |itl| plain.remove(itl), |itl, tokens| pooled.remove(itl, tokens))
    }

    #[inline(always)]
    fn answer(&mut self, output: &Context) -> Result<()> {
        // Only one of the two ever sees a row.
        let mean = match self.plain.value() {
            Some(mean) => Some(mean),
            None => self.pooled.value()?,
        };
        if let Some(mean) = mean {
            output.real(mean);
        }
        Ok(())
    }
}
