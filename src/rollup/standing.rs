//! Whether a roll-up may be used.

use super::place::{Part, Place, text};
use super::plan::{Figures, plan};
use crate::ffi::{Connection, Result, Statement, Step};
use crate::telemetry::{Prepared, quoted};

/// Counted up when the bytes of a chunk change their meaning.
const FORMAT: i64 = 1;

/// What is known of a roll-up.
pub(super) enum Standing<'a> {
    /// There is none.
    Absent,
    /// There is one that must not be used, and why.
    Aside(&'static str),
    /// It may be used as long as this lives.
    Valid(Valid<'a>),
}

/// A roll-up that was found valid. Its statement stays on its row, so that all statements meanwhile
/// see the state of the file that it saw.
pub(super) struct Valid<'a> {
    pub(super) refreshed_at: f64,
    _holds_the_state: Statement<'a>,
}

/// What a roll-up is made of, as text: other columns, columns that may be NULL now, or extremes of
/// others make another one.
pub(super) fn made_of(stored: &Prepared<'_>) -> String {
    let nullable = if stored.is_nullable() { "NULL, " } else { "" };
    let summed = stored.arguments().join(", ");
    let extremes: String = stored.extremes().map(|of| format!(", extremes of {of}")).collect();
    format!("{nullable}{summed}{extremes}")
}

/// The schema version of the place's file.
fn schema_version(connection: &Connection<'_>, place: &Place<'_>) -> Result<i64> {
    let mut statement = connection.prepare(&format!("PRAGMA {}.schema_version", place.schema()))?;
    statement.step()?;
    Ok(statement.column_integer(0))
}

/// Looks at a roll-up. Costs three small statements.
pub(super) fn standing<'a>(
    connection: &Connection<'a>,
    place: &Place<'_>,
    figures: Figures,
) -> Result<Standing<'a>> {
    if !place.has_tables(connection)? {
        return Ok(Standing::Absent);
    }
    let mut state = connection.prepare(&format!(
        "SELECT format, schema_version, table_sql, plan, refreshed_at FROM {}",
        place.state()
    ))?;
    if state.step()? == Step::Done {
        return Ok(Standing::Aside("it is not complete"));
    }
    if state.column_integer(0) != FORMAT {
        return Ok(Standing::Aside("another version of this extension made it"));
    }
    if state.column_integer(1) != schema_version(connection, place)? {
        return Ok(Standing::Aside("the schema of the file has changed since"));
    }
    if state.column_bytes(2) != place.table_sql.as_bytes() {
        return Ok(Standing::Aside("the table is another one"));
    }
    let plan = plan(figures);
    let stored = Prepared::new(connection, place.source, &plan)?;
    if state.column_bytes(3) != made_of(&stored).as_bytes() {
        return Ok(Standing::Aside("another version of this extension made it"));
    }
    for part in place.parts() {
        if !is_there(connection, place, &part)? {
            return Ok(Standing::Aside("its triggers or tables are not as they were made"));
        }
    }
    Ok(Standing::Valid(Valid { refreshed_at: state.column_real(4), _holds_the_state: state }))
}

/// Whether the schema has a part of the roll-up, with our own text.
pub(super) fn is_there(
    connection: &Connection<'_>,
    place: &Place<'_>,
    part: &Part,
) -> Result<bool> {
    let mut statement = connection.prepare(&format!(
        "SELECT 1 FROM {}.sqlite_master \
         WHERE type = ?1 AND name = ?2 AND tbl_name = ?3 AND sql = ?4",
        place.schema()
    ))?;
    statement.bind_text(1, part.kind.as_bytes())?;
    statement.bind_text(2, part.name.as_bytes())?;
    statement.bind_text(3, part.on.as_bytes())?;
    statement.bind_text(4, part.sql().as_bytes())?;
    Ok(statement.step()? == Step::Row)
}

/// Notes what the roll-up is made of, which makes it valid.
pub(super) fn note_state(
    connection: &Connection<'_>,
    place: &Place<'_>,
    figures: Figures,
    now: f64,
) -> Result<()> {
    let plan = plan(figures);
    let stored = Prepared::new(connection, place.source, &plan)?;
    connection.prepare(&format!("DELETE FROM {}", place.state()))?.step()?;
    let mut insert = connection
        .prepare(&format!("INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5, NULL)", place.state()))?;
    insert.bind_integer(1, FORMAT)?;
    insert.bind_integer(2, schema_version(connection, place)?)?;
    insert.bind_text(3, place.table_sql.as_bytes())?;
    insert.bind_text(4, made_of(&stored).as_bytes())?;
    insert.bind_real(5, now)?;
    insert.step()?;
    Ok(())
}

/// Why a table's rows could change without a trigger of ours, as a sentence; `None` where they
/// cannot.
pub(super) fn unseen_changes(
    connection: &Connection<'_>,
    place: &Place<'_>,
) -> Result<Option<String>> {
    let (schema, table, label) = (place.schema(), quoted(&place.table), place.source.label());
    let mut indexes = connection.prepare(&format!("PRAGMA {schema}.index_list({table})"))?;
    while indexes.step()? == Step::Row {
        if indexes.column_bytes(3) == b"pk" {
            return Ok(Some(format!("the primary key of '{label}' is not its rowid")));
        }
        if indexes.column_integer(2) != 0 {
            let index = text(indexes.column_bytes(1));
            return Ok(Some(format!(
                "'{label}' has a UNIQUE index besides its primary key, {index}: REPLACE deletes \
                 rows through it that no trigger sees"
            )));
        }
    }
    let mut columns = connection.prepare(&format!("PRAGMA {schema}.table_xinfo({table})"))?;
    while columns.step()? == Step::Row {
        if columns.column_integer(6) != 0 {
            let column = text(columns.column_bytes(1));
            return Ok(Some(format!("'{label}' has a generated column, {column}")));
        }
    }
    let mut triggers = connection.prepare(&format!(
        "SELECT name, sql FROM {schema}.sqlite_master WHERE type = 'trigger' \
         AND tbl_name = ?1 COLLATE NOCASE AND sql LIKE '%raise%ignore%'"
    ))?;
    triggers.bind_text(1, place.table.as_bytes())?;
    if triggers.step()? == Step::Row {
        let trigger = text(triggers.column_bytes(0));
        return Ok(Some(format!(
            "'{label}' has a trigger with RAISE(IGNORE), {trigger}: it may keep those of a \
             roll-up from running"
        )));
    }
    Ok(None)
}
