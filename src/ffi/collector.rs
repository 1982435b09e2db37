//! Rows of a statement handed to Rust by an aggregate function instead of one by one through
//! `sqlite3_step`, which costs twice as much.
//!
//! `SELECT jarvis_stats_scan(col, col, ...) FROM ...` runs while the connection's state points to
//! the collector; the function hands its arguments there. (A pointer bound to a first argument
//! would do the same at the price of one more argument in every row, 1 to 3 % of a scan.) Called by
//! hand, when no scan runs, the function only says that it is internal; in a view it is DIRECTONLY.

use super::api::call;
use super::connection::Connection;
use super::context::{Context, Output};
use super::error::{Result, SqlError};
use super::guard::guard;
use super::state::{Handle, State};
use super::statement::{Statement, Step};
use super::sys::{sqlite3_context, sqlite3_value};
use super::value::Value;
use std::ffi::c_int;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The internal SQL function.
pub(crate) const SCAN_FUNCTION: &str = "jarvis_stats_scan";

/// Takes the rows of a scan.
pub(crate) trait Collector {
    /// Takes one row: the arguments.
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()>;
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
    pub(crate) fn collect<C: Collector>(
        &self,
        sql: &str,
        bind: impl FnOnce(&mut Statement<'_>) -> Result<()>,
        collector: &mut C,
    ) -> Result<()> {
        let collector = (&raw mut *collector).cast();
        let mut handle = Handle { collector, hand: hand_over::<C>, failure: None };
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

/// Hands one row over, inside the guard: one piece of code from here to the collector's arithmetic.
///
/// # Safety
/// The handle's collector is a `C`, borrowed for the scan that runs; SQLite hands in `argc` values.
unsafe fn hand_over<C: Collector>(
    handle: &mut Handle,
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    let outcome = guard(SCAN_FUNCTION, "xStep", || {
        // SAFETY: as promised by the caller.
        let (collector, row) =
            unsafe { (&mut *handle.collector.cast::<C>(), Value::arguments(argc, argv)) };
        collector.collect(row)
    });
    if let Err(error) = outcome {
        handle.failure = Some(error.clone());
        // SAFETY: the context of this callback.
        unsafe { Context::new(context) }.error(&error);
    }
}

pub(super) unsafe extern "C" fn step(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: the user data is the connection's state. Only `Connection::collect` sets the pointer
    // in it, to a handle that lives while its scan runs, made with the way to its own collector.
    unsafe {
        let state: &State = &*call!(user_data(context)).cast();
        match state.collecting.load(Ordering::Relaxed).as_mut() {
            Some(handle) => (handle.hand)(handle, context, argc, argv),
            None => Context::new(context)
                .error(&SqlError::new(format!("{SCAN_FUNCTION}: internal function"))),
        }
    }
}

/// Nothing to give back: the rows are in the collector.
pub(super) unsafe extern "C" fn finalize(context: *mut sqlite3_context) {
    // SAFETY: the context of this callback.
    unsafe { Context::new(context) }.null();
}
