//! `jarvis_stats_version()`: `v` and the version of this extension, TEXT. Never NULL, no errors,
//! constant cost.

use super::VERSION;
use crate::ffi::{Connection, Context, Output, Result, Scalar, Value};

/// `jarvis_stats_version`.
pub struct JarvisStatsVersion;

impl Scalar for JarvisStatsVersion {
    const NAME: &'static str = "jarvis_stats_version";
    const ARITIES: &'static [i32] = &[0];
    const IS_CONSTANT: bool = true;

    fn call(
        _connection: &Connection<'_>,
        _arguments: &[Value<'_>],
        output: &Context,
    ) -> Result<()> {
        output.text(format!("v{VERSION}").as_bytes());
        Ok(())
    }
}
