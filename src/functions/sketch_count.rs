//! `sketch_count(sketch)`: how many values a sketch holds, INTEGER.
//!
//! 1. 0 for NULL.
//! 2. Anything but a sketch is an error.
//! 3. Cost: about a microsecond.
//!
//! Source of the definition: `sketch`.

use super::sketch_argument::sketch;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};

/// `sketch_count`.
pub(crate) struct SketchCount;

impl Scalar for SketchCount {
    const NAME: &'static str = "sketch_count";
    const FORMS: Forms = &[Form {
        arguments: &["sketch"],
        sample: "sketch_count((SELECT sketch(latency_seconds) FROM telemetry))",
    }];
    const TRUST: Trust = Trust::Innocuous;
    const ABOUT: About =
        About { answer: "INTEGER, values", sentence: "number of values in a sketch" };

    fn call(_: &Connection<'_>, arguments: &Arguments<'_>, output: &Context) -> Result<()> {
        let count = sketch(arguments)?.and_then(|sketch| sketch.count());
        output.integer(count.unwrap_or(0));
        Ok(())
    }
}
