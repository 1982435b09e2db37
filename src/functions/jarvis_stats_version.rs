//! `jarvis_stats_version()`: `v` and the version of this extension, TEXT. Never NULL, no errors,
//! constant cost.

use super::VERSION;
use crate::ffi::{
    About, Arguments, Connection, Context, Form, Forms, Output, Result, Scalar, Trust,
};

/// `jarvis_stats_version`.
pub(crate) struct JarvisStatsVersion;

impl Scalar for JarvisStatsVersion {
    const NAME: &'static str = "jarvis_stats_version";
    const FORMS: Forms = &[Form { arguments: &[], sample: "jarvis_stats_version()" }];
    const TRUST: Trust = Trust::Innocuous;
    const ABOUT: About = About { answer: "TEXT", sentence: "v and the version of this extension" };

    fn call(_: &Connection<'_>, _: &Arguments<'_>, output: &Context) -> Result<()> {
        output.text(format!("v{VERSION}").as_bytes());
        Ok(())
    }
}
