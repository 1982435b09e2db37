//! The table-valued functions, one file each, and what they share: statistics of groups, their
//! rows, JSON.

mod aggregated_stats;
mod batch_stats;
mod engine_stats;
mod export_records;
mod goodput;
mod group_rows;
mod json;
mod latency_stats;
mod measures;
mod model_stats;
mod rollup_status;
mod sketch_buckets;
mod statistic;
mod top_models;

pub use aggregated_stats::AggregatedStats;
pub use batch_stats::BatchStats;
pub use engine_stats::EngineStats;
pub use export_records::ExportRecords;
pub use goodput::Goodput;
pub use latency_stats::LatencyStats;
pub use model_stats::ModelStats;
pub use rollup_status::RollupStatus;
pub use sketch_buckets::SketchBuckets;
pub use top_models::TopModels;
