//! The aggregates and scalars, one file each.

/// Version of the extension; Cargo.toml is its only source.
const VERSION: &str = env!("CARGO_PKG_VERSION");

mod avg_itl;
mod constant;
mod energy_per_token;
mod jarvis_stats_debug;
mod jarvis_stats_version;
mod probabilities;
mod quantile;
mod quantile_ci;
mod record_count;
mod rollup_drop;
mod rollup_refresh;
mod rollup_verify;
mod sketch;
mod sketch_argument;
mod sketch_count;
mod sketch_merge;
mod sketch_quantile;
mod time_bucket;

pub use avg_itl::AvgItl;
pub use energy_per_token::EnergyPerToken;
pub use jarvis_stats_debug::JarvisStatsDebug;
pub use jarvis_stats_version::JarvisStatsVersion;
pub use quantile::Quantile;
pub use quantile_ci::QuantileCi;
pub use record_count::RecordCount;
pub use rollup_drop::RollupDrop;
pub use rollup_refresh::RollupRefresh;
pub use rollup_verify::RollupVerify;
pub use sketch::SketchOf;
pub(crate) use sketch_argument::read_sketch;
pub use sketch_count::SketchCount;
pub use sketch_merge::SketchMerge;
pub use sketch_quantile::SketchQuantile;
pub use time_bucket::TimeBucket;

use crate::ffi::{Arguments, Kind, Result, Takes, Value};
use crate::telemetry::{DEFAULT_SOURCE, read_source_name};

/// The first argument as the name of a table or view; the default where it is left out or NULL.
fn source_argument(arguments: &Arguments<'_>) -> Result<Vec<u8>> {
    let given = arguments.value(0).filter(|value| value.kind() != Kind::Null);
    let Some(given) = given.map(Value::to_owned).transpose()? else {
        return Ok(DEFAULT_SOURCE.as_bytes().to_vec());
    };
    match read_source_name(&given) {
        Some(name) => Ok(name.to_vec()),
        None => Err(arguments.error(0, Takes::Source.wanted(), given)),
    }
}
