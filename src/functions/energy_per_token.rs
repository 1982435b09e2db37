//! `energy_per_token(energy_joules, tokens)` and
//! `energy_per_token(energy_joules, prompt_tokens, completion_tokens)`: joules per token.
//!
//! 1. The sum of joules over the sum of tokens (prompt + completion in the long form), over rows
//!    where no argument is NULL.
//! 2. NULL when no row counted or the tokens sum to 0 or less, and for a NaN.
//! 3. Both sums are exact and rounded once, then divided: row order never changes the answer, and a
//!    window gives to the last bit what a fresh computation over its frame would.
//! 4. Infinities follow IEEE while they are in the frame and leave no trace after.
//! 5. An argument is INTEGER, REAL, TEXT that reads as one, or NULL; anything else is an error that
//!    names it.
//! 6. Cost: constant per row, also over a sliding window; 104 bytes a group.
//!
//! Source of the definition: joules over tokens as in the batch figure of OpenJarvis
//! `TelemetryAggregator.per_batch_stats`.

use crate::ffi::{About, Arguments, Context, Form, Forms, Output, Result, WindowAggregate};
use crate::stats::{Number, Ratio};

/// `energy_per_token`.
#[derive(Default)]
pub(crate) struct EnergyPerToken(Ratio);

type Row = (Number, [Number; 2]);

#[inline(always)]
fn read(row: &Arguments<'_>) -> Result<Option<Row>> {
    let (joules, tokens) = (row.number(0)?, row.number(1)?);
    let more = if row.count() > 2 { row.number(2)? } else { Some(Number::Integer(0)) };
    Ok(match (joules, tokens, more) {
        (Some(joules), Some(tokens), Some(more)) => Some((joules, [tokens, more])),
        _ => None,
    })
}

impl WindowAggregate for EnergyPerToken {
    const NAME: &'static str = "energy_per_token";
    const FORMS: Forms = &[
        Form {
            arguments: &["energy_joules", "tokens"],
            sample: "energy_per_token(energy_joules, completion_tokens)",
        },
        Form {
            arguments: &["energy_joules", "prompt_tokens", "completion_tokens"],
            sample: "energy_per_token(energy_joules, prompt_tokens, completion_tokens)",
        },
    ];
    const ABOUT: About =
        About { answer: "REAL, joules per token", sentence: "sum of joules over sum of tokens" };

    #[inline(always)]
    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        if let Some((joules, tokens)) = read(row)? {
            self.0.add(joules, &tokens)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        if let Some((joules, tokens)) = read(row)? {
            self.0.remove(joules, &tokens)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn answer(&mut self, output: &Context) -> Result<()> {
        if let Some(ratio) = self.0.value() {
            output.real(ratio);
        }
        Ok(())
    }
}
