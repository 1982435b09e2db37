//! The share of the machine of each call of a source, found in a pass of its own before the calls
//! are read again one by one.
//!
//! Calls of one device with the same start and length have the same share, so it is found again by
//! these: no row has to be known. Kept are the calls that were not alone, 32 bytes each.

use super::call_groups::in_order;
use super::calls::Call;
use super::fields::{Field, Fields};
use super::filter::Filter;
use super::machines::Machines;
use super::source::Source;
use crate::ffi::{self, Collector, Connection, Kind, Result, SqlValue, Statement, Value};
use crate::stats::sort_in_parts;

/// Device, start, length: what a share is found by, as bits that order alike.
type Place = (u32, u64, u64);

/// Shares of the calls that were not alone.
pub(crate) struct Shares {
    machines: Machines<()>,
    fields: Fields,
    found: Vec<(Place, f64)>,
}

impl Shares {
    /// Reads the source once, in the order of starts.
    pub(crate) fn of(call: &ffi::Call<'_, '_>, source: &Source, filter: &Filter) -> Result<Self> {
        let connection = &call.connection;
        let mut shares = Shares {
            machines: Machines::default(),
            fields: Fields::new(&[
                Field::Start,
                Field::Latency,
                Field::Energy,
                Field::Power,
                Field::IsRemote,
                Field::IsResearch,
            ]),
            found: Vec::new(),
        };
        let rows = filter.clause(connection, source)?;
        let from = format!("{} AS t{}", source.in_from(), rows.clause);
        let expressions = shares.expressions(connection, source)?;
        let sql = in_order(&expressions, &from, &filter.start(connection, source)?);
        connection.nested(call.function, || {
            connection.collect(&sql, |statement| rows.bind(statement), &mut shares)
        })?;
        let Shares { machines, found, .. } = &mut shares;
        machines.finish(&mut |(), call, device, share| keep(found, call, device, share))?;
        let by_place = |one: &(Place, f64), other: &(Place, f64)| one.0.cmp(&other.0);
        sort_in_parts(found, &by_place, &mut || connection.check_interrupt())?;
        Ok(shares)
    }

    /// What a row must bring, from some column on, for its share to be found.
    pub(crate) fn expressions(
        &self,
        connection: &Connection<'_>,
        source: &Source,
    ) -> Result<Vec<String>> {
        let mut expressions = Machines::<()>::expressions(connection, source)?.to_vec();
        expressions.extend(self.fields.expressions(connection, source)?);
        Ok(expressions)
    }

    /// Share and joules of the call in a row that brings the expressions from column `first` on;
    /// `None` where its energy was not measured.
    pub(crate) fn of_row(&mut self, row: &Statement<'_>, first: i32) -> Result<Option<(f64, f64)>> {
        let columns = (first + 2..).take(self.fields.count());
        let mut call = Call::of(&self.fields, columns.map(|column| row.column_real(column)));
        if !is_number(row.column_kind(first + 2)) {
            call.set_without_start();
        }
        let Some(energy) = call.energy() else { return Ok(None) };
        if !call.books_whole_device() {
            return Ok(Some((1.0, energy)));
        }
        let (_, device) = self.machines.instrument(row.column(first), row.column(first + 1))?;
        let place = place(&call, device);
        let found = self.found.binary_search_by(|(other, _)| other.cmp(&place));
        let share = found.ok().and_then(|at| self.found.get(at)).map_or(1.0, |found| found.1);
        Ok(Some((share, energy * share)))
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Real)
}

fn place(call: &Call, device: usize) -> Place {
    // -0.0 and 0.0 are one moment.
    let start = call.start() + 0.0;
    (device as u32, start.to_bits(), call.seconds().unwrap_or(0.0).to_bits())
}

/// Keeps the share of a call that was not alone.
fn keep(found: &mut Vec<(Place, f64)>, call: &Call, device: usize, share: f64) -> Result<()> {
    if share < 1.0 {
        found.try_reserve(1)?;
        found.push((place(call, device), share));
    }
    Ok(())
}

impl Collector for Shares {
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let [method, vendor, row @ ..] = row else { return Ok(()) };
        let mut call = Call::of_row(&self.fields, row);
        if row.first().is_some_and(|start| !is_number(start.kind())) {
            call.set_without_start();
        }
        let Shares { machines, found, .. } = self;
        let mut ended = |(), call: &Call, device, share| keep(found, call, device, share);
        machines.enter(SqlValue::of(method), SqlValue::of(vendor), call, (), &mut ended)
    }
}
