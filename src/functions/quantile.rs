//! `quantile(x, p)`: the exact percentile, in the unit of x. Aggregate and window function.
//!
//! 1. x is INTEGER, REAL, TEXT that reads as one, or NULL, which is left out; anything else is an
//!    error. -0.0 counts as 0.0. Infinities are values.
//! 2. p is a number from 0 to 1 in any of these forms, or JSON text of an array of 1 to 100 such
//!    numbers; the same for every row.
//! 3. Of the sorted values v(0..n-1), with h = p * (n-1) and i = floor(h): v(i) + (v(i+1) - v(i)) *
//!    (h - i); v(i) when h = i or both are equal. To the last bit what SQLite's `percentile_cont`
//!    gives.
//! 4. For an array p, JSON text of an array in p's order, with SQLite's JSON subtype where the host
//!    keeps it: `quantile(x, '[0.5,0.95,0.99]') ->> 2`. (It is lost through OVER and subqueries.)
//!    What is no finite number is null in it.
//! 5. No rows: NULL, as p is not known then. Rows without values: NULL, or an array of nulls. One
//!    value: that value. NaN, between infinities of both signs: NULL.
//! 6. It is the plain percentile of the rows given, however few: see `quantile_ci`.
//! 7. Cost: 8 bytes a value, 16 while memory grows, 1 GiB at most. A group: linear selection for
//!    each p. A window: O(log n + 512) a row, whatever the frame; it keeps its values in sorted
//!    chunks, and gives to the last bit what a fresh computation over its frame would. Can be
//!    interrupted while it sorts.
//!
//! Source of the definition: Hyndman and Fan 1996, type 7: SQLite's `percentile_cont`, numpy's and
//! DuckDB's `quantile_cont`, and OpenJarvis's `_percentile`.

use super::percentile_rows::PercentileRows;
use super::probabilities::Probabilities;
use crate::ffi::{About, Arguments, Context, Form, Forms, Result, WindowAggregate};

/// `quantile`.
#[derive(Default)]
pub(crate) struct Quantile(PercentileRows<Probabilities>);

impl WindowAggregate for Quantile {
    const NAME: &'static str = "quantile";
    const FORMS: Forms =
        &[Form { arguments: &["x", "p"], sample: "quantile(latency_seconds, 0.95)" }];
    const GIVES_JSON: bool = true;
    const ABOUT: About = About {
        answer: "REAL, the unit of x; TEXT, a JSON array, for several p",
        sentence: "exact percentile, linear between neighbours",
    };

    #[inline(always)]
    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        self.0.add(row, Probabilities::read)
    }

    #[inline(always)]
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        self.0.remove(row)
    }

    fn answer(&mut self, output: &Context) -> Result<()> {
        let Some((p, values)) = self.0.all() else { return Ok(()) };
        let answers = values.quantiles(p.all(), || output.check_interrupt())?;
        p.put(&answers, output)
    }
}
