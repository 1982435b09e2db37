//! Everything that touches SQLite's C API, and the only `unsafe` of this crate besides the two
//! entry points.
//!
//! The rest of the crate sees safe types: [`Connection`], [`Statement`], [`Value`], [`Context`] and
//! the traits that functions and tables implement. Each C callback runs inside [`guard`], so a
//! panic becomes an SQL error.

#![allow(unsafe_code)]

mod aggregate;
mod api;
mod arguments;
mod catalogue;
mod collector;
mod connection;
mod context;
mod error;
mod guard;
mod loading;
mod message;
#[cfg(feature = "planted-faults")]
mod planted;
mod program;
mod registry;
mod scalar;
mod sql_value;
mod state;
mod statement;
mod sys;
mod table;
mod value;

pub use aggregate::WindowAggregate;
pub use arguments::{Arguments, Form, Forms};
pub use catalogue::{About, FunctionKind, Trust};
pub use collector::{Collector, SCAN_FUNCTION};
pub use connection::{ColumnMetadata, Connection, DatabaseName};
pub use context::{Context, Output};
pub use error::{Result, SqlError};
pub use loading::load;
pub use program::Program;
pub use registry::Registry;
pub use scalar::Scalar;
pub use sql_value::{Front, SqlValue};
pub use statement::{Statement, Step};
pub use sys::{sqlite3, sqlite3_api_routines};
pub use table::{Argument, Call, Column, Parameter, Rows, TableFunction, Takes};
pub use value::{Kind, OwnedValue, Shown, Value};
