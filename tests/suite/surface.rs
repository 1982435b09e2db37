use std::fmt::Write as _;

use crate::harness::catalogue::{self, Kind};
use crate::harness::{self, Connection, Row, Value, version};

fn frozen() -> String {
    let path = harness::root().join("tests/surface.txt");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("not text: {other:?}"),
    }
}

/// What loading adds to the answer of a query.
fn added(sql: &str) -> Vec<Row> {
    let db = Connection::bare(":memory:");
    let before = db.rows(sql);
    db.load(&harness::extension()).expect("it loads");
    let after = db.rows(sql);
    for row in &before {
        assert!(after.contains(row), "loading took away or changed {row:?}");
    }
    after.into_iter().filter(|row| !before.contains(row)).collect()
}

/// `name/arguments kind flags` for each function, sorted.
fn functions() -> Vec<String> {
    let rows =
        added("SELECT name, narg, type, flags FROM pragma_function_list ORDER BY name, narg");
    rows.iter()
        .map(|row| {
            let flags = row[3].number() as i64;
            let mut line =
                format!("function {}/{} {}", text(&row[0]), row[1].number(), text(&row[2]));
            for (bit, name) in
                [(0x800, "deterministic"), (0x8_0000, "directonly"), (0x20_0000, "innocuous")]
            {
                if flags & bit != 0 {
                    let _ = write!(line, " {name}");
                }
            }
            line
        })
        .collect()
}

fn columns() -> Vec<String> {
    let db = Connection::memory();
    let mut lines = Vec::new();
    for table in catalogue::of_kind(Kind::Table).into_iter().map(|entry| entry.name) {
        let statement = db
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("it compiles without a telemetry table");
        for (name, declared) in statement.names().iter().zip(statement.declared_types()) {
            lines.push(format!("column {table}.{name} {declared}"));
        }
        for row in db.rows(&format!("PRAGMA table_xinfo({table})")) {
            if row[6] == Value::Int(1) {
                lines.push(format!("argument {table}.{} {}", text(&row[1]), text(&row[2])));
            }
        }
    }
    lines
}

fn expected(kinds: &[&str]) -> Vec<String> {
    let frozen = frozen();
    let lines = frozen.lines().filter(|l| kinds.iter().any(|k| l.starts_with(k)));
    lines.map(str::to_owned).collect()
}

/// Equal, or a list of what differs.
fn check(found: &[String], frozen: &[String]) {
    let only_in = |one: &[String], other: &[String]| -> String {
        one.iter()
            .filter(|line| !other.contains(line))
            .map(|line| format!("\n    {line}"))
            .collect()
    };
    assert!(
        found == frozen,
        "registered, and not in tests/surface.txt:{}\nin tests/surface.txt, and not registered:{}\n(if both are empty, the order differs)",
        only_in(found, frozen),
        only_in(frozen, found)
    );
}

/// Everything that is registered, and nothing besides: a change here is a change of the contract.
#[test]
fn functions_are_frozen() {
    // The columns for kind, arguments and flags came with 3.31, and INNOCUOUS with them.
    if version() < 3_031_000 {
        println!("this SQLite does not list its functions with flags");
        return;
    }
    check(&functions(), &expected(&["function "]));
}

#[test]
fn modules_are_frozen() {
    if version() < 3_030_000 {
        println!("this SQLite does not list its modules");
        return;
    }
    let modules: Vec<String> = added("SELECT name FROM pragma_module_list ORDER BY name")
        .iter()
        .map(|row| format!("module {}", text(&row[0])))
        .collect();
    check(&modules, &expected(&["module "]));
}

/// Rule: the visible columns, in this order, declared TEXT, INTEGER or REAL; the arguments in
/// theirs.
#[test]
fn columns_are_frozen() {
    if version() < 3_026_000 {
        println!("this SQLite does not show hidden columns");
        return;
    }
    check(&columns(), &expected(&["column ", "argument "]));
}

/// Nothing that SQLite, or its shell, already has is replaced (`added` checks it); and names start
/// as they should: the aggregate that no schema may call is internal. (Scalars of the kind write.)
#[test]
fn internal_names_say_so() {
    for line in expected(&["function "]) {
        let internal = line.contains(" a directonly");
        assert!(!internal || line.contains(" jarvis_stats_"), "{line}");
    }
}
