//! Where a roll-up is: the table that it is of, its own two tables and three triggers, their names
//! and their SQL.

use crate::ffi::{Connection, DatabaseName, Result, SqlError, Step};
use crate::telemetry::{Source, quoted};

/// What every name of ours begins with.
const PREFIX: &str = "jarvis_rollup_";

/// Number of rowids in a chunk, as a power of two.
pub(super) const CHUNK_BITS: u32 = 16;

/// A table that has a roll-up, or may have one.
pub(super) struct Place<'s> {
    pub(super) source: &'s Source,
    pub(super) database: &'s DatabaseName,
    /// The table's name, as its CREATE TABLE has it.
    pub(super) table: String,
    /// Its CREATE TABLE.
    pub(super) table_sql: String,
    /// Whether it has an index.
    pub(super) has_index: bool,
    /// The column that is the rowid, quoted.
    pub(super) id: String,
}

/// A place, or a sentence why the source can have no roll-up.
pub(super) type Placed<'s> = std::result::Result<Place<'s>, String>;

impl<'s> Place<'s> {
    /// The place of a source's roll-up: an ordinary table of a file with an INTEGER PRIMARY KEY.
    pub(super) fn of(connection: &Connection<'_>, source: &'s Source) -> Result<Placed<'s>> {
        let label = source.label();
        let Some((database, name)) = source.ordinary_table() else {
            return Ok(Err(format!("'{label}' is no ordinary table")));
        };
        if database.as_str().eq_ignore_ascii_case("temp") {
            return Ok(Err(format!("'{label}' is a TEMP table")));
        }
        let schema = quoted(database.as_str());
        let mut statement = connection.prepare(&format!(
            "SELECT name, sql, EXISTS (SELECT 1 FROM {schema}.sqlite_master WHERE type = 'index' \
               AND tbl_name = ?1 COLLATE NOCASE) \
             FROM {schema}.sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE"
        ))?;
        statement.bind_text(1, name.to_bytes())?;
        if statement.step()? == Step::Done {
            return Ok(Err(format!("'{label}' is no ordinary table")));
        }
        let (table, table_sql) = (text(statement.column_bytes(0)), text(statement.column_bytes(1)));
        let has_index = statement.column_integer(2) != 0;
        drop(statement);
        let mut columns =
            connection.prepare(&format!("PRAGMA {schema}.table_info({})", quoted(&table)))?;
        let (mut id, mut key_columns) = (None, 0);
        while columns.step()? == Step::Row {
            if columns.column_integer(5) > 0 {
                key_columns += 1;
                let is_integer = columns.column_bytes(2).eq_ignore_ascii_case(b"INTEGER");
                id = is_integer.then(|| quoted(&text(columns.column_bytes(1))));
            }
        }
        drop(columns);
        let Some(id) = id.filter(|_| key_columns == 1) else {
            return Ok(Err(format!("'{label}' has no INTEGER PRIMARY KEY")));
        };
        Ok(Ok(Place { source, database, table, table_sql, has_index, id }))
    }

    /// The database, quoted.
    pub(super) fn schema(&self) -> String {
        quoted(self.database.as_str())
    }

    /// The table that a roll-up is of, as the row `t`, read by rowid and by no index.
    pub(super) fn rows(&self) -> String {
        format!("{}.{} AS t NOT INDEXED", self.schema(), quoted(&self.table))
    }

    /// The table of chunks, with its database.
    pub(super) fn chunks(&self) -> String {
        format!("{}.{}", self.schema(), quoted(&chunks_name(&self.table)))
    }

    /// The table of one row that says what the chunks were made of, with its database.
    pub(super) fn state(&self) -> String {
        format!("{}.{}", self.schema(), quoted(&state_name(&self.table)))
    }

    /// Whether there is a table of that name of ours.
    pub(super) fn has_tables(&self, connection: &Connection<'_>) -> Result<bool> {
        let name = std::ffi::CString::new(state_name(&self.table))
            .map_err(|_| SqlError::new("a name holds a NUL"))?;
        Ok(connection.column_metadata(self.database, &name, c"format")?.is_some())
    }

    /// Name and SQL of all that belongs to a roll-up, as `sqlite_master` has it.
    ///
    /// The triggers delete and do nothing else: the statement that fires a trigger lends its
    /// conflict clause to the trigger's own INSERT and UPDATE. Those of UPDATE and DELETE come
    /// before the change, so that no other trigger can keep them from it; that of INSERT must come
    /// after, when the rowid is known.
    pub(super) fn parts(&self) -> Vec<Part> {
        let [chunks, state] = [chunks_name(&self.table), state_name(&self.table)];
        let (table, id, in_chunks) = (quoted(&self.table), &self.id, quoted(&chunks));
        let take = |row: &str| {
            format!("DELETE FROM {in_chunks} WHERE chunk = {row}.{id} >> {CHUNK_BITS};")
        };
        let note = "/* a roll-up of jarvis_stats: remove it with rollup_drop() */";
        let columns = "chunk INTEGER PRIMARY KEY, rows INTEGER, first, last, sums BLOB, building";
        let mut parts = vec![
            Part::table(
                &state,
                &format!(
                    "(format, schema_version, table_sql, plan, refreshed_at, last_chunk {note})"
                ),
            ),
            Part::table(&chunks, &format!("({columns} {note})")),
        ];
        for (event, time, bodies) in [
            ("insert", "AFTER INSERT", &["new"][..]),
            ("update", "BEFORE UPDATE", &["old", "new"]),
            ("delete", "BEFORE DELETE", &["old"]),
        ] {
            let name = format!("{PREFIX}{event}_{}", self.table);
            let body: Vec<String> = bodies.iter().map(|row| take(row)).collect();
            let rest = format!(" {time} ON {table} BEGIN {} END", body.join(" "));
            parts.push(Part { kind: "trigger", name, on: self.table.clone(), rest });
        }
        parts
    }

    /// The name of the table that a roll-up's own table is of, and of all its parts.
    pub(super) fn is_ours(name: &str) -> bool {
        name.get(..PREFIX.len()).is_some_and(|front| front.eq_ignore_ascii_case(PREFIX))
    }
}

/// The table of chunks of a table.
pub(super) fn chunks_name(table: &str) -> String {
    format!("{PREFIX}chunks_{table}")
}

/// The table of the state of a table's roll-up.
pub(super) fn state_name(table: &str) -> String {
    format!("{PREFIX}state_{table}")
}

/// A table or trigger of ours.
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The table that `sqlite_master` names beside it.
    pub(super) on: String,
    /// Its SQL after the name.
    rest: String,
}

impl Part {
    fn table(name: &str, rest: &str) -> Self {
        Part { kind: "table", name: name.to_owned(), on: name.to_owned(), rest: rest.to_owned() }
    }

    /// As `sqlite_master` has it, which leaves the database out.
    pub(super) fn sql(&self) -> String {
        format!("CREATE {} {}{}", self.kind.to_uppercase(), quoted(&self.name), self.rest)
    }

    /// The statement that makes it.
    pub(super) fn create(&self, schema: &str) -> String {
        let kind = self.kind.to_uppercase();
        format!("CREATE {kind} {schema}.{}{}", quoted(&self.name), self.rest)
    }
}

/// SQLite's text as ours.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
