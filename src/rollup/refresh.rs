//! Making a roll-up, and bringing it up to date.
//!
//! A writer is never kept waiting: chunks are read as by any SELECT, and only then is the write
//! lock taken for as long as it takes to store them. That works because a chunk is announced first,
//! by a row that bears this refresh's own mark, and sums are stored only where the mark still is:
//! the triggers take it away when a row of the chunk changes meanwhile. So whenever this ends, by
//! an error, an interrupt, a crash, what is stored is right.

use super::chunk::{Chunk, ChunkScan, ids};
use super::drop::drop_parts;
use super::place::{CHUNK_BITS, Part, Place, text};
use super::plan::{Figures, KEYS, plan};
use super::standing::{Standing, is_there, note_state, standing, unseen_changes};
use super::transaction::transaction;
use crate::ffi::{Connection, Result, SqlError, SqlValue, Step};
use crate::telemetry::{Prepared, Source, quoted};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Chunks that are read between two looks at the write lock.
const BATCH: usize = 16;

/// Chunks from which on a refresh gives up where they hold fewer rows than `FEWEST_ROWS` each: then
/// each row would be a chunk, and the roll-up as large as the table.
const MANY_CHUNKS: u64 = 4096;
const FEWEST_ROWS: u64 = 256;

/// What a refresh did.
#[derive(Debug, Default)]
pub(crate) struct Refreshed {
    /// Rows whose sums are stored now.
    pub(crate) rows: i64,
    /// Chunks read beyond those that were there.
    pub(crate) built: u64,
    /// Chunks read again, since a row of theirs had changed.
    pub(crate) rebuilt: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// Makes the roll-up of a source, or brings it up to date. In the caller's transaction it is part
/// of that and an error takes all of it back; else it commits as it goes, and an error leaves what
/// was stored before it.
pub(crate) fn refresh(
    connection: &Connection<'_>,
    function: &'static str,
    source: &Source,
    figures: Figures,
) -> Result<Refreshed> {
    let start = Instant::now();
    if connection.is_inside_a_write() {
        return Err(SqlError::new("cannot run inside a statement that writes"));
    }
    let place = Place::of(connection, source)?.map_err(SqlError::new)?;
    let work = || Refresh { connection, function, place: &place, figures }.run();
    let mut done =
        if connection.is_in_transaction() { transaction(connection, work)? } else { work()? };
    done.seconds = start.elapsed().as_secs_f64();
    Ok(done)
}

struct Refresh<'r, 'a> {
    connection: &'r Connection<'a>,
    function: &'static str,
    place: &'r Place<'r>,
    figures: Figures,
}

/// How far a refresh has come.
struct Progress {
    /// The mark of its announcements, which no other has.
    mark: i64,
    /// Chunks before this one are done.
    next: i64,
    /// The last chunk that was there before; the first number of all where there was none.
    known: i64,
}

impl Refresh<'_, '_> {
    fn run(&self) -> Result<Refreshed> {
        for column in KEYS {
            let known = self.place.source.column(self.connection, column)?;
            known.ok_or_else(|| self.place.source.lacks(column))?;
        }
        if self.integer("PRAGMA read_uncommitted")? != 0 {
            return Err(SqlError::new(
                "reads what may be rolled back while PRAGMA read_uncommitted is on; switch it off",
            ));
        }
        let plan = plan(self.figures);
        let stored = Prepared::new(self.connection, self.place.source, &plan)?;
        let scan = ChunkScan::new(self.connection, self.function, self.place, &stored)?;
        let (mut progress, mut announced) = transaction(self.connection, || {
            if !matches!(standing(self.connection, self.place, self.figures)?, Standing::Valid(_)) {
                self.make()?;
            }
            let mark = self.integer("SELECT random()")?;
            let known = self.integer(&format!(
                "SELECT coalesce(last_chunk, {}) FROM {}",
                i64::MIN,
                self.place.state()
            ))?;
            let mut progress = Progress { mark, next: i64::MIN >> CHUNK_BITS, known };
            let announced = self.announce(&mut progress)?;
            Ok((progress, announced))
        })?;
        let (mut done, mut rows) = (Refreshed::default(), 0);
        while !announced.is_empty() {
            let mut chunks = Vec::new();
            for &chunk in &announced {
                let read = scan.read(chunk)?;
                rows += read.rows;
                let count =
                    if chunk > progress.known { &mut done.built } else { &mut done.rebuilt };
                *count += 1;
                chunks.push(read);
            }
            let read = done.built + done.rebuilt;
            announced = transaction(self.connection, || {
                self.store(&progress, &chunks)?;
                if read >= MANY_CHUNKS && rows < read * FEWEST_ROWS {
                    return Ok(Vec::new());
                }
                self.announce(&mut progress)
            })?;
            if announced.is_empty() && rows < read * FEWEST_ROWS && read >= MANY_CHUNKS {
                // What was made is of no use to anyone; it may have to stay while the connection
                // reads.
                let (schema, table) = (self.place.schema(), &self.place.table);
                let _ =
                    transaction(self.connection, || drop_parts(self.connection, &schema, table));
                return Err(self.too_far_apart(read, rows));
            }
        }
        let chunks = self.place.chunks();
        done.rows = self.integer(&format!(
            "SELECT coalesce(sum(rows), 0) FROM {chunks} WHERE sums IS NOT NULL"
        ))?;
        Ok(done)
    }

