//! `jarvis_stats_debug()`: what to put into a bug report, lines of TEXT. Never NULL, no errors.
//!
//! 1. First labelled lines: version, source revision where known, compiler, the host's SQLite
//!    version and source id.
//! 2. Then the catalogue: for each form of everything registered a line `kind | name(arguments) |
//!    answer | innocuous, trusted or direct | one sentence | a sample call`.
//! 3. Not INNOCUOUS: it tells about the host. Cost: constant.

use super::VERSION;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};

/// `jarvis_stats_debug`.
pub(crate) struct JarvisStatsDebug;

impl Scalar for JarvisStatsDebug {
    const NAME: &'static str = "jarvis_stats_debug";
    const FORMS: Forms = &[Form { arguments: &[], sample: "jarvis_stats_debug()" }];
    const TRUST: Trust = Trust::Trusted;
    const ABOUT: About = About {
        answer: "TEXT, lines",
        sentence: "what to put into a bug report, and everything registered",
    };

    fn call(connection: &Connection<'_>, _: &Arguments<'_>, output: &Context) -> Result<()> {
        let (host, source_id) = connection.host();
        let mut lines = vec![
            format!("version: v{VERSION}"),
            format!("revision: {}", env!("JARVIS_STATS_REVISION")),
            format!("compiler: {}", env!("JARVIS_STATS_COMPILER")),
            format!("sqlite: {host}"),
            format!("sqlite source: {source_id}"),
        ];
        lines.extend(connection.registered().iter().map(ToString::to_string));
        output.text(lines.join("\n").as_bytes());
        Ok(())
    }
}
