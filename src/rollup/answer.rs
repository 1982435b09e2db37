//! Answering from a roll-up: the sums of the chunks that are whole, and a scan of all rows between
//! them.
//!
//! Anything doubtful is answered by the scan. Rows and sums are taken in the order of the rowids,
//! so that of keys that are one, as 1 and 1.0 are, the same is shown.

use super::chunk::{decoded, ids, within};
use super::place::Place;
use super::plan::{Figures, KEYS, plan};
use super::standing::{Standing, standing};
use crate::ffi::{Call, Connection, Result, SqlError, Statement, Step};
use crate::telemetry::{
    CURRENT_TOKEN_COUNTING_VERSION, Filter, Groups, Plan, Prepared, Route, Source, TIMESTAMP,
    TOKEN_COUNTING_VERSION, qualified, run, scan,
};
use std::collections::HashSet;
use std::ffi::CString;

/// What `scan` answers, from the source's roll-up where it has a valid one.
pub(crate) fn scan_or_roll_up(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    plan: &Plan,
    figures: Figures,
) -> Result<Groups> {
    match roll_up(call, source, filter, plan, figures)? {
        Some(groups) => Ok(groups),
        None => scan(call, source, filter, plan),
    }
}

/// Of what must not fail an answer that a scan can give: a failure is no answer, unless the host
/// wants the work to end.
fn unless_in_doubt<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_a_stop() => Err(error),
        Err(_) => Ok(None),
    }
}

fn roll_up(
    call: &Call<'_, '_>,
    source: &Source,
    filter: &Filter,
    wanted: &Plan,
    figures: Figures,
) -> Result<Option<Groups>> {
    let connection = &call.connection;
    let current = CURRENT_TOKEN_COUNTING_VERSION;
    let Some(is_only_current) = filter.is_only_of(TOKEN_COUNTING_VERSION, current) else {
        return Ok(None);
    };
    // Between a row and the trigger that follows it, sums may be stale.
    if source.ordinary_table().is_none() || connection.is_inside_a_write() {
        return Ok(None);
    }
    let Some(Ok(place)) = unless_in_doubt(Place::of(connection, source))? else { return Ok(None) };
    // Stays open until all is read, so that all statements see one state of the file.
    let Some(Standing::Valid(_valid)) = unless_in_doubt(standing(connection, &place, figures))?
    else {
        return Ok(None);
    };
    if place.has_index && may_mix_numbers(connection, &place)? {
        return Ok(None);
    }
    let has_flag = source.column(connection, TOKEN_COUNTING_VERSION)?.is_some();
    let has_timestamp = source.column(connection, TIMESTAMP)?.is_some();
    if filter.is_bounded() && !has_timestamp {
        return Ok(None);
    }
    let all = plan(figures);
    let stored = Prepared::new(connection, source, &all)?;
    let wanted = Prepared::new(connection, source, wanted)?;
    let only = (is_only_current && has_flag).then_some(1);
    let Some(route) = Route::new(&stored, &wanted, only) else { return Ok(None) };
    let (place, wanted, route) = (&place, &wanted, &route);
    let has_switch = only.is_some();
    let answer = Answer { call, source, filter, place, wanted, route, has_switch };
    if unless_in_doubt(answer.reads_its_columns())? != Some(true) {
        return Ok(None);
    }
    answer.groups()
}

