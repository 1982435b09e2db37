//! Golden SQL: `tests/golden/NAME.test` holds statements with their exact answers; each file is one
//! test.
//!
//! ```text
//! # a comment; `-- rule: ...` cites the promise that the next record holds
//! include sql/schema.sql            run a script of the repository
//! reconnect                         a fresh database in memory
//! requires 3.30                     the next record needs that SQLite or newer
//! bind 1, '2', x'03'                SQL values for ?1, ?2, ?3 of the next record
//!
//! statement ok                      one or more statements that must succeed
//! CREATE TABLE t(x)
//!
//! statement error no such table: u  one that must fail with exactly this text; `error(5)` names a code other than 1
//! SELECT * FROM u
//!
//! query IRTB                        the type of each column (NULL is always allowed, ? allows all)
//! SELECT 1, 2.0, 'it''s', x'ff'
//! ----
//! 1 | 2.0 | 'it''s' | X'ff'
//! ```
//!
//! `BLESS=1` re-records the answers; read the difference as you would read code.

mod record;

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::harness::{self, Connection, Failure, Row, Value};
use record::{Body, Record, parse};

/// One test per file, and one that the list is whole.
macro_rules! files {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_file_is_run() {
            let mut found: Vec<String> = std::fs::read_dir(folder())
                .expect("tests/golden is there")
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|e| e == "test"))
                .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
                .collect();
            found.sort();
            let mut listed = vec![$(stringify!($name)),*];
            listed.sort_unstable();
            assert_eq!(found, listed, "files in tests/golden, and those that its mod.rs lists");
        }
    };
}

files! {
    aggregated_stats avg_itl batch_stats counting energy_per_token energy_per_token_over engine_stats errors export_records
    hidden_columns joins keys loading model_stats record_count rollup_drop rollup_refresh
    rollup_status rollup_verify schemas source switches times top_models trusted_schema
    version_debug views
}

fn folder() -> PathBuf {
    harness::root().join("tests/golden")
}

