//! The module of a table function: connecting and declaring its columns.

use super::super::api::{self, call};
use super::super::error::{Result, SQLITE_OK, SqlError};
use super::super::guard::guard;
use super::super::message::replace_message;
use super::super::state::State;
use super::super::sys::{SQLITE_VTAB_INNOCUOUS, sqlite3, sqlite3_module, sqlite3_vtab};
use super::{Table, TableFunction, best_index, cursor};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

/// SQLITE_VTAB_INNOCUOUS came with 3.31.
const INNOCUOUS_SINCE: i32 = 3_031_000;

struct Module<T>(std::marker::PhantomData<T>);

impl<T: TableFunction> Module<T> {
    /// Without xCreate the table is eponymous only: it cannot be made by CREATE VIRTUAL TABLE, and
    /// without xUpdate it cannot be written.
    const MODULE: sqlite3_module = sqlite3_module {
        iVersion: 0,
        xCreate: None,
        xConnect: Some(connect::<T>),
        xBestIndex: Some(best_index::best_index::<T>),
        xDisconnect: Some(disconnect),
        xDestroy: None,
        xOpen: Some(cursor::open::<T>),
        xClose: Some(cursor::close::<T>),
        xFilter: Some(cursor::filter::<T>),
        xNext: Some(cursor::next::<T>),
        xEof: Some(cursor::eof::<T>),
        xColumn: Some(cursor::column::<T>),
        xRowid: Some(cursor::rowid::<T>),
        xUpdate: None,
        xBegin: None,
        xSync: None,
        xCommit: None,
        xRollback: None,
        xFindFunction: None,
        xRename: None,
        xSavepoint: None,
        xRelease: None,
        xRollbackTo: None,
        xShadowName: None,
    };
}

/// The module of `T`, static as SQLite wants it.
pub(in super::super) fn module<T: TableFunction>() -> *const sqlite3_module {
    const { &Module::<T>::MODULE }
}

unsafe extern "C" fn connect<T: TableFunction>(
    db: *mut sqlite3,
    aux: *mut c_void,
    _argc: c_int,
    _argv: *const *const c_char,
    table: *mut *mut sqlite3_vtab,
    message: *mut *mut c_char,
) -> c_int {
    let outcome = guard(T::NAME, "xConnect", || {
        let columns = T::columns();
        declare::<T>(db, &columns)?;
        // SAFETY: `aux` was made from an Arc at registration and holds one count of it; this takes
        // another.
        let state = unsafe {
            let state = aux.cast::<State>().cast_const();
            Arc::increment_strong_count(state);
            Arc::from_raw(state)
        };
        let base = sqlite3_vtab { pModule: ptr::null(), nRef: 0, zErrMsg: ptr::null_mut() };
        let made = Box::new(Table { base, db, state, visible: columns.len() });
        // SAFETY: SQLite's out-pointer; `base` is the first field, so the pointer is a
        // sqlite3_vtab's.
        unsafe {
            let made = Box::into_raw(made);
            (*made).state.note_connected(made.addr(), true);
            *table = made.cast();
        }
        Ok(())
    });
    match outcome {
        Ok(()) => SQLITE_OK,
        Err(error) => {
            // SAFETY: SQLite's out-pointer for a message of its own memory.
            unsafe { replace_message(message, error.message()) };
            error.code()
        }
    }
}

fn declare<T: TableFunction>(db: *mut sqlite3, columns: &[super::Column]) -> Result<()> {
    let visible = columns.iter().map(|column| format!("\"{}\" {}", column.name, column.declared));
    // BLOB affinity leaves an argument as the caller gave it. (Without BLOB, older hosts take the
    // word HIDDEN for a type, of NUMERIC affinity.)
    let hidden =
        T::PARAMETERS.iter().map(|parameter| format!("\"{}\" BLOB HIDDEN", parameter.name));
    let columns: Vec<String> = visible.chain(hidden).collect();
    let sql = CString::new(format!("CREATE TABLE x({})", columns.join(", ")))
        .map_err(|_| SqlError::new("a column name holds a NUL"))?;
    // SAFETY: called from xConnect on its connection; 3.31 and newer know the INNOCUOUS option,
    // which takes no more arguments.
    unsafe {
        let code = call!(declare_vtab(db, sql.as_ptr()));
        if code != SQLITE_OK {
            return Err(SqlError::of_connection(db, code));
        }
        if T::IS_INNOCUOUS && api::host_version() >= INNOCUOUS_SINCE {
            call!(vtab_config(db, SQLITE_VTAB_INNOCUOUS as c_int));
        }
    }
    Ok(())
}

unsafe extern "C" fn disconnect(table: *mut sqlite3_vtab) -> c_int {
    // SAFETY: made by `connect` and given back once. Nothing in it panics when dropped.
    let given_back = unsafe { Box::from_raw(table.cast::<Table>()) };
    given_back.state.note_connected(table.addr(), false);
    SQLITE_OK
}
