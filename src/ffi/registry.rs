//! Registration of functions and tables on a connection, and taking all of it back.

use super::aggregate::{self, WindowAggregate};
use super::api::{self, call};
use super::catalogue::{About, FunctionKind, Registered, Trust};
use super::collector::{self, SCAN_FUNCTION};
use super::error::{Result, SQLITE_OK, SqlError};
use super::scalar::{self, Scalar};
use super::state::State;
use super::sys::{FunctionFlags, sqlite3};
use super::table::{self, TableFunction};
use crate::stats::OutOfMemory;
use std::ffi::{CString, c_int, c_void};
use std::ptr;
use std::sync::Arc;

/// Registers on one connection and remembers what.
pub(crate) struct Registry {
    db: *mut sqlite3,
    state: Arc<State>,
    done: Vec<Registered>,
    /// Whether only tables that the connection has lost are registered.
    only_lost_tables: bool,
}

/// `SQLITE_RESULT_SUBTYPE`: hosts built with SQLITE_STRICT_SUBTYPE refuse a subtype without it.
const RESULT_SUBTYPE: c_int = 0x0100_0000;

/// The flag of a function that may give JSON; older hosts do not know it.
fn subtype_flag(gives_json: bool) -> c_int {
    const SINCE: c_int = 3_045_000;
    if gives_json && api::host_version() >= SINCE { RESULT_SUBTYPE } else { 0 }
}

/// INNOCUOUS came with SQLite 3.31, DIRECTONLY with 3.30; an older host is not shown bits that it
/// does not know.
fn flags(wanted: FunctionFlags) -> c_int {
    let mut flags = wanted | FunctionFlags::UTF8;
    if api::host_version() < 3_031_000 {
        flags.remove(FunctionFlags::INNOCUOUS);
    }
    if api::host_version() < 3_030_000 {
        flags.remove(FunctionFlags::DIRECTONLY);
    }
    flags.bits()
}

unsafe extern "C" fn release_state(state: *mut c_void) {
    // SAFETY: made by `Arc::into_raw` in `Registry::user_data`, released once per registration.
    drop(unsafe { Arc::from_raw(state.cast::<State>()) });
}

unsafe extern "C" fn release_table<T: TableFunction>(state: *mut c_void) {
    // SAFETY: as in `release_state`.
    let state = unsafe { Arc::from_raw(state.cast::<State>()) };
    state.note_table(T::NAME, false);
}

impl Registry {
    /// # Safety
    /// `db` is open and stays so while the registry lives.
    pub(super) unsafe fn new(db: *mut sqlite3) -> Self {
        Registry { db, state: Arc::default(), done: Vec::new(), only_lost_tables: false }
    }

    /// For a connection on which everything was registered: brings back the tables that
    /// `sqlite3_drop_modules` took away, and leaves the rest alone.
    ///
    /// # Safety
    /// `db` is open and stays so while the registry lives; `state` is what is shared on it.
    pub(super) unsafe fn of_lost_tables(db: *mut sqlite3, state: Arc<State>) -> Self {
        Registry { db, state, done: Vec::new(), only_lost_tables: true }
    }

    fn user_data(&self) -> *mut c_void {
        Arc::into_raw(Arc::clone(&self.state)).cast_mut().cast()
    }

    /// Notes what was registered, if it was.
    fn note(&mut self, code: c_int, registered: Registered) -> Result<()> {
        if code != SQLITE_OK {
            // SAFETY: the connection is open and `code` came from the last call on it.
            let error = unsafe { SqlError::of_connection(self.db, code) };
            let name = registered.name;
            let message = format!("{name} could not be registered: {}", error.message());
            return Err(error.with_message(message));
        }
        self.done.push(registered);
        Ok(())
    }

    /// Registers an aggregate and window function.
    pub(crate) fn aggregate<A: WindowAggregate>(&mut self) -> Result<()> {
        if self.only_lost_tables {
            return Ok(());
        }
        let name = c_name(A::NAME)?;
        for form in A::FORMS {
            // SAFETY: the connection is open, the callbacks are of `A`, and the host is at least
            // 3.25.
            let code = unsafe {
                call!(create_window_function(
                    self.db,
                    name.as_ptr(),
                    arity(form.arguments),
                    flags(FunctionFlags::DETERMINISTIC | FunctionFlags::INNOCUOUS)
                        | subtype_flag(A::GIVES_JSON),
                    ptr::null_mut(),
                    Some(aggregate::step::<A>),
                    Some(aggregate::finalize::<A>),
                    Some(aggregate::value::<A>),
                    Some(aggregate::inverse::<A>),
                    None,
                ))
            };
            self.note(
                code,
                Registered {
                    name: A::NAME,
                    kind: FunctionKind::Aggregate,
                    arguments: form.arguments.to_vec(),
                    sample: form.sample,
                    trust: Trust::Innocuous,
                    about: A::ABOUT,
                },
            )?;
        }
        Ok(())
    }

