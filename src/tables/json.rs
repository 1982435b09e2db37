//! JSON objects of SQL values, members in the order given, written by serde_json.
//!
//! A NULL or a number that is not finite is null, a BLOB is lower-case hex text, and bytes that are
//! not UTF-8 are replaced.

use crate::ffi::{self, SqlError, SqlValue};
use crate::stats::OutOfMemory;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// SQLite takes no longer text, whatever its limits are set to.
const LONGEST: usize = i32::MAX as usize;

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

/// An SQL value as JSON has it.
struct JsonValue<'v>(SqlValue<'v>);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            SqlValue::Null => serializer.serialize_unit(),
            SqlValue::Integer(integer) => serializer.serialize_i64(integer),
            // serde_json writes null for what is not finite.
            SqlValue::Real(real) => serializer.serialize_f64(real),
            SqlValue::Text(bytes) => Lossy(bytes).serialize(serializer),
            SqlValue::Blob(bytes) => Hex(bytes).serialize(serializer),
        }
    }
}

/// Names and values, in order.
type Members<'v> = Vec<(&'v str, SqlValue<'v>)>;

struct Object<'v>(Members<'v>);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, JsonValue(*value))))
    }
}

/// What went wrong while writing.
fn unwritten(error: serde_json::Error) -> SqlError {
    match io::Error::from(error).kind() {
        io::ErrorKind::FileTooLarge => SqlError::too_big(),
        _ => OutOfMemory.into(),
    }
}

/// One object.
pub(super) fn object(members: Members<'_>) -> ffi::Result<Vec<u8>> {
    let mut text = Growing::default();
    serde_json::to_writer(&mut text, &Object(members)).map_err(unwritten)?;
    Ok(text.0)
}

/// An array of objects, the first error instead.
pub(super) fn array<'v>(
    rows: impl Iterator<Item = ffi::Result<Members<'v>>>,
) -> ffi::Result<Vec<u8>> {
    let mut text = Growing::default();
    let mut serializer = serde_json::Serializer::new(&mut text);
    let mut array = serializer.serialize_seq(None).map_err(unwritten)?;
    for row in rows {
        array.serialize_element(&Object(row?)).map_err(unwritten)?;
    }
    array.end().map_err(unwritten)?;
    Ok(text.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_contract() {
        let one = vec![
            ("a\"b", SqlValue::Text(b"x\xff\0\n")),
            ("n", SqlValue::Null),
            ("i", SqlValue::Integer(i64::MIN)),
        ];
        let other = vec![
            ("r", SqlValue::Real(5.0)),
            ("inf", SqlValue::Real(f64::INFINITY)),
            ("b", SqlValue::Blob(&[0, 0xab])),
        ];
        let expected = concat!(
            "[{\"a\\\"b\":\"x\u{fffd}\\u0000\\n\",\"n\":null,\"i\":-9223372036854775808},",
            "{\"r\":5.0,\"inf\":null,\"b\":\"00ab\"}]"
        );
        let json = array([Ok(one), Ok(other)].into_iter()).unwrap();
        assert_eq!(std::str::from_utf8(&json), Ok(expected));
        assert_eq!(array(std::iter::empty()).unwrap(), b"[]");
        assert_eq!(object(Vec::new()).unwrap(), b"{}");
    }
}
