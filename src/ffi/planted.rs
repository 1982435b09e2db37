//! Faults planted by environment variable, in test builds only (`--features planted-faults`).
//!
//! `JARVIS_STATS_PANIC=function:callback` panics in that callback; `JARVIS_STATS_MAX_GROUPS=n`
//! lowers the limit on groups.

use std::env;

/// Panics when the environment asks for it.
#[allow(clippy::panic)]
pub(super) fn panic_if_planted(function: &str, callback: &str) {
    if env::var("JARVIS_STATS_PANIC")
        .is_ok_and(|planted| planted == format!("{function}:{callback}"))
    {
        panic!("planted");
    }
}
