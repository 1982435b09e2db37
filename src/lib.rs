//! jarvis_stats: statistics on LLM-inference telemetry (speed, tokens, cost, energy) as plain SQL
//! inside SQLite.
//!
//! The rooms, in the order in which a call passes through them: [`ffi`] is SQLite's C API made
//! safe, [`functions`] and [`tables`] hold one file per SQL function, [`rollup`] answers from sums
//! that were stored where it can, [`telemetry`] finds the table and scans it once, [`stats`] does
//! the arithmetic.
//!
//! "The peer", here and in the tests, is OpenJarvis's own Python class `TelemetryAggregator`
//! (package `openjarvis` on PyPI, releases 0.1.1 to 1.0.4), whose figures ours equal where both
//! have them.

mod ffi;
mod functions;
mod rollup;
mod stats;
mod tables;
mod telemetry;

use ffi::{Registry, Result, sqlite3, sqlite3_api_routines};
use std::ffi::{c_char, c_int};

/// Everything that SQL sees.
fn register(registry: &mut Registry) -> Result<()> {
    registry.scalar::<functions::JarvisStatsVersion>()?; // version of this extension
    registry.scalar::<functions::JarvisStatsDebug>()?; // what to put into a bug report
    registry.scalar::<functions::RecordCount>()?; // rows of the telemetry table
    registry.scalar::<functions::SketchQuantile>()?; // percentile of a sketch
    registry.scalar::<functions::SketchCount>()?; // values in a sketch
    registry.scalar::<functions::TimeBucket>()?; // start of the bucket of a moment

    registry.scalar::<functions::RollupRefresh>()?; // makes a roll-up, or brings it up to date
    registry.scalar::<functions::RollupDrop>()?; // takes it away
    registry.scalar::<functions::RollupVerify>()?; // compares it with the rows

    registry.aggregate::<functions::EnergyPerToken>()?; // joules per token
    registry.aggregate::<functions::AvgItl>()?; // mean inter-token latency
    registry.aggregate::<functions::Quantile>()?; // exact percentile
    registry.aggregate::<functions::QuantileCi>()?; // percentile and its interval
    registry.aggregate::<functions::SketchOf>()?; // a distribution as a BLOB
    registry.aggregate::<functions::SketchMerge>()?; // one sketch of many

    registry.table::<tables::BatchStats>()?; // one row per batch
    registry.table::<tables::ModelStats>()?; // one row per model
    registry.table::<tables::EngineStats>()?; // one row per engine
    registry.table::<tables::AggregatedStats>()?; // the summary
    registry.table::<tables::TopModels>()?; // the most used models
    registry.table::<tables::LatencyStats>()?; // TTFT, TPOT, ITL and more, with percentiles
    registry.table::<tables::Goodput>()?; // calls within limits
    registry.table::<tables::MeasuredCalls>()?; // the table, NULL for what was not measured
    registry.table::<tables::EnergyStats>()?; // joules, none booked twice
    registry.table::<tables::UsageStats>()?; // a series of buckets of time
    registry.table::<tables::CompareStats>()?; // two models, or periods, side by side
    registry.table::<tables::PartialStats>()?; // sums made for adding up over files
    registry.table::<tables::ExportRecords>()?; // every row as JSON
    registry.table::<tables::SketchBuckets>()?; // a sketch as rows
    registry.table::<tables::TelemetryDoctor>()?; // what is wrong with the data
    registry.table::<tables::StatsDefinitions>()?; // what figures and traps mean
    registry.table::<tables::RollupStatus>()?; // whether a roll-up is there and used

    registry.scan_function() // the scan behind the tables
}

/// Entry point under the name that SQLite tries first.
///
/// # Safety
/// Called by SQLite with the pointers that it hands to an extension.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sqlite3_extension_init(
    db: *mut sqlite3,
    error_message: *mut *mut c_char,
    routines: *mut sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite's pointers, passed on as they came.
    unsafe { ffi::load(db, error_message, routines, register) }
}

/// Entry point under the name that SQLite derives from the file's, letters only.
///
/// # Safety
/// As [`sqlite3_extension_init`].
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sqlite3_jarvisstats_init(
    db: *mut sqlite3,
    error_message: *mut *mut c_char,
    routines: *mut sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite's pointers, passed on as they came.
    unsafe { ffi::load(db, error_message, routines, register) }
}
