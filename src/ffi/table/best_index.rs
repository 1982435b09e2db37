//! xBestIndex: which arguments a query gives, and which columns it reads.
//!
//! The plan travels to xFilter in two numbers: `idxNum` has a bit for each argument given, in the
//! order in which their values come, and above them one for each argument missing; `idxStr` holds
//! `colUsed` in hexadecimal.
//!
//! An argument is missing when the query names it but this plan does not give it. SQLite offers a
//! term of WHERE only where it could use an index: not under NOT, not inside an expression, not a
//! row of values IN a compound, not in the pass over the rows that a RIGHT JOIN left unmatched. It
//! then compares the hidden column itself, and whether that, or only SELECT, reads the column
//! cannot be told here or later. NULL would make every such comparison fail in silence, so a
//! missing argument is an error; `IS NULL` asks for exactly what was not given, and is offered.

use super::super::api::{self, call};
use super::super::error::{Result, SQLITE_CONSTRAINT, SQLITE_OK, SqlError};
use super::super::guard::guard;
use super::super::message::replace_message;
use super::super::sys::{
    self, sqlite3_index_info, sqlite3_index_info_sqlite3_index_constraint, sqlite3_vtab,
};
use super::{Table, TableFunction};
use crate::stats::OutOfMemory;
use std::ffi::{CStr, c_char, c_int};

/// A scan of the telemetry table, in the planner's unit: rows read.
const COST_OF_A_SCAN: f64 = 1e6;

const CONSTRAINT_SINCE: i32 = 3_026_000;

/// `idxNum` of a plan that cannot be run.
pub(super) const NO_SOLUTION: c_int = -1;

/// The bit of `idxNum` that says that the first argument is missing.
const FIRST_MISSING: usize = 15;
/// How much dearer each missing argument makes a plan. SQLite then takes one that gives more, if
/// there is one: one scan for each side of an OR.
const COST_OF_A_MISSING_ARGUMENT: f64 = 1e6;

const EQ: u32 = sys::SQLITE_INDEX_CONSTRAINT_EQ;
/// True exactly when the argument was not given, which SQLite finds by reading the hidden column.
const ISNULL: u32 = sys::SQLITE_INDEX_CONSTRAINT_ISNULL;
/// From here on: LIMIT, OFFSET and operators not known here, none of which says anything about an
/// argument's value.
const LIMIT: u32 = sys::SQLITE_INDEX_CONSTRAINT_LIMIT;

/// How a query uses an argument column.
enum Use {
    /// Gives its value.
    Gives,
    /// Would give its value in another order of the join.
    Unusable,
    /// Asks whether it was left out.
    IsLeftOut,
    /// Nothing to do here.
    Ignored,
    /// A comparison that is no argument.
    Refused,
}

fn classify(constraint: &sqlite3_index_info_sqlite3_index_constraint) -> Use {
    match u32::from(constraint.op) {
        EQ if constraint.usable != 0 => Use::Gives,
        EQ => Use::Unusable,
        ISNULL => Use::IsLeftOut,
        operator if operator >= LIMIT => Use::Ignored,
        _ => Use::Refused,
    }
}

pub(super) unsafe extern "C" fn best_index<T: TableFunction>(
    table: *mut sqlite3_vtab,
    info: *mut sqlite3_index_info,
) -> c_int {
    // SAFETY: SQLite hands in a table of ours and its own plan, both alive for the call.
    let outcome = guard(T::NAME, "xBestIndex", || unsafe {
        plan::<T>((*table.cast::<Table>()).visible, &mut *info)
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            // SAFETY: the table is alive.
            unsafe { replace_message(&raw mut (*table).zErrMsg, error.message()) };
            error.code()
        }
    }
}

