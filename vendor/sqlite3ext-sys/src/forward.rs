//! The `sqlite3_*` functions that sqlite-loadable 0.0.5 names.
//!
//! Linking them to a SQLite library would be wrong in an extension: memory from that library's
//! `sqlite3_mprintf` would be freed by another one, the host's. So they go to the host too, through the
//! table given to [`init`].

use core::ffi::{c_char, c_int, c_uchar, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::bindings::*;

static API: AtomicPtr<sqlite3_api_routines> = AtomicPtr::new(ptr::null_mut());

/// Names the table that the `sqlite3_*` functions of this crate call through.
///
/// An extension's entry point does this before anything else. Without it these functions panic.
///
/// # Safety
///
/// `api` is the table SQLite passed to the entry point, and stays valid as long as the functions are called.
pub unsafe fn init(api: *mut sqlite3_api_routines) {
    API.store(api, Ordering::Release);
}

unsafe fn api() -> &'static sqlite3_api_routines {
    let api = API.load(Ordering::Acquire);
    assert!(
        !api.is_null(),
        "sqlite3ext-sys: a routine was called before init"
    );
    &*api
}

type Destructor = Option<unsafe extern "C" fn(*mut c_void)>;
type Call = Option<unsafe extern "C" fn(*mut sqlite3_context, c_int, *mut *mut sqlite3_value)>;
type Final = Option<unsafe extern "C" fn(*mut sqlite3_context)>;

macro_rules! forward {
    ($($function:ident = $field:ident($($arg:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        /// # Safety
        ///
        /// As for the C function of this name.
        #[allow(clippy::too_many_arguments)]
        pub unsafe fn $function($($arg: $type),*) $(-> $result)? {
            match api().$field {
                Some(routine) => routine($($arg),*),
                None => panic!(concat!("this SQLite has no ", stringify!($function))),
            }
        }
    )*};
}

forward! {
    sqlite3_bind_text = bind_text(stmt: *mut sqlite3_stmt, i: c_int, text: *const c_char, n: c_int, drop: Destructor) -> c_int;
    sqlite3_column_text = column_text(stmt: *mut sqlite3_stmt, i: c_int) -> *const c_uchar;
    sqlite3_column_value = column_value(stmt: *mut sqlite3_stmt, i: c_int) -> *mut sqlite3_value;
    sqlite3_create_function_v2 = create_function_v2(db: *mut sqlite3, name: *const c_char, n_arg: c_int, flags: c_int, app: *mut c_void, call: Call, step: Call, last: Final, drop: Destructor) -> c_int;
    sqlite3_create_module_v2 = create_module_v2(db: *mut sqlite3, name: *const c_char, module: *const sqlite3_module, app: *mut c_void, drop: Destructor) -> c_int;
    sqlite3_declare_vtab = declare_vtab(db: *mut sqlite3, sql: *const c_char) -> c_int;
    sqlite3_finalize = finalize(stmt: *mut sqlite3_stmt) -> c_int;
    sqlite3_get_auxdata = get_auxdata(context: *mut sqlite3_context, n: c_int) -> *mut c_void;
    sqlite3_mprintf = mprintf(format: *const c_char) -> *mut c_char;
    sqlite3_prepare_v2 = prepare_v2(db: *mut sqlite3, sql: *const c_char, n: c_int, stmt: *mut *mut sqlite3_stmt, tail: *mut *const c_char) -> c_int;
    sqlite3_result_blob = result_blob(context: *mut sqlite3_context, blob: *const c_void, n: c_int, drop: Destructor);
    sqlite3_result_double = result_double(context: *mut sqlite3_context, value: f64);
    sqlite3_result_error = result_error(context: *mut sqlite3_context, text: *const c_char, n: c_int);
    sqlite3_result_error_code = result_error_code(context: *mut sqlite3_context, code: c_int);
    sqlite3_result_int = result_int(context: *mut sqlite3_context, value: c_int);
    sqlite3_result_int64 = result_int64(context: *mut sqlite3_context, value: sqlite3_int64);
    sqlite3_result_null = result_null(context: *mut sqlite3_context);
    sqlite3_result_pointer = result_pointer(context: *mut sqlite3_context, pointer: *mut c_void, kind: *const c_char, drop: Destructor);
    sqlite3_result_text = result_text(context: *mut sqlite3_context, text: *const c_char, n: c_int, drop: Destructor);
    sqlite3_set_auxdata = set_auxdata(context: *mut sqlite3_context, n: c_int, data: *mut c_void, drop: Destructor);
    sqlite3_step = step(stmt: *mut sqlite3_stmt) -> c_int;
    sqlite3_user_data = user_data(context: *mut sqlite3_context) -> *mut c_void;
    sqlite3_value_blob = value_blob(value: *mut sqlite3_value) -> *const c_void;
    sqlite3_value_bytes = value_bytes(value: *mut sqlite3_value) -> c_int;
    sqlite3_value_double = value_double(value: *mut sqlite3_value) -> f64;
    sqlite3_value_int = value_int(value: *mut sqlite3_value) -> c_int;
    sqlite3_value_int64 = value_int64(value: *mut sqlite3_value) -> sqlite3_int64;
    sqlite3_value_pointer = value_pointer(value: *mut sqlite3_value, kind: *const c_char) -> *mut c_void;
    sqlite3_value_text = value_text(value: *mut sqlite3_value) -> *const c_uchar;
    sqlite3_value_type = value_type(value: *mut sqlite3_value) -> c_int;
}
