//! JSON objects of SQL values, members in the order given, written by serde_json.
//!
//! A NULL or a number that is not finite is null, a BLOB is lower-case hex text, and bytes that are
//! not UTF-8 are replaced.

use super::statistic::Answer;
use crate::ffi::{self, SqlError};
use crate::stats::OutOfMemory;
use crate::telemetry::KeyValue;
use serde::{Serialize, Serializer};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// SQLite takes no longer text, whatever its limits are set to.
const LONGEST: usize = i32::MAX as usize;

/// An array of objects, or one object, under construction.
#[derive(Debug, Default)]
pub(super) struct Json {
    text: Growing,
}

/// Text that grows by memory which may not be had: a row may hold a gigabyte.
#[derive(Debug, Default)]
struct Growing(Vec<u8>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.try_reserve(bytes.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<io::Error> for SqlError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => SqlError::too_big(),
            _ => OutOfMemory.into(),
        }
    }
}

/// Text, with what is not UTF-8 replaced.
struct Lossy<'t>(&'t [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Lossy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // serde_json writes piece by piece, without a copy of the whole.
        serializer.collect_str(self)
    }
}

/// A BLOB in lower-case hexadecimal digits.
struct Hex<'b>(&'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Json {
    /// Punctuation.
    fn put(&mut self, byte: u8) -> ffi::Result<()> {
        Ok(self.text.write_all(&[byte])?)
    }

    fn scalar(&mut self, scalar: &impl Serialize) -> ffi::Result<()> {
        serde_json::to_writer(&mut self.text, scalar).map_err(|error| io::Error::from(error).into())
    }

    pub(super) fn begin_array(&mut self) -> ffi::Result<()> {
        self.put(b'[')
    }

    pub(super) fn end_array(&mut self) -> ffi::Result<()> {
        self.put(b']')
    }

    pub(super) fn begin_object(&mut self) -> ffi::Result<()> {
        if self.text.0.last() == Some(&b'}') {
            self.put(b',')?;
        }
        self.put(b'{')
    }

    pub(super) fn end_object(&mut self) -> ffi::Result<()> {
        self.put(b'}')
    }

    /// One member; its value is an SQL value.
    pub(super) fn member(&mut self, name: &str, value: KeyValue<'_>) -> ffi::Result<()> {
        if self.text.0.last() != Some(&b'{') {
            self.put(b',')?;
        }
        self.scalar(&name)?;
        self.put(b':')?;
        match value {
            KeyValue::Null => self.scalar(&()),
            KeyValue::Integer(integer) => self.scalar(&integer),
            // serde_json writes null for what is not finite.
            KeyValue::Real(real) => self.scalar(&real),
            KeyValue::Text(bytes) => self.scalar(&Lossy(bytes)),
            KeyValue::Blob(bytes) => self.scalar(&Hex(bytes)),
        }
    }

    /// One member; its value is a statistic.
    pub(super) fn answer(&mut self, name: &str, answer: Answer<'_>) -> ffi::Result<()> {
        let value = match answer {
            Answer::Key(key) => key,
            Answer::Integer(integer) => KeyValue::Integer(integer),
            Answer::Real(real) => KeyValue::Real(real),
        };
        self.member(name, value)
    }

    pub(super) fn finish(&self) -> &str {
        // Every piece was written as UTF-8.
        std::str::from_utf8(&self.text.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_contract() {
        let mut json = Json::default();
        json.begin_array().unwrap();
        json.begin_object().unwrap();
        json.member("a\"b", KeyValue::Text(b"x\xff\0\n")).unwrap();
        json.member("n", KeyValue::Null).unwrap();
        json.member("i", KeyValue::Integer(i64::MIN)).unwrap();
        json.end_object().unwrap();
        json.begin_object().unwrap();
        json.member("r", KeyValue::Real(5.0)).unwrap();
        json.member("inf", KeyValue::Real(f64::INFINITY)).unwrap();
        json.member("b", KeyValue::Blob(&[0, 0xab])).unwrap();
        json.end_object().unwrap();
        json.end_array().unwrap();
        let expected = concat!(
            "[{\"a\\\"b\":\"x\u{fffd}\\u0000\\n\",\"n\":null,\"i\":-9223372036854775808},",
            "{\"r\":5.0,\"inf\":null,\"b\":\"00ab\"}]"
        );
        assert_eq!(json.finish(), expected);
    }
}
