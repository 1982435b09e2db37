//! Messages that SQLite frees: plain text in its own memory.

use super::api::{self, call};
use super::sys::sqlite3_api_routines;
use std::ffi::{c_char, c_int};

/// Gives SQLite a message of its own memory; as plain text, never as a format.
///
/// # Safety
/// `routines` is the host's table, `slot` null or SQLite's out-pointer.
pub(super) unsafe fn set_message(
    routines: *mut sqlite3_api_routines,
    slot: *mut *mut c_char,
    message: &str,
) {
    let length = message.len();
    // SAFETY: `malloc` and not `malloc64`, which the oldest hosts lack; the memory holds the text
    // and its end.
    unsafe {
        let (Some(malloc), false) = ((*routines).malloc, slot.is_null()) else { return };
        let memory = malloc(c_int::try_from(length + 1).unwrap_or(0)).cast::<u8>();
        if !memory.is_null() {
            message.as_ptr().copy_to_nonoverlapping(memory, length);
            memory.add(length).write(0);
            *slot = memory.cast();
        }
    }
}

/// The same for a slot that may hold an older message.
///
/// # Safety
/// `slot` is a virtual table's message, null or of SQLite's memory.
pub(super) unsafe fn replace_message(slot: *mut *mut c_char, message: &str) {
    // SAFETY: the old message is SQLite's memory or null, both of which `free` takes.
    unsafe {
        call!(free((*slot).cast()));
        *slot = std::ptr::null_mut();
        set_message(api::routines().cast_mut(), slot, &message.replace('\0', "\\0"));
    }
}
