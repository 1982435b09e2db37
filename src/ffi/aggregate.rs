//! Aggregates that are window functions as well.

use super::api::call;
use super::context::{Context, Output};
use super::error::Result;
use super::guard::guard;
use super::value::Value;
use crate::stats::OutOfMemory;
use sqlite_loadable::ext::{sqlite3_context, sqlite3_value};
use std::ffi::c_int;
use std::ptr;

/// An aggregate `NAME(...)`, with GROUP BY and over windows. `Default` is the state without rows.
pub trait WindowAggregate: Default {
    /// Its SQL name.
    const NAME: &'static str;
    /// The numbers of arguments it takes.
    const ARITIES: &'static [i32];

    /// A row enters the group or frame.
    fn step(&mut self, arguments: &[Value<'_>]) -> Result<()>;
    /// A row that entered before leaves the frame.
    fn inverse(&mut self, arguments: &[Value<'_>]) -> Result<()>;
    /// The answer for the rows that are in: a REAL, NULL for `None` or NaN.
    fn value(&self) -> Result<Option<f64>>;
}

/// The slot in SQLite's aggregate context that holds our state: null before the first row.
///
/// # Safety
/// `context` is that of a running callback of an aggregate over `A`.
#[inline(always)]
unsafe fn slot<A>(context: *mut sqlite3_context, create: bool) -> *mut *mut A {
    let size = if create { size_of::<*mut A>() } else { 0 };
    // SAFETY: with size 0 SQLite gives the memory of an earlier call, or null; fresh memory is
    // zeroed.
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

fn answer<A: WindowAggregate>(
    context: &Context,
    callback: &str,
    value: impl FnOnce() -> Result<Option<f64>>,
) {
    match guard(A::NAME, callback, value) {
        Ok(Some(value)) => context.real(value),
        Ok(None) => context.null(),
        Err(error) => context.error(&error),
    }
}

pub(super) unsafe extern "C" fn step<A: WindowAggregate>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: SQLite calls this with a context of `A` and `argc` values.
    let outcome = guard(A::NAME, "xStep", || unsafe {
        state::<A>(context)?.step(Value::arguments(argc, argv))
    });
    if let Err(error) = outcome {
        // SAFETY: the context of this callback.
        unsafe { Context::new(context) }.error(&error);
    }
}

pub(super) unsafe extern "C" fn inverse<A: WindowAggregate>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: as in `step`.
    let outcome = guard(A::NAME, "xInverse", || unsafe {
        state::<A>(context)?.inverse(Value::arguments(argc, argv))
    });
    if let Err(error) = outcome {
        // SAFETY: the context of this callback.
        unsafe { Context::new(context) }.error(&error);
    }
}

pub(super) unsafe extern "C" fn value<A: WindowAggregate>(context: *mut sqlite3_context) {
    // SAFETY: the context of this callback.
    answer::<A>(&unsafe { Context::new(context) }, "xValue", || {
        // SAFETY: the slot is null or holds a state that lives until `finalize`.
        match unsafe { slot::<A>(context, false).as_ref().and_then(|state| state.as_ref()) } {
            Some(state) => state.value(),
            None => A::default().value(),
        }
    });
}

pub(super) unsafe extern "C" fn finalize<A: WindowAggregate>(context: *mut sqlite3_context) {
    // SAFETY: the slot is null or ours. The state is taken out first, so a second call or a panic
    // cannot free it twice.
    let state = unsafe {
        let slot = slot::<A>(context, false);
        if slot.is_null() || (*slot).is_null() {
            None
        } else {
            Some(Box::from_raw(ptr::replace(slot, ptr::null_mut())))
        }
    };
    // SAFETY: the context of this callback.
    answer::<A>(&unsafe { Context::new(context) }, "xFinal", move || match state {
        Some(state) => state.value(),
        None => A::default().value(),
    });
}
