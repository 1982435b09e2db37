//! Values that SQLite hands in.

use super::api::call;
use super::error::Result;
use crate::stats::{Number, OutOfMemory};
use sqlite_loadable::ext::sqlite3_value;
use std::ffi::c_int;
use std::fmt;
use std::marker::PhantomData;

/// SQLite's storage classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// INTEGER
    Integer,
    /// REAL
    Real,
    /// TEXT
    Text,
    /// BLOB
    Blob,
    /// NULL
    Null,
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
pub struct Value<'a> {
    pointer: *mut sqlite3_value,
    lifetime: PhantomData<&'a sqlite3_value>,
}

impl<'a> Value<'a> {
    /// # Safety
    /// `pointer` is a protected value that lives for `'a`.
    pub(super) unsafe fn borrowed(pointer: *mut sqlite3_value) -> Self {
        Value { pointer, lifetime: PhantomData }
    }

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

    pub(super) fn pointer(&self) -> *mut sqlite3_value {
        self.pointer
    }

    /// Its storage class.
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        // SAFETY: the value lives for 'a.
        Kind::from_code(unsafe { call!(value_type(self.pointer)) })
    }

    /// As SQLite reads it where it wants a REAL: NULL is 0.0, text its leading number.
    #[inline(always)]
    pub fn as_f64(&self) -> f64 {
        // SAFETY: the value lives for 'a.
        unsafe { call!(value_double(self.pointer)) }
    }

    /// As SQLite reads it where it wants an INTEGER.
    #[inline(always)]
    pub fn as_i64(&self) -> i64 {
        // SAFETY: the value lives for 'a.
        unsafe { call!(value_int64(self.pointer)) }
    }

    /// What `SUM` would add: `None` for NULL, text that reads as a number is that number, other text and BLOBs are their leading
    /// number as a REAL.
    #[inline]
    pub fn as_summand(&self) -> Option<Number> {
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
    #[inline]
    pub fn as_number(&self) -> Option<Number> {
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

    fn numeric_kind(&self) -> Kind {
        // SAFETY: the value lives for 'a. This may turn the value's text into a number in place, which arguments allow.
        Kind::from_code(unsafe { call!(value_numeric_type(self.pointer)) })
    }

    /// Bytes of a TEXT (UTF-8 as far as SQLite knows) or a BLOB; of other kinds, of their text.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the value lives for 'a. Text or blob must be asked for before its length; null means empty or out of
        // memory, and the slice is not used after the value changes, since every other method copies.
        unsafe {
            let start = match self.kind() {
                Kind::Blob => call!(value_blob(self.pointer)).cast::<u8>(),
                _ => call!(value_text(self.pointer)),
            };
            if start.is_null() {
                return &[];
            }
            std::slice::from_raw_parts(start, call!(value_bytes(self.pointer)).max(0) as usize)
        }
    }

    /// A copy that outlives the callback.
    pub fn to_owned(&self) -> Result<OwnedValue> {
        // SAFETY: the value lives for 'a; the copy is ours.
        let copy = unsafe { call!(value_dup(self.pointer)) };
        if copy.is_null() { Err(OutOfMemory.into()) } else { Ok(OwnedValue(copy)) }
    }

    /// Whether both are the same value of the same storage class.
    pub fn is_identical(&self, other: &Value<'_>) -> bool {
        self.kind() == other.kind()
            && match self.kind() {
                Kind::Null => true,
                Kind::Integer => self.as_i64() == other.as_i64(),
                Kind::Real => self.as_f64().to_bits() == other.as_f64().to_bits(),
                Kind::Text | Kind::Blob => self.bytes() == other.bytes(),
            }
    }
}

/// As an error shows what it got: text in quotes, cut after 40 characters; numbers as SQLite prints them; a BLOB by its size.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        match self.kind() {
            Kind::Null => f.write_str("NULL"),
            Kind::Blob => write!(f, "a BLOB of {} bytes", self.bytes().len()),
            Kind::Integer | Kind::Real => f.write_str(&String::from_utf8_lossy(self.bytes())),
            Kind::Text => {
                let text = String::from_utf8_lossy(self.bytes());
                let shown: String = text.chars().take(SHOWN).collect();
                let cut = if shown.len() < text.len() { "..." } else { "" };
                write!(f, "'{}{cut}'", shown.replace('\0', "\\0"))
            }
        }
    }
}

/// A value of our own, freed when dropped.
pub struct OwnedValue(*mut sqlite3_value);

impl OwnedValue {
    /// The value, to be read.
    pub fn get(&self) -> Value<'_> {
        // SAFETY: made by value_dup, which gives a protected value; it lives as long as self.
        unsafe { Value::borrowed(self.0) }
    }
}

impl Drop for OwnedValue {
    fn drop(&mut self) {
        // SAFETY: made by value_dup and freed once.
        unsafe { call!(value_free(self.0)) }
    }
}
