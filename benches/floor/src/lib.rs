//! What a scan costs before anyone computes anything. Aggregates that take any number of arguments:
//!
//! * `scan_floor(...)` never looks at its arguments: SQLite reads the row, decodes the columns,
//!   calls. No aggregate over the same columns can be cheaper.
//! * `scan_floor_read0(...)`, `scan_floor_read1(...)`, `scan_floor_read2(...)` ask for each
//!   argument once: the first 0, 1 or 2 as text with its length, the others as doubles. That is the
//!   least that grouping and summing must do.
//!
//! Not named `floor`: SQLite's own `floor(x)` would win the call with one argument.

use sqlite3ext_sys::{
    SQLITE_DETERMINISTIC, SQLITE_ERROR, SQLITE_UTF8, sqlite3, sqlite3_api_routines,
    sqlite3_context, sqlite3_value,
};
use std::ffi::{CStr, c_char, c_int, c_uchar};
use std::hint::black_box;
use std::ptr::null_mut;
use std::sync::OnceLock;

type Step = unsafe extern "C" fn(*mut sqlite3_context, c_int, *mut *mut sqlite3_value);

struct Getters {
    double: unsafe extern "C" fn(*mut sqlite3_value) -> f64,
    text: unsafe extern "C" fn(*mut sqlite3_value) -> *const c_uchar,
    bytes: unsafe extern "C" fn(*mut sqlite3_value) -> c_int,
}

static GETTERS: OnceLock<Getters> = OnceLock::new();

unsafe extern "C" fn ignore(_: *mut sqlite3_context, _: c_int, _: *mut *mut sqlite3_value) {}

unsafe extern "C" fn read<const KEYS: usize>(
    _: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    let Some(get) = GETTERS.get() else { return };
    for i in 0..usize::try_from(argc).unwrap_or(0) {
        // SAFETY: SQLite passes `argc` valid values, which live until this call returns.
        unsafe {
            let value = *argv.add(i);
            if i < KEYS {
                black_box(((get.text)(value), (get.bytes)(value)));
            } else {
                black_box((get.double)(value));
            }
        }
    }
}

unsafe extern "C" fn finish(_: *mut sqlite3_context) {}

/// # Safety
/// Called by SQLite when it loads the library, with a live connection and its routine table.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sqlite3_extension_init(
    db: *mut sqlite3,
    _error: *mut *mut c_char,
    api: *const sqlite3_api_routines,
) -> c_int {
    // SAFETY: the table outlives the process's use of SQLite; these fields are older than any host
    // in use.
    let api = unsafe { &*api };
    let (Some(create), Some(double), Some(text), Some(bytes)) = (
        api.create_function_v2,
        api.value_double,
        api.value_text,
        api.value_bytes,
    ) else {
        return SQLITE_ERROR as c_int;
    };
    GETTERS.get_or_init(|| Getters {
        double,
        text,
        bytes,
    });
    let register = |name: &CStr, step: Step| {
        // SAFETY: the callbacks are of the kind that SQLite calls for an aggregate and hold no
        // state.
        unsafe {
            create(
                db,
                name.as_ptr(),
                -1,
                (SQLITE_UTF8 | SQLITE_DETERMINISTIC) as c_int,
                null_mut(),
                None,
                Some(step),
                Some(finish),
                None,
            )
        }
    };
    let functions: [(&CStr, Step); 4] = [
        (c"scan_floor", ignore),
        (c"scan_floor_read0", read::<0>),
        (c"scan_floor_read1", read::<1>),
        (c"scan_floor_read2", read::<2>),
    ];
    for (name, step) in functions {
        let code = register(name, step);
        if code != 0 {
            return code;
        }
    }
    0
}
