//! A connection of the host, seen from inside a callback.

use super::api::{self, call};
use super::catalogue::Registered;
use super::error::{Result, SQLITE_ERROR, SQLITE_OK, SqlError, text};
use super::state::{Handle, State, WriterRun};
use super::statement::{Statement, check_interrupt};
use super::sys::sqlite3;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// Views over our functions that may read one another, so that one that reads itself ends in an
/// error and not on the stack's end.
const DEEPEST_NESTING: u32 = 8;

/// The connection and what our functions on it share.
#[derive(Clone, Copy)]
pub(crate) struct Connection<'a> {
    db: *mut sqlite3,
    state: &'a State,
}

/// The name of a database of the connection: `main`, `temp` or an attached one.
pub(crate) struct DatabaseName(CString);

impl DatabaseName {
    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// How a column is declared.
pub(crate) struct ColumnMetadata {
    /// Its type as written; empty for none.
    pub(crate) declared_type: String,
    /// Whether NOT NULL.
    pub(crate) not_null: bool,
}

impl<'a> Connection<'a> {
    /// # Safety
    /// `db` is open and in use by the running callback only.
    pub(super) unsafe fn new(db: *mut sqlite3, state: &'a State) -> Self {
        Connection { db, state }
    }

    /// Compiles one statement.
    pub(crate) fn prepare(&self, sql: &str) -> Result<Statement<'a>> {
        // SAFETY: the connection is open as long as its state is there.
        unsafe { Statement::prepare(self.db, sql) }
    }

    /// Runs a part of `function` that reads tables or views, which may in turn call our functions,
    /// to a limited depth.
    pub(crate) fn nested<T>(&self, function: &str, body: impl FnOnce() -> Result<T>) -> Result<T> {
        /// Counts down also when the body panics.
        struct Level<'s>(&'s AtomicU32);
        impl Drop for Level<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let above = self.state.nesting.fetch_add(1, Ordering::Relaxed);
        let _level = Level(&self.state.nesting);
        if above > DEEPEST_NESTING {
            return Err(SqlError::new(format!(
                "{function}: views nest deeper than {DEEPEST_NESTING} levels; does a view read \
                 itself?"
            )));
        }
        body()
    }

    /// Fails with SQLite's own error when the host wants the running statement to end. Long work
    /// between two steps of SQLite's asks now and then.
    pub(crate) fn check_interrupt(&self) -> Result<()> {
        // SAFETY: the connection is open as long as its state is there.
        unsafe { check_interrupt(self.db) }
    }

    pub(super) fn raw(&self) -> *mut sqlite3 {
        self.db
    }

    pub(super) fn writer_runs(&self) -> MutexGuard<'a, Vec<WriterRun>> {
        self.state.writer_runs()
    }

    /// The table functions of this extension that are in use, as a program names them.
    pub(crate) fn own_tables(&self) -> BTreeSet<String> {
        self.state.table_names()
    }

    pub(super) fn collecting(&self) -> &AtomicPtr<Handle> {
        &self.state.collecting
    }

    /// Puts the function's name in front of an error, unless it is SQLite's own (busy, interrupt,
    /// ...) or carries a name of ours.
    pub(crate) fn named(&self, function: &str, error: SqlError) -> SqlError {
        let has_name = || {
            error.message().split_once(": ").is_some_and(|(name, _)| {
                self.registered().iter().any(|registered| registered.name == name)
            })
        };
        if error.is_of_sqlite() || has_name() {
            return error;
        }
        let message = format!("{function}: {}", error.message());
        error.with_message(message)
    }

    /// Everything that this extension registered on the connection.
    pub(crate) fn registered(&self) -> &'a [Registered] {
        self.state.registered.get().map_or(&[], Vec::as_slice)
    }

    /// Rows changed since the connection was opened, a count that grows whenever the connection
    /// changes something. `None` while it has changes that a rollback could take back: SQLite
    /// counts no rollback, so an answer from before one could not be told from one after it.
    pub(crate) fn changes_unless_writing(&self) -> Option<i32> {
        const TXN_STATE_SINCE: i32 = 3_034_000;
        const TXN_WRITE: c_int = 2;
        // SAFETY: the connection is open; `txn_state` is in the table from its version on.
        unsafe {
            let is_writing = if self.host_version() >= TXN_STATE_SINCE {
                call!(txn_state(self.db, ptr::null())) == TXN_WRITE
            } else {
                call!(get_autocommit(self.db)) == 0
            };
            (!is_writing).then(|| call!(total_changes(self.db)))
        }
    }

    /// Whether a transaction is open that was begun by name.
    pub(crate) fn is_in_transaction(&self) -> bool {
        // SAFETY: the connection is open.
        unsafe { call!(get_autocommit(self.db)) == 0 }
    }

    /// Whether a statement that writes is under way: between a change that it has made and the
    /// triggers that follow the change, we may be called.
    pub(crate) fn is_inside_a_write(&self) -> bool {
        // SAFETY: the connection is open, and its list of statements stays as it is meanwhile.
        unsafe {
            let mut statement = call!(next_stmt(self.db, ptr::null_mut()));
            while !statement.is_null() {
                if call!(stmt_busy(statement)) != 0 && call!(stmt_readonly(statement)) == 0 {
                    return true;
                }
                statement = call!(next_stmt(self.db, statement));
            }
        }
        false
    }

    /// The database of that name, if the connection has one.
    pub(crate) fn database(&self, name: &str) -> Option<DatabaseName> {
        let name = CString::new(name).ok()?;
        // SAFETY: the connection is open; the call answers -1 for a name that is no database's.
        let known = unsafe { call!(db_readonly(self.db, name.as_ptr())) } >= 0;
        known.then_some(DatabaseName(name))
    }

    /// How a column of a table is declared; `None` when there is no such column. Views have no
    /// metadata.
    pub(crate) fn column_metadata(
        &self,
        database: &DatabaseName,
        table: &CStr,
        column: &CStr,
    ) -> Result<Option<ColumnMetadata>> {
        let (mut declared_type, mut collation): (*const c_char, *const c_char) =
            (ptr::null(), ptr::null());
        let (mut not_null, mut primary_key, mut autoincrement): (c_int, c_int, c_int) = (0, 0, 0);
        // SAFETY: the connection is open, the names are terminated, the out-pointers are ours; the
        // type's text is copied at once.
        unsafe {
            let code = call!(table_column_metadata(
                self.db,
                database.0.as_ptr(),
                table.as_ptr(),
                column.as_ptr(),
                &raw mut declared_type,
                &raw mut collation,
                &raw mut not_null,
                &raw mut primary_key,
                &raw mut autoincrement,
            ));
            match code {
                SQLITE_OK => Ok(Some(ColumnMetadata {
                    declared_type: text(declared_type),
                    not_null: not_null != 0,
                })),
                SQLITE_ERROR => Ok(None),
                code => Err(SqlError::of_connection(self.db, code)),
            }
        }
    }

    /// The host's SQLite: version and source id.
    pub(crate) fn host(&self) -> (String, String) {
        // SAFETY: both give constant strings of the host.
        unsafe { (text(call!(libversion())), text(call!(sourceid()))) }
    }

    /// The host's version as a number, 3040001 for 3.40.1.
    pub(crate) fn host_version(&self) -> i32 {
        api::host_version()
    }
}
