//! The arguments of one call of an aggregate or a scalar.

use super::error::{Result, SqlError};
use super::value::{Kind, Value};
use crate::stats::Number;
use std::fmt::Display;

/// A form in which a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Names of the arguments.
    pub(crate) arguments: &'static [&'static str],
    /// A call in this form that works on every telemetry table, for the catalogue.
    pub(crate) sample: &'static str,
}

/// The forms of a function, one for a number of arguments.
pub(crate) type Forms = &'static [Form];

/// Values, with the names that errors call them by.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a> {
    function: &'static str,
    forms: Forms,
    values: &'a [Value<'a>],
}

impl<'a> Arguments<'a> {
    #[inline(always)]
    pub(super) fn new(function: &'static str, forms: Forms, values: &'a [Value<'a>]) -> Self {
        Arguments { function, forms, values }
    }

    /// The function's name.
    pub(crate) fn function(&self) -> &'static str {
        self.function
    }

    /// How many there are, which tells the form.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.values.len()
    }

    /// The value of an argument; `None` where the form has fewer.
    #[inline(always)]
    pub(crate) fn value(&self, index: usize) -> Option<&'a Value<'a>> {
        self.values.get(index)
    }

    /// An argument as a number, `None` for NULL; TEXT that reads as a number is one.
    #[inline(always)]
    pub(crate) fn number(&self, index: usize) -> Result<Option<Number>> {
        let Some(value) = self.value(index) else { return Ok(None) };
        match value.as_number() {
            Some(number) => Ok(Some(number)),
            None if value.kind() == Kind::Null => Ok(None),
            None => Err(self.unexpected(index, "a number or NULL")),
        }
    }

    /// `function: argument 1 (name): expected WANT, got` the argument.
    // Errors take a copy, so that a row that is in order keeps all of this in registers.
    #[cold]
    pub(crate) fn unexpected(self, index: usize, want: &str) -> SqlError {
        match self.value(index).map(Value::to_owned).transpose() {
            Ok(Some(value)) => self.error(index, want, value),
            Ok(None) => self.error(index, want, "nothing"),
            Err(out_of_memory) => out_of_memory,
        }
    }

    /// `function: argument 1 (name): expected WANT, got GOT`.
    #[cold]
    pub(crate) fn error(self, index: usize, want: &str, got: impl Display) -> SqlError {
        let form = self.forms.iter().find(|form| form.arguments.len() == self.count());
        let name = form.and_then(|form| form.arguments.get(index)).copied().unwrap_or_default();
        SqlError::argument(self.function, index, name, want, got)
    }
}
