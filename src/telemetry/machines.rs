//! The devices whose counters calls read, and each call's share of one.
//!
//! A call books what the whole device took while it ran, so calls in flight together book it more
//! than once. Each is given its part: the integral of dt / k over the call, k the calls in flight
//! on the device at the moment, over the call's length.

use super::calls::Call;
use super::input::Input;
use super::instruments::{Instruments, PARTS};
use super::source::Source;
use crate::ffi::{Connection, Result, SqlValue};
use crate::stats::{Lane, Shared};

/// Devices, by vendor. `T` is what the caller knows a call by.
pub(super) struct Machines<T> {
    instruments: Instruments,
    lanes: Vec<Lane<(T, Call)>>,
}

impl<T> Default for Machines<T> {
    fn default() -> Self {
        Machines { instruments: Instruments::new(), lanes: Vec::new() }
    }
}

impl<T: Copy> Machines<T> {
    /// What a row says of its machine, as SQL.
    pub(super) fn expressions(connection: &Connection<'_>, source: &Source) -> Result<[String; 2]> {
        let [method, vendor] = PARTS.map(|part: Input| part.expression(connection, source));
        Ok([method?.sql, vendor?.sql])
    }

    /// A call begins, in the order of starts; one without measured energy is nothing to the
    /// machine. `ended` hears of each call whose share is known by now,
    /// with its device.
    pub(super) fn enter(
        &mut self,
        method: SqlValue<'_>,
        vendor: SqlValue<'_>,
        mut call: Call,
        tag: T,
        ended: &mut impl FnMut(T, &Call, usize, f64) -> Result<()>,
    ) -> Result<()> {
        let (Some(_), Some(seconds)) = (call.energy(), call.seconds()) else { return Ok(()) };
        let (instrument, device) = self.instrument(method, vendor)?;
        call.instrument = instrument as u32;
        if !call.books_whole_device() {
            return ended(tag, &call, device, 1.0);
        }
        if device >= self.lanes.len() {
            self.lanes.try_reserve(device + 1 - self.lanes.len())?;
            self.lanes.resize_with(device + 1, Lane::default);
        }
        let Some(lane) = self.lanes.get_mut(device) else { return Ok(()) };
        let ended = &mut |Shared { call: (tag, call), share }| ended(tag, &call, device, share);
        lane.enter(call.start(), seconds, (tag, call), ended)
    }

    /// No more calls.
    pub(super) fn finish(
        &mut self,
        ended: &mut impl FnMut(T, &Call, usize, f64) -> Result<()>,
    ) -> Result<()> {
        self.lanes.iter_mut().enumerate().try_for_each(|(device, lane)| {
            lane.finish(&mut |Shared { call: (tag, call), share }| ended(tag, &call, device, share))
        })
    }

    /// The number of an instrument, and that of its device.
    pub(super) fn instrument(
        &mut self,
        method: SqlValue<'_>,
        vendor: SqlValue<'_>,
    ) -> Result<(usize, usize)> {
        self.instruments.number(method, vendor)
    }

    /// What measured.
    pub(super) fn instruments(&self) -> &Instruments {
        &self.instruments
    }
}
