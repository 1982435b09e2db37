//! JSON objects of SQL values, members in the order given, written by serde_json.
//!
//! A NULL or a number that is not finite is null, a BLOB is lower-case hex text, and bytes that are not UTF-8 are replaced.

use super::statistic::Answer;
use crate::ffi::{Result, SqlError};
use crate::stats::OutOfMemory;
use crate::telemetry::KeyValue;
use serde::Serialize;
use std::fmt::Write;

/// SQLite takes no longer text, whatever its limits are set to.
const LONGEST: usize = i32::MAX as usize;

/// An array of objects, or one object, under construction.
#[derive(Debug, Default)]
pub(super) struct Json {
    text: Vec<u8>,
}

impl Json {
    pub(super) fn begin_array(&mut self) {
        self.text.push(b'[');
    }

    pub(super) fn end_array(&mut self) {
        self.text.push(b']');
    }

    pub(super) fn begin_object(&mut self) -> Result<()> {
        if self.text.last() == Some(&b'}') {
            self.text.push(b',');
        }
        self.text.push(b'{');
        if self.text.len() > LONGEST {
            return Err(SqlError::new("string or blob too big"));
        }
        Ok(())
    }

    pub(super) fn end_object(&mut self) {
        self.text.push(b'}');
    }

    /// One member; its value is an SQL value.
    pub(super) fn member(&mut self, name: &str, value: KeyValue<'_>) -> Result<()> {
        if self.text.last() != Some(&b'{') {
            self.text.push(b',');
        }
        self.write(name)?;
        self.text.push(b':');
        match value {
            KeyValue::Null => self.write(&()),
            KeyValue::Integer(integer) => self.write(&integer),
            // serde_json writes null for what is not finite.
            KeyValue::Real(real) => self.write(&real),
            KeyValue::Text(bytes) => self.write(String::from_utf8_lossy(bytes).as_ref()),
            KeyValue::Blob(bytes) => {
                let mut hex = String::new();
                hex.try_reserve(2 * bytes.len())?;
                // Writing to a string does not fail.
                let _ = bytes.iter().try_for_each(|byte| write!(hex, "{byte:02x}"));
                self.write(hex.as_str())
            }
        }
    }

    /// One member; its value is a statistic.
    pub(super) fn answer(&mut self, name: &str, answer: Answer<'_>) -> Result<()> {
        self.member(name, match answer {
            Answer::Key(key) => key,
            Answer::Integer(integer) => KeyValue::Integer(integer),
            Answer::Real(real) => KeyValue::Real(real),
        })
    }

    fn write<T: Serialize + ?Sized>(&mut self, scalar: &T) -> Result<()> {
        serde_json::to_writer(&mut self.text, scalar).map_err(|_| OutOfMemory.into())
    }

    pub(super) fn finish(&self) -> &str {
        // Every piece was written as UTF-8.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_contract() {
        let mut json = Json::default();
        json.begin_array();
        json.begin_object().unwrap();
        json.member("a\"b", KeyValue::Text(b"x\xff\0\n")).unwrap();
        json.member("n", KeyValue::Null).unwrap();
        json.member("i", KeyValue::Integer(i64::MIN)).unwrap();
        json.end_object();
        json.begin_object().unwrap();
        json.member("r", KeyValue::Real(5.0)).unwrap();
        json.member("inf", KeyValue::Real(f64::INFINITY)).unwrap();
        json.member("b", KeyValue::Blob(&[0, 0xab])).unwrap();
        json.end_object();
        json.end_array();
        let expected = concat!(
            "[{\"a\\\"b\":\"x\u{fffd}\\u0000\\n\",\"n\":null,\"i\":-9223372036854775808},",
            "{\"r\":5.0,\"inf\":null,\"b\":\"00ab\"}]"
        );
        assert_eq!(json.finish(), expected);
    }
}
