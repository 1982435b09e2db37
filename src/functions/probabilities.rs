//! The argument p of the percentiles: a number from 0 to 1, or a JSON array of 1 to 100 of them.

use crate::ffi::{Arguments, Context, Kind, Output, Result, SqlError};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

const WANTED: &str = "a number from 0 to 1 (0.95, not 95) or a JSON array of them";

/// Longest array.
const MOST: usize = 100;

/// One p or several.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Probabilities {
    /// Asked for as a number: the answer is a REAL.
    One([f64; 1]),
    /// Asked for as an array: the answer is an array.
    Many(Vec<f64>),
}

impl Probabilities {
    /// Reads argument `index`.
    pub(super) fn read(arguments: &Arguments<'_>, index: usize) -> Result<Self> {
        let value = arguments.value(index);
        let number = value.and_then(|value| value.as_number());
        let read = match (number, value) {
            (Some(number), _) => Some(Probabilities::One([number.to_f64()])),
            (None, Some(value)) if value.kind() == Kind::Text => {
                serde_json::from_slice(value.text()).ok()
            }
            (None, _) => None,
        };
        read.filter(|read| read.all().iter().all(|p| (0.0..=1.0).contains(p)))
            .ok_or_else(|| arguments.unexpected(index, WANTED))
    }

    /// All of them.
    pub(super) fn all(&self) -> &[f64] {
        match self {
            Probabilities::One(one) => one,
            Probabilities::Many(many) => many,
        }
    }

    /// Puts the answers out, one for each; NULL, or null in JSON, for no number.
    pub(super) fn put(&self, answers: &[Option<f64>], output: &Context) -> Result<()> {
        match (self, answers) {
            (Probabilities::One(_), [Some(answer)]) => output.real(*answer),
            (Probabilities::One(_), _) => output.null(),
            (Probabilities::Many(_), answers) => output.json(
                &serde_json::to_vec(answers).map_err(|error| SqlError::new(error.to_string()))?,
            ),
        }
        Ok(())
    }
}

/// From a JSON array.
impl<'de> Deserialize<'de> for Probabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Vec<f64>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(WANTED)
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut array: A,
            ) -> std::result::Result<Vec<f64>, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = array.next_element()? {
                    if numbers.len() == MOST {
                        return Err(A::Error::custom("too many"));
                    }
                    numbers.push(number);
                }
                if numbers.is_empty() { Err(A::Error::custom("none")) } else { Ok(numbers) }
            }
        }
        deserializer.deserialize_seq(Array).map(Probabilities::Many)
    }
}
