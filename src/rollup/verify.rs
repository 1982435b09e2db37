//! Comparing a roll-up with the rows that it is of.

use super::chunk::{Chunk, ChunkScan, decoded, ids};
use super::place::Place;
use super::plan::{Figures, plan};
use super::standing::{Standing, standing};
use crate::ffi::{Connection, Result, SqlError, SqlValue, Statement, Step};
use crate::telemetry::{Prepared, Source};

/// Reads the rows of every chunk that has sums; an error names the first one that differs, to the
/// last bit.
pub(crate) fn verify(
    connection: &Connection<'_>,
    function: &'static str,
    source: &Source,
    figures: Figures,
) -> Result<()> {
    let place = Place::of(connection, source)?.map_err(SqlError::new)?;
    let label = source.label();
    // Stays open: all is read in one state of the file.
    let _valid = match standing(connection, &place, figures)? {
        Standing::Valid(valid) => valid,
        Standing::Absent => return Err(SqlError::new(format!("'{label}' has no roll-up"))),
        Standing::Aside(why) => {
            return Err(SqlError::new(format!("the roll-up of '{label}' is not used: {why}")));
        }
    };
    let plan = plan(figures);
    let stored = Prepared::new(connection, source, &plan)?;
    let scan = ChunkScan::new(connection, function, &place, &stored)?;
    let mut chunks = connection.prepare(&format!(
        "SELECT chunk, rows, first, last, sums FROM {} WHERE sums IS NOT NULL ORDER BY chunk",
        place.chunks()
    ))?;
    while chunks.step()? == Step::Row {
        let number = chunks.column_integer(0);
        let Some((first, last)) = ids(number) else {
            return Err(SqlError::new(format!("the roll-up of '{label}' has a chunk {number}")));
        };
        if decoded(chunks.column_bytes(4)).is_none() {
            return Err(SqlError::new(format!(
                "the roll-up of '{label}' is damaged: the sums of ids {first} to {last}"
            )));
        }
        if !is_of(&chunks, &scan.read(number)?) {
            return Err(SqlError::new(format!(
                "the roll-up of '{label}' differs from its rows: the sums of ids {first} to {last}"
            )));
        }
    }
    Ok(())
}

/// Whether the stored chunk is what was read. Rows are read in the order of their ids, and the same
/// additions give the same bytes.
fn is_of(stored: &Statement<'_>, read: &Chunk) -> bool {
    let [first, last] = read.times;
    stored.column(1) == SqlValue::Integer(read.rows as i64)
        && stored.column(2) == first
        && stored.column(3) == last
        && read.sums.as_deref() == Some(stored.column_bytes(4))
}
