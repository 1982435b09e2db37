//! `sketch(x)`: a BLOB that stands for the distribution of x. Aggregate and window function.
//!
//! 1. x as in `quantile`; NULL is left out. No values: NULL.
//! 2. A value is counted in the bucket (b^i, b^(i+1)] with b = 2^(1/64), a negative one by its
//!    magnitude; 0 and the two infinities have counts of their own. No logarithm: the same bytes on
//!    every machine. A percentile read from it is within 0.5416 % of the exact one
//!    (`sketch_quantile`).
//! 3. One multiset of values has one BLOB, whatever the order of the rows and whatever left the
//!    frame of a window. The bytes: src/stats/sketch/encoding.rs.
//! 4. Minimum, maximum and sum are not in it: keep them beside it.
//! 5. Cost: constant per row; 512 bytes for each power of two that has values, whatever their
//!    number. A million latencies are a BLOB of 1 to 2 kB.
//!
//! Source of the definition: the exponential histograms of OpenTelemetry (scale 6), Prometheus
//! (schema 6) and Elastic have these edges.

use crate::ffi::{About, Arguments, Context, Form, Forms, Output, Result, WindowAggregate};
use crate::stats::{Number, Sketch};

/// `sketch`.
#[derive(Default)]
pub(crate) struct SketchOf(Sketch);

/// Puts a sketch out: NULL for no values, an error for more than SQLite can count.
pub(super) fn put(sketch: &Sketch, output: &Context) -> Result<()> {
    match sketch.count() {
        Some(0) => output.null(),
        Some(_) => output.blob(&sketch.encode()?),
        None => return Err(crate::ffi::SqlError::new("integer overflow")),
    }
    Ok(())
}

impl WindowAggregate for SketchOf {
    const NAME: &'static str = "sketch";
    const FORMS: Forms = &[Form { arguments: &["x"], sample: "sketch(latency_seconds)" }];
    const ABOUT: About = About {
        answer: "BLOB",
        sentence: "a distribution within 0.55 %, to be merged and to be read by sketch_quantile",
    };

    #[inline(always)]
    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        match row.number(0)?.map(Number::to_f64) {
            Some(x) => Ok(self.0.add(x)?),
            None => Ok(()),
        }
    }

    #[inline(always)]
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        match row.number(0)?.map(Number::to_f64) {
            Some(x) => Ok(self.0.remove(x)?),
            None => Ok(()),
        }
    }

    fn answer(&mut self, output: &Context) -> Result<()> {
        put(&self.0, output)
    }
}
