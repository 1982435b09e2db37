//! `quantile_ci(x, p)` and `quantile_ci(x, p, confidence)`: a percentile and the interval in which
//! it lies. Aggregate and window function.
//!
//! 1. JSON text, with SQLite's JSON subtype where the host keeps it:
//!    `{"n":620,"value":0.68175,"low":0.6132,"high":0.7223,"confidence":0.95}`, in the unit of x.
//! 2. x as in `quantile`; p above 0 and below 1; confidence likewise, 0.95 when left out or NULL;
//!    both the same for every row.
//! 3. With B binomial(n, p) and a = 1 - confidence: low is the value of rank r, from 1, for the
//!    largest r >= 1 with P(B <= r-1) <= a/2; high for the smallest r <= n with P(B <= r-1) >= 1 -
//!    a/2; null where there is no such rank. value as `quantile`.
//! 4. The interval holds the true percentile with at least that confidence whatever the
//!    distribution, if the calls are independent of one another.
//! 5. The ranks are found by + - * / alone, so that they are the same on every platform.
//! 6. No rows: NULL. Rows without values: n 0, and null for value, low and high. What is no finite
//!    number is null.
//! 7. Cost: that of `quantile`, and O(sqrt(n)) for the ranks.
//!
//! Source of the definition: Conover, Practical Nonparametric Statistics; Hahn and Meeker,
//! Statistical Intervals.

use super::constant::Constant;
use super::percentile_rows::PercentileRows;
use crate::ffi::{
    About, Arguments, Context, Form, Forms, Kind, Output, Result, SqlError, WindowAggregate,
};
use crate::stats::{Interval, Number};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// When it is left out.
const DEFAULT_CONFIDENCE: f64 = 0.95;

/// `quantile_ci`.
#[derive(Default)]
pub(crate) struct QuantileCi {
    rows: PercentileRows<f64>,
    confidence: Constant<f64>,
}

/// A number between 0 and 1, both left out.
fn read_part(row: &Arguments<'_>, index: usize) -> Result<f64> {
    let number = row.value(index).and_then(|value| value.as_number()).map(Number::to_f64);
    number
        .filter(|part| *part > 0.0 && *part < 1.0)
        .ok_or_else(|| row.unexpected(index, "a number above 0 and below 1 (0.95, not 95)"))
}

fn read_confidence(row: &Arguments<'_>, index: usize) -> Result<f64> {
    match row.value(index) {
        Some(value) if value.kind() == Kind::Null => Ok(DEFAULT_CONFIDENCE),
        _ => read_part(row, index),
    }
}

struct Answer {
    interval: Interval,
    confidence: f64,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &self.interval.count)?;
        map.serialize_entry("value", &self.interval.value)?;
        map.serialize_entry("low", &self.interval.low)?;
        map.serialize_entry("high", &self.interval.high)?;
        map.serialize_entry("confidence", &self.confidence)?;
        map.end()
    }
}

impl WindowAggregate for QuantileCi {
    const NAME: &'static str = "quantile_ci";
    const FORMS: Forms = &[
        Form { arguments: &["x", "p"], sample: "quantile_ci(latency_seconds, 0.95)" },
        Form {
            arguments: &["x", "p", "confidence"],
            sample: "quantile_ci(latency_seconds, 0.95, 0.99)",
        },
    ];
    const GIVES_JSON: bool = true;
    const ABOUT: About = About {
        answer: "TEXT, JSON: n, value, low, high, confidence",
        sentence: "percentile and the interval in which it lies, whatever the distribution",
    };

    #[inline(always)]
    fn step(&mut self, row: &Arguments<'_>) -> Result<()> {
        self.rows.add(row, read_part)?;
        if row.count() > 2 {
            self.confidence.take(row, 2, read_confidence)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()> {
        self.rows.remove(row)
    }

    fn answer(&mut self, output: &Context) -> Result<()> {
        let Some((p, values)) = self.rows.all() else { return Ok(()) };
        let confidence = self.confidence.get().copied().unwrap_or(DEFAULT_CONFIDENCE);
        let interval = values.interval(*p, confidence, || output.check_interrupt())?;
        let answer = serde_json::to_vec(&Answer { interval, confidence });
        output.json(&answer.map_err(|error| SqlError::new(error.to_string()))?);
        Ok(())
    }
}