/// Whether a key column may hold both 1 and 1.0. Then the one that is shown is the first of the
/// scan, in the order of an index where it reads one.
fn may_mix_numbers(connection: &Connection<'_>, place: &Place<'_>) -> Result<bool> {
    let Some((database, table)) = place.source.ordinary_table() else { return Ok(true) };
    for column in KEYS {
        let name = CString::new(*column).map_err(|_| SqlError::new("a name holds a NUL"))?;
        let declared = connection.column_metadata(database, table, &name)?;
        let declared = declared.map_or(String::new(), |facts| facts.declared_type);
        // Without any of these the column has the affinity BLOB or NUMERIC, of which the first
        // converts nothing.
        if !["INT", "CHAR", "CLOB", "TEXT"]
            .iter()
            .any(|part| declared.to_ascii_uppercase().contains(part))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Answer<'q> {
    call: &'q Call<'q, 'q>,
    source: &'q Source,
    filter: &'q Filter,
    place: &'q Place<'q>,
    wanted: &'q Prepared<'q>,
    route: &'q Route,
    /// Whether a column besides those of the plan and the bounds keeps rows.
    has_switch: bool,
}

impl Answer<'_> {
    /// Whether a scan would read each of its columns. A host's authorizer may have one read as
    /// NULL, of which only the compiled statement tells.
    fn reads_its_columns(&self) -> Result<bool> {
        let connection = &self.call.connection;
        let id = format!("t.{}", self.place.id);
        let mut all = self.wanted.clone().and(id.clone());
        if self.filter.is_bounded() {
            all = all.and(qualified(TIMESTAMP));
        }
        if self.has_switch {
            all = all.and(qualified(TOKEN_COUNTING_VERSION));
        }
        let wanted: HashSet<&str> =
            all.arguments().iter().map(String::as_str).filter(|column| *column != id).collect();
        let every_row = Filter::default().clause(connection, self.source)?;
        let sql = all.sql(&self.place.rows(), &every_row);
        let mut program = connection.prepare(&format!("EXPLAIN {sql}"))?;
        let (mut read, mut reads_id) = (HashSet::new(), false);
        while program.step()? == Step::Row {
            match program.column_bytes(1) {
                b"Column" => _ = read.insert(program.column_integer(3)),
                b"Rowid" => reads_id = true,
                _ => {}
            }
        }
        Ok(reads_id && read.len() >= wanted.len())
    }

    /// The chunks with their numbers of rows, what the bounds say of each, and its sums where all
    /// its rows are within.
    fn chunks(&self) -> Result<Statement<'_>> {
        let verdict = self.filter.verdict("first", "last");
        let mut chunks = self.call.connection.prepare(&format!(
            "SELECT chunk, rows, verdict, CASE verdict WHEN 1 THEN sums END \
             FROM (SELECT chunk, rows, {} AS verdict, sums FROM {}) \
             WHERE verdict = 0 OR (verdict = 1 AND sums IS NOT NULL) ORDER BY chunk",
            verdict.clause,
            self.place.chunks()
        ))?;
        verdict.bind(&mut chunks)?;
        Ok(chunks)
    }

    /// `None` where a chunk is not what was stored, or no chunk is of use.
    fn groups(&self) -> Result<Option<Groups>> {
        let mut groups = self.wanted.groups(self.call.function)?;
        let Some(mut chunks) = unless_in_doubt(self.chunks())? else { return Ok(None) };
        // The first rowid that is neither summed nor scanned; none where all are.
        let mut next = Some(i64::MIN);
        let mut is_of_use = false;
        loop {
            match unless_in_doubt(chunks.step())? {
                Some(Step::Row) => is_of_use = true,
                Some(Step::Done) => break,
                None => return Ok(None),
            }
            let (chunk, rows) = (chunks.column_integer(0), chunks.column_integer(1));
            let (Some((first, last)), Some(from)) = (ids(chunk), next) else { return Ok(None) };
            self.scan(&mut groups, from, first.checked_sub(1))?;
            if chunks.column_integer(2) != 0 {
                let sums = decoded(chunks.column_bytes(3));
                let most_calls = u64::try_from(rows).unwrap_or(0);
                let is_whole = match sums {
                    Some(sums) => groups.add_encoded(sums, self.route, most_calls)?,
                    None => false,
                };
                if !is_whole {
                    return Ok(None);
                }
            }
            next = last.checked_add(1);
        }
        if !is_of_use {
            return Ok(None);
        }
        if let Some(from) = next {
            self.scan(&mut groups, from, Some(i64::MAX))?;
        }
        Ok(Some(groups))
    }

    /// Adds the rows whose rowids are from the one to the other.
    fn scan(&self, groups: &mut Groups, from: i64, to: Option<i64>) -> Result<()> {
        let Some(to) = to.filter(|to| from <= *to) else { return Ok(()) };
        let connection = &self.call.connection;
        let filter = self.filter.clone().and(within(self.place, (from, to)));
        let rows = filter.clause(connection, self.source)?;
        let sql = self.wanted.sql(&self.place.rows(), &rows);
        run(connection, self.call.function, &sql, &rows, groups)
    }
}
