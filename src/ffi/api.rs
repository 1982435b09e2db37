//! The host's routine table: the only way to reach SQLite from a loadable extension.

use super::sys::sqlite3_api_routines;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Oldest host: window functions came with 3.25. No field newer than that is ever read without a
/// check of the version.
pub(super) const OLDEST_HOST: i32 = 3_025_000;

static ROUTINES: AtomicPtr<sqlite3_api_routines> = AtomicPtr::new(ptr::null_mut());

/// Why the routine table was refused.
pub(super) enum Refusal {
    /// The host's version, below [`OLDEST_HOST`].
    TooOld(i32),
    /// The host is built without something that we need: what, and the option that leaves it out.
    Lacks(&'static str, &'static str),
    /// Another SQLite library of this process has loaded this very file: one static table cannot
    /// serve both.
    OtherLibrary,
}

/// Keeps the table for the life of the process.
///
/// # Safety
/// `routines` is the table that SQLite handed to the entry point.
pub(super) unsafe fn adopt(routines: *mut sqlite3_api_routines) -> Result<(), Refusal> {
    // SAFETY: `libversion_number` is near the table's start: every SQLite 3 with loadable
    // extensions has it.
    let version = unsafe { (*routines).libversion_number.map_or(0, |f| f()) };
    if version < OLDEST_HOST {
        return Err(Refusal::TooOld(version));
    }
    // SAFETY: the host is at least `OLDEST_HOST`, whose table has the fields that this looks at.
    if let Some((what, option)) = unsafe { lacks(routines) } {
        return Err(Refusal::Lacks(what, option));
    }
    match ROUTINES.compare_exchange(ptr::null_mut(), routines, Ordering::AcqRel, Ordering::Acquire)
    {
        Ok(_) => Ok(()),
        Err(present) if present == routines => Ok(()),
        Err(_) => Err(Refusal::OtherLibrary),
    }
}

/// What the host lacks. These two options leave routines that we call out of the table; of the
/// others that do, none is of a routine that we call.
///
/// # Safety
/// `routines` is the table of a host that is at least [`OLDEST_HOST`]; it may be shorter than the
/// type that describes it.
unsafe fn lacks(routines: *const sqlite3_api_routines) -> Option<(&'static str, &'static str)> {
    // SAFETY: these fields are all there in 3.25.
    let (has_tables, has_windows) = unsafe {
        (
            (*routines).create_module_v2.is_some()
                && (*routines).declare_vtab.is_some()
                && (*routines).vtab_config.is_some(),
            (*routines).create_window_function.is_some(),
        )
    };
    if !has_tables {
        return Some(("virtual tables", "SQLITE_OMIT_VIRTUALTABLE"));
    }
    (!has_windows).then_some(("window functions", "SQLITE_OMIT_WINDOWFUNC"))
}

/// The table. Only callbacks that SQLite makes after a successful [`adopt`] get here.
#[inline(always)]
pub(super) fn routines() -> *const sqlite3_api_routines {
    ROUTINES.load(Ordering::Relaxed)
}

/// The host's version as a number, 3040001 for 3.40.1.
pub(super) fn host_version() -> i32 {
    // SAFETY: takes nothing and returns a constant of the host.
    unsafe { call!(libversion_number()) }
}

/// Calls a routine of the table. Fields up to 3.25 are always there, which [`adopt`] has checked.
macro_rules! call {
    ($routine:ident($($argument:expr),* $(,)?)) => {
        ((*$crate::ffi::api::routines()).$routine.unwrap_unchecked())($($argument),*)
    };
}
pub(super) use call;

/// `sqlite3_destructor_type` of SQLITE_TRANSIENT: SQLite copies the bytes at once.
pub(super) fn transient() -> Option<unsafe extern "C" fn(*mut c_void)> {
    // SAFETY: SQLite compares this pointer with -1 and never calls it; an Option of a function
    // pointer has its size.
    unsafe { std::mem::transmute::<isize, Option<unsafe extern "C" fn(*mut c_void)>>(-1) }
}
