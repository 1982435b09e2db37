//! `sketch_quantile(sketch, p)`: a percentile read from a sketch, in the unit of its values.
//!
//! 1. The rule of `quantile`, a value being 2LU / (L + U) of the edges L and U of its bucket:
//!    within 0.5416 % of the exact answer for values of one sign. Subnormal numbers are outside
//!    that bound.
//! 2. p as in `quantile`: a number from 0 to 1, or a JSON array, which is answered by one.
//! 3. NULL for a NULL sketch, and for NaN, between infinities of both signs.
//! 4. Anything but a sketch is an error.
//! 5. Cost: one pass over its buckets for each p, about a microsecond.
//!
//! Source of the definition: DDSketch (Masson, Rim and Lee, 2019) for the value that stands for a
//! bucket.

use super::probabilities::Probabilities;
use super::sketch_argument::sketch;
use crate::ffi::{About, Arguments, Connection, Context, Form, Forms, Result, Scalar, Trust};

/// `sketch_quantile`.
pub(crate) struct SketchQuantile;

impl Scalar for SketchQuantile {
    const NAME: &'static str = "sketch_quantile";
    const FORMS: Forms = &[Form {
        arguments: &["sketch", "p"],
        sample: "sketch_quantile((SELECT sketch(latency_seconds) FROM telemetry), 0.95)",
    }];
    const TRUST: Trust = Trust::Innocuous;
    const GIVES_JSON: bool = true;
    const ABOUT: About = About {
        answer: "REAL, the unit of the values; TEXT, a JSON array, for several p",
        sentence: "percentile of the values in a sketch, within 0.55 %",
    };

    fn call(_: &Connection<'_>, arguments: &Arguments<'_>, output: &Context) -> Result<()> {
        let p = Probabilities::read(arguments, 1)?;
        let Some(sketch) = sketch(arguments)? else { return Ok(()) };
        let answers: Vec<_> = p.all().iter().map(|p| sketch.quantile(*p)).collect();
        p.put(&answers, output)
    }
}
