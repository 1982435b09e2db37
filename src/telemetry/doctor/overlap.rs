//! Calls that shared the machine: how many, and the joules that they booked and those by shares,
//! from one sweep in the order of starts, as `energy_stats` does it.
//!
//! Where an id names one row, the sweep counts what `where_sql` selects: it need not be run.

use super::place::Place;
use super::row::Selected;
use crate::ffi::{Collector, Kind, Result, SqlValue, Value};
use crate::stats::ExactSum;
use crate::telemetry::call_groups::in_order;
use crate::telemetry::fields::{Field, Fields};
use crate::telemetry::filter::Filter;
use crate::telemetry::input::qualified;
use crate::telemetry::machines::Machines;
use crate::telemetry::{Call, TIMESTAMP, run};

/// The sweep, and what it finds.
pub(super) struct Overlap {
    machines: Machines<Row>,
    fields: Fields,
    shared: Shared,
}

/// What the sweep knows a row by: its id, and whether its timestamp, not only its start, is within
/// the bounds.
#[derive(Debug, Clone, Copy)]
struct Row {
    id: Option<i64>,
    is_within: bool,
}

/// The calls that were not alone.
#[derive(Default)]
struct Shared {
    calls: u64,
    within: Selected,
    booked: ExactSum,
    split: ExactSum,
}

impl Overlap {
    /// Reads the source once. It has `id`, `timestamp` and `energy_joules`.
    pub(super) fn of(place: &Place<'_, '_>, filter: &Filter) -> Result<Self> {
        let (connection, source) = (&place.connection, place.source);
        let mut overlap = Overlap {
            machines: Machines::default(),
            fields: Fields::new(&[
                Field::Start,
                Field::Latency,
                Field::Energy,
                Field::Power,
                Field::IsRemote,
                Field::IsResearch,
            ]),
            shared: Shared::default(),
        };
        // Others are nothing to the machine, and need not be sorted.
        let filter = filter.clone().started().and(format!("{} > 0", qualified("energy_joules")));
        let mut expressions = vec![qualified("id"), place.is_within_bounds()];
        expressions.extend(Machines::<Row>::expressions(connection, source)?);
        expressions.extend(overlap.fields.expressions(connection, source)?);
        let rows = filter.clause(connection, source)?;
        let from = format!("{} AS t{}", source.in_from(), rows.clause);
        let sql = in_order(&expressions, &from, &filter.start(connection, source)?);
        run(connection, place.function, &sql, &rows, &mut overlap)?;
        let Overlap { machines, shared, .. } = &mut overlap;
        machines.finish(&mut |row, call, _, share| shared.add(row, call.energy(), share))?;
        Ok(overlap)
    }

    /// Whether no call shared the machine.
    pub(super) fn is_empty(&self) -> bool {
        self.shared.calls == 0
    }

    /// The rows that `where_sql` selects, where each id is an integer of one row alone.
    pub(super) fn selected(&self) -> Selected {
        self.shared.within
    }

    /// The joules, after `why`. Exact sums, so that the order of rows does not show.
    pub(super) fn joules(&self) -> String {
        let Shared { booked, split, .. } = &self.shared;
        format!(": {:.0} J booked, {:.0} J by shares", booked.round(), split.round())
    }
}

impl Shared {
    fn add(&mut self, row: Row, energy: Option<f64>, share: f64) -> Result<()> {
        let Some(joules) = energy.filter(|_| share < 1.0) else { return Ok(()) };
        self.calls += 1;
        if row.is_within {
            self.within.add(row.id);
        }
        self.booked.add(joules)?;
        self.split.add(joules * share)?;
        Ok(())
    }
}

/// Rows come as the id, whether the timestamp is within the bounds, what the machine is known by,
/// then the fields.
impl Collector for Overlap {
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let [id, is_within, method, vendor, row @ ..] = row else { return Ok(()) };
        let mut call = self.fields.read(row);
        let is_number = |start: &Value<'_>| matches!(start.kind(), Kind::Integer | Kind::Real);
        if !row.first().is_some_and(is_number) {
            call.set_without_start();
        }
        let tag = Row {
            id: (id.kind() == Kind::Integer).then(|| id.as_i64()),
            is_within: is_within.as_i64() == 1,
        };
        let Overlap { machines, shared, .. } = self;
        let mut ended = |row, call: &Call, _, share| shared.add(row, call.energy(), share);
        machines.enter(SqlValue::of(method), SqlValue::of(vendor), call, tag, &mut ended)
    }
}

impl Place<'_, '_> {
    /// Whether the timestamp of the row `t` is within the bounds, as SQL.
    fn is_within_bounds(&self) -> String {
        match self.bounds.as_slice() {
            [] => "1".to_owned(),
            bounds => bounds.join(" AND ").replace(TIMESTAMP, &qualified(TIMESTAMP)),
        }
    }

    /// Whether each id is an integer that one row alone has: the key of an ordinary table.
    pub(super) fn has_integer_key(&self) -> Result<bool> {
        let Some((database, table)) = self.source.ordinary_table() else { return Ok(false) };
        let key = self.source.primary_key(&self.connection)?;
        let [key] = key.as_slice() else {
            return Ok(false);
        };
        let facts = self.connection.column_metadata(database, table, c"id")?;
        let is_integer = |declared: &str| declared.eq_ignore_ascii_case("INTEGER");
        Ok(key.eq_ignore_ascii_case("\"id\"")
            && facts.is_some_and(|f| is_integer(&f.declared_type)))
    }
}
