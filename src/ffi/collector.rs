//! Rows of a statement handed to Rust by an aggregate function instead of one by one through
//! `sqlite3_step`, which costs twice as much.
//!
//! `SELECT jarvis_stats_scan(col, col, ...) FROM ...` runs while the connection's state points to
//! the collector; the function hands its arguments there. (A pointer bound to a first argument would
//! do the same at the price of one more argument in every row, 1 to 3 % of a scan.) Called by hand,
//! when no scan runs, the function only says that it is internal; in a view it is DIRECTONLY.

use super::api::call;
use super::connection::Connection;
use super::context::{Context, Output};
use super::error::{Result, SqlError};
use super::guard::guard;
use super::state::State;
use super::statement::{Statement, Step};
use super::sys::{sqlite3_context, sqlite3_value};
use super::value::Value;
use std::ffi::c_int;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The internal SQL function.
pub const SCAN_FUNCTION: &str = "jarvis_stats_scan";

/// Takes the rows of a scan.
pub trait Collector {
    /// Takes one row: the arguments.
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()>;
}

/// What the connection's state points to while a scan runs. Any collector: the one function serves
/// them all.
pub(super) struct Handle {
    collector: *mut dyn Collector,
    failure: Option<SqlError>,
}

/// Points the state to a handle, and back to the handle of the scan around this one, if there is
/// one, also when the scan panics.
struct Running<'s> {
    slot: &'s AtomicPtr<Handle>,
    around: *mut Handle,
}

impl<'s> Running<'s> {
    fn start(slot: &'s AtomicPtr<Handle>, handle: *mut Handle) -> Self {
        Running { slot, around: slot.swap(handle, Ordering::Relaxed) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.slot.store(self.around, Ordering::Relaxed);
    }
}

impl Connection<'_> {
    /// Runs `sql`, whose select list is one call of [`SCAN_FUNCTION`], with its parameters bound by
    /// `bind`.
    pub fn collect<'c>(
        &self,
        sql: &str,
        bind: impl FnOnce(&mut Statement<'_>) -> Result<()>,
        collector: &'c mut (dyn Collector + 'c),
    ) -> Result<()> {
        // SAFETY: only the lifetime is left out. The handle is reachable while the statement below
        // runs and no longer, and `collector` is borrowed until after that.
        let collector = unsafe {
            std::mem::transmute::<*mut (dyn Collector + 'c), *mut (dyn Collector + 'static)>(
                collector,
            )
        };
        let mut handle = Handle { collector, failure: None };
        let outcome = {
            let mut statement = self.prepare(sql)?;
            bind(&mut statement)?;
            let _running = Running::start(self.collecting(), &raw mut handle);
            loop {
                match statement.step() {
                    Ok(Step::Row) => {}
                    Ok(Step::Done) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
        };
        match handle.failure {
            Some(failure) => Err(failure),
            None => outcome,
        }
    }
}

pub(super) unsafe extern "C" fn step(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    let outcome = guard(SCAN_FUNCTION, "xStep", || {
        // SAFETY: SQLite calls this with `argc` values; the user data is the connection's state.
        // Only `Connection::collect` sets the pointer in it, to a handle that lives while its scan
        // runs, as does the handle's collector.
        unsafe {
            let state: &State = &*call!(user_data(context)).cast();
            let Some(handle) = state.collecting.load(Ordering::Relaxed).as_mut() else {
                return Err(SqlError::new(format!("{SCAN_FUNCTION}: internal function")));
            };
            let row = Value::arguments(argc, argv);
            let outcome = (*handle.collector).collect(row);
            outcome.inspect_err(|error| handle.failure = Some(error.clone()))
        }
    });
    if let Err(error) = outcome {
        // SAFETY: the context of this callback.
        unsafe { Context::new(context) }.error(&error);
    }
}

/// Nothing to give back: the rows are in the collector.
pub(super) unsafe extern "C" fn finalize(context: *mut sqlite3_context) {
    // SAFETY: the context of this callback.
    unsafe { Context::new(context) }.null();
}
