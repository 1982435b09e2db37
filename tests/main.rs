//! The real shared object, loaded into a real SQLite library that is chosen at run time.
//!
//! `golden` holds SQL with its expected answers, one file per function; `suite` holds what SQL
//! alone cannot say: properties over random data, costs, failures of the host. Both speak through
//! `harness`.
//!
//! Environment: `JARVIS_STATS` (the extension), `JARVIS_TEST_SQLITE` (the SQLite library),
//! `JARVIS_TEST_SEED` (repeat a random run), `JARVIS_TEST_LONG=1` (more rows and cycles), `BLESS=1`
//! (re-record golden answers).

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

mod golden;
mod harness;
mod suite;
