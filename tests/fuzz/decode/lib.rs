//! The extension's arithmetic, as its own crate sees it.

#[path = "../../../src/stats/mod.rs"]
pub mod stats;
