//! Where a function or a column puts its answer.

use super::api::{call, transient};
use super::error::{Result, SQLITE_NOMEM, SqlError};
use super::sql_value::SqlValue;
use super::statement::check_interrupt;
use super::sys::{SQLITE_UTF8, sqlite3_context};
use std::ffi::{c_int, c_uchar};

/// SQLite's context of one call, borrowed for its length.
pub(crate) struct Context(*mut sqlite3_context);

impl Context {
    /// # Safety
    /// `context` is that of the running callback.
    pub(super) unsafe fn new(context: *mut sqlite3_context) -> Self {
        Context(context)
    }

    /// As [`Connection::check_interrupt`](super::connection::Connection::check_interrupt).
    pub(crate) fn check_interrupt(&self) -> Result<()> {
        // SAFETY: the context is that of the running callback, whose connection is open.
        unsafe { check_interrupt(call!(context_db_handle(self.0))) }
    }

    /// Fails the call.
    pub(super) fn error(&self, error: &SqlError) {
        // SAFETY: the context is that of the running callback; SQLite copies the text.
        unsafe {
            if error.code() & 0xff == SQLITE_NOMEM {
                call!(result_error_nomem(self.0));
                return;
            }
            let length = c_int::try_from(error.message().len()).unwrap_or(c_int::MAX);
            call!(result_error(self.0, error.message().as_ptr().cast(), length));
            call!(result_error_code(self.0, error.code()));
        }
    }
}

/// Setters of an answer.
pub(crate) trait Output {
    /// NULL
    fn null(&self);
    /// INTEGER
    fn integer(&self, value: i64);
    /// REAL; NaN is NULL.
    fn real(&self, value: f64);
    /// TEXT, byte for byte.
    fn text(&self, bytes: &[u8]);
    /// BLOB
    fn blob(&self, bytes: &[u8]);
    /// TEXT that SQLite's JSON functions take as JSON.
    fn json(&self, text: &[u8]);
    /// A value of ours.
    fn value(&self, value: SqlValue<'_>);
}

impl Output for Context {
    fn null(&self) {
        // SAFETY: the context is that of the running callback.
        unsafe { call!(result_null(self.0)) }
    }

    fn integer(&self, value: i64) {
        // SAFETY: as above.
        unsafe { call!(result_int64(self.0, value)) }
    }

    fn real(&self, value: f64) {
        // SAFETY: as above.
        unsafe { call!(result_double(self.0, value)) }
    }

    fn text(&self, bytes: &[u8]) {
        const UTF8: c_uchar = SQLITE_UTF8 as c_uchar;
        // SAFETY: as above; SQLite copies the bytes.
        unsafe {
            call!(result_text64(
                self.0,
                bytes.as_ptr().cast(),
                bytes.len() as u64,
                transient(),
                UTF8
            ))
        }
    }

    fn blob(&self, bytes: &[u8]) {
        // SAFETY: as above; SQLite copies the bytes.
        unsafe {
            call!(result_blob64(self.0, bytes.as_ptr().cast(), bytes.len() as u64, transient()))
        }
    }

    fn json(&self, text: &[u8]) {
        const JSON_SUBTYPE: u32 = b'J' as u32;
        self.text(text);
        // SAFETY: as above.
        unsafe { call!(result_subtype(self.0, JSON_SUBTYPE)) }
    }

    fn value(&self, value: SqlValue<'_>) {
        match value {
            SqlValue::Integer(integer) => self.integer(integer),
            SqlValue::Real(real) => self.real(real),
            SqlValue::Text(bytes) => self.text(bytes),
            SqlValue::Blob(bytes) => self.blob(bytes),
            SqlValue::Null => self.null(),
        }
    }
}
