//! The aggregates and scalars, one file each.

/// Version of the extension; Cargo.toml is its only source.
const VERSION: &str = env!("CARGO_PKG_VERSION");

mod avg_itl;
mod energy_per_token;
mod jarvis_stats_debug;
mod jarvis_stats_version;
mod record_count;

pub use avg_itl::AvgItl;
pub use energy_per_token::EnergyPerToken;
pub use jarvis_stats_debug::JarvisStatsDebug;
pub use jarvis_stats_version::JarvisStatsVersion;
pub use record_count::RecordCount;
