//! The table or view that a call reads, and what is known of its columns before the scan.

use crate::ffi::{Connection, DatabaseName, Program, Result, Shown, SqlError, Step};
use std::ffi::{CStr, CString};

/// Longer names are not looked for: SQLite's own limit on a statement may not even hold one.
const LONGEST_NAME: usize = 65_536;

/// A table or view to read.
pub(crate) struct Source {
    /// As the person named it.
    label: String,
    /// For the FROM clause, quoted.
    from: String,
    columns: Columns,
}

enum Columns {
    /// An ordinary table: SQLite's schema tells of every column whether it exists and may be NULL.
    Table { database: DatabaseName, table: CString },
    /// A view or virtual table: names only.
    Named(Vec<String>),
}

/// What is known of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnFacts {
    /// Every value is a REAL: declared so, NOT NULL, in an ordinary table. (A TEXT or BLOB that
    /// does not read as a number may still be in it, and is its leading number.)
    pub(crate) is_always_real: bool,
}

/// An identifier in double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Source {
    /// Finds a table or view by SQLite's own rule: temp, main, then attached; or in the database
    /// that the name's text before its first dot names.
    pub(crate) fn find(connection: &Connection<'_>, name: &[u8]) -> Result<Source> {
        let missing = || {
            SqlError::new(format!(
                "no table or view named {} in this database; open or attach the file that holds \
                 it, or name another with source",
                Shown(name)
            ))
        };
        let Some(label) = std::str::from_utf8(name).ok().filter(|name| name.len() <= LONGEST_NAME)
        else {
            return Err(missing());
        };
        let in_database = label
            .split_once('.')
            .and_then(|(database, table)| Some((connection.database(database)?, table)));
        let is_qualified = in_database.is_some();
        let (databases, table) = match in_database {
            Some((database, table)) => (vec![database], table),
            None => (databases_in_order(connection)?, label),
        };
        let Ok(c_table) = CString::new(table) else { return Err(missing()) };
        let mut from = quoted(table);
        let mut columns = None;
        for database in databases {
            let qualified = format!("{}.{}", quoted(database.as_str()), quoted(table));
            match look_up(connection, &database, table)? {
                Some(Entry::Table) => {
                    from = qualified;
                    columns = Some(Columns::Table { database, table: c_table });
                    break;
                }
                Some(Entry::Other) => {
                    from = qualified;
                    break;
                }
                None if is_qualified => from = qualified,
                None => {}
            }
        }
        let columns = match columns {
            Some(columns) => columns,
            None => {
                Columns::Named(names_of_allowed(connection, &from, label).map_err(|error| {
                    // A view may lack a table of its own, which is another error than the view
                    // missing.
                    let is_missing = error
                        .message()
                        .strip_prefix("no such table: ")
                        .is_some_and(|what| what == label);
                    if is_missing { missing() } else { error }
                })?)
            }
        };
        connection.check_unwritten(&format!("SELECT * FROM {from}"), label)?;
        Ok(Source { label: label.to_owned(), from, columns })
    }

    /// The database and the name, as the person wrote it, of an ordinary table.
    pub(crate) fn ordinary_table(&self) -> Option<(&DatabaseName, &CStr)> {
        match &self.columns {
            Columns::Table { database, table } => Some((database, table)),
            Columns::Named(_) => None,
        }
    }

    /// As the person named it.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// For a FROM clause.
    pub(crate) fn in_from(&self) -> &str {
        &self.from
    }

    /// What is known of a column; `None` when there is none of that name (ASCII case ignored, as
    /// SQLite does).
    pub(crate) fn column(
        &self,
        connection: &Connection<'_>,
        name: &str,
    ) -> Result<Option<ColumnFacts>> {
        match &self.columns {
            Columns::Table { database, table } => {
                let Ok(name) = CString::new(name) else { return Ok(None) };
                let facts = connection.column_metadata(database, table, &name)?;
                Ok(facts.map(|facts| ColumnFacts {
                    is_always_real: facts.not_null && has_real_affinity(&facts.declared_type),
                }))
            }
            Columns::Named(names) => Ok(names
                .iter()
                .any(|column| column.eq_ignore_ascii_case(name))
                .then_some(ColumnFacts { is_always_real: false })),
        }
    }

    /// `rowid` or another name of it that is no column's own, given the names of all columns; none
    /// for views and WITHOUT ROWID.
    pub(crate) fn rowid(
        &self,
        connection: &Connection<'_>,
        columns: &[String],
    ) -> Result<Option<String>> {
        let Columns::Table { database, table } = &self.columns else { return Ok(None) };
        let is_column = |name: &&CStr| {
            columns.iter().any(|column| column.as_bytes().eq_ignore_ascii_case(name.to_bytes()))
        };
        let Some(name) = [c"rowid", c"oid", c"_rowid_"].into_iter().find(|name| !is_column(name))
        else {
            return Ok(None);
        };
        let facts = connection.column_metadata(database, table, name)?;
        Ok(facts.map(|_| name.to_string_lossy().into_owned()))
    }

    /// The columns of the primary key, in its order and quoted; none for views.
    pub(crate) fn primary_key(&self, connection: &Connection<'_>) -> Result<Vec<String>> {
        let Columns::Table { database, table } = &self.columns else { return Ok(Vec::new()) };
        let name = quoted(&table.to_string_lossy());
        let mut statement = connection
            .prepare(&format!("PRAGMA {}.table_info({name})", quoted(database.as_str())))?;
        let mut key = Vec::new();
        while statement.step()? == Step::Row {
            key.push((
                statement.column_integer(5),
                quoted(&String::from_utf8_lossy(statement.column_bytes(1))),
            ));
        }
        key.retain(|(place, _)| *place > 0);
        key.sort();
        Ok(key.into_iter().map(|(_, column)| column).collect())
    }

    /// The error for a column that the call cannot do without.
    pub(crate) fn lacks(&self, column: &str) -> SqlError {
        SqlError::new(format!("'{}' has no column {column}", self.label))
    }
}

