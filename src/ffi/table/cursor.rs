//! Cursors of a table function.
//!
//! A cursor that is filtered again with the same arguments while the connection has changed nothing
//! answers from memory, so that a join onto a table function costs one scan. So does one that a
//! writing statement asks again, whatever that has written since.

use super::super::connection::Connection;
use super::super::context::{Context, Output};
use super::super::error::{Result, SQLITE_OK, SqlError};
use super::super::guard::guard;
use super::super::message::replace_message;
use super::super::program::Writer;
use super::super::sys::{sqlite3_context, sqlite3_value, sqlite3_vtab, sqlite3_vtab_cursor};
use super::super::value::{Kind, OwnedValue, Value};
use super::{Argument, Call, Rows, Table, TableFunction, best_index};
use std::ffi::{c_char, c_int};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr;
use std::sync::Arc;

/// SQLite's `sqlite3_vtab_cursor` with what is ours behind it.
#[repr(C)]
struct Cursor<T: TableFunction> {
    base: sqlite3_vtab_cursor,
    /// The last call; its rows borrow the connection's state, which the table keeps alive as long
    /// as SQLite keeps a cursor open.
    last: Option<LastCall<T>>,
    /// The rowid: other for each call, since SQLite takes rows of the same rowid for one where it
    /// scans once for each side of an OR, or looks for what a RIGHT JOIN left unmatched.
    row: i64,
    at_end: bool,
    /// The writing statements in whose runs it was opened. It lives no longer than those.
    writers: Vec<Writer>,
}

struct LastCall<T: TableFunction> {
    arguments: Vec<Argument>,
    used: u64,
    /// The connection's count of changes at the time; `None` when the answer may not be used again.
    changes: Option<i32>,
    rows: T::Rows<'static>,
}

impl<T: TableFunction> LastCall<T> {
    /// Whether it answers a call like this one while nothing has changed.
    fn is_same(&self, arguments: &[Argument], used: u64) -> bool {
        self.used == used && self.arguments == arguments
    }

    fn is_fresh(&self, changes: Option<i32>) -> bool {
        changes.is_some() && self.changes == changes
    }
}

/// # Safety
/// `cursor` is one of `T`'s, and no other reference to it is alive.
unsafe fn ours<'a, T: TableFunction>(cursor: *mut sqlite3_vtab_cursor) -> &'a mut Cursor<T> {
    // SAFETY: made by `open::<T>`, with the base as its first field.
    unsafe { &mut *cursor.cast::<Cursor<T>>() }
}

/// # Safety
/// `cursor` is open.
unsafe fn connection<'a>(cursor: *mut sqlite3_vtab_cursor) -> Connection<'a> {
    // SAFETY: SQLite closes all cursors of a table before it disconnects it, so the table and its
    // state are alive.
    unsafe { table_connection((*cursor).pVtab) }
}

/// # Safety
/// `table` is one of ours and connected.
unsafe fn table_connection<'a>(table: *mut sqlite3_vtab) -> Connection<'a> {
    // SAFETY: as promised by the caller; the table keeps its state alive.
    unsafe {
        let table = &*table.cast::<Table>();
        Connection::new(table.db, &*Arc::as_ptr(&table.state))
    }
}

/// Gives the error to the table, with the function's name in front where it is ours.
///
/// # Safety
/// `cursor` is open.
unsafe fn fail<T: TableFunction>(cursor: *mut sqlite3_vtab_cursor, error: SqlError) -> c_int {
    // SAFETY: an open cursor's table is alive.
    unsafe {
        let error = connection(cursor).named(T::NAME, error);
        replace_message(&raw mut (*(*cursor).pVtab).zErrMsg, error.message());
        error.code()
    }
}

pub(super) unsafe extern "C" fn open<T: TableFunction>(
    table: *mut sqlite3_vtab,
    cursor: *mut *mut sqlite3_vtab_cursor,
) -> c_int {
    let entered = guard(T::NAME, "xOpen", || {
        // SAFETY: SQLite opens a cursor of a table that is alive.
        Ok(unsafe { table_connection(table) }.enter_runs())
    });
    let base = sqlite3_vtab_cursor { pVtab: ptr::null_mut() };
    let writers = match entered {
        Ok(writers) => writers,
        Err(error) => {
            // SAFETY: as above.
            unsafe { replace_message(&raw mut (*table).zErrMsg, error.message()) };
            return error.code();
        }
    };
    let made = Box::new(Cursor::<T> { base, last: None, row: 0, at_end: true, writers });
    // SAFETY: SQLite's out-pointer; it fills in pVtab itself.
    unsafe { *cursor = Box::into_raw(made).cast() };
    SQLITE_OK
}

pub(super) unsafe extern "C" fn close<T: TableFunction>(cursor: *mut sqlite3_vtab_cursor) -> c_int {
    // SAFETY: made by `open::<T>` and given back once; its table is alive.
    let (cursor, connection) =
        unsafe { (Box::from_raw(cursor.cast::<Cursor<T>>()), connection(cursor)) };
    // Dropping the rows may finalize a statement; a panic there has nobody to be told to.
    let _ = guard(T::NAME, "xClose", move || {
        connection.leave_runs(&cursor.writers);
        drop(cursor);
        Ok(())
    });
    SQLITE_OK
}

