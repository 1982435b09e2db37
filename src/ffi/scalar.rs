//! Scalar functions.

use super::api::call;
use super::arguments::{Arguments, Forms};
use super::catalogue::{About, Trust};
use super::connection::Connection;
use super::context::Context;
use super::error::Result;
use super::guard::guard;
use super::state::State;
use super::sys::{sqlite3_context, sqlite3_value};
use super::value::Value;
use std::ffi::c_int;

/// A scalar function.
pub(crate) trait Scalar {
    /// Its SQL name.
    const NAME: &'static str;
    /// The forms in which it is called.
    const FORMS: Forms;
    /// Its flags.
    const TRUST: Trust;
    /// Whether an answer may be JSON.
    const GIVES_JSON: bool = false;
    /// For the catalogue.
    const ABOUT: About;

    /// Answers one call.
    fn call(connection: &Connection<'_>, arguments: &Arguments<'_>, output: &Context)
    -> Result<()>;
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
        let (connection, values) = unsafe {
            let state: &State = &*call!(user_data(context)).cast();
            let connection = Connection::new(call!(context_db_handle(context)), state);
            (connection, Value::arguments(argc, argv))
        };
        S::call(&connection, &Arguments::new(S::NAME, S::FORMS, values), &output)
            .map_err(|error| connection.named(S::NAME, error))
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
}
