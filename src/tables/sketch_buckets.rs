//! `sketch_buckets(sketch)`: one row per bucket of a sketch, for engines that cannot read the BLOB.
//!
//! 1. low and high REAL, the edges, in the unit of the values; count INTEGER. Ascending.
//! 2. A bucket of positive values holds those above low and up to high, one of negative values
//!    those from low and below high; 0 and the infinities are rows with low = high.
//! 3. The edges are the same for every sketch: `SUM(count) GROUP BY low, high` merges.
//! 4. NULL, or left out: no rows. Anything but a sketch is an error.
//! 5. Cost: a few microseconds.
//!
//! Source of the definition: `sketch`.

use crate::ffi::{
    About, Call, Column, Context, InMemory, IndexedRows, Output, OwnedValue, Parameter, Result,
    SqlError, TableFunction, Takes,
};
use crate::stats::{Bucket, OutOfMemory, Refused, Sketch};

/// `sketch_buckets`.
pub(crate) struct SketchBuckets;

const SKETCH: Parameter = Parameter { name: "sketch", takes: Takes::Sketch };

impl TableFunction for SketchBuckets {
    const NAME: &'static str = "sketch_buckets";
    const PARAMETERS: &'static [Parameter] = &[SKETCH];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 400;
    const ABOUT: About = About {
        answer: "one row per bucket",
        sentence: "the buckets of a sketch: low, high, count, ascending",
    };
    const SAMPLE: &'static str = "sketch_buckets((SELECT sketch(latency_seconds) FROM telemetry))";
    type Rows<'a> = InMemory<Vec<Bucket>>;

    fn columns() -> Vec<Column> {
        vec![
            Column { name: "low", declared: "REAL" },
            Column { name: "high", declared: "REAL" },
            Column { name: "count", declared: "INTEGER" },
        ]
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let mut buckets = Vec::new();
        if let Some(value) = call.argument(SKETCH.name) {
            let bytes = match value {
                OwnedValue::Blob(bytes) => Some(bytes.as_slice()),
                _ => None,
            };
            let sketch = read_sketch(bytes, |got| {
                call.argument_error(SKETCH.name, got.unwrap_or_else(|| value.to_string()))
            })?;
            buckets.try_reserve_exact(sketch.buckets().count())?;
            buckets.extend(sketch.buckets());
        }
        Ok(buckets.into())
    }
}

impl IndexedRows for Vec<Bucket> {
    fn count(&self) -> usize {
        self.len()
    }

    fn column(&self, row: usize, column: usize, output: &Context) -> Result<()> {
        let Some(bucket) = self.get(row) else { return Ok(()) };
        match column {
            0 => output.real(bucket.low),
            1 => output.real(bucket.high),
            _ => output.integer(bucket.count),
        }
        Ok(())
    }
}

/// Reads the bytes of a sketch, `None` for what is no BLOB. `refuse` makes the error from what
/// came, `None` standing for the value itself.
pub(crate) fn read_sketch(
    bytes: Option<&[u8]>,
    refuse: impl FnOnce(Option<String>) -> SqlError,
) -> Result<Sketch> {
    bytes.map_or(Err(Refused::Malformed), Sketch::decode).map_err(|refused| match refused {
        Refused::OutOfMemory => OutOfMemory.into(),
        Refused::Malformed => refuse(None),
        Refused::Version(version) => refuse(Some(format!("a sketch of version {version}"))),
        Refused::Scale(scale) => refuse(Some(format!("a sketch of scale {scale}"))),
    })
}