pub(super) unsafe extern "C" fn filter<T: TableFunction>(
    cursor: *mut sqlite3_vtab_cursor,
    plan: c_int,
    columns: *const c_char,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) -> c_int {
    // SAFETY: SQLite calls this with an open cursor of `T`, the plan of `best_index` and `argc`
    // values.
    unsafe {
        let outcome = guard(T::NAME, "xFilter", || {
            if plan == best_index::NO_SOLUTION {
                return Err(SqlError::new("no query solution"));
            }
            if let Some(error) = best_index::missing::<T>(plan) {
                return Err(error);
            }
            let used = best_index::used_columns(columns);
            let arguments = arguments::<T>(plan, Value::arguments(argc, argv))?;
            start(ours::<T>(cursor), connection(cursor), arguments, used)
        });
        outcome.map_or_else(|error| fail::<T>(cursor, error), |()| SQLITE_OK)
    }
}

/// The values given, at the places of their arguments.
fn arguments<T: TableFunction>(plan: c_int, values: &[Value<'_>]) -> Result<Vec<Argument>> {
    let mut values = values.iter();
    (0..T::PARAMETERS.len())
        .map(|argument| {
            let given = if plan & (1 << argument) != 0 { values.next() } else { None };
            given.filter(|value| value.kind() != Kind::Null).map(Value::to_owned).transpose()
        })
        .collect()
}

fn start<T: TableFunction>(
    cursor: &mut Cursor<T>,
    connection: Connection<'static>,
    arguments: Vec<Argument>,
    used: u64,
) -> Result<()> {
    cursor.row = first_rowid(&arguments);
    cursor.at_end = true;
    let changes = connection.changes_unless_writing();
    let reused = cursor
        .last
        .take()
        .filter(|last| last.is_same(&arguments, used))
        // What the statement that asks writes itself is not in its question.
        .filter(|last| !cursor.writers.is_empty() || last.is_fresh(changes))
        .and_then(|mut last| last.rows.rewind().then_some(last));
    let last = match reused {
        Some(last) => last,
        None => {
            let call = Call {
                connection,
                function: T::NAME,
                parameters: T::PARAMETERS,
                arguments: &arguments,
                used,
            };
            let rows = T::rows(&call)?;
            LastCall { arguments, used, changes, rows }
        }
    };
    cursor.at_end = !cursor.last.insert(last).rows.advance()?;
    Ok(())
}

/// 0 for a call without arguments; calls whose arguments are equal have the same.
fn first_rowid(arguments: &[Argument]) -> i64 {
    if arguments.iter().all(Option::is_none) {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    for argument in arguments {
        match argument {
            None | Some(OwnedValue::Null) => 0_u8.hash(&mut hasher),
            Some(OwnedValue::Integer(integer)) => {
                (1_u8, (*integer as f64).to_bits()).hash(&mut hasher);
            }
            Some(OwnedValue::Real(real)) => (1_u8, real.to_bits()).hash(&mut hasher),
            Some(OwnedValue::Text(bytes)) => (2_u8, bytes).hash(&mut hasher),
            Some(OwnedValue::Blob(bytes)) => (3_u8, bytes).hash(&mut hasher),
        }
    }
    hasher.finish().cast_signed()
}

pub(super) unsafe extern "C" fn next<T: TableFunction>(cursor: *mut sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite calls this with an open cursor of `T`.
    unsafe {
        let outcome = guard(T::NAME, "xNext", || {
            let cursor = ours::<T>(cursor);
            cursor.row = cursor.row.wrapping_add(1);
            cursor.at_end = match &mut cursor.last {
                Some(last) => !last.rows.advance()?,
                None => true,
            };
            Ok(())
        });
        outcome.map_or_else(|error| fail::<T>(cursor, error), |()| SQLITE_OK)
    }
}

pub(super) unsafe extern "C" fn eof<T: TableFunction>(cursor: *mut sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite calls this with an open cursor of `T`.
    c_int::from(unsafe { ours::<T>(cursor) }.at_end)
}

pub(super) unsafe extern "C" fn column<T: TableFunction>(
    cursor: *mut sqlite3_vtab_cursor,
    context: *mut sqlite3_context,
    column: c_int,
) -> c_int {
    // SAFETY: SQLite calls this with an open cursor of `T` and the context of the column.
    let (output, visible, cursor) = unsafe {
        let visible = (*(*cursor).pVtab.cast::<Table>()).visible;
        (Context::new(context), visible, ours::<T>(cursor))
    };
    let outcome = guard(T::NAME, "xColumn", || {
        let (Ok(column), Some(last)) = (usize::try_from(column), &cursor.last) else {
            return Ok(());
        };
        match column.checked_sub(visible) {
            None => last.rows.column(column, &output),
            Some(argument) => {
                if let Some(Some(value)) = last.arguments.get(argument) {
                    output.value(value.into());
                }
                Ok(())
            }
        }
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
    SQLITE_OK
}

pub(super) unsafe extern "C" fn rowid<T: TableFunction>(
    cursor: *mut sqlite3_vtab_cursor,
    rowid: *mut i64,
) -> c_int {
    // SAFETY: SQLite calls this with an open cursor of `T` and its own out-pointer.
    unsafe { *rowid = ours::<T>(cursor).row };
    SQLITE_OK
}
