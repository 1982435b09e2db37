//! One error type: SQLite's code and the text a person reads.

use super::api::call;
use super::sys::sqlite3;
use crate::stats::OutOfMemory;
use std::ffi::{CStr, c_char, c_int};
use std::fmt::Display;

pub(super) const SQLITE_OK: c_int = 0;
pub(super) const SQLITE_ERROR: c_int = 1;
pub(super) const SQLITE_NOMEM: c_int = 7;
const SQLITE_INTERRUPT: c_int = 9;
const SQLITE_TOOBIG: c_int = 18;
pub(super) const SQLITE_CONSTRAINT: c_int = 19;
pub(super) const SQLITE_MISUSE: c_int = 21;
pub(super) const SQLITE_AUTH: c_int = 23;
pub(super) const SQLITE_ROW: c_int = 100;
pub(super) const SQLITE_DONE: c_int = 101;

/// An error on its way to the host.
#[derive(Debug, Clone)]
pub(crate) struct SqlError {
    code: c_int,
    message: String,
}

/// What everything that can fail in front of SQLite returns.
pub(crate) type Result<T> = std::result::Result<T, SqlError>;

impl SqlError {
    /// An error of ours, code `SQLITE_ERROR`.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        SqlError { code: SQLITE_ERROR, message: message.into() }
    }

    /// `function: argument 1 (name): expected WANT, got GOT`.
    pub(crate) fn argument(
        function: &str,
        index: usize,
        name: &str,
        want: &str,
        got: impl Display,
    ) -> Self {
        Self::new(format!(
            "{function}: argument {} ({name}): expected {want}, got {got}",
            index + 1
        ))
    }

    pub(super) fn with_code(code: c_int, message: impl Into<String>) -> Self {
        SqlError { code, message: message.into() }
    }

    /// The failure of a call on `db`, with SQLite's extended code and text.
    ///
    /// # Safety
    /// `db` is an open connection and `code` what the call returned.
    pub(super) unsafe fn of_connection(db: *mut sqlite3, code: c_int) -> Self {
        // SAFETY: `db` is open; texts are copied at once.
        unsafe {
            let extended = call!(extended_errcode(db));
            if extended & 0xff == code & 0xff {
                return Self::with_code(extended, text(call!(errmsg(db))));
            }
            // Some failures (misuse, out of memory) do not reach the connection, whose text is then
            // that of an earlier one.
            Self::with_code(code, text(call!(errstr(code))))
        }
    }

    /// Text or a BLOB beyond what SQLite takes, in SQLite's words.
    pub(crate) fn too_big() -> Self {
        Self::with_code(SQLITE_TOOBIG, "string or blob too big")
    }

    /// SQLite's result code.
    pub(crate) fn code(&self) -> c_int {
        self.code
    }

    /// The text.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Whether SQLite had a reason of its own (busy, interrupt, corrupt, ...), not just an error in
    /// the SQL.
    pub(crate) fn is_of_sqlite(&self) -> bool {
        self.code & 0xff != SQLITE_ERROR
    }

    /// Whether the host's authorizer forbade something.
    pub(crate) fn is_denial(&self) -> bool {
        self.code & 0xff == SQLITE_AUTH
    }

    /// Whether the host wants the work to end, or has no memory for it.
    pub(crate) fn is_a_stop(&self) -> bool {
        matches!(self.code & 0xff, SQLITE_INTERRUPT | SQLITE_NOMEM)
    }

    /// The same code with another text.
    pub(crate) fn with_message(self, message: impl Into<String>) -> Self {
        SqlError { message: message.into(), ..self }
    }
}

impl From<OutOfMemory> for SqlError {
    fn from(_: OutOfMemory) -> Self {
        SqlError::with_code(SQLITE_NOMEM, "out of memory")
    }
}

impl From<std::collections::TryReserveError> for SqlError {
    fn from(_: std::collections::TryReserveError) -> Self {
        OutOfMemory.into()
    }
}

/// A C string as text; what is not UTF-8 is replaced.
///
/// # Safety
/// `pointer` is null or a NUL-terminated string.
pub(super) unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: checked for null, terminated as promised.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