/// SQLite's rule for REAL affinity, after those of INTEGER, TEXT and BLOB.
fn has_real_affinity(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    !(has("INT") || has("CHAR") || has("CLOB") || has("TEXT") || has("BLOB"))
        && (has("REAL") || has("FLOA") || has("DOUB"))
}

/// The connection's databases in the order in which SQLite looks for an unqualified name.
fn databases_in_order(connection: &Connection<'_>) -> Result<Vec<DatabaseName>> {
    let mut names = Vec::new();
    let read = || -> Result<Vec<String>> {
        let mut statement = connection.prepare("PRAGMA database_list")?;
        let mut listed = Vec::new();
        while statement.step()? == Step::Row {
            listed.push(String::from_utf8_lossy(statement.column_bytes(1)).into_owned());
        }
        Ok(listed)
    };
    let listed = unless_denied(read())?.unwrap_or_default();
    let is_temp = |name: &&String| name.eq_ignore_ascii_case("temp");
    for name in listed.iter().filter(is_temp).chain(listed.iter().filter(|name| !is_temp(name))) {
        names.extend(connection.database(name));
    }
    Ok(names)
}

/// The names of the columns of what `from` names, in order. `SELECT *` gives them with the table in
/// front where the host wants them so (`PRAGMA full_column_names`); a table that is known tells.
pub(crate) fn column_names(connection: &Connection<'_>, from: &str) -> Result<Vec<String>> {
    let select = format!("SELECT known.*, t.* FROM (SELECT 1 AS x) AS known, {from} AS t");
    let names = connection.prepare(&select)?.column_names();
    let is_long = names.first().is_some_and(|name| name != "x");
    let short = |name: String| match name.strip_prefix("t.") {
        Some(short) if is_long => short.to_owned(),
        _ => name,
    };
    Ok(names.into_iter().skip(1).map(short).collect())
}

/// The names of the columns of a source that is no ordinary table. A virtual table that it is or
/// reads is an error: whoever makes the text of a schema could have one run that SQLite lets only
/// the person at the keyboard use. Ours find out what they read themselves, and the two of
/// SQLite's JSON only compute.
fn names_of_allowed(connection: &Connection<'_>, from: &str, label: &str) -> Result<Vec<String>> {
    let names = column_names(connection, from)?;
    let program = connection.program(&format!("SELECT * FROM {from}"))?;
    let mut allowed = connection.own_tables();
    if program.opens_table_beyond(&allowed) {
        for name in ["json_each", "json_tree"] {
            if is_only_eponymous(connection, name)? {
                let json = connection.program(&format!("SELECT 1 FROM {name}"));
                allowed.extend(json.map(Program::into_tables).unwrap_or_default());
            }
        }
    }
    if program.opens_table_beyond(&allowed) {
        return Err(SqlError::new(format!(
            "'{label}' is or reads a virtual table, which a source may not; put what is read into \
             a temporary table first"
        )));
    }
    Ok(names)
}

/// Whether no schema of the connection has anything of that name, which would hide it; no where the
/// host does not let us look.
fn is_only_eponymous(connection: &Connection<'_>, name: &str) -> Result<bool> {
    let databases = databases_in_order(connection)?;
    if databases.is_empty() {
        return Ok(false);
    }
    for database in databases {
        let mut statement = connection.prepare(&format!(
            "SELECT 1 FROM {}.sqlite_master WHERE name = ?1 COLLATE NOCASE",
            quoted(database.as_str())
        ))?;
        statement.bind_text(1, name.as_bytes())?;
        if statement.step()? == Step::Row {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a database's schema says of a name.
enum Entry {
    /// An ordinary table.
    Table,
    /// A view or a virtual table.
    Other,
}

fn look_up(
    connection: &Connection<'_>,
    database: &DatabaseName,
    table: &str,
) -> Result<Option<Entry>> {
    let read = || -> Result<Option<Entry>> {
        let mut statement = connection.prepare(&format!(
            "SELECT type = 'table' AND rootpage > 0 FROM {}.sqlite_master \
             WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE",
            quoted(database.as_str())
        ))?;
        statement.bind_text(1, table.as_bytes())?;
        Ok(match statement.step()? {
            Step::Done => None,
            Step::Row if statement.column_integer(0) != 0 => Some(Entry::Table),
            Step::Row => Some(Entry::Other),
        })
    };
    Ok(unless_denied(read())?.flatten())
}

/// An authorizer may forbid reading the schema; then less is known and the scan still works.
fn unless_denied<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_denial() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{has_real_affinity, quoted};

    #[test]
    fn affinity_follows_the_declared_type() {
        for real in ["REAL", "real", "DOUBLE PRECISION", "FLOAT(8)"] {
            assert!(has_real_affinity(real));
        }
        for other in
            ["", "INTEGER", "FLOATING POINT", "TEXT", "NUMERIC", "BLOB", "VARCHAR", "DECIMAL(10,5)"]
        {
            assert!(!has_real_affinity(other));
        }
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
