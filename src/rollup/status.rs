//! What there is to know of a roll-up.

use super::place::{CHUNK_BITS, Place};
use super::plan::Figures;
use super::standing::{Standing, standing};
use crate::ffi::{Connection, Result};
use crate::telemetry::{Source, quoted};

/// A roll-up as it stands. Counts are 0 where there is none.
#[derive(Debug, Default)]
pub(crate) struct Status {
    /// Whether there is one.
    pub(crate) is_present: bool,
    /// Why it is not used; `None` where it is.
    pub(crate) reason: Option<String>,
    /// Rows whose sums are stored.
    pub(crate) covered_rows: i64,
    /// Rows beyond the last chunk.
    pub(crate) tail_rows: i64,
    /// Chunks before the last one that have rows and no sums.
    pub(crate) dirty_chunks: i64,
    /// Chunks that are left to the scan, since their sums would take more than they save.
    pub(crate) skipped_chunks: i64,
    /// What the sums take.
    pub(crate) bytes: i64,
    /// Unix seconds of the last refresh.
    pub(crate) refreshed_at: Option<f64>,
}

/// Looks at the roll-up of a source.
pub(crate) fn status(
    connection: &Connection<'_>,
    source: &Source,
    figures: Figures,
) -> Result<Status> {
    let without = |reason: String| Ok(Status { reason: Some(reason), ..Status::default() });
    let place = match Place::of(connection, source)? {
        Ok(place) => place,
        Err(reason) => return without(reason),
    };
    let valid = match standing(connection, &place, figures)? {
        Standing::Absent => return without("there is none".to_owned()),
        Standing::Aside(why) => {
            let reason = Some(why.to_owned());
            return Ok(Status { is_present: true, reason, ..Status::default() });
        }
        Standing::Valid(valid) => valid,
    };
    let (chunks, id) = (place.chunks(), &place.id);
    let table = format!("{}.{}", place.schema(), quoted(&place.table));
    let numbers = |sql: String| -> Result<[i64; 4]> {
        let mut statement = connection.prepare(&sql)?;
        statement.step()?;
        Ok([0, 1, 2, 3].map(|column| statement.column_integer(column)))
    };
    let [covered_rows, bytes, skipped_chunks, last] = numbers(format!(
        "SELECT coalesce(sum(CASE WHEN sums IS NOT NULL THEN rows END), 0), \
           coalesce(sum(length(sums)), 0), coalesce(sum(sums IS NULL), 0), \
           coalesce(max(chunk), {}) FROM {chunks} WHERE building IS NULL",
        i64::MIN >> CHUNK_BITS
    ))?;
    let [tail_rows, ..] = numbers(format!(
        "SELECT count(*) FROM {table} WHERE {id} >> {CHUNK_BITS} > {last} AND {id} > {}",
        last << CHUNK_BITS
    ))?;
    let [dirty_chunks, ..] = numbers(format!(
        "WITH RECURSIVE chunk(n) AS ( \
           SELECT (SELECT min({id}) FROM {table}) >> {CHUNK_BITS} UNION ALL \
           SELECT (SELECT min({id}) FROM {table} WHERE {id} >= (n + 1) << {CHUNK_BITS}) \
             >> {CHUNK_BITS} FROM chunk WHERE n < {last}) \
         SELECT count(*) FROM chunk WHERE n < {last} \
           AND NOT EXISTS (SELECT 1 FROM {chunks} WHERE chunk = n AND building IS NULL)"
    ))?;
    Ok(Status {
        is_present: true,
        reason: None,
        covered_rows,
        tail_rows,
        dirty_chunks,
        skipped_chunks,
        bytes,
        refreshed_at: Some(valid.refreshed_at),
    })
}
