//! Traps of the table as a whole: where one is found, every row is in it.
//!
//! Source: the writers of OpenJarvis 0.1.1 to 1.0.4, and the table of 1.0.4.

use super::place::Place;
use super::row::Scan;
use super::{Severity, Test, Trap};
use crate::ffi::{Result, Step};
use crate::telemetry::columns::{COLUMN_RULES, STORED_COLUMNS};
use crate::telemetry::{TIMESTAMP, quoted};
use Severity::Note;

/// Tables of more rows want an index.
const MANY_ROWS: i64 = 1_000_000;

pub(super) const TRAPS: &[Trap] = &[
    Trap {
        name: "warmup_never_set",
        severity: Note,
        condition: "NOT EXISTS (SELECT 1 FROM {rows} WHERE {is_warmup!} = 1)",
        test: Test::Whole(|_, scan| Ok((scan.warm_ups == 0).then(String::new))),
        why: "no row is a warm-up, since no shipped writer says so: exclude_warmup leaves nothing \
              out",
        advice: "set is_warmup = 1 on calls that prepared an engine",
    },
    Trap {
        name: "batch_never_set",
        severity: Note,
        condition: "NOT EXISTS (SELECT 1 FROM {rows} WHERE {has_batch})",
        test: Test::Whole(|_, scan| Ok((scan.batched == 0).then(String::new))),
        why: "no row has a batch, since no shipped writer sets one: batch_stats is empty",
        advice: "set batch_id on calls that belong together",
    },
    Trap {
        name: "columns_missing",
        severity: Note,
        condition: "columns of release 1.0.4 that the table lacks",
        test: Test::Whole(columns_missing),
        why: "counted as not measured, and traps of them are not looked for",
        advice: "a newer OpenJarvis adds them when it opens the file",
    },
    Trap {
        name: "no_time_index",
        severity: Note,
        condition: "more than 1000000 rows, and no index whose first column is timestamp",
        test: Test::Whole(no_time_index),
        why: "every question with since or until reads the whole table",
        advice: "CREATE INDEX telemetry_timestamp ON telemetry(timestamp)",
    },
];

fn columns_missing(place: &Place<'_, '_>, _: &Scan) -> Result<Option<String>> {
    let mut missing = Vec::new();
    for rule in COLUMN_RULES.iter().take(STORED_COLUMNS) {
        if place.source.column(&place.connection, rule.name)?.is_none() {
            missing.push(rule.name);
        }
    }
    Ok((!missing.is_empty()).then(|| format!(": {}", missing.join(", "))))
}

/// Of ordinary tables alone: a view has no index, and rests on tables of other names.
fn no_time_index(place: &Place<'_, '_>, _: &Scan) -> Result<Option<String>> {
    let Some((database, table)) = place.source.ordinary_table() else { return Ok(None) };
    let has_time = place.source.column(&place.connection, TIMESTAMP)?.is_some();
    if !has_time || place.rows_up_to(MANY_ROWS + 1)? <= MANY_ROWS {
        return Ok(None);
    }
    let pragma = |name: &str, of: &str| {
        let sql = format!("PRAGMA {}.{name}({})", quoted(database.as_str()), quoted(of));
        place.connection.prepare(&sql)
    };
    let mut indexes = pragma("index_list", &table.to_string_lossy())?;
    while indexes.step()? == Step::Row {
        let is_partial = indexes.column_integer(4) != 0;
        let name = String::from_utf8_lossy(indexes.column_bytes(1)).into_owned();
        let mut columns = pragma("index_info", &name)?;
        if !is_partial
            && columns.step()? == Step::Row
            && columns.column_bytes(2).eq_ignore_ascii_case(TIMESTAMP.as_bytes())
        {
            return Ok(None);
        }
    }
    Ok(Some(String::new()))
}