fn run(name: &str) {
    let path = folder().join(format!("{name}.test"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let records = parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(records.iter().any(Record::has_answer), "{}: nothing is asked in it", path.display());
    let bless = std::env::var_os("BLESS").is_some_and(|v| v == "1");
    let mut report = String::new();
    let mut answers = Vec::new();
    let mut db = Connection::memory();
    for record in &records {
        if record.requires > harness::version() {
            println!("{name}.test:{}: needs a newer SQLite", record.line);
            continue;
        }
        let Some((expected, got)) = play(&mut db, record) else { continue };
        if bless && record.has_answer() {
            answers.push((record, got));
            continue;
        }
        let _ = writeln!(
            report,
            "{name}.test:{}: {}\n{}",
            record.line,
            record.sql.lines().next().unwrap_or_default(),
            difference(&expected, &got)
        );
    }
    if !answers.is_empty() {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // From the end of the file on, so that no line moves that is still to come.
        for (record, got) in answers.iter().rev() {
            let got: Vec<String> = got.iter().map(|line| unfill(line)).collect();
            record.replace(&mut lines, &got);
        }
        std::fs::write(&path, lines.join("\n") + "\n").expect("the file is writable");
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Run one record; what was expected and what came, when they differ.
fn play(db: &mut Connection, record: &Record) -> Option<(Vec<String>, Vec<String>)> {
    let sql = fill(&record.sql);
    let (expected, got) = match &record.body {
        Body::Reconnect => {
            *db = Connection::memory();
            return None;
        }
        Body::Include(file) => {
            let path = harness::root().join(file);
            let script = std::fs::read_to_string(&path)
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            (vec!["ok".to_owned()], outcome(db.run(&script)))
        }
        Body::Ok if record.bind.is_empty() => (vec!["ok".to_owned()], outcome(db.run(&sql))),
        Body::Ok => (vec!["ok".to_owned()], outcome(ask(db, record, &sql).map(drop))),
        Body::Error { text } => (
            vec![fill(text)],
            match ask(db, record, &sql) {
                Ok(rows) => rows.iter().map(render).collect(),
                Err(failure) => vec![told(&failure)],
            },
        ),
        Body::Query { types, rows } => (
            rows.iter().map(|row| fill(row)).collect(),
            match ask(db, record, &sql) {
                Ok(rows) => rows.iter().map(|row| typed(row, types)).collect(),
                Err(failure) => vec![format!("error {}", told(&failure))],
            },
        ),
    };
    (expected != got).then_some((expected, got))
}

fn ask(db: &Connection, record: &Record, sql: &str) -> Result<Vec<Row>, Failure> {
    let arguments = if record.bind.is_empty() {
        Vec::new()
    } else {
        db.rows(&format!("SELECT {}", record.bind)).remove(0)
    };
    db.query(sql, &arguments)
}

fn outcome(result: Result<(), Failure>) -> Vec<String> {
    vec![result.map_or_else(|failure| format!("error {}", told(&failure)), |()| "ok".to_owned())]
}

fn told(failure: &Failure) -> String {
    match failure.code {
        1 => failure.message.clone(),
        code => format!("({code}) {}", failure.message),
    }
}

/// What a test file cannot know, and the name that it writes for it.
fn unknowns() -> [(&'static str, String); 4] {
    [
        ("${EXTENSION}", harness::extension().display().to_string()),
        ("${SOURCE_ID}", harness::source_id()),
        ("${SQLITE}", harness::version_text()),
        ("${VERSION}", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}

fn fill(text: &str) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    unknowns().iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// The other way round, for an answer that is re-recorded.
fn unfill(text: &str) -> String {
    unknowns().iter().fold(text.to_owned(), |text, (name, value)| text.replace(value, name))
}

fn typed(row: &Row, types: &str) -> String {
    let fits = row.len() == types.len()
        && row.iter().zip(types.chars()).all(|(value, wanted)| {
            matches!(
                (value, wanted),
                (_, '?')
                    | (Value::Null, _)
                    | (Value::Int(_), 'I')
                    | (Value::Real(_), 'R')
                    | (Value::Text(_), 'T')
                    | (Value::Blob(_), 'B')
            )
        });
    if fits { render(row) } else { format!("{}   (not of types {types})", render(row)) }
}

fn render(row: &Row) -> String {
    let cells: Vec<String> = row.iter().map(cell).collect();
    cells.join(" | ")
}

/// A value as SQL writes it; bytes of TEXT that would not show are escaped.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Int(i) => i.to_string(),
        Value::Real(r) => format!("{r:?}"),
        Value::Blob(bytes) => {
            let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            format!("X'{hex}'")
        }
        Value::Text(bytes) => {
            let mut text = String::new();
            for chunk in bytes.utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\'' => text.push_str("''"),
                        '\\' => text.push_str("\\\\"),
                        '\n' => text.push_str("\\n"),
                        c if c.is_control() => {
                            let _ = write!(text, "\\x{:02x}", u32::from(c));
                        }
                        c => text.push(c),
                    }
                }
                for byte in chunk.invalid() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            format!("'{text}'")
        }
    }
}

/// What both share, then what they do not: `-` is expected, `+` is what came.
fn difference(expected: &[String], got: &[String]) -> String {
    let mut text = String::new();
    for i in 0..expected.len().max(got.len()) {
        match (expected.get(i), got.get(i)) {
            (Some(e), Some(g)) if e == g => {
                let _ = writeln!(text, "    {e}");
            }
            (e, g) => {
                for (sign, line) in [('-', e), ('+', g)] {
                    if let Some(line) = line {
                        let _ = writeln!(text, "  {sign} {line}");
                    }
                }
            }
        }
    }
    text
}

#[test]
fn values_show_what_they_are() {
    let row = vec![
        Value::Null,
        Value::Int(1),
        Value::Real(1.0),
        Value::text("it's\n\u{1}é\\"),
        Value::text(b"\xff".to_vec()),
        Value::Blob(vec![0, 255]),
    ];
    assert_eq!(render(&row), r"NULL | 1 | 1.0 | 'it''s\n\x01é\\' | '\xff' | X'00ff'");
    assert_eq!(typed(&vec![Value::Real(1.0)], "I"), "1.0   (not of types I)");
}
