//! The SQLite library under the tests: chosen at run time, so that one test binary asks any SQLite
//! version the same questions.

use std::ffi::{c_char, c_double, c_int, c_uchar, c_void};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The opaque handles of SQLite's C interface.
#[repr(C)]
pub struct Db([u8; 0]);
#[repr(C)]
pub struct Stmt([u8; 0]);
#[repr(C)]
pub struct Context([u8; 0]);
#[repr(C)]
pub struct Value([u8; 0]);

pub type ScalarFn = unsafe extern "C" fn(*mut Context, c_int, *mut *mut Value);
pub type Destructor = unsafe extern "C" fn(*mut c_void);
pub type ProgressFn = unsafe extern "C" fn(*mut c_void) -> c_int;
pub type AuthorizerFn = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_char,
    *const c_char,
    *const c_char,
    *const c_char,
) -> c_int;

macro_rules! api {
    ($($name:ident: $symbol:literal fn($($arg:ty),* $(,)?) $(-> $ret:ty)?;)*) => {
        /// One field per C function; the names are SQLite's without their prefix.
        pub struct Api {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
            // The function pointers above live as long as the library is mapped: for ever, in a
            // `static`.
            library: libloading::Library,
        }

        impl Api {
            fn open() -> Result<Api, String> {
                let file = library();
                let say = |e: libloading::Error| format!("{}: {e}", file.display());
                // SAFETY: a SQLite library runs no code of its own when it is mapped.
                let library = unsafe { libloading::Library::new(&file) }.map_err(say)?;
                Ok(Api {
                    // SAFETY: the signatures are those of sqlite3.h; none of these functions has
                    // changed since 3.20.
                    $($name: *unsafe { library.get($symbol) }.map_err(say)?,)*
                    library,
                })
            }
        }
    };
}

