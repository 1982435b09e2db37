//! What is used of the packages `sqlite-loadable` and `sqlite3ext-sys`, and why no more.
//!
//! From `sqlite-loadable`: the C types of the routine table, the flags of functions, and the entry
//! point that lets the package's own helpers find the table. Its scalars, tables and `exec` are
//! left: a panic in them ends the host, their table messages are formats (a `%` in an argument is
//! read as one), every error loses its code, and a failed statement reads as an empty one.
//!
//! From `sqlite3ext-sys`: constants of the C headers.

pub(super) use sqlite_loadable::FunctionFlags;
pub(super) use sqlite_loadable::entrypoints::register_entrypoint;
/// What the two entry points are handed.
pub(crate) use sqlite_loadable::ext::{sqlite3, sqlite3_api_routines};
pub(super) use sqlite_loadable::ext::{
    sqlite3_context, sqlite3_index_info, sqlite3_index_info_sqlite3_index_constraint,
    sqlite3_module, sqlite3_stmt, sqlite3_value, sqlite3_vtab, sqlite3_vtab_cursor,
};
pub(super) use sqlite3ext_sys::{
    SQLITE_INDEX_CONSTRAINT_EQ, SQLITE_INDEX_CONSTRAINT_ISNULL, SQLITE_INDEX_CONSTRAINT_LIMIT,
    SQLITE_INDEX_SCAN_UNIQUE, SQLITE_UTF8, SQLITE_VTAB_INNOCUOUS,
};
