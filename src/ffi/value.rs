//! Values that SQLite hands in.

use super::api::{self, call};
use super::error::Result;
use super::sys::sqlite3_value;
use crate::stats::{Number, OutOfMemory};
use std::ffi::c_int;
use std::fmt;
use std::marker::PhantomData;

/// SQLite's storage classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// INTEGER
    Integer = 1,
    /// REAL
    Real = 2,
    /// TEXT
    Text = 3,
    /// BLOB
    Blob = 4,
    /// NULL
    Null = 5,
}

impl Kind {
    #[inline(always)]
    pub(super) fn from_code(code: c_int) -> Kind {
        match code {
            1 => Kind::Integer,
            2 => Kind::Real,
            3 => Kind::Text,
            4 => Kind::Blob,
            _ => Kind::Null,
        }
    }
}

/// A value borrowed for the length of a callback.
#[repr(transparent)]
pub(crate) struct Value<'a> {
    pointer: *mut sqlite3_value,
    lifetime: PhantomData<&'a sqlite3_value>,
}

impl<'a> Value<'a> {
    /// The arguments of a callback.
    ///
    /// # Safety
    /// `argv` holds `argc` protected values that live for `'a`; it may be null when `argc` is 0.
    #[inline(always)]
    pub(super) unsafe fn arguments(argc: c_int, argv: *mut *mut sqlite3_value) -> &'a [Value<'a>] {
        if argc <= 0 || argv.is_null() {
            return &[];
        }
        // SAFETY: `Value` is a transparent wrapper of one such pointer.
        unsafe { std::slice::from_raw_parts(argv.cast::<Value<'a>>(), argc as usize) }
    }

    /// Its storage class.
    #[inline(always)]
    pub(crate) fn kind(&self) -> Kind {
        // SAFETY: the value lives for 'a.
        Kind::from_code(unsafe { call!(value_type(self.pointer)) })
    }

    /// As SQLite reads it where it wants a REAL: NULL is 0.0, text its leading number.
    #[inline(always)]
    pub(crate) fn as_f64(&self) -> f64 {
        // SAFETY: the value lives for 'a.
        unsafe { call!(value_double(self.pointer)) }
    }

    /// `as_f64` of each value.
    #[inline(always)]
    pub(crate) fn reals(values: &[Value<'_>]) -> impl Iterator<Item = f64> {
        // SAFETY: the table has this routine, see `call!`; loaded once here, for the compiler
        // cannot know that it stays.
        let value_double = unsafe { (*api::routines()).value_double.unwrap_unchecked() };
        // SAFETY: the values live for the slice's lifetime.
        values.iter().map(move |value| unsafe { value_double(value.pointer) })
    }

    /// As SQLite reads it where it wants an INTEGER.
    #[inline(always)]
    pub(crate) fn as_i64(&self) -> i64 {
        // SAFETY: the value lives for 'a.
        unsafe { call!(value_int64(self.pointer)) }
    }

    /// What `SUM` would add: `None` for NULL, text that reads as a number is that number, other
    /// text and BLOBs are their leading number as a REAL.
    #[inline(always)]
    pub(crate) fn as_summand(&self) -> Option<Number> {
        match self.kind() {
            Kind::Integer => Some(Number::Integer(self.as_i64())),
            Kind::Real | Kind::Blob => Some(Number::Real(self.as_f64())),
            Kind::Null => None,
            Kind::Text => match self.numeric_kind() {
                Kind::Integer => Some(Number::Integer(self.as_i64())),
                _ => Some(Number::Real(self.as_f64())),
            },
        }
    }

    /// INTEGER, REAL, or TEXT that reads as one; `None` for anything else.
    #[inline(always)]
    pub(crate) fn as_number(&self) -> Option<Number> {
        let kind = match self.kind() {
            Kind::Text => self.numeric_kind(),
            kind => kind,
        };
        match kind {
            Kind::Integer => Some(Number::Integer(self.as_i64())),
            Kind::Real => Some(Number::Real(self.as_f64())),
            _ => None,
        }
    }

    #[cold]
    fn numeric_kind(&self) -> Kind {
        // SAFETY: the value lives for 'a. This may turn the value's text into a number in place,
        // which arguments allow.
        Kind::from_code(unsafe { call!(value_numeric_type(self.pointer)) })
    }

    /// Bytes of a TEXT, UTF-8 as far as SQLite knows.
    #[inline(always)]
    pub(crate) fn text(&self) -> &[u8] {
        // SAFETY: the value lives for 'a; the text is asked for before its length.
        unsafe { self.bytes(call!(value_text(self.pointer))) }
    }

    /// Bytes of a BLOB.
    #[inline(always)]
    pub(crate) fn blob(&self) -> &[u8] {
        // SAFETY: as above.
        unsafe { self.bytes(call!(value_blob(self.pointer)).cast()) }
    }

    /// # Safety
    /// `start` is what SQLite just gave as the value's text or blob. Null means empty or out of
    /// memory; the bytes stay until the value is asked for another type, and every method that does
    /// so copies.
    #[inline(always)]
    unsafe fn bytes(&self, start: *const u8) -> &[u8] {
        if start.is_null() {
            return &[];
        }
        // SAFETY: as promised by the caller.
        unsafe {
            std::slice::from_raw_parts(start, call!(value_bytes(self.pointer)).max(0) as usize)
        }
    }

    /// A copy that outlives the callback.
    pub(crate) fn to_owned(&self) -> Result<OwnedValue> {
        Ok(match self.kind() {
            Kind::Null => OwnedValue::Null,
            Kind::Integer => OwnedValue::Integer(self.as_i64()),
            Kind::Real => OwnedValue::Real(self.as_f64()),
            Kind::Text => {
                // SAFETY: the value lives for 'a. SQLite gives no text when it had no memory to
                // convert it.
                if unsafe { call!(value_text(self.pointer)) }.is_null() {
                    return Err(OutOfMemory.into());
                }
                OwnedValue::Text(copied(self.text())?)
            }
            Kind::Blob => OwnedValue::Blob(copied(self.blob())?),
        })
    }
}

fn copied(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// A value of our own. Not made by `sqlite3_value_dup`: SQLite 3.52 and 3.53 crash when asked for
/// the numeric type of such a copy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OwnedValue {
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(f64),
    /// TEXT, as UTF-8 as far as SQLite knows
    Text(Vec<u8>),
    /// BLOB
    Blob(Vec<u8>),
    /// NULL
    Null,
}

impl OwnedValue {
    /// A copy, if there is memory for it.
    pub(crate) fn try_clone(&self) -> Result<Self> {
        Ok(match self {
            OwnedValue::Text(bytes) => OwnedValue::Text(copied(bytes)?),
            OwnedValue::Blob(bytes) => OwnedValue::Blob(copied(bytes)?),
            OwnedValue::Integer(integer) => OwnedValue::Integer(*integer),
            OwnedValue::Real(real) => OwnedValue::Real(*real),
            OwnedValue::Null => OwnedValue::Null,
        })
    }

    /// Its text, if it is TEXT.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            OwnedValue::Text(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether a value is the same, storage class and all.
    #[inline(always)]
    pub(crate) fn is(&self, value: &Value<'_>) -> bool {
        match (self, value.kind()) {
            (OwnedValue::Integer(integer), Kind::Integer) => *integer == value.as_i64(),
            (OwnedValue::Real(real), Kind::Real) => real.to_bits() == value.as_f64().to_bits(),
            (OwnedValue::Text(bytes), Kind::Text) => bytes == value.text(),
            (OwnedValue::Blob(bytes), Kind::Blob) => bytes == value.blob(),
            (OwnedValue::Null, Kind::Null) => true,
            _ => false,
        }
    }

    /// INTEGER, REAL, or TEXT that reads as one; `None` for anything else.
    pub(crate) fn as_number(&self) -> Option<Number> {
        match self {
            OwnedValue::Integer(integer) => Some(Number::Integer(*integer)),
            OwnedValue::Real(real) => Some(Number::Real(*real)),
            OwnedValue::Text(bytes) => Number::from_text(bytes),
            OwnedValue::Blob(_) | OwnedValue::Null => None,
        }
    }
}

/// As an error shows what it got: text in quotes, cut after 40 characters; numbers as SQLite prints
/// them; a BLOB by its size.
impl fmt::Display for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnedValue::Null => f.write_str("NULL"),
            OwnedValue::Blob(bytes) => write!(f, "a BLOB of {} bytes", bytes.len()),
            OwnedValue::Integer(integer) => write!(f, "{integer}"),
            OwnedValue::Real(real) => write!(f, "{}", SqlReal(*real)),
            OwnedValue::Text(bytes) => write!(f, "{}", Shown(bytes)),
        }
    }
}

