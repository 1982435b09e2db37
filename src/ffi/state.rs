//! What our functions on one connection share.

use super::catalogue::Registered;
use super::error::SqlError;
use super::sys::{sqlite3, sqlite3_context, sqlite3_value};
use std::collections::BTreeSet;
use std::ffi::c_int;
use std::sync::atomic::{AtomicPtr, AtomicU32};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// What the connection's state points to while a scan runs: a collector and how to hand it a row.
/// The two belong together, so the one SQL function serves collectors of every type.
pub(super) struct Handle {
    pub(super) collector: *mut (),
    pub(super) hand: HandOver,
    pub(super) failure: Option<SqlError>,
}

type HandOver = unsafe fn(&mut Handle, *mut sqlite3_context, c_int, *mut *mut sqlite3_value);

/// A run of a writer, from the first cursor of ours that it opened until the last is closed.
#[derive(Debug)]
pub(super) struct WriterRun {
    pub(super) writer: usize,
    pub(super) cursors: usize,
    pub(super) has_read: bool,
}

/// The name of a virtual table of ours in a [`Program`].
pub(super) fn table_name(address: usize) -> String {
    format!("vtab:{address:X}")
}

/// What one connection's functions and tables share. SQLite holds it through their user data and
/// lets go of it when the connection closes.
#[derive(Default)]
pub(super) struct State {
    pub(super) nesting: AtomicU32,
    pub(super) registered: OnceLock<Vec<Registered>>,
    /// The collector of the innermost scan that is running; null for none.
    pub(super) collecting: AtomicPtr<Handle>,
    /// Names of the tables that the connection has: `sqlite3_drop_modules` takes them away.
    tables: Mutex<Vec<&'static str>>,
    /// The addresses of the tables that are connected.
    connected: Mutex<Vec<usize>>,
    /// The statements that write while they read through us.
    writer_runs: Mutex<Vec<WriterRun>>,
    /// The connection, once everything is registered on it.
    complete_on: OnceLock<usize>,
}

/// Connections on which everything is registered, and what is shared there.
static COMPLETE: Mutex<Vec<(usize, Weak<State>)>> = Mutex::new(Vec::new());

/// These lists are whole whatever panicked beside them.
fn locked<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// What is shared on the connection, if this library has registered everything there.
    pub(super) fn complete_on(db: *mut sqlite3) -> Option<Arc<State>> {
        let complete = locked(&COMPLETE);
        let (_, state) = complete.iter().find(|(connection, _)| *connection == db.addr())?;
        state.upgrade()
    }

    /// Notes that everything is registered.
    pub(super) fn complete(self: &Arc<State>, db: *mut sqlite3, registered: Vec<Registered>) {
        self.registered.get_or_init(|| registered);
        let connection = *self.complete_on.get_or_init(|| db.addr());
        locked(&COMPLETE).push((connection, Arc::downgrade(self)));
    }

    /// Whether the connection has the table.
    pub(super) fn has_table(&self, name: &str) -> bool {
        locked(&self.tables).contains(&name)
    }

    /// Notes that the connection has the table, or that SQLite has let go of it.
    pub(super) fn note_table(&self, name: &'static str, is_there: bool) {
        let mut tables = locked(&self.tables);
        tables.retain(|table| *table != name);
        if is_there {
            tables.push(name);
        }
    }
}

impl State {
    /// Notes that a table of ours is connected, or no longer.
    pub(super) fn note_connected(&self, table: usize, is_there: bool) {
        let mut connected = locked(&self.connected);
        connected.retain(|address| *address != table);
        if is_there {
            connected.push(table);
        }
    }

    /// The tables of ours, as a program names them.
    pub(super) fn table_names(&self) -> BTreeSet<String> {
        locked(&self.connected).iter().map(|address| table_name(*address)).collect()
    }

    pub(super) fn writer_runs(&self) -> MutexGuard<'_, Vec<WriterRun>> {
        locked(&self.writer_runs)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(db) = self.complete_on.get() {
            locked(&COMPLETE).retain(|(connection, _)| connection != db);
        }
    }
}
