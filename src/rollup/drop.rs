//! Taking a roll-up away.

use super::place::{Place, chunks_name, state_name};
use super::transaction::transaction;
use crate::ffi::{Connection, Result, SqlError, Step};
use crate::telemetry::{Source, quoted};

/// Drops the tables and triggers of a roll-up, also of one whose table is gone or has another name
/// now, and says whether there were any.
pub(crate) fn drop_rollup(connection: &Connection<'_>, name: &[u8]) -> Result<bool> {
    if connection.is_inside_a_write() {
        return Err(SqlError::new("cannot run inside a statement that writes"));
    }
    let (schema, table) = match Source::find(connection, name) {
        Ok(source) => match Place::of(connection, &source)? {
            Ok(place) => (place.schema(), place.table),
            Err(_) => return Ok(false),
        },
        Err(missing) => match orphan(connection, name)? {
            Some(found) => found,
            None => return Err(missing),
        },
    };
    transaction(connection, || drop_parts(connection, &schema, &table))
}

/// The database, quoted, and the table of a roll-up that is left of a table that is gone.
fn orphan(connection: &Connection<'_>, name: &[u8]) -> Result<Option<(String, String)>> {
    let name = String::from_utf8_lossy(name);
    let (prefix, table) = match name.split_once('.') {
        Some((database, table)) if connection.database(database).is_some() => {
            (format!("{database}."), table)
        }
        _ => (String::new(), &*name),
    };
    let state = format!("{prefix}{}", state_name(table));
    let Ok(source) = Source::find(connection, state.as_bytes()) else { return Ok(None) };
    let found = source.ordinary_table();
    Ok(found.map(|(database, _)| (quoted(database.as_str()), table.to_owned())))
}

/// Drops what there is of a table's roll-up, and says whether there was anything.
pub(super) fn drop_parts(connection: &Connection<'_>, schema: &str, table: &str) -> Result<bool> {
    // Tables first: where another statement reads, the first of them is refused, and nothing has to
    // be taken back that would end the other.
    let mut parts = connection.prepare(&format!(
        "SELECT 'DROP ' || type || ' {}.\"' || replace(name, '\"', '\"\"') || '\"' \
         FROM {schema}.sqlite_master \
         WHERE (type = 'table' AND name COLLATE NOCASE IN (?1, ?2)) \
           OR (type = 'trigger' AND instr(sql, ?3) > 0 \
               AND name LIKE 'jarvis!_rollup!_%' ESCAPE '!') \
         ORDER BY type",
        schema.replace('\'', "''")
    ))?;
    parts.bind_text(1, chunks_name(table).as_bytes())?;
    parts.bind_text(2, state_name(table).as_bytes())?;
    let writes_to = format!("DELETE FROM {} WHERE", quoted(&chunks_name(table)));
    parts.bind_text(3, writes_to.as_bytes())?;
    let mut drops = Vec::new();
    while parts.step()? == Step::Row {
        drops.push(String::from_utf8_lossy(parts.column_bytes(0)).into_owned());
    }
    drop(parts);
    for drop in &drops {
        connection.prepare(drop)?.step()?;
    }
    Ok(!drops.is_empty())
}
