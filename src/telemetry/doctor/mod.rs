//! What is wrong with a telemetry table: traps, each with a condition in SQL, and the rows in them.
//!
//! Where a condition is about one row, all of them are tested in one scan; the others are run as
//! they stand. Either way the condition is what a person gets, and selects what was counted.

mod overlap;
mod place;
mod row;
mod traps_of_pairs;
mod traps_of_rows;
mod traps_of_tables;

use super::filter::Filter;
use super::input::{Input, qualified};
use super::row_kinds::ROW_KINDS;
use super::source::Source;
use crate::ffi::{Call, Connection, Result, SCAN_FUNCTION};
use overlap::Overlap;
use place::Place;
use row::{NUMBERS, RULES, Row, Scan, Selected};

/// How bad a trap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The number is wrong.
    Error,
    /// Averages bend.
    Warn,
    /// Know this.
    Note,
}

impl Severity {
    /// As a person sees it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warn => "warn",
            Severity::Note => "note",
        }
    }
}

/// Something that bends a figure.
pub(crate) struct Trap {
    /// Its name.
    pub(crate) name: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// Which rows are in it: SQL over columns and rules in braces, or, of the whole table, words.
    condition: &'static str,
    test: Test,
    /// Why it is one.
    pub(crate) why: &'static str,
    /// What to do.
    pub(crate) advice: &'static str,
}

/// How the rows of a trap are found.
enum Test {
    /// Each row tells: the condition over a row.
    Row(fn(&Row) -> bool),
    /// The condition is run, if the scan leaves it possible.
    Query(fn(&Scan) -> bool),
    /// Calls that shared the machine: a sweep finds them, and joules that come after `why`.
    Overlap,
    /// All rows, if there is something to say; that comes after `why`.
    Whole(fn(&Place<'_, '_>, &Scan) -> Result<Option<String>>),
}

/// A trap that holds rows.
pub(crate) struct Finding {
    /// Which one.
    pub(crate) trap: &'static Trap,
    /// How many rows are in it.
    pub(crate) calls: u64,
    /// The lowest id of them.
    pub(crate) first_id: Option<i64>,
    /// What selects them, after `SELECT * FROM source WHERE`.
    pub(crate) where_sql: String,
    /// Why it is one, of this table.
    pub(crate) why: String,
}

/// What was looked at, and found.
pub(crate) struct Findings {
    /// Rows within the bounds.
    pub(crate) rows: u64,
    /// Errors first, then by calls.
    pub(crate) findings: Vec<Finding>,
}

/// All traps.
pub(crate) fn traps() -> impl Iterator<Item = &'static Trap> {
    [traps_of_rows::TRAPS, traps_of_pairs::TRAPS, traps_of_tables::TRAPS].into_iter().flatten()
}

/// Looks at the rows that the filter's bounds leave.
pub(crate) fn examine(call: &Call<'_, '_>, source: &Source, filter: &Filter) -> Result<Findings> {
    let place = Place::new(call, source, filter)?;
    let scan = scan(&place, filter)?;
    let mut findings = Vec::new();
    if scan.rows.calls > 0 {
        for trap in traps() {
            findings.extend(find(&place, &scan, filter, trap)?);
        }
    }
    findings.sort_by_key(|finding| (finding.trap.severity, std::cmp::Reverse(finding.calls)));
    Ok(Findings { rows: scan.rows.calls, findings })
}

/// The one pass of all traps that a row tells.
fn scan(place: &Place<'_, '_>, filter: &Filter) -> Result<Scan> {
    let (connection, source) = (&place.connection, place.source);
    let mut tests = Vec::new();
    for trap in traps() {
        if let Test::Row(test) = trap.test
            && place.condition(trap.condition, 0)?.is_some()
        {
            tests.push((trap, test));
        }
    }
    let mut arguments = vec![column(connection, source, "id")?];
    for number in NUMBERS {
        arguments.push(column(connection, source, number)?);
    }
    for (_, rule) in RULES {
        arguments.push(rule.expression(connection, source)?.sql);
    }
    let rows = filter.clause(connection, source)?;
    let (arguments, from) = (arguments.join(", "), source.in_from());
    let sql = format!("SELECT {SCAN_FUNCTION}({arguments}) FROM {from} AS t{}", rows.clause);
    let mut scan = Scan::new(
        tests,
        source.ordinary_table().is_some(),
        connection.host_version(),
        place.latest as f64,
    );
    super::run(connection, place.function, &sql, &rows, &mut scan)?;
    Ok(scan)
}

fn column(connection: &Connection<'_>, source: &Source, name: &str) -> Result<String> {
    let is_known = source.column(connection, name)?.is_some();
    Ok(if is_known { qualified(name) } else { "NULL".to_owned() })
}

fn find(
    place: &Place<'_, '_>,
    scan: &Scan,
    filter: &Filter,
    trap: &'static Trap,
) -> Result<Option<Finding>> {
    let is_complete = |odd| place.condition(trap.condition, odd);
    let (selected, where_sql, addition) = match trap.test {
        Test::Row(_) => {
            let tested = scan.tests.iter().find(|(tested, ..)| std::ptr::eq(*tested, trap));
            let Some((.., selected)) = tested.filter(|(.., selected)| selected.calls > 0) else {
                return Ok(None);
            };
            let Some(condition) = is_complete(scan.odd)? else { return Ok(None) };
            (*selected, place.within_bounds(&condition), String::new())
        }
        Test::Query(is_possible) => {
            let Some(condition) = is_complete(0)?.filter(|_| is_possible(scan)) else {
                return Ok(None);
            };
            let where_sql = place.within_bounds(&condition);
            (place.select(&where_sql)?, where_sql, String::new())
        }
        Test::Overlap => {
            let Some(condition) = is_complete(0)? else { return Ok(None) };
            let overlap = Overlap::of(place, filter)?;
            if overlap.is_empty() {
                return Ok(None);
            }
            let where_sql = place.within_bounds(&condition);
            let selected = match place.has_integer_key()? {
                true => overlap.selected(),
                false => place.select(&where_sql)?,
            };
            (selected, where_sql, overlap.joules())
        }
        Test::Whole(look) => {
            if is_complete(0)?.is_none() {
                return Ok(None);
            }
            let Some(addition) = look(place, scan)? else { return Ok(None) };
            (scan.rows, place.within_bounds("1"), addition)
        }
    };
    let Selected { calls, first_id } = selected;
    let why = format!("{}{addition}", trap.why);
    Ok((calls > 0).then_some(Finding { trap, calls, first_id, where_sql, why }))
}

impl Trap {
    /// Which rows are in it, over the names of columns and of kinds of rows.
    pub(crate) fn formula(&self) -> String {
        let mut sql = self.condition.replace("{rows}", "telemetry");
        sql = sql.replace("{is_local}", "NOT (is_bare_twin OR is_remote OR is_research)");
        sql = sql.replace("{measured_calls}", "measured_calls()");
        sql = sql.replace("{latest}", "the end of tomorrow");
        for (name, rule) in RULES {
            let is_kind = ROW_KINDS.iter().any(|kind| kind.name == *name);
            if let Input::Rule(rule) = rule
                && !is_kind
            {
                sql = sql.replace(&format!("{{{name}}}"), rule);
            }
        }
        sql.replace(['{', '}', '!'], "")
    }
}
