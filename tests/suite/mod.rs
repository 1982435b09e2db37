//! What SQL with fixed answers cannot say.

/// What must hold for everything that is registered; nothing is forgotten.
mod catalogue;
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
/// Percentiles: any frame, any split of a sketch, long sorts, memory.
mod percentiles;
/// Every table function against plain SQL on random tables.
mod reference;
/// Everything that is registered, frozen in `tests/surface.txt`.
mod surface;
/// Random telemetry tables.
mod tables;
/// Sliding windows to the last bit.
mod windows;