api! {
    libversion: b"sqlite3_libversion\0" fn() -> *const c_char;
    libversion_number: b"sqlite3_libversion_number\0" fn() -> c_int;
    sourceid: b"sqlite3_sourceid\0" fn() -> *const c_char;
    open_v2: b"sqlite3_open_v2\0" fn(*const c_char, *mut *mut Db, c_int, *const c_char) -> c_int;
    close: b"sqlite3_close\0" fn(*mut Db) -> c_int;
    close_v2: b"sqlite3_close_v2\0" fn(*mut Db) -> c_int;
    auto_extension: b"sqlite3_auto_extension\0" fn(Option<unsafe extern "C" fn()>) -> c_int;
    reset_auto_extension: b"sqlite3_reset_auto_extension\0" fn();
    prepare_v2: b"sqlite3_prepare_v2\0" fn(*mut Db, *const c_char, c_int, *mut *mut Stmt, *mut *const c_char) -> c_int;
    finalize: b"sqlite3_finalize\0" fn(*mut Stmt) -> c_int;
    reset: b"sqlite3_reset\0" fn(*mut Stmt) -> c_int;
    step: b"sqlite3_step\0" fn(*mut Stmt) -> c_int;
    bind_null: b"sqlite3_bind_null\0" fn(*mut Stmt, c_int) -> c_int;
    bind_int64: b"sqlite3_bind_int64\0" fn(*mut Stmt, c_int, i64) -> c_int;
    bind_double: b"sqlite3_bind_double\0" fn(*mut Stmt, c_int, c_double) -> c_int;
    bind_text: b"sqlite3_bind_text\0" fn(*mut Stmt, c_int, *const c_char, c_int, isize) -> c_int;
    bind_blob: b"sqlite3_bind_blob\0" fn(*mut Stmt, c_int, *const c_void, c_int, isize) -> c_int;
    bind_parameter_count: b"sqlite3_bind_parameter_count\0" fn(*mut Stmt) -> c_int;
    bind_parameter_name: b"sqlite3_bind_parameter_name\0" fn(*mut Stmt, c_int) -> *const c_char;
    column_count: b"sqlite3_column_count\0" fn(*mut Stmt) -> c_int;
    column_name: b"sqlite3_column_name\0" fn(*mut Stmt, c_int) -> *const c_char;
    column_decltype: b"sqlite3_column_decltype\0" fn(*mut Stmt, c_int) -> *const c_char;
    column_type: b"sqlite3_column_type\0" fn(*mut Stmt, c_int) -> c_int;
    column_int64: b"sqlite3_column_int64\0" fn(*mut Stmt, c_int) -> i64;
    column_double: b"sqlite3_column_double\0" fn(*mut Stmt, c_int) -> c_double;
    column_text: b"sqlite3_column_text\0" fn(*mut Stmt, c_int) -> *const c_uchar;
    column_blob: b"sqlite3_column_blob\0" fn(*mut Stmt, c_int) -> *const c_void;
    column_bytes: b"sqlite3_column_bytes\0" fn(*mut Stmt, c_int) -> c_int;
    errmsg: b"sqlite3_errmsg\0" fn(*mut Db) -> *const c_char;
    extended_errcode: b"sqlite3_extended_errcode\0" fn(*mut Db) -> c_int;
    interrupt: b"sqlite3_interrupt\0" fn(*mut Db);
    progress_handler: b"sqlite3_progress_handler\0" fn(*mut Db, c_int, Option<ProgressFn>, *mut c_void);
    set_authorizer: b"sqlite3_set_authorizer\0" fn(*mut Db, Option<AuthorizerFn>, *mut c_void) -> c_int;
    limit: b"sqlite3_limit\0" fn(*mut Db, c_int, c_int) -> c_int;
    enable_load_extension: b"sqlite3_enable_load_extension\0" fn(*mut Db, c_int) -> c_int;
    load_extension: b"sqlite3_load_extension\0" fn(*mut Db, *const c_char, *const c_char, *mut *mut c_char) -> c_int;
    create_function_v2: b"sqlite3_create_function_v2\0" fn(
        *mut Db, *const c_char, c_int, c_int, *mut c_void,
        Option<ScalarFn>, Option<ScalarFn>, Option<unsafe extern "C" fn(*mut Context)>, Option<Destructor>,
    ) -> c_int;
    user_data: b"sqlite3_user_data\0" fn(*mut Context) -> *mut c_void;
    result_value: b"sqlite3_result_value\0" fn(*mut Context, *mut Value);
    get_autocommit: b"sqlite3_get_autocommit\0" fn(*mut Db) -> c_int;
    memory_used: b"sqlite3_memory_used\0" fn() -> i64;
    free: b"sqlite3_free\0" fn(*mut c_void);
}

impl Api {
    /// A function that not every SQLite under test has, by the name of its symbol.
    ///
    /// # Safety
    /// `F` is the type of that function's pointer.
    pub unsafe fn newer<F: Copy>(&self, symbol: &[u8]) -> Option<F> {
        // SAFETY: as promised by the caller.
        unsafe { self.library.get::<F>(symbol) }.ok().map(|found| *found)
    }
}

/// The library's file: `JARVIS_TEST_SQLITE`, or the system's under the name that its loader knows.
fn library() -> PathBuf {
    let default = if cfg!(windows) {
        "sqlite3.dll"
    } else if cfg!(target_os = "macos") {
        "libsqlite3.dylib"
    } else {
        "libsqlite3.so.0"
    };
    std::env::var_os("JARVIS_TEST_SQLITE").map_or_else(|| default.into(), PathBuf::from)
}

/// The library, mapped once a process.
pub fn api() -> &'static Api {
    static API: OnceLock<Result<Api, String>> = OnceLock::new();
    match API.get_or_init(Api::open) {
        Ok(api) => api,
        Err(e) => {
            panic!("no SQLite to test against: {e}; name its shared library in JARVIS_TEST_SQLITE")
        }
    }
}
