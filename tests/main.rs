//! The real shared object, loaded into a real SQLite library that is chosen at run time.
//!
//! `suite` holds what SQL with fixed answers cannot say: properties over random data, costs,
//! failures of the host. (SQL with its answers, one file per function, is a test program of its
//! own: `tests/golden`.) Both speak through `harness`.
//!
//! "The peer" is OpenJarvis's own Python class `TelemetryAggregator`, whose figures the extension
//! reproduces. `tests/README.md` is the map of all tests.
//!
//! Environment: `JARVIS_STATS` (the extension), `JARVIS_TEST_SQLITE` (the SQLite library),
//! `JARVIS_TEST_SEED` (repeat a random run), `JARVIS_TEST_LONG=1` (more rows and cycles).

// A test says what is wrong by panicking, and speaks C to its host; the product does neither.
#![allow(
    unsafe_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_in_result
)]

// The golden program uses what this one does not.
#[allow(dead_code)]
mod harness;
mod suite;
