//! What our functions on one connection share.

use super::catalogue::Registered;
use super::collector::Handle;
use super::sys::sqlite3;
use std::sync::atomic::{AtomicPtr, AtomicU32};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What one connection's functions and tables share. SQLite holds it through their user data and
/// lets go of it when the connection closes.
#[derive(Default)]
pub(super) struct State {
    pub(super) nesting: AtomicU32,
    pub(super) registered: OnceLock<Vec<Registered>>,
    /// The collector of the innermost scan that is running; null for none.
    pub(super) collecting: AtomicPtr<Handle>,
    /// The connection, once everything is registered on it.
    complete_on: OnceLock<usize>,
}

/// Connections on which everything is registered.
static COMPLETE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn complete_connections() -> MutexGuard<'static, Vec<usize>> {
    // A list of numbers is whole whatever panicked beside it.
    COMPLETE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Whether this library has registered everything on the connection.
    pub(super) fn is_complete_on(db: *mut sqlite3) -> bool {
        complete_connections().contains(&db.addr())
    }

    /// Notes that everything is registered.
    pub(super) fn complete(&self, db: *mut sqlite3, registered: Vec<Registered>) {
        self.registered.get_or_init(|| registered);
        complete_connections().push(*self.complete_on.get_or_init(|| db.addr()));
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(db) = self.complete_on.get() {
            complete_connections().retain(|connection| connection != db);
        }
    }
}
