//! The rows of a source one by one, never collected: in table order, or by time.

use super::TIMESTAMP;
use super::filter::Filter;
use super::source::{Source, quoted};
use crate::ffi::{Call, Result, Statement};

/// Opens the statement that gives `columns`, SQL over the row `t`, of the rows that the filter
/// keeps; `names` are those of all columns of the source.
pub(crate) fn stream<'a>(
    call: &Call<'a, '_>,
    source: &Source,
    names: &[String],
    mut filter: Filter,
    columns: &str,
    is_by_time: bool,
) -> Result<Statement<'a>> {
    let connection = &call.connection;
    let from = source.in_from();
    let mut order = Vec::new();
    if is_by_time && source.column(connection, TIMESTAMP)?.is_some() {
        order.push(format!("t.\"{TIMESTAMP}\""));
    }
    match source.rowid(connection, names)? {
        Some(rowid) => {
            // Else a program that writes rows as it reads them might find those, for ever. The
            // plus keeps this term from choosing the plan.
            filter = filter.and(format!("+t.{rowid} <= (SELECT max({rowid}) FROM {from})"));
            order.push(format!("t.{rowid}"));
        }
        None => {
            let key = source.primary_key(connection)?;
            order.extend(key.iter().map(|column| format!("t.{column}")));
        }
    }
    if connection.is_called_by_writer() {
        // An order that no index has: SQLite then reads all rows before it gives the first, so
        // that the statement which asks does not read what it writes. Without a time or a key,
        // each row is like the others and they stay in their order.
        match (order.first_mut(), names.first()) {
            (Some(first), _) => first.insert(0, '+'),
            (None, Some(name)) => order.push(format!("t.{0} IS t.{0}", quoted(name))),
            (None, None) => {}
        }
    }
    let rows = filter.clause(connection, source)?;
    let mut sql = format!("SELECT {columns} FROM {from} AS t{}", rows.clause);
    if !order.is_empty() {
        sql += &format!(" ORDER BY {}", order.join(", "));
    }
    let mut statement = connection.prepare(&sql)?;
    rows.bind(&mut statement)?;
    Ok(statement)
}
