//! Prepared statements: bind, step, read.

use std::ffi::{c_char, c_int};
use std::marker::PhantomData;

use super::api::{Stmt, api};
use super::{Connection, DONE, Failure, ROW, Row, Value, text_of};

/// SQLite copies what it is given before the call returns.
const TRANSIENT: isize = -1;

pub struct Statement<'db> {
    raw: *mut Stmt,
    db: &'db Connection,
    _owned: PhantomData<Stmt>,
}

impl<'db> Statement<'db> {
    /// A statement from the whole of `sql`; an empty one is an error of the test.
    pub(super) fn prepare(db: &'db Connection, sql: &str) -> Result<Self, Failure> {
        match Self::prepare_first(db, sql)? {
            (Some(statement), _) => Ok(statement),
            (None, _) => panic!("no statement in: {sql}"),
        }
    }

    /// The first statement of a script (None for a comment) and what follows it.
    pub(super) fn prepare_first<'sql>(
        db: &'db Connection,
        sql: &'sql str,
    ) -> Result<(Option<Self>, &'sql str), Failure> {
        let mut raw = std::ptr::null_mut();
        let mut tail: *const c_char = std::ptr::null();
        let start: *const c_char = sql.as_ptr().cast();
        let length = c_int::try_from(sql.len()).expect("a test's SQL is short");
        // SAFETY: `sql` is `length` bytes long; SQLite reads no further.
        let rc = unsafe { (api().prepare_v2)(db.raw(), start, length, &mut raw, &mut tail) };
        if rc != 0 {
            return Err(db.failure());
        }
        // SAFETY: on success `tail` points into, or just past, `sql`.
        let used = usize::try_from(unsafe { tail.offset_from(start) }).expect("tail is in sql");
        let statement = (!raw.is_null()).then_some(Statement { raw, db, _owned: PhantomData });
        Ok((statement, &sql[used..]))
    }

    /// Bind `?1`, `?2`, ... in order; fewer than there are leave NULL.
    pub fn bind(self, arguments: &[Value]) -> Result<Self, Failure> {
        for (i, value) in (1..).zip(arguments) {
            self.bind_one(i, value)?;
        }
        Ok(self)
    }

    /// Bind parameters by name (`":since"`); a name that the statement lacks is left out.
    pub fn bind_named(self, arguments: &[(&str, Value)]) -> Result<Self, Failure> {
        // SAFETY: a live statement.
        for i in 1..=unsafe { (api().bind_parameter_count)(self.raw) } {
            // SAFETY: a live statement and an index in range.
            let name = text_of(unsafe { (api().bind_parameter_name)(self.raw, i) });
            if let Some((_, value)) = arguments.iter().find(|(n, _)| *n == name) {
                self.bind_one(i, value)?;
            }
        }
        Ok(self)
    }

    fn bind_one(&self, i: c_int, value: &Value) -> Result<(), Failure> {
        let length =
            |bytes: &[u8]| c_int::try_from(bytes.len()).expect("a test's values are short");
        // SAFETY: a live statement; SQLite copies text and blobs (TRANSIENT).
        let rc = unsafe {
            match value {
                Value::Null => (api().bind_null)(self.raw, i),
                Value::Int(v) => (api().bind_int64)(self.raw, i, *v),
                Value::Real(v) => (api().bind_double)(self.raw, i, *v),
                Value::Text(v) => {
                    (api().bind_text)(self.raw, i, v.as_ptr().cast(), length(v), TRANSIENT)
                }
                Value::Blob(v) => {
                    (api().bind_blob)(self.raw, i, v.as_ptr().cast(), length(v), TRANSIENT)
                }
            }
        };
        if rc == 0 { Ok(()) } else { Err(self.db.failure()) }
    }

    /// The next row.
    pub fn step(&mut self) -> Result<Option<Row>, Failure> {
        // SAFETY: a live statement.
        match unsafe { (api().step)(self.raw) } {
            ROW => Ok(Some((0..self.columns()).map(|i| self.column(i)).collect())),
            DONE => Ok(None),
            _ => Err(self.db.failure()),
        }
    }

    /// SQLite's own code, and the row: for connections that can no longer be asked what went wrong.
    pub fn step_code(&mut self) -> (c_int, Option<Row>) {
        // SAFETY: a live statement.
        let code = unsafe { (api().step)(self.raw) };
        let row = (code == ROW).then(|| (0..self.columns()).map(|i| self.column(i)).collect());
        (code, row)
    }

    /// The next row, unread: for tests that count or time.
    pub fn skip(&mut self) -> Result<bool, Failure> {
        // SAFETY: a live statement.
        match unsafe { (api().step)(self.raw) } {
            ROW => Ok(true),
            DONE => Ok(false),
            _ => Err(self.db.failure()),
        }
    }

    /// All rows that are left.
    pub fn rows(&mut self) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        while let Some(row) = self.step()? {
            rows.push(row);
        }
        Ok(rows)
    }

    /// Start over; the error of the last run is not reported again.
    pub fn reset(&mut self) {
        // SAFETY: a live statement.
        unsafe { (api().reset)(self.raw) };
    }

    pub fn names(&self) -> Vec<String> {
        // SAFETY: a live statement and an index in range.
        (0..self.columns()).map(|i| text_of(unsafe { (api().column_name)(self.raw, i) })).collect()
    }

    pub fn declared_types(&self) -> Vec<String> {
        // SAFETY: a live statement and an index in range.
        (0..self.columns())
            .map(|i| text_of(unsafe { (api().column_decltype)(self.raw, i) }))
            .collect()
    }

    fn columns(&self) -> c_int {
        // SAFETY: a live statement.
        unsafe { (api().column_count)(self.raw) }
    }

    fn column(&self, i: c_int) -> Value {
        // SAFETY: the statement stands on a row and `i` is in range. Bytes are asked for after the
        // pointer, and copied before the next call.
        unsafe {
            match (api().column_type)(self.raw, i) {
                1 => Value::Int((api().column_int64)(self.raw, i)),
                2 => Value::Real((api().column_double)(self.raw, i)),
                3 => Value::Text(self.bytes((api().column_text)(self.raw, i), i)),
                4 => Value::Blob(self.bytes((api().column_blob)(self.raw, i).cast(), i)),
                _ => Value::Null,
            }
        }
    }

    /// # Safety
    /// `start` is what the statement just gave for column `i`.
    unsafe fn bytes(&self, start: *const u8, i: c_int) -> Vec<u8> {
        if start.is_null() {
            return Vec::new();
        }
        // SAFETY: SQLite gives `column_bytes` bytes from `start`, unchanged until the next call.
        unsafe {
            let length = usize::try_from((api().column_bytes)(self.raw, i)).expect("a length");
            std::slice::from_raw_parts(start, length).to_vec()
        }
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: finalized once, here.
        unsafe { (api().finalize)(self.raw) };
    }
}
