//! `batch_stats(since, until, exclude_warmup, source)`: one row per `batch_id` other than `''` and
//! NULL.
//!
//! 1. Units: tokens, joules, joules per token (prompt and completion).
//! 2. `total_tokens` adds `prompt_tokens + completion_tokens` where neither is NULL; energy is
//!    totalled over all rows of the batch. `energy_per_token_joules` is the one over the other, 0.0
//!    when the tokens come to 0 or less.
//! 3. `exclude_warmup` keeps rows with `is_warmup = 0`; a table without that column is not
//!    filtered.
//! 4. Most requests first, ties by `batch_id` ascending. An empty table has no rows.
//! 5. Errors: a wrong argument, a missing table, no column `batch_id`, bounds without a column
//!    `timestamp`, `integer overflow` when a token total that the query reads leaves 64 bits, more
//!    than 10,000,000 batches.
//! 6. Cost: one scan of the columns that the query reads; about 150 bytes a batch besides its id.
//!
//! Source of the definition: OpenJarvis `TelemetryAggregator.per_batch_stats`.

use super::group_rows::{GroupRows, declared};
use super::statistic::{StatColumn, calls, key, per_token, tokens, total};
use crate::ffi::{About, Call, Column, InMemory, Parameter, Result, TableFunction, Takes};
use crate::telemetry::{Filter, SINCE, SOURCE, UNTIL, switch};

/// `batch_stats`.
pub(crate) struct BatchStats;

/// Keep only calls that are no warm-up.
const EXCLUDE_WARMUP: Parameter = Parameter { name: "exclude_warmup", takes: Takes::Switch };

const BATCH_KEY: &str = "batch_id";

/// Prompt and completion, of calls where neither is NULL.
const BATCH_TOKENS: &[&str] = &["prompt_tokens", "completion_tokens"];

const BATCH_COLUMNS: &[StatColumn] = &[
    key("batch_id"),
    calls("total_requests"),
    tokens("total_tokens", BATCH_TOKENS),
    total("total_energy_joules", &["energy_joules"]),
    per_token("energy_per_token_joules", &["energy_joules"], BATCH_TOKENS),
];

impl TableFunction for BatchStats {
    const NAME: &'static str = "batch_stats";
    const PARAMETERS: &'static [Parameter] = &[SINCE, UNTIL, EXCLUDE_WARMUP, SOURCE];
    const IS_INNOCUOUS: bool = true;
    const EXPECTED_ROWS: i64 = 10_000;
    const ABOUT: About = About {
        answer: "one row per batch",
        sentence: "requests, tokens and joules of each batch",
    };
    const SAMPLE: &'static str = "batch_stats()";
    type Rows<'a> = InMemory<GroupRows>;

    fn columns() -> Vec<Column> {
        declared(BATCH_COLUMNS)
    }

    fn rows<'a>(call: &Call<'a, '_>) -> Result<Self::Rows<'a>> {
        let filter = Filter::within_bounds(call)?.not_empty(BATCH_KEY).equal_if(
            switch(call, EXCLUDE_WARMUP.name)?,
            "is_warmup",
            0,
        );
        Ok(GroupRows::scan(call, BATCH_KEY, BATCH_COLUMNS, &filter)?.into())
    }
}