    /// Registers a scalar function.
    pub(crate) fn scalar<S: Scalar>(&mut self) -> Result<()> {
        if self.only_lost_tables {
            return Ok(());
        }
        let name = c_name(S::NAME)?;
        let wanted = match S::TRUST {
            Trust::Innocuous => FunctionFlags::DETERMINISTIC | FunctionFlags::INNOCUOUS,
            Trust::Trusted => FunctionFlags::UTF8,
            Trust::Direct => FunctionFlags::DIRECTONLY,
        };
        for form in S::FORMS {
            // SAFETY: the connection is open; SQLite calls the destructor of the user data also
            // when it fails.
            let code = unsafe {
                call!(create_function_v2(
                    self.db,
                    name.as_ptr(),
                    arity(form.arguments),
                    flags(wanted) | subtype_flag(S::GIVES_JSON),
                    self.user_data(),
                    Some(scalar::call_scalar::<S>),
                    None,
                    None,
                    Some(release_state),
                ))
            };
            self.note(
                code,
                Registered {
                    name: S::NAME,
                    kind: FunctionKind::Scalar,
                    arguments: form.arguments.to_vec(),
                    sample: form.sample,
                    trust: S::TRUST,
                    about: S::ABOUT,
                },
            )?;
        }
        Ok(())
    }

    /// Registers the internal function that hands the rows of a scan over.
    pub(crate) fn scan_function(&mut self) -> Result<()> {
        if self.only_lost_tables {
            return Ok(());
        }
        let name = c_name(SCAN_FUNCTION)?;
        // SAFETY: the connection is open, and SQLite releases the state also when it fails.
        let code = unsafe {
            call!(create_function_v2(
                self.db,
                name.as_ptr(),
                -1,
                flags(FunctionFlags::DIRECTONLY),
                self.user_data(),
                None,
                Some(collector::step),
                Some(collector::finalize),
                Some(release_state),
            ))
        };
        let about = About {
            answer: "NULL",
            sentence: "hands the rows of a scan to the table function that runs it",
        };
        self.note(
            code,
            Registered {
                name: SCAN_FUNCTION,
                kind: FunctionKind::Internal,
                arguments: Vec::new(),
                sample: "",
                trust: Trust::Direct,
                about,
            },
        )
    }

    /// Registers a table-valued function.
    pub(crate) fn table<T: TableFunction>(&mut self) -> Result<()> {
        if self.state.has_table(T::NAME) {
            return Ok(());
        }
        let name = c_name(T::NAME)?;
        // SAFETY: the connection is open, the module is static, and SQLite releases the state also
        // when it fails.
        let code = unsafe {
            call!(create_module_v2(
                self.db,
                name.as_ptr(),
                table::module::<T>(),
                self.user_data(),
                Some(release_table::<T>),
            ))
        };
        self.state.note_table(T::NAME, code == SQLITE_OK);
        self.note(
            code,
            Registered {
                name: T::NAME,
                kind: FunctionKind::Table,
                arguments: T::PARAMETERS.iter().map(|parameter| parameter.name).collect(),
                sample: T::SAMPLE,
                trust: if T::IS_INNOCUOUS { Trust::Innocuous } else { Trust::Trusted },
                about: T::ABOUT,
            },
        )
    }

    /// All is registered: our functions now know one another's names.
    pub(super) fn complete(self) {
        if self.only_lost_tables {
            return;
        }
        self.state.complete(self.db, self.done);
    }

    /// Takes everything back, so that SQLite holds no pointer into this library when a load fails.
    pub(super) fn undo(self) {
        for registered in &self.done {
            let Ok(name) = c_name(registered.name) else { continue };
            let arity = match registered.kind {
                FunctionKind::Scalar | FunctionKind::Aggregate => arity(&registered.arguments),
                FunctionKind::Internal => -1,
                FunctionKind::Table => {
                    // SAFETY: the connection is open; a null module takes the name away.
                    unsafe {
                        call!(create_module_v2(
                            self.db,
                            name.as_ptr(),
                            ptr::null(),
                            ptr::null_mut(),
                            None
                        ))
                    };
                    continue;
                }
            };
            // SAFETY: the connection is open; null callbacks take the function away. While a
            // statement runs SQLite refuses with BUSY; then the registration stays, and with it
            // this library, which is never unmapped.
            unsafe {
                call!(create_function_v2(
                    self.db,
                    name.as_ptr(),
                    arity,
                    flags(FunctionFlags::UTF8),
                    ptr::null_mut(),
                    None,
                    None,
                    None,
                    None,
                ))
            };
        }
    }
}

/// The number of arguments of a form.
fn arity(form: &[&str]) -> c_int {
    c_int::try_from(form.len()).unwrap_or(c_int::MAX)
}

fn c_name(name: &str) -> Result<CString> {
    CString::new(name).map_err(|_| OutOfMemory.into())
}
