//! What the two entry points do.

use super::api::{self, OLDEST_HOST, Refusal};
use super::connection::Connection;
use super::error::{Result, SQLITE_ERROR, SQLITE_OK, SqlError};
use super::guard;
use super::message::set_message;
use super::registry::Registry;
use super::state::State;
use super::sys::register_entrypoint;
use super::sys::{sqlite3, sqlite3_api_routines};
use std::ffi::{c_char, c_int};

/// Name of the extension, for messages.
const NAME: &str = env!("CARGO_PKG_NAME");

/// Loads the extension into a connection: registers what `register` names, once.
///
/// # Safety
/// The pointers are those that SQLite hands to an extension's entry point.
pub(crate) unsafe fn load(
    db: *mut sqlite3,
    error_message: *mut *mut c_char,
    routines: *mut sqlite3_api_routines,
    register: fn(&mut Registry) -> Result<()>,
) -> c_int {
    if db.is_null() || routines.is_null() {
        return SQLITE_ERROR;
    }
    guard::install_panic_hook();
    // SAFETY: as promised by the caller.
    let outcome = unsafe {
        match api::adopt(routines) {
            Ok(()) => guard::guard(NAME, "load", || register_once(db, routines, register)),
            Err(refusal) => Err(refused(&refusal)),
        }
    };
    match outcome {
        Ok(()) => SQLITE_OK,
        Err(error) => {
            // SAFETY: the table is SQLite's; a host too old for us still has these routines. SQLite
            // frees the message.
            unsafe { set_message(routines, error_message, error.message()) };
            error.code()
        }
    }
}

/// # Safety
/// `db` is open, `routines` is the host's table and has been adopted.
unsafe fn register_once(
    db: *mut sqlite3,
    routines: *mut sqlite3_api_routines,
    register: fn(&mut Registry) -> Result<()>,
) -> Result<()> {
    // sqlite-loadable keeps the table as well: its helpers work only after this.
    register_entrypoint(db, std::ptr::null_mut(), routines, |_| Ok(()));
    // SAFETY: the connection is open and outlives the registry.
    let mut registry = unsafe {
        match State::complete_on(db) {
            Some(state) => Registry::of_lost_tables(db, state),
            None if is_loaded_from_another_file(db) => return Ok(()),
            None => Registry::new(db),
        }
    };
    match register(&mut registry) {
        Ok(()) => {
            registry.complete();
            Ok(())
        }
        Err(error) => {
            registry.undo();
            Err(error)
        }
    }
}

/// Whether a copy of this library has registered on the connection. Newer hosts read the schema for
/// this: where they cannot, as on a locked file, the answer is no and loading goes on. Leaves no
/// error behind: `sqlite3_open` takes one for its own when this runs as an automatic extension.
///
/// # Safety
/// `db` is open.
unsafe fn is_loaded_from_another_file(db: *mut sqlite3) -> bool {
    let state = State::default();
    // SAFETY: as promised by the caller.
    let connection = unsafe { Connection::new(db, &state) };
    let is_loaded = match connection.prepare("SELECT jarvis_stats_version()") {
        Ok(_) => true,
        // An authorizer is asked about a function only if it exists; one that denies SELECT itself
        // says nothing about that. (The code is SQLITE_AUTH only on newer hosts.)
        Err(error) => error.message().starts_with("not authorized to use function"),
    };
    // Compiling nothing succeeds, which takes the error away.
    let _ = connection.prepare("");
    is_loaded
}

fn refused(refusal: &Refusal) -> SqlError {
    SqlError::new(match refusal {
        Refusal::TooOld(version) => format!(
            "{NAME} needs SQLite {} or newer (window functions); this program uses {}",
            dotted(OLDEST_HOST),
            dotted(*version)
        ),
        Refusal::Lacks(what, option) => {
            format!("{NAME} needs {what}; this program's SQLite is built without them ({option})")
        }
        Refusal::OtherLibrary => format!(
            "{NAME} is already loaded by another SQLite library in this process; load a copy of \
             the file under another name"
        ),
    })
}

fn dotted(version: i32) -> String {
    format!("{}.{}.{}", version / 1_000_000, version / 1000 % 1000, version % 1000)
}
