//! `jarvis_stats_debug()`: what to put into a bug report, labelled lines of TEXT. Never NULL, no
//! errors.
//!
//! Version, source revision where known, compiler, the host's SQLite version and source id,
//! everything registered. Not INNOCUOUS: it tells about the host.

use super::VERSION;
use crate::ffi::{Connection, Context, FunctionKind, Output, Result, Scalar, Value};

/// `jarvis_stats_debug`.
pub struct JarvisStatsDebug;

impl Scalar for JarvisStatsDebug {
    const NAME: &'static str = "jarvis_stats_debug";
    const ARITIES: &'static [i32] = &[0];
    const IS_CONSTANT: bool = false;

    fn call(connection: &Connection<'_>, _arguments: &[Value<'_>], output: &Context) -> Result<()> {
        let (host, source_id) = connection.host();
        let list = |wanted: fn(FunctionKind) -> Option<String>| {
            let names = connection.registered().iter().filter_map(|registered| {
                wanted(registered.kind).map(|arguments| format!("{}{arguments}", registered.name))
            });
            names.collect::<Vec<_>>().join(", ")
        };
        let lines = [
            format!("version: v{VERSION}"),
            format!("revision: {}", env!("JARVIS_STATS_REVISION")),
            format!("compiler: {}", env!("JARVIS_STATS_COMPILER")),
            format!("sqlite: {host}"),
            format!("sqlite source: {source_id}"),
            format!(
                "aggregates: {}",
                list(|kind| match kind {
                    FunctionKind::Window(arity) => Some(format!("/{arity}")),
                    _ => None,
                })
            ),
            format!(
                "table functions: {}",
                list(|kind| (kind == FunctionKind::Table).then(String::new))
            ),
            format!(
                "scalars: {}",
                list(|kind| match kind {
                    FunctionKind::Scalar(arity) => Some(format!("/{arity}")),
                    _ => None,
                })
            ),
            format!(
                "internal: {}",
                list(|kind| (kind == FunctionKind::Internal).then(String::new))
            ),
        ];
        output.text(lines.join("\n").as_bytes());
        Ok(())
    }
}
