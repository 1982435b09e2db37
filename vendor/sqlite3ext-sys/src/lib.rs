//! SQLite's loadable-extension interface: the table of routines a host hands to an extension, the
//! structures of virtual tables, and the constants that go with them.
//!
//! Takes the place of the published crate of this name; README.md says why.
#![no_std]
#![allow(non_upper_case_globals, non_camel_case_types, non_snake_case)]

#[rustfmt::skip]
#[allow(clippy::type_complexity)]
mod bindings;

pub use bindings::*;

use core::mem::{offset_of, size_of};

// The table is an array of function pointers and nothing else, on every platform. A field lost, added
// or widened would send every call behind it to the wrong routine, so it stops the build instead.
const ROUTINES: usize = 265;
const _: () = {
    const fn nth(n: usize) -> usize {
        n * size_of::<usize>()
    }
    assert!(size_of::<sqlite3_api_routines>() == nth(ROUTINES));
    assert!(offset_of!(sqlite3_api_routines, libversion_number) == nth(67));
    assert!(offset_of!(sqlite3_api_routines, create_module_v2) == nth(119));
    assert!(offset_of!(sqlite3_api_routines, vtab_config) == nth(177));
    assert!(offset_of!(sqlite3_api_routines, create_window_function) == nth(239));
    assert!(offset_of!(sqlite3_api_routines, db_name) == nth(ROUTINES - 1));
};
