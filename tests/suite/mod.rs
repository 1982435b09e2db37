//! What SQL with fixed answers cannot say.

/// Arguments as hidden columns in every form of SQL.
mod arguments;
/// What must hold for everything that is registered; nothing is forgotten.
mod catalogue;
/// Two models compared: how often the interval holds, and what many calls do to it.
mod comparison;
/// Which columns a query reads, and how often the table is scanned.
mod cost;
/// The doctor counts what it shows; definitions say what is computed.
mod doctor;
/// Interrupts, locks, damage, denials: SQLite's own code and text, and the connection works on.
mod failures;
/// Percentiles and sketches over frames of every kind, and what they take.
mod frames;
/// Keys that are nearly the same.
mod keys;
/// Loading once, twice, renamed, in vain.
mod loading;
/// Memory of groups, of an export, of many connections; each in a process of its own.
mod memory;
/// Row order, and sums to the last bit.
mod order;
/// Sums to be added up over files, and the SQL that does it.
mod partials;
/// Percentiles and sketches: long frames, coverage, interrupts, memory.
mod percentiles;
/// Every table function against plain SQL on random tables.
mod reference;
/// Roll-ups: the answers of the scan, through random histories of a table.
mod rollup_histories;
/// Roll-ups: triggers, copies, files that are read only.
mod rollups;
/// Everything that is registered, frozen in `tests/surface.txt`.
mod surface;
/// Random telemetry tables.
mod tables;
/// Sliding windows to the last bit.
mod windows;