    fn too_far_apart(&self, chunks: u64, rows: u64) -> SqlError {
        SqlError::new(format!(
            "the ids of '{}' lie too far apart for a roll-up: {rows} rows in {chunks} stretches of \
             {} ids",
            self.place.source.label(),
            1 << CHUNK_BITS
        ))
    }

    /// Makes a roll-up without a chunk. Parts that are as they should be stay: making them anew
    /// would change the schema and so set other roll-ups of the file aside.
    fn make(&self) -> Result<()> {
        if let Some(sentence) = unseen_changes(self.connection, self.place)? {
            return Err(SqlError::new(sentence));
        }
        let schema = self.place.schema();
        let parts = self.place.parts();
        for (kind, name) in self.strays(&parts)? {
            self.run_sql(&format!("DROP {kind} {schema}.{}", quoted(&name)))?;
        }
        for part in &parts {
            if !is_there(self.connection, self.place, part)? {
                self.run_sql(&part.create(&schema))?;
            }
        }
        self.run_sql(&format!("DELETE FROM {}", self.place.chunks()))?;
        note_state(self.connection, self.place, self.figures, unix_now())
    }

    /// What stands where a part should, and is none; and triggers of ours on the table from a time
    /// when it had another name.
    fn strays(&self, parts: &[Part]) -> Result<Vec<(String, String)>> {
        let mut listed = self.connection.prepare(&format!(
            "SELECT type, name, tbl_name, sql FROM {}.sqlite_master",
            self.place.schema()
        ))?;
        let mut strays = Vec::new();
        while listed.step()? == Step::Row {
            let [kind, name, on, sql] =
                [0, 1, 2, 3].map(|column| text(listed.column_bytes(column)));
            let part = parts.iter().find(|part| part.name.eq_ignore_ascii_case(&name));
            let is_stray = match part {
                Some(part) => part.on != on || part.sql() != sql,
                None => kind == "trigger" && on == self.place.table && Place::is_ours(&name),
            };
            if is_stray {
                strays.push((kind, name));
            }
        }
        Ok(strays)
    }

    /// Marks the next chunks that have rows but no sums, and gives their numbers. The last chunk of
    /// the table still grows and is left alone.
    fn announce(&self, progress: &mut Progress) -> Result<Vec<i64>> {
        let (chunks, id) = (self.place.chunks(), &self.place.id);
        let table = format!("{}.{}", self.place.schema(), quoted(&self.place.table));
        let mut wanted = self.connection.prepare(&format!(
            "WITH RECURSIVE chunk(n) AS ( \
               SELECT (SELECT min({id}) FROM {table} WHERE {id} >= ?1) >> {CHUNK_BITS} \
               UNION ALL \
               SELECT (SELECT min({id}) FROM {table} WHERE {id} >= (n + 1) << {CHUNK_BITS}) \
                 >> {CHUNK_BITS} FROM chunk WHERE n < ?2) \
             SELECT n FROM chunk WHERE n < ?2 \
               AND NOT EXISTS (SELECT 1 FROM {chunks} WHERE chunk = n AND building IS NULL) \
             LIMIT {BATCH}"
        ))?;
        let last = self.integer(&format!("SELECT max({id}) >> {CHUNK_BITS} FROM {table}"))?;
        let (first_id, _) = ids(progress.next).unwrap_or((i64::MAX, i64::MAX));
        wanted.bind_integer(1, first_id)?;
        wanted.bind_integer(2, last)?;
        let mut announced = Vec::new();
        while wanted.step()? == Step::Row {
            announced.push(wanted.column_integer(0));
        }
        drop(wanted);
        let mut mark = self.connection.prepare(&format!(
            "INSERT OR REPLACE INTO {chunks}(chunk, building) VALUES (?1, ?2)"
        ))?;
        for &chunk in &announced {
            mark.bind_integer(1, chunk)?;
            mark.bind_integer(2, progress.mark)?;
            mark.step()?;
            mark.reset();
            progress.next = chunk + 1;
        }
        let (now, last) = (unix_now(), progress.next - 1);
        self.run_sql(&format!(
            "UPDATE {} SET refreshed_at = {now}, \
             last_chunk = max(coalesce(last_chunk, {last}), {last})",
            self.place.state()
        ))?;
        Ok(announced)
    }

    /// Stores what was read of the chunks that still bear the mark.
    fn store(&self, progress: &Progress, chunks: &[Chunk]) -> Result<()> {
        let mut update = self.connection.prepare(&format!(
            "UPDATE {} SET rows = ?2, first = ?3, last = ?4, sums = ?5, building = NULL \
             WHERE chunk = ?1 AND building = ?6",
            self.place.chunks()
        ))?;
        for chunk in chunks {
            update.bind_integer(1, chunk.number)?;
            update.bind_integer(2, chunk.rows as i64)?;
            let [first, last] = chunk.times;
            update.bind(3, first)?;
            update.bind(4, last)?;
            update.bind(5, chunk.sums.as_deref().map_or(SqlValue::Null, SqlValue::Blob))?;
            update.bind_integer(6, progress.mark)?;
            update.step()?;
            update.reset();
        }
        Ok(())
    }

    fn run_sql(&self, sql: &str) -> Result<()> {
        self.connection.prepare(sql)?.step().map(drop)
    }

    fn integer(&self, sql: &str) -> Result<i64> {
        let mut statement = self.connection.prepare(sql)?;
        statement.step()?;
        Ok(statement.column_integer(0))
    }
}

/// Unix seconds.
fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64())
}