/// A REAL as SQLite prints one.
struct SqlReal(f64);

impl fmt::Display for SqlReal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let real = self.0;
        if real.is_infinite() {
            f.write_str(if real > 0.0 { "Inf" } else { "-Inf" })
        } else if real == 0.0 || (1e-4..1e15).contains(&real.abs()) {
            write!(f, "{real:?}")
        } else {
            let text = format!("{real:e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let point = if digits.contains('.') { "" } else { ".0" };
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            write!(f, "{digits}{point}e{sign}{exponent:0>2}")
        }
    }
}

/// Text of unknown length and content as an error shows it.
pub(crate) struct Shown<'t>(pub &'t [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        const LONGEST_CHARACTER: usize = 4;
        // Only the front is looked at: the text may be as long as SQLite allows.
        let front = self.0.get(..(SHOWN + 1) * LONGEST_CHARACTER).unwrap_or(self.0);
        let front = String::from_utf8_lossy(front);
        let shown: String = front.chars().take(SHOWN).collect();
        let cut = if shown.len() < front.len() { "..." } else { "" };
        write!(f, "'{}{cut}'", shown.replace('\0', "\\0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_sqlite_prints_them() {
        let shown = |real: f64| OwnedValue::Real(real).to_string();
        assert_eq!(
            [0.5, 5.0, -1e15, 1e16, 1.25e-7, 1e300, f64::INFINITY].map(shown),
            ["0.5", "5.0", "-1.0e+15", "1.0e+16", "1.25e-07", "1.0e+300", "Inf"]
        );
        assert_eq!(OwnedValue::Text(b"a\xffb\0".to_vec()).to_string(), "'a\u{fffd}b\\0'");
        let long = "\u{e9}".repeat(41);
        assert_eq!(Shown(long.as_bytes()).to_string(), format!("'{}...'", "\u{e9}".repeat(40)));
        assert_eq!(
            Shown("\u{e9}".repeat(40).as_bytes()).to_string(),
            format!("'{}'", "\u{e9}".repeat(40))
        );
    }
}
