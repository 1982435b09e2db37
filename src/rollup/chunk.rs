//! The sums of one chunk: made of its rows, kept as bytes.

use super::place::{CHUNK_BITS, Place};
use crate::ffi::{Collector, Connection, Kind, Result, SqlError, SqlValue, Value};
use crate::stats::Encoder;
use crate::telemetry::{Filter, Groups, Prepared, TIMESTAMP, qualified, run};

/// Bytes that the sums of a chunk may take for each of its rows: a hundredth of what a row of
/// OpenJarvis takes.
const BYTES_A_ROW: usize = 3;
/// And what they may take in any case: a page.
const FEW_BYTES: usize = 4096;

/// What is kept of a chunk.
pub(super) struct Chunk {
    pub(super) number: i64,
    pub(super) rows: u64,
    /// The earliest and the latest timestamp, where all are numbers; else NULL.
    pub(super) times: [SqlValue<'static>; 2],
    /// `None` where the chunk is left to the scan.
    pub(super) sums: Option<Vec<u8>>,
}

/// The first and the last rowid of a chunk; `None` for a number that is no chunk's.
pub(super) fn ids(chunk: i64) -> Option<(i64, i64)> {
    let first = chunk.checked_mul(1 << CHUNK_BITS)?;
    Some((first, first + ((1 << CHUNK_BITS) - 1)))
}

/// Takes the rows of a chunk: those of the groups, and the timestamp where the table has one.
struct Rows {
    groups: Groups,
    /// How many of a row's values are of its key.
    key_parts: usize,
    has_timestamp: bool,
    rows: u64,
    times: Option<[SqlValue<'static>; 2]>,
    /// Whether all timestamps so far are numbers.
    are_times: bool,
    /// Whether only the rows give the same answer everywhere.
    is_odd: bool,
}

impl Collector for Rows {
    fn collect(&mut self, row: &[Value<'_>]) -> Result<()> {
        let (row, time) = match row.split_last() {
            Some((time, row)) if self.has_timestamp => (row, Some(time)),
            _ => (row, None),
        };
        // Of 1 and 1.0, one key, the first of the rows that are asked for is shown. How text reads
        // as a number has changed from release to release of SQLite.
        let (key, values) = row.split_at_checked(self.key_parts).unwrap_or_default();
        self.is_odd |= key.iter().any(|part| part.kind() == Kind::Real)
            || values.iter().any(|value| matches!(value.kind(), Kind::Text | Kind::Blob));
        match time.map(|time| (time.kind(), time)) {
            Some((Kind::Integer, time)) => self.add_time(SqlValue::Integer(time.as_i64())),
            Some((Kind::Real, time)) => self.add_time(SqlValue::Real(time.as_f64())),
            _ => self.are_times = false,
        }
        self.rows += 1;
        self.groups.collect(row)
    }
}

impl Rows {
    fn add_time(&mut self, time: SqlValue<'static>) {
        let [first, last] = self.times.get_or_insert([time; 2]);
        if time < *first {
            *first = time;
        }
        if time > *last {
            *last = time;
        }
    }
}

/// The scan of a chunk, ready to be run for any of them.
pub(super) struct ChunkScan<'c, 'a> {
    connection: &'c Connection<'a>,
    function: &'static str,
    stored: &'c Prepared<'c>,
    /// The same with the timestamp.
    scanned: Prepared<'c>,
    place: &'c Place<'c>,
    has_timestamp: bool,
}

impl<'c, 'a> ChunkScan<'c, 'a> {
    pub(super) fn new(
        connection: &'c Connection<'a>,
        function: &'static str,
        place: &'c Place<'c>,
        stored: &'c Prepared<'c>,
    ) -> Result<Self> {
        let has_timestamp = place.source.column(connection, TIMESTAMP)?.is_some();
        let mut scanned = stored.clone();
        if has_timestamp {
            scanned = scanned.and(qualified(TIMESTAMP));
        }
        Ok(ChunkScan { connection, function, stored, scanned, place, has_timestamp })
    }

    /// Reads the rows of a chunk.
    pub(super) fn read(&self, number: i64) -> Result<Chunk> {
        let mut rows = Rows {
            groups: self.stored.groups(self.function)?,
            key_parts: self.stored.key_parts(),
            has_timestamp: self.has_timestamp,
            rows: 0,
            times: None,
            are_times: true,
            is_odd: false,
        };
        let ids = ids(number).ok_or_else(|| SqlError::new(format!("no chunk {number}")))?;
        let filter = Filter::default().and(within(self.place, ids));
        let filter = filter.clause(self.connection, self.place.source)?;
        let sql = self.scanned.sql(&self.place.rows(), &filter);
        run(self.connection, self.function, &sql, &filter, &mut rows)?;
        let times = rows.times.filter(|_| rows.are_times).unwrap_or([SqlValue::Null; 2]);
        let sums = if rows.is_odd { None } else { encoded(&rows)? };
        Ok(Chunk { number, rows: rows.rows, times, sums })
    }
}

/// An SQL term: the rowid is from the one to the other.
pub(super) fn within(place: &Place<'_>, (first, last): (i64, i64)) -> String {
    let id = &place.id;
    let from = (first > i64::MIN).then(|| format!("t.{id} >= {first}"));
    let to = (last < i64::MAX).then(|| format!("t.{id} <= {last}"));
    let terms: Vec<String> = from.into_iter().chain(to).collect();
    if terms.is_empty() { "1".to_owned() } else { terms.join(" AND ") }
}

/// The sums as bytes, with a check sum in front, unless they take too many.
fn encoded(rows: &Rows) -> Result<Option<Vec<u8>>> {
    let mut sums = Encoder::default();
    rows.groups.encode(&mut sums)?;
    let most = BYTES_A_ROW.saturating_mul(rows.rows as usize).max(FEW_BYTES);
    if sums.bytes().len() > most {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(CHECK + sums.bytes().len())?;
    bytes.extend_from_slice(&check_sum(sums.bytes()));
    bytes.extend_from_slice(sums.bytes());
    Ok(Some(bytes))
}

/// Bytes of a check sum.
const CHECK: usize = 8;

/// What `encoded` made, without its check sum; `None` where that is wrong.
pub(super) fn decoded(bytes: &[u8]) -> Option<&[u8]> {
    let (check, sums) = bytes.split_first_chunk::<CHECK>()?;
    (check_sum(sums) == *check).then_some(sums)
}

/// Finds out bytes that changed by accident.
fn check_sum(bytes: &[u8]) -> [u8; CHECK] {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sum = bytes.len() as u64;
    for piece in bytes.chunks(CHECK) {
        let mut word = [0; CHECK];
        word.iter_mut().zip(piece).for_each(|(word, byte)| *word = *byte);
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
        sum ^= sum >> 32;
    }
    sum.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_found() {
        let sums: Vec<u8> = (0..100).collect();
        let mut bytes = check_sum(&sums).to_vec();
        bytes.extend(&sums);
        assert_eq!(decoded(&bytes), Some(&sums[..]));
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_eq!(decoded(&other), None);
            assert_eq!(decoded(&bytes[..at]), None);
        }
    }

    #[test]
    fn chunks_cover_every_rowid() {
        for id in [i64::MIN, -65_537, -65_536, -1, 0, 65_535, 65_536, i64::MAX] {
            let (first, last) = ids(id >> CHUNK_BITS).unwrap();
            assert!((first..=last).contains(&id));
        }
        assert_eq!(ids(1 << 47), None);
    }
}
