//! Arguments of the aggregates: numbers or NULL.

use crate::ffi::{Kind, Result, SqlError, Value};
use crate::stats::Number;

/// Argument `index` as a number, `None` for NULL; TEXT that reads as a number is one.
#[inline(always)]
pub(super) fn number_or_null(
    function: &str,
    names: &[&str],
    arguments: &[Value<'_>],
    index: usize,
) -> Result<Option<Number>> {
    let Some(value) = arguments.get(index) else { return Ok(None) };
    match value.as_number() {
        Some(number) => Ok(Some(number)),
        None if value.kind() == Kind::Null => Ok(None),
        None => Err(not_a_number(function, names, index, value)),
    }
}

#[cold]
fn not_a_number(function: &str, names: &[&str], index: usize, value: &Value<'_>) -> SqlError {
    let name = names.get(index).copied().unwrap_or_default();
    match value.to_owned() {
        Ok(value) => SqlError::argument(function, index, name, "a number or NULL", value),
        Err(out_of_memory) => out_of_memory,
    }
}
