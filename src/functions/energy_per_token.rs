//! `energy_per_token(energy_joules, tokens)` and `energy_per_token(energy_joules, prompt_tokens,
//! completion_tokens)`: joules per token.
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

use super::numbers::number_or_null;
use crate::ffi::{Result, Value, WindowAggregate};
use crate::stats::{Number, Ratio};

/// `energy_per_token`.
#[derive(Default)]
pub struct EnergyPerToken(Ratio);

/// Names of the arguments in the short and in the long form.
const SHORT: &[&str] = &["energy_joules", "tokens"];
const LONG: &[&str] = &["energy_joules", "prompt_tokens", "completion_tokens"];

type Row = (Number, [Number; 2]);

#[inline(always)]
fn row(arguments: &[Value<'_>]) -> Result<Option<Row>> {
    let names = if arguments.len() > SHORT.len() { LONG } else { SHORT };
    let argument = |index| number_or_null(EnergyPerToken::NAME, names, arguments, index);
    let (joules, tokens) = (argument(0)?, argument(1)?);
    let more = if arguments.len() > SHORT.len() { argument(2)? } else { Some(Number::Integer(0)) };
    Ok(match (joules, tokens, more) {
        (Some(joules), Some(tokens), Some(more)) => Some((joules, [tokens, more])),
        _ => None,
    })
}

impl WindowAggregate for EnergyPerToken {
    const NAME: &'static str = "energy_per_token";
    const ARITIES: &'static [i32] = &[2, 3];

    #[inline(always)]
    fn step(&mut self, arguments: &[Value<'_>]) -> Result<()> {
        if let Some((joules, tokens)) = row(arguments)? {
            self.0.add(joules, &tokens)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn inverse(&mut self, arguments: &[Value<'_>]) -> Result<()> {
        if let Some((joules, tokens)) = row(arguments)? {
            self.0.remove(joules, &tokens)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn value(&self) -> Result<Option<f64>> {
        Ok(self.0.value())
    }
}
