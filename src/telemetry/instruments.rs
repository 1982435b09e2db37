//! What measured the energy of calls: a method on a vendor's device. Figures of different
//! instruments are never added.

use super::combinations::Combinations;
use super::distinct::Distinct;
use super::input::Input;
use crate::ffi::{Result, SqlValue};
use std::cmp::Ordering;

/// Their parts, as a row brings them.
pub(super) const PARTS: [Input; 2] =
    [Input::Rule("{energy_method}"), Input::Rule("{energy_vendor}")];

/// Instruments, numbered in the order in which they came.
pub(crate) struct Instruments {
    methods: Distinct,
    vendors: Distinct,
    pairs: Combinations,
}

impl Instruments {
    pub(super) fn new() -> Self {
        Instruments {
            methods: Distinct::new(),
            vendors: Distinct::new(),
            pairs: Combinations::new(PARTS.len()),
        }
    }

    /// The number of an instrument, and that of its vendor: calls that overlap on the devices of
    /// one vendor share them, whatever the method.
    pub(super) fn number(
        &mut self,
        method: SqlValue<'_>,
        vendor: SqlValue<'_>,
    ) -> Result<(usize, usize)> {
        let method = self.methods.number(unless_empty(method))?;
        let vendor = self.vendors.number(unless_empty(vendor))?;
        Ok((self.pairs.number(&[method as u32, vendor as u32])?, vendor))
    }

    /// The method of an instrument; NULL where none is named.
    pub(crate) fn method(&self, instrument: usize) -> SqlValue<'_> {
        self.methods.value(self.pairs.part(instrument, 0))
    }

    /// The vendor of an instrument; NULL where none is named.
    pub(crate) fn vendor(&self, instrument: usize) -> SqlValue<'_> {
        self.vendors.value(self.pairs.part(instrument, 1))
    }

    /// The order of two instruments: by method, then vendor.
    pub(crate) fn order(&self, one: usize, other: usize) -> Ordering {
        let names = |instrument| (self.method(instrument), self.vendor(instrument));
        names(one).cmp(&names(other))
    }
}

fn unless_empty(value: SqlValue<'_>) -> SqlValue<'_> {
    match value {
        SqlValue::Text([]) => SqlValue::Null,
        value => value,
    }
}
