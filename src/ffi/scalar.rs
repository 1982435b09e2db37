//! Scalar functions.

use super::api::call;
use super::connection::Connection;
use super::context::Context;
use super::error::Result;
use super::guard::guard;
use super::state::State;
use super::value::Value;
use sqlite_loadable::ext::{sqlite3_context, sqlite3_value};
use std::ffi::c_int;

/// A scalar function.
pub trait Scalar {
    /// Its SQL name.
    const NAME: &'static str;
    /// The numbers of arguments it takes.
    const ARITIES: &'static [i32];
    /// Whether it always gives the same answer and has no way to show a stranger's schema anything:
    /// DETERMINISTIC and INNOCUOUS.
    const IS_CONSTANT: bool;

    /// Answers one call.
    fn call(connection: &Connection<'_>, arguments: &[Value<'_>], output: &Context) -> Result<()>;
}

pub(super) unsafe extern "C" fn call_scalar<S: Scalar>(
    context: *mut sqlite3_context,
    argc: c_int,
    argv: *mut *mut sqlite3_value,
) {
    // SAFETY: the context of this callback.
    let output = unsafe { Context::new(context) };
    let outcome = guard(S::NAME, "xFunc", || {
        // SAFETY: the user data is the connection's state, which lives as long as the function is
        // registered.
        let (connection, arguments) = unsafe {
            let state: &State = &*call!(user_data(context)).cast();
            (
                Connection::new(call!(context_db_handle(context)), state),
                Value::arguments(argc, argv),
            )
        };
        S::call(&connection, arguments, &output).map_err(|error| connection.named(S::NAME, error))
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
}
