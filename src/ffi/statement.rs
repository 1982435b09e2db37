//! A prepared statement on the caller's own connection, finalized when dropped.

use super::api::{call, transient};
use super::error::{Result, SQLITE_DONE, SQLITE_MISUSE, SQLITE_OK, SQLITE_ROW, SqlError, text};
use super::sql_value::SqlValue;
use super::sys::{sqlite3, sqlite3_stmt};
use super::value::Kind;
use crate::stats::OutOfMemory;
use std::ffi::{c_char, c_int};
use std::marker::PhantomData;
use std::ptr;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A row is there to be read.
    Row,
    /// No more rows.
    Done,
}

/// A compiled statement.
pub(crate) struct Statement<'a> {
    db: *mut sqlite3,
    lifetime: PhantomData<&'a sqlite3>,
    pointer: *mut sqlite3_stmt,
}

impl<'a> Statement<'a> {
    /// # Safety
    /// `db` is open and stays so for `'a`.
    pub(super) unsafe fn prepare(db: *mut sqlite3, sql: &str) -> Result<Self> {
        let length = c_int::try_from(sql.len()).map_err(|_| SqlError::new("statement too long"))?;
        let mut pointer = ptr::null_mut();
        // SAFETY: the connection is open, the text has the length given, the out-pointer is ours.
        let code = unsafe {
            call!(prepare_v2(
                db,
                sql.as_ptr().cast::<c_char>(),
                length,
                &raw mut pointer,
                ptr::null_mut()
            ))
        };
        if code == SQLITE_MISUSE {
            // All that SQLite calls misuse here: `sqlite3_close_v2` leaves a connection to its
            // open statements, which run on while nothing new can be compiled.
            return Err(SqlError::new("the connection was closed before this scan began"));
        }
        let statement = Statement { db, lifetime: PhantomData, pointer };
        statement.check(code).map(|()| statement)
    }

    fn check(&self, code: c_int) -> Result<()> {
        if code == SQLITE_OK {
            return Ok(());
        }
        // SAFETY: the connection is open and `code` came from the last call on it.
        Err(unsafe { SqlError::of_connection(self.db, code) })
    }

    /// Binds an INTEGER to parameter `index` (from 1).
    pub(crate) fn bind_integer(&mut self, index: i32, value: i64) -> Result<()> {
        // SAFETY: the statement is alive; a wrong index is answered with a code.
        self.check(unsafe { call!(bind_int64(self.pointer, index, value)) })
    }

    /// Binds a REAL.
    pub(crate) fn bind_real(&mut self, index: i32, value: f64) -> Result<()> {
        // SAFETY: as above.
        self.check(unsafe { call!(bind_double(self.pointer, index, value)) })
    }

    /// Binds TEXT.
    pub(crate) fn bind_text(&mut self, index: i32, value: &[u8]) -> Result<()> {
        let length = c_int::try_from(value.len()).map_err(|_| OutOfMemory)?;
        // SAFETY: as above. The text must outlive the statement's runs, so SQLite is told to copy
        // it.
        self.check(unsafe {
            call!(bind_text(self.pointer, index, value.as_ptr().cast(), length, transient()))
        })
    }

    /// Binds a value of ours.
    pub(crate) fn bind(&mut self, index: i32, value: SqlValue<'_>) -> Result<()> {
        match value {
            // SAFETY: as above.
            SqlValue::Null => self.check(unsafe { call!(bind_null(self.pointer, index)) }),
            SqlValue::Integer(integer) => self.bind_integer(index, integer),
            SqlValue::Real(real) => self.bind_real(index, real),
            SqlValue::Text(bytes) => self.bind_text(index, bytes),
            SqlValue::Blob(bytes) => {
                let length = c_int::try_from(bytes.len()).map_err(|_| SqlError::too_big())?;
                // SAFETY: as above; SQLite is told to copy.
                self.check(unsafe {
                    call!(bind_blob(
                        self.pointer,
                        index,
                        bytes.as_ptr().cast(),
                        length,
                        transient()
                    ))
                })
            }
        }
    }

    /// Goes back to the start and keeps what is bound. The code repeats the last step's error.
    pub(crate) fn reset(&mut self) {
        // SAFETY: the statement is alive.
        unsafe { call!(reset(self.pointer)) };
    }

    /// Runs to the next row or the end.
    pub(crate) fn step(&mut self) -> Result<Step> {
        // SAFETY: the statement is alive.
        match unsafe { call!(step(self.pointer)) } {
            SQLITE_ROW => Ok(Step::Row),
            SQLITE_DONE => Ok(Step::Done),
            code => Err(self.check(code).err().unwrap_or(SqlError::from(OutOfMemory))),
        }
    }

    fn column_count(&self) -> i32 {
        // SAFETY: the statement is alive.
        unsafe { call!(column_count(self.pointer)) }
    }

    /// Names of the result columns.
    pub(crate) fn column_names(&self) -> Vec<String> {
        // SAFETY: the statement is alive; a null name means out of memory.
        (0..self.column_count())
            .map(|column| unsafe { text(call!(column_name(self.pointer, column))) })
            .collect()
    }

    /// Storage class of a column of the current row.
    pub(crate) fn column_kind(&self, column: i32) -> Kind {
        // SAFETY: the statement is alive.
        Kind::from_code(unsafe { call!(column_type(self.pointer, column)) })
    }

    /// A column of the current row.
    pub(crate) fn column(&self, column: i32) -> SqlValue<'_> {
        match self.column_kind(column) {
            Kind::Null => SqlValue::Null,
            Kind::Integer => SqlValue::Integer(self.column_integer(column)),
            Kind::Real => SqlValue::Real(self.column_real(column)),
            Kind::Text => SqlValue::Text(self.column_bytes(column)),
            Kind::Blob => SqlValue::Blob(self.column_bytes(column)),
        }
    }

    /// A column of the current row as INTEGER.
    pub(crate) fn column_integer(&self, column: i32) -> i64 {
        // SAFETY: the statement is alive.
        unsafe { call!(column_int64(self.pointer, column)) }
    }

    /// A column of the current row as REAL.
    pub(crate) fn column_real(&self, column: i32) -> f64 {
        // SAFETY: the statement is alive.
        unsafe { call!(column_double(self.pointer, column)) }
    }

    /// Bytes of a TEXT (as UTF-8) or BLOB column of the current row.
    pub(crate) fn column_bytes(&self, column: i32) -> &[u8] {
        // SAFETY: the statement is alive and steps only through `&mut self`; text or blob must be
        // asked for before the length.
        unsafe {
            let start = match self.column_kind(column) {
                Kind::Blob => call!(column_blob(self.pointer, column)).cast::<u8>(),
                _ => call!(column_text(self.pointer, column)),
            };
            if start.is_null() {
                return &[];
            }
            std::slice::from_raw_parts(
                start,
                call!(column_bytes(self.pointer, column)).max(0) as usize,
            )
        }
    }
}

/// Whether the host wants the running statement to end, as an error. (A routine that tells came
/// with SQLite 3.41; every host refuses a step while the wish stands, and it stands as long as a
/// statement runs.)
///
/// # Safety
/// `db` is open.
pub(super) unsafe fn check_interrupt(db: *mut sqlite3) -> Result<()> {
    // SAFETY: as promised; the statement ends here.
    unsafe { Statement::prepare(db, "SELECT 1") }?.step().map(drop)
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: ours, finalized once; null is allowed. The code repeats the last step's error.
        unsafe { call!(finalize(self.pointer)) };
    }
}
