//! `sketch_merge(sketch)`: one sketch of many. Aggregate, and window function.
//!
//! 1. The counts are added: byte for byte the sketch of all values together, whatever the split and
//!    the order. Over a window, sketches that leave are taken out exactly.
//! 2. NULL is left out; no sketch: NULL.
//! 3. More values than 64 bits count: `integer overflow`.
//! 4. Anything but a sketch is an error, never a crash:
//!    `sketch_merge: argument 1 (sketch): expected a sketch made by sketch(), got a BLOB of 12
//!    bytes`.
//! 5. Cost: a few microseconds a sketch.
//!
//! Source of the definition: `sketch`.

use super::sketch::put;
use super::sketch_argument::sketch;
use crate::ffi::{About, Arguments, Context, Form, Forms, Result, WindowAggregate};
use crate::stats::Sketch;

/// `sketch_merge`.
#[derive(Default)]
pub(crate) struct SketchMerge(Sketch);

impl WindowAggregate for SketchMerge {
    const NAME: &'static str = "sketch_merge";
    const FORMS: Forms = &[Form {
        arguments: &["sketch"],
        sample: "sketch_merge((SELECT sketch(latency_seconds) FROM telemetry))",
    }];
    const ABOUT: About =
        About { answer: "BLOB", sentence: "the sketch of everything that many sketches hold" };

    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        match sketch(row)? {
            Some(other) => Ok(self.0.merge(&other)?),
            None => Ok(()),
        }
    }

    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        match sketch(row)? {
            Some(other) => Ok(self.0.unmerge(&other)?),
            None => Ok(()),
        }
    }

    fn answer(&mut self, output: &Context) -> Result<()> {
        put(&self.0, output)
    }
}
