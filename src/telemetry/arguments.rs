//! Arguments as people and drivers give them: a driver may bind the number 1 as INTEGER, REAL or
//! TEXT, a form sends `''` for an empty field. A table function declares its arguments and reads
//! them by name. Times are in their own file.

use super::source::Source;
use crate::ffi::{Call, OwnedValue, Parameter, Result, Takes};
use crate::stats::{Number, Steps, TimeBuckets};

/// The table that OpenJarvis writes.
pub(crate) const DEFAULT_SOURCE: &str = "telemetry";

/// Not before.
pub(crate) const SINCE: Parameter = Parameter { name: "since", takes: Takes::Time };
/// Not after.
pub(crate) const UNTIL: Parameter = Parameter { name: "until", takes: Takes::Time };
/// The column whose values are the keys.
pub(crate) const PER: Parameter = Parameter { name: "per", takes: Takes::Column };
/// The table or view to read.
pub(crate) const SOURCE: Parameter = Parameter { name: "source", takes: Takes::Source };

/// A given argument; `None` when left out, NULL or `''`.
pub(super) fn given<'c>(call: &Call<'_, 'c>, name: &str) -> Option<&'c OwnedValue> {
    call.argument(name).filter(|value| value.text() != Some(b""))
}

/// A switch: 0 or 1 in any numeric form, `'true'` or `'false'` in any case; off by default.
pub(crate) fn switch(call: &Call<'_, '_>, name: &str) -> Result<bool> {
    let Some(value) = given(call, name) else { return Ok(false) };
    let is_word =
        |word: &str| value.text().is_some_and(|text| text.eq_ignore_ascii_case(word.as_bytes()));
    match value.as_number() {
        Some(Number::Integer(number @ 0..=1)) => Ok(number == 1),
        Some(Number::Real(number)) if number == 0.0 || number == 1.0 => Ok(number == 1.0),
        None if is_word("true") => Ok(true),
        None if is_word("false") => Ok(false),
        _ => Err(call.argument_error(name, got_number(value))),
    }
}

/// A whole number from 0 in any numeric form; `None` when left out.
pub(crate) fn whole_number(call: &Call<'_, '_>, name: &str) -> Result<Option<usize>> {
    let Some(value) = given(call, name) else { return Ok(None) };
    match value.as_number() {
        Some(Number::Integer(number)) if number >= 0 => {
            Ok(Some(usize::try_from(number).unwrap_or(usize::MAX)))
        }
        // The cast saturates, and more than there are means all.
        Some(Number::Real(number))
            if number >= 0.0 && number.is_finite() && number.fract() == 0.0 =>
        {
            Ok(Some(number as usize))
        }
        _ => Err(call.argument_error(name, got_number(value))),
    }
}

/// A number above 0 in any numeric form; `None` when left out.
pub(crate) fn limit(call: &Call<'_, '_>, name: &str) -> Result<Option<f64>> {
    number(call, name, |number| number > 0.0)
}

/// A number above 0 and below 1 in any numeric form; `None` when left out.
pub(crate) fn part(call: &Call<'_, '_>, name: &str) -> Result<Option<f64>> {
    number(call, name, |number| number > 0.0 && number < 1.0)
}

fn number(call: &Call<'_, '_>, name: &str, fits: fn(f64) -> bool) -> Result<Option<f64>> {
    let Some(value) = given(call, name) else { return Ok(None) };
    let number = match value.as_number() {
        Some(Number::Integer(number)) => number as f64,
        Some(Number::Real(number)) => number,
        None => f64::NAN,
    };
    if fits(number) { Ok(Some(number)) } else { Err(call.argument_error(name, got_number(value))) }
}

/// Buckets of time: of a width, or 'all' for one; `None` when left out.
pub(crate) fn steps(call: &Call<'_, '_>, name: &str) -> Result<Option<Steps>> {
    let Some(value) = given(call, name) else { return Ok(None) };
    let text = value.text();
    if text.is_some_and(|text| text.eq_ignore_ascii_case(b"all")) {
        return Ok(Some(Steps::All));
    }
    match TimeBuckets::read(value.as_number(), text) {
        Some(buckets) => Ok(Some(Steps::Buckets(buckets))),
        None => Err(call.argument_error(name, got_number(value))),
    }
}

/// The column that `per` names, `default` when left out, `None` for 'none'.
pub(crate) fn column_name(
    call: &Call<'_, '_>,
    source: &Source,
    default: Option<&str>,
) -> Result<Option<String>> {
    column_or_word(call, source, default, "none")
}

/// The same, `None` for another word; a column of the word's name comes first.
pub(crate) fn column_or_word(
    call: &Call<'_, '_>,
    source: &Source,
    default: Option<&str>,
    word: &str,
) -> Result<Option<String>> {
    let Some(value) = given(call, PER.name) else { return Ok(default.map(str::to_owned)) };
    let Some(name) = value.text() else { return Err(call.argument_error(PER.name, value)) };
    let name = String::from_utf8_lossy(name);
    if source.column(&call.connection, &name)?.is_some() {
        return Ok(Some(name.into_owned()));
    }
    if name.eq_ignore_ascii_case(word) {
        return Ok(None);
    }
    Err(call.no_such(PER.name, "column", value, source.label()))
}

/// The name of the table or view to read.
pub(crate) fn source_name<'c>(call: &Call<'_, 'c>) -> Result<&'c [u8]> {
    match call.argument(SOURCE.name) {
        None => Ok(DEFAULT_SOURCE.as_bytes()),
        Some(value) => {
            read_source_name(value).ok_or_else(|| call.argument_error(SOURCE.name, value))
        }
    }
}

/// A non-empty text.
pub(crate) fn read_source_name(value: &OwnedValue) -> Option<&[u8]> {
    value.text().filter(|name| !name.is_empty())
}

/// What came instead of a number, with advice where a driver is the likely cause.
pub(super) fn got_number(value: &OwnedValue) -> String {
    match value {
        OwnedValue::Blob(_) => {
            format!("{value}; bind it as a number (from numpy: int(x) or float(x))")
        }
        _ => value.to_string(),
    }
}
