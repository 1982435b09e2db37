//! What SQL with fixed answers cannot say.

/// Which columns a query reads, and how often the table is scanned.
mod cost;
/// Interrupts, locks, damage, denials: SQLite's own code and text, and the connection works on.
mod failures;
/// Keys that are nearly the same.
mod keys;
/// Loading once, twice, renamed, in vain.
mod loading;
/// Memory of groups, of an export, of many connections; each in a process of its own.
mod memory;
/// Row order, and sums to the last bit.
mod order;
/// Every table function against plain SQL on random tables.
mod reference;
/// Roll-ups: the answers of the scan, whatever happens to the table.
mod rollups;
/// Everything that is registered, frozen in `tests/surface.txt`.
mod surface;
/// Random telemetry tables.
mod tables;
/// Sliding windows to the last bit.
mod windows;
