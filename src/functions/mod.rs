//! The aggregates and scalars, one file each.

/// Version of the extension; Cargo.toml is its only source.
const VERSION: &str = env!("CARGO_PKG_VERSION");

mod avg_itl;
mod constant;
mod energy_per_token;
mod jarvis_stats_debug;
mod jarvis_stats_version;
mod percentile_rows;
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

pub(crate) use avg_itl::AvgItl;
pub(crate) use energy_per_token::EnergyPerToken;
pub(crate) use jarvis_stats_debug::JarvisStatsDebug;
pub(crate) use jarvis_stats_version::JarvisStatsVersion;
pub(crate) use quantile::Quantile;
pub(crate) use quantile_ci::QuantileCi;
pub(crate) use record_count::RecordCount;
pub(crate) use rollup_drop::RollupDrop;
pub(crate) use rollup_refresh::RollupRefresh;
pub(crate) use rollup_verify::RollupVerify;
pub(crate) use sketch::SketchOf;
pub(crate) use sketch_count::SketchCount;
pub(crate) use sketch_merge::SketchMerge;
pub(crate) use sketch_quantile::SketchQuantile;
pub(crate) use time_bucket::TimeBucket;

use crate::ffi::{Arguments, Kind, OwnedValue, Result, Takes, Value};
use crate::telemetry::{DEFAULT_SOURCE, read_source_name};

/// The first argument of a scalar that reads a table, as it was given; `None` for the default. It
/// may be as long as SQLite allows, so it is copied once, by memory that may not be had.
struct SourceArgument(Option<OwnedValue>);

impl SourceArgument {
    fn read(arguments: &Arguments<'_>) -> Result<Self> {
        let given = arguments.value(0).filter(|value| value.kind() != Kind::Null);
        let given = given.map(Value::to_owned).transpose()?;
        match &given {
            Some(value) if read_source_name(value).is_none() => {
                Err(arguments.error(0, Takes::Source.wanted(), value))
            }
            _ => Ok(SourceArgument(given)),
        }
    }

    /// The name of the table or view.
    fn name(&self) -> &[u8] {
        self.0.as_ref().and_then(read_source_name).unwrap_or(DEFAULT_SOURCE.as_bytes())
    }
}
