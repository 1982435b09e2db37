//! What a host may hang into a connection: interrupts, progress handlers, authorizers, limits, and
//! a function that counts how often it is called.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::api::{Context, Value, api};
use super::{Connection, c_string};

const UTF8: c_int = 1;
const DENY: c_int = 1;

impl Connection {
    /// As from another thread, or a signal: every running statement stops.
    pub fn interrupt(&self) {
        // SAFETY: a live connection.
        unsafe { (api().interrupt)(self.raw()) };
    }

    /// Set one of SQLite's run-time limits; gives the old one.
    pub fn limit(&self, which: i32, value: i32) -> i32 {
        // SAFETY: a live connection; unknown limits give -1.
        unsafe { (api().limit)(self.raw(), which, value) }
    }

    /// Whether no transaction is open.
    pub fn autocommit(&self) -> bool {
        // SAFETY: a live connection.
        unsafe { (api().get_autocommit)(self.raw()) != 0 }
    }

    /// Run `during` with a progress handler that is called every `every` instructions, of
    /// statements inside others too, and stops the statement when it says true.
    pub fn with_progress<T>(
        &self,
        every: i32,
        mut stop: impl FnMut() -> bool,
        during: impl FnOnce() -> T,
    ) -> T {
        unsafe extern "C" fn call<F: FnMut() -> bool>(stop: *mut c_void) -> c_int {
            // SAFETY: set below to a closure that outlives the handler.
            c_int::from(unsafe { (*stop.cast::<F>())() })
        }
        fn of<F: FnMut() -> bool>(_: &F) -> unsafe extern "C" fn(*mut c_void) -> c_int {
            call::<F>
        }
        let handler = of(&stop);
        // SAFETY: the handler is taken away before `stop` goes, whatever `during` does.
        unsafe {
            (api().progress_handler)(self.raw(), every, Some(handler), (&raw mut stop).cast());
        }
        let answer = std::panic::catch_unwind(AssertUnwindSafe(during));
        // SAFETY: a live connection.
        unsafe { (api().progress_handler)(self.raw(), 0, None, std::ptr::null_mut()) };
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Run `during` while this action is denied, whatever it is about (21 is SELECT).
    pub fn with_denied_action<T>(&self, denied: c_int, during: impl FnOnce() -> T) -> T {
        unsafe extern "C" fn call(
            denied: *mut c_void,
            action: c_int,
            _: *const c_char,
            _: *const c_char,
            _: *const c_char,
            _: *const c_char,
        ) -> c_int {
            if denied.addr() == action as usize { DENY } else { 0 }
        }
        let denied = std::ptr::without_provenance_mut(denied as usize);
        // SAFETY: the authorizer takes a number; it is taken away whatever `during` does.
        unsafe { (api().set_authorizer)(self.raw(), Some(call), denied) };
        let answer = std::panic::catch_unwind(AssertUnwindSafe(during));
        // SAFETY: a live connection.
        unsafe { (api().set_authorizer)(self.raw(), None, std::ptr::null_mut()) };
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Run `during` while reading this table (or this column of it) is denied.
    pub fn with_denied<T>(&self, denied: &str, during: impl FnOnce() -> T) -> T {
        const READ: c_int = 20;
        unsafe extern "C" fn call(
            denied: *mut c_void,
            action: c_int,
            table: *const c_char,
            column: *const c_char,
            _: *const c_char,
            _: *const c_char,
        ) -> c_int {
            if action != READ || table.is_null() || column.is_null() {
                return 0;
            }
            // SAFETY: `denied` is the C string below; the names are SQLite's.
            let (denied, table, column) = unsafe {
                (
                    CStr::from_ptr(denied.cast()).to_string_lossy(),
                    CStr::from_ptr(table).to_string_lossy(),
                    CStr::from_ptr(column).to_string_lossy(),
                )
            };
            let hit = denied == table || *denied == format!("{table}.{column}");
            if hit { DENY } else { 0 }
        }
        let name = c_string(denied);
        // SAFETY: the authorizer is taken away before `name` goes, whatever `during` does.
        unsafe { (api().set_authorizer)(self.raw(), Some(call), name.as_ptr() as *mut c_void) };
        let answer = std::panic::catch_unwind(AssertUnwindSafe(during));
        // SAFETY: a live connection.
        unsafe { (api().set_authorizer)(self.raw(), None, std::ptr::null_mut()) };
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Register `name(x)`, which gives x back and counts its calls: put into a view, it counts the
    /// rows scanned.
    pub fn count_calls(&self, name: &str) -> Arc<AtomicI64> {
        unsafe extern "C" fn call(context: *mut Context, _: c_int, arguments: *mut *mut Value) {
            // SAFETY: the user data is the counter below; one argument is declared.
            unsafe {
                let counter = (api().user_data)(context).cast::<AtomicI64>();
                (*counter).fetch_add(1, Ordering::Relaxed);
                (api().result_value)(context, *arguments);
            }
        }
        unsafe extern "C" fn drop_counter(counter: *mut c_void) {
            // SAFETY: the pointer came from Arc::into_raw below; SQLite gives it back once.
            drop(unsafe { Arc::from_raw(counter.cast::<AtomicI64>()) });
        }
        let counter = Arc::new(AtomicI64::new(0));
        let raw = Arc::into_raw(Arc::clone(&counter));
        let c_name = c_string(name);
        // SAFETY: a live connection; the counter's other half goes to SQLite until the function
        // does.
        let rc = unsafe {
            (api().create_function_v2)(
                self.raw(),
                c_name.as_ptr(),
                1,
                UTF8,
                raw as *mut c_void,
                Some(call),
                None,
                None,
                Some(drop_counter),
            )
        };
        assert_eq!(rc, 0, "cannot register {name}: {:?}", self.failure());
        counter
    }
}

/// The bytes that SQLite holds in this process.
pub fn memory_used() -> i64 {
    // SAFETY: no arguments.
    unsafe { (api().memory_used)() }
}
