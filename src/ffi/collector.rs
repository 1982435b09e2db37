//! Rows of a statement handed to Rust by an aggregate function instead of one by one through `sqlite3_step`, which costs
//! twice as much.
//!
//! `SELECT name(?1, col, col, ...) FROM ...` runs with a pointer to the collector bound to `?1`. SQL cannot make such a pointer, so called
//! by hand the function only says that it is internal.

use super::api::call;
use super::connection::Connection;
use super::context::{Context, Output};
use super::error::{Result, SqlError};
use super::guard::guard;
use super::statement::{Statement, Step};
use super::value::Value;
use crate::stats::OutOfMemory;
use sqlite_loadable::ext::{sqlite3_context, sqlite3_value};
use std::ffi::{CStr, c_int};

/// Takes the rows of a scan.
pub trait Collector {
    /// Name of the internal SQL function.
    const NAME: &'static str;
    /// Type tag of the pointer, unique to the implementing type.
    const TAG: &'static CStr;

    /// Takes one row: the arguments after the pointer.
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()>;
}

/// What the bound pointer points to.
struct Handle<'c, C> {
    collector: &'c mut C,
    failure: Option<SqlError>,
}

impl Connection<'_> {
    /// Runs `sql`, whose `?1` is the first argument of `C`'s function, with its other parameters bound by `bind`.
    pub fn collect<C: Collector>(
        &self,
        sql: &str,
        bind: impl FnOnce(&mut Statement<'_>) -> Result<()>,
        collector: &mut C,
    ) -> Result<()> {
        let mut handle = Handle { collector, failure: None };
        let outcome = {
            let mut statement = self.prepare(sql)?;
            bind(&mut statement)?;
            // SAFETY: `handle` lives longer than the statement and is not touched while it runs.
            unsafe { statement.bind_pointer(1, (&raw mut handle).cast(), C::TAG)? };
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

pub(super) unsafe extern "C" fn step<C: Collector>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    let outcome = guard(C::NAME, "xStep", || {
        // SAFETY: SQLite calls this with `argc` values. The slot is zeroed memory that lasts for the group; only a pointer bound by
        // `Connection::collect` gets through `value_pointer`, and it is valid while that statement runs.
        unsafe {
            let slot: *mut *mut Handle<'_, C> =
                call!(aggregate_context(context, size_of::<*mut ()>() as c_int)).cast();
            let arguments = Value::arguments(argc, argv);
            let (Some(slot), Some((first, row))) = (slot.as_mut(), arguments.split_first()) else {
                return Err(if slot.is_null() { OutOfMemory.into() } else { internal::<C>() });
            };
            if slot.is_null() {
                *slot = call!(value_pointer(first.pointer(), C::TAG.as_ptr())).cast();
            }
            let Some(handle) = slot.as_mut() else { return Err(internal::<C>()) };
            handle.collector.collect(row).inspect_err(|error| handle.failure = Some(error.clone()))
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

fn internal<C: Collector>() -> SqlError {
    SqlError::new(format!("{}: internal function", C::NAME))
}