/// # Safety
/// `info` is SQLite's: its arrays have the lengths that it says.
unsafe fn plan<T: TableFunction>(visible: usize, info: &mut sqlite3_index_info) -> Result<c_int> {
    let count = usize::try_from(info.nConstraint).unwrap_or(0);
    // The position of the constraint that gives each argument.
    let mut givers: Vec<Option<usize>> = vec![None; T::PARAMETERS.len()];
    let mut may_be_left_out = vec![false; T::PARAMETERS.len()];
    let mut unusable = false;
    for position in 0..count {
        // SAFETY: below nConstraint.
        let constraint = unsafe { &*info.aConstraint.add(position) };
        let column = usize::try_from(constraint.iColumn).unwrap_or(0);
        let Some(argument) = column.checked_sub(visible) else { continue };
        let (Some(giver), Some(left_out), Some(parameter)) = (
            givers.get_mut(argument),
            may_be_left_out.get_mut(argument),
            T::PARAMETERS.get(argument),
        ) else {
            continue;
        };
        match classify(constraint) {
            // A second one on the same argument is left to SQLite, which compares the hidden
            // column.
            Use::Gives => *giver = giver.or(Some(position)),
            Use::Unusable => unusable = true,
            Use::IsLeftOut => *left_out = true,
            Use::Ignored => {}
            Use::Refused => {
                return Err(SqlError::new(format!(
                    "{}: argument {} ({}): only takes =",
                    T::NAME,
                    argument + 1,
                    parameter.name
                )));
            }
        }
    }
    if unusable {
        return Ok(decline(info));
    }
    info.idxNum = 0;
    info.estimatedCost = COST_OF_A_SCAN;
    let mut order = 0;
    for (argument, (giver, may_be_left_out)) in givers.iter().zip(may_be_left_out).enumerate() {
        let Some(position) = *giver else {
            if !may_be_left_out && is_used(info.colUsed, visible + argument) {
                info.idxNum |= 1 << (FIRST_MISSING + argument);
                info.estimatedCost *= COST_OF_A_MISSING_ARGUMENT;
            }
            continue;
        };
        order += 1;
        info.idxNum |= 1 << argument;
        // SAFETY: the usage array is as long as the constraints'.
        let usage = unsafe { &mut *info.aConstraintUsage.add(position) };
        usage.argvIndex = order;
        usage.omit = 1;
    }
    info.idxStr = hexadecimal(info.colUsed)?;
    info.needToFreeIdxStr = 1;
    info.estimatedRows = T::EXPECTED_ROWS;
    if T::IS_SINGLE_ROW {
        info.idxFlags |= sys::SQLITE_INDEX_SCAN_UNIQUE as c_int;
    }
    Ok(SQLITE_OK)
}

/// Whether the query names the column. (The last bit stands for all columns from 63 on; no table
/// here has as many.)
fn is_used(used: u64, column: usize) -> bool {
    column < 64 && used & (1 << column) != 0
}

/// The first argument that the query names and the plan does not give.
pub(super) fn missing<T: TableFunction>(plan: c_int) -> Option<SqlError> {
    let argument =
        (0..T::PARAMETERS.len()).find(|argument| plan & (1 << (FIRST_MISSING + argument)) != 0)?;
    let name = T::PARAMETERS.get(argument)?.name;
    Some(SqlError::new(format!(
        "{}: argument {} ({name}): used where SQLite does not pass its value on; write \
         (SELECT * FROM {}(...)) with the value in the brackets, NULL for the default",
        T::NAME,
        argument + 1,
        T::NAME
    )))
}

/// Says that this order of the join does not give an argument its value. Before 3.26 SQLite took
/// SQLITE_CONSTRAINT for a failure of the whole statement; such a host gets a plan that it will not
/// choose if there is another.
fn decline(info: &mut sqlite3_index_info) -> c_int {
    if api::host_version() >= CONSTRAINT_SINCE {
        return SQLITE_CONSTRAINT;
    }
    info.idxNum = NO_SOLUTION;
    info.estimatedCost = 1e200;
    SQLITE_OK
}

fn hexadecimal(number: u64) -> Result<*mut c_char> {
    let text = format!("{number:x}\0");
    // SAFETY: SQLite's memory, which it frees; checked for null, and as long as the text with its
    // end.
    unsafe {
        let memory = call!(malloc64(text.len() as u64)).cast::<c_char>();
        if memory.is_null() {
            return Err(OutOfMemory.into());
        }
        text.as_ptr().cast::<c_char>().copy_to_nonoverlapping(memory, text.len());
        Ok(memory)
    }
}

/// `colUsed` as `plan` wrote it; all columns where it cannot be read.
///
/// # Safety
/// `text` is null or a terminated string.
pub(super) unsafe fn used_columns(text: *const c_char) -> u64 {
    if text.is_null() {
        return u64::MAX;
    }
    // SAFETY: as promised by the caller.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().ok().and_then(|text| u64::from_str_radix(text, 16).ok()).unwrap_or(u64::MAX)
}
