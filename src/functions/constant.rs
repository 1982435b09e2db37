//! An argument of an aggregate that is the same for every row.

use crate::ffi::{Arguments, OwnedValue, Result, Value};

/// Such an argument: as it was given in the first row, and what it means.
pub(super) struct Constant<T> {
    given: Option<(OwnedValue, T)>,
}

impl<T> Default for Constant<T> {
    fn default() -> Self {
        Constant { given: None }
    }
}

impl<T: PartialEq> Constant<T> {
    /// What it means; `None` before the first row.
    pub(super) fn get(&self) -> Option<&T> {
        self.given.as_ref().map(|(_, meaning)| meaning)
    }

    /// Takes one row's argument at `index`, whose meaning `read` tells.
    #[inline(always)]
    pub(super) fn take(
        &mut self,
        row: &Arguments<'_>,
        index: usize,
        read: fn(&Arguments<'_>, usize) -> Result<T>,
    ) -> Result<()> {
        match (&self.given, row.value(index)) {
            (Some((given, _)), Some(value)) if given.is(value) => Ok(()),
            _ => self.take_another(row, index, read),
        }
    }

    /// The first, or one that is written otherwise: 0.5 and '0.5' mean the same.
    #[cold]
    fn take_another(
        &mut self,
        row: &Arguments<'_>,
        index: usize,
        read: fn(&Arguments<'_>, usize) -> Result<T>,
    ) -> Result<()> {
        let meaning = read(row, index)?;
        let value = row.value(index).map(Value::to_owned).transpose()?.unwrap_or(OwnedValue::Null);
        match &self.given {
            None => self.given = Some((value, meaning)),
            Some((_, first)) if *first == meaning => {}
            Some((first, _)) => {
                let got = format!("{value} after {first}");
                return Err(row.error(index, "the same value for all rows", got));
            }
        }
        Ok(())
    }
}
