//! The table-valued functions, one file each, and what they share: statistics of groups, their
//! rows, JSON.

mod aggregated_stats;
mod batch_stats;
mod compare_stats;
mod compared_calls;
mod definition;
mod energy_stats;
mod engine_stats;
mod export_records;
mod goodput;
mod group_rows;
mod json;
mod latency_stats;
mod measured_calls;
mod measures;
mod model_stats;
mod partial_stats;
mod percentile;
mod rolled_up;
mod rollup_status;
mod sketch_buckets;
mod statistic;
mod stats_definitions;
mod telemetry_doctor;
mod top_models;
mod usage;
mod usage_stats;

pub(crate) use aggregated_stats::AggregatedStats;
pub(crate) use batch_stats::BatchStats;
pub(crate) use compare_stats::CompareStats;
pub(crate) use energy_stats::EnergyStats;
pub(crate) use engine_stats::EngineStats;
pub(crate) use export_records::ExportRecords;
pub(crate) use goodput::Goodput;
pub(crate) use latency_stats::LatencyStats;
pub(crate) use measured_calls::MeasuredCalls;
pub(crate) use model_stats::ModelStats;
pub(crate) use partial_stats::PartialStats;
pub(crate) use rolled_up::plan_rolled_up;
pub(crate) use rollup_status::RollupStatus;
pub(crate) use sketch_buckets::{SketchBuckets, read_sketch};
pub(crate) use stats_definitions::StatsDefinitions;
pub(crate) use telemetry_doctor::TelemetryDoctor;
pub(crate) use top_models::TopModels;
pub(crate) use usage_stats::UsageStats;
