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

pub(crate) use aggregate::WindowAggregate;
pub(crate) use arguments::{Arguments, Form, Forms};
pub(crate) use catalogue::{About, Trust};
pub(crate) use collector::{Collector, SCAN_FUNCTION};
pub(crate) use connection::{Connection, DatabaseName};
pub(crate) use context::{Context, Output};
pub(crate) use error::{Result, SqlError};
pub(crate) use loading::load;
pub(crate) use program::Program;
pub(crate) use registry::Registry;
pub(crate) use scalar::Scalar;
pub(crate) use sql_value::{Front, SqlValue};
pub(crate) use statement::{Statement, Step};
pub(crate) use sys::{sqlite3, sqlite3_api_routines};
pub(crate) use table::{
    Call, Column, InMemory, IndexedRows, Parameter, Rows, TableFunction, Takes,
};
pub(crate) use value::{Kind, OwnedValue, Shown, Value};
