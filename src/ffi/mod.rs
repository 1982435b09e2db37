//! Everything that touches SQLite's C API, and the only `unsafe` of this crate besides the two
//! entry points.
//!
//! The rest of the crate sees safe types: [`Connection`], [`Statement`], [`Value`], [`Context`] and
//! the traits that functions and tables implement. Each C callback runs inside [`guard`], so a
//! panic becomes an SQL error.

#![allow(unsafe_code)]

mod aggregate;
mod api;
mod collector;
mod connection;
mod context;
mod error;
mod guard;
mod loading;
mod message;
#[cfg(feature = "planted-faults")]
mod planted;
mod registry;
mod scalar;
mod state;
mod statement;
mod table;
mod value;

pub use aggregate::WindowAggregate;
pub use collector::Collector;
pub use connection::{ColumnMetadata, Connection, DatabaseName};
pub use context::{Context, Output};
pub use error::{Result, SqlError};
pub use loading::load;
pub use registry::Registry;
pub use scalar::Scalar;
pub use state::{FunctionKind, Registered};
pub use statement::{Statement, Step};
pub use table::{Argument, Call, Column, Rows, TableFunction};
pub use value::{Kind, OwnedValue, Shown, Value};
