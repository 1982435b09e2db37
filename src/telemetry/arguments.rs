//! Arguments as people and drivers give them: a driver may bind the number 1 as INTEGER, REAL or TEXT, a form sends `''` for an empty
//! field. Times are in their own file.

use crate::ffi::{Call, Kind, Result, Value};
use crate::stats::Number;

/// The table that OpenJarvis writes.
pub const DEFAULT_SOURCE: &str = "telemetry";
/// What the argument `source` takes.
pub const SOURCE_WANTED: &str = "the name of a table or view";

/// Reads a number without turning the argument itself into one: its column reads back what was given.
pub(super) fn number(value: &Value<'_>) -> Result<Option<Number>> {
    Ok(value.to_owned()?.get().as_number())
}

/// A given argument; `None` when left out, NULL or `''`.
pub(super) fn given<'c>(call: &'c Call<'_, '_>, index: usize) -> Option<Value<'c>> {
    call.argument(index).filter(|value| value.kind() != Kind::Text || !value.bytes().is_empty())
}

/// A switch: 0 or 1 in any numeric form, `'true'` or `'false'` in any case; off by default.
pub fn switch(call: &Call<'_, '_>, index: usize) -> Result<bool> {
    let Some(value) = given(call, index) else { return Ok(false) };
    match number(&value)? {
        Some(Number::Integer(0)) => return Ok(false),
        Some(Number::Integer(1)) => return Ok(true),
        Some(Number::Real(real)) if real == 0.0 || real == 1.0 => return Ok(real == 1.0),
        Some(_) => {}
        None if value.kind() == Kind::Text && value.bytes().eq_ignore_ascii_case(b"true") => return Ok(true),
        None if value.kind() == Kind::Text && value.bytes().eq_ignore_ascii_case(b"false") => return Ok(false),
        None => {}
    }
    Err(call.argument_error(index, "0, 1, 'true' or 'false'", got(&value)))
}

/// A whole number from 0 in any numeric form; `None` when left out.
pub fn whole_number(call: &Call<'_, '_>, index: usize) -> Result<Option<usize>> {
    let Some(value) = given(call, index) else { return Ok(None) };
    match number(&value)? {
        Some(Number::Integer(number)) if number >= 0 => Ok(Some(usize::try_from(number).unwrap_or(usize::MAX))),
        // The cast saturates, and more than there are means all.
        Some(Number::Real(number)) if number >= 0.0 && number.is_finite() && number.fract() == 0.0 => {
            Ok(Some(number as usize))
        }
        _ => Err(call.argument_error(index, "a whole number from 0", got(&value))),
    }
}

/// The name of the table or view to read.
pub fn source_name(call: &Call<'_, '_>, index: usize) -> Result<String> {
    let Some(value) = call.argument(index) else { return Ok(DEFAULT_SOURCE.to_owned()) };
    read_source_name(&value).ok_or_else(|| call.argument_error(index, SOURCE_WANTED, got(&value)))
}

/// A non-empty text.
pub fn read_source_name(value: &Value<'_>) -> Option<String> {
    let is_name = value.kind() == Kind::Text && !value.bytes().is_empty();
    is_name.then(|| String::from_utf8_lossy(value.bytes()).into_owned())
}

/// What came, with advice where a driver is the likely cause.
pub fn got(value: &Value<'_>) -> String {
    match value.kind() {
        Kind::Blob => format!("{value}; bind it as a number (from numpy: int(x) or float(x))"),
        _ => value.to_string(),
    }
}
