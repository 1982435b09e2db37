//! Aggregates that are window functions as well.

use super::api::call;
use super::arguments::{Arguments, Forms};
use super::catalogue::About;
use super::context::Context;
use super::error::Result;
use super::guard::guard;
use super::sys::{sqlite3_context, sqlite3_value};
use super::value::Value;
use crate::stats::OutOfMemory;
use std::ffi::c_int;
use std::ptr;

/// An aggregate `NAME(...)`, with GROUP BY and over windows. `Default` is the state without rows.
pub(crate) trait WindowAggregate: Default {
    /// Its SQL name.
    const NAME: &'static str;
    /// The forms in which it is called.
    const FORMS: Forms;
    /// Whether an answer may be JSON.
    const GIVES_JSON: bool = false;
    /// For the catalogue.
    const ABOUT: About;

    /// A row enters the group or frame.
    fn step(&mut self, row: &Arguments<'_>) -> Result<()>;
    /// The oldest row that is in the frame leaves it: rows leave in the order in which they
    /// entered, each with the values that it came with.
    fn inverse(&mut self, row: &Arguments<'_>) -> Result<()>;
    /// Puts out the answer for the rows that are in, NULL unless it puts one; it may put the rows
    /// in order first. A window asks after every row, a plain aggregate once, also without a row.
    fn answer(&mut self, output: &Context) -> Result<()>;
}

/// The slot in SQLite's aggregate context that holds our state: null before the first row.
///
/// # Safety
/// `context` is that of a running callback of an aggregate over `A`.
#[inline(always)]
unsafe fn slot<A>(context: *mut sqlite3_context, create: bool) -> *mut *mut A {
    let size = if create { size_of::<*mut A>() } else { 0 };
    // SAFETY: with size 0 SQLite gives the memory of an earlier call, or null; fresh memory is
    // zero.
    unsafe { call!(aggregate_context(context, size as c_int)).cast() }
}

/// # Safety
/// As [`slot`]; the reference must not outlive the callback.
#[inline(always)]
unsafe fn state<'a, A: Default>(context: *mut sqlite3_context) -> Result<&'a mut A> {
    // SAFETY: the slot is null or ours; a state put there is freed by `finalize` alone.
    unsafe {
        let slot = slot::<A>(context, true);
        if slot.is_null() {
            return Err(OutOfMemory.into());
        }
        if (*slot).is_null() {
            *slot = Box::into_raw(Box::default());
        }
        Ok(&mut **slot)
    }
}

/// Lets a row in or out.
///
/// # Safety
/// SQLite calls this with a context of `A` and `argc` values.
#[inline(always)]
unsafe fn pass<A: WindowAggregate>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
    callback: &str,
    way: impl FnOnce(&mut A, &Arguments<'_>) -> Result<()>,
) {
    let outcome = guard(A::NAME, callback, || {
        // SAFETY: as promised by the caller.
        let (state, values) = unsafe { (state::<A>(context)?, Value::arguments(argc, argv)) };
        way(state, &Arguments::new(A::NAME, A::FORMS, values))
    });
    if let Err(error) = outcome {
        // SAFETY: the context of this callback.
        unsafe { Context::new(context) }.error(&error);
    }
}

/// Answers for a state, or for none.
///
/// # Safety
/// `context` is that of a running callback.
unsafe fn put<A: WindowAggregate>(
    context: *mut sqlite3_context,
    callback: &str,
    state: Option<&mut A>,
) {
    // SAFETY: as promised by the caller.
    let output = unsafe { Context::new(context) };
    let outcome = guard(A::NAME, callback, || match state {
        Some(state) => state.answer(&output),
        None => A::default().answer(&output),
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
}

pub(super) unsafe extern "C" fn step<A: WindowAggregate>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: SQLite's call of an aggregate over `A`.
    unsafe { pass::<A>(context, argc, argv, "xStep", A::step) }
}

pub(super) unsafe extern "C" fn inverse<A: WindowAggregate>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: SQLite's call of an aggregate over `A`.
    unsafe { pass::<A>(context, argc, argv, "xInverse", A::inverse) }
}

pub(super) unsafe extern "C" fn value<A: WindowAggregate>(context: *mut sqlite3_context) {
    // SAFETY: the slot is null or holds a state that lives until `finalize`, and no other reference
    // to it is alive.
    unsafe {
        let state = slot::<A>(context, false).as_ref().and_then(|state| state.as_mut());
        put::<A>(context, "xValue", state);
    }
}

pub(super) unsafe extern "C" fn finalize<A: WindowAggregate>(context: *mut sqlite3_context) {
    // SAFETY: the slot is null or ours. The state is taken out first, so that a second call or a
    // panic cannot free it twice.
    let mut state = unsafe {
        let slot = slot::<A>(context, false);
        if slot.is_null() || (*slot).is_null() {
            None
        } else {
            Some(Box::from_raw(ptr::replace(slot, ptr::null_mut())))
        }
    };
    // SAFETY: the context of this callback.
    unsafe { put::<A>(context, "xFinal", state.as_deref_mut()) };
    // Dropping a state may panic like anything else of ours.
    let _ = guard(A::NAME, "xFinal", move || {
        drop(state);
        Ok(())
    });
}
