use std::collections::HashSet;
use std::path::Path;

use crate::harness::catalogue::{self, Kind};
use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value, version};
use crate::suite::tables::{self, filled, random_rows};

fn text(value: &Value) -> String {
    match value {
        Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("not text: {other:?}"),
    }
}

/// Rule: the catalogue is everything that is registered, with its flag: it is what SQLite lists.
/// (`surface.rs` holds SQLite's list against the frozen contract.)
#[test]
fn the_catalogue_is_what_is_registered() {
    if version() < 3_031_000 {
        println!("this SQLite does not list its functions with flags");
        return;
    }
    let mut expected: Vec<String> = catalogue::all()
        .iter()
        .map(|entry| match entry.kind {
            Kind::Table => format!("table {}", entry.name),
            Kind::Internal => format!("{}/-1", entry.name),
            _ if entry.is_innocuous => format!("{} innocuous", entry.form()),
            _ => entry.form(),
        })
        .collect();
    expected.sort();
    let list = "SELECT name || '/' || narg
                  || CASE WHEN flags & 0x200000 THEN ' innocuous' ELSE '' END
                FROM pragma_function_list
                UNION SELECT 'table ' || name FROM pragma_module_list";
    let before = Connection::bare(":memory:").rows(list);
    let after = Connection::memory().rows(list);
    let mut found: Vec<String> =
        after.iter().filter(|row| !before.contains(row)).map(|row| text(&row[0])).collect();
    found.sort();
    assert_eq!(found, expected, "what SQLite lists, and what jarvis_stats_debug() says");
}

/// A catalogue that a person can use: each line says what it is for, and names each argument once.
#[test]
fn every_line_says_something() {
    for entry in catalogue::public() {
        let said = [&entry.answer, &entry.sentence, &entry.sample];
        assert!(said.iter().all(|text| !text.trim().is_empty()), "{entry:?}");
        assert!(!entry.sentence.ends_with('.'), "no full stop: {entry:?}");
        let call = format!("{}(", entry.name);
        assert!(entry.sample.starts_with(&call), "the sample calls another function: {entry:?}");
        let mut arguments = entry.arguments.clone();
        arguments.sort();
        arguments.dedup();
        assert_eq!(arguments.len(), entry.arguments.len(), "an argument twice: {entry:?}");
    }
}

/// The samples work on a telemetry table that has rows and on an empty one; aggregates also by
/// group and over a window.
#[test]
fn every_sample_works() {
    for rows in [0, 40] {
        let kind = tables::Kind::Peer;
        let db = filled(kind, &random_rows(&mut Random::new(3), kind, rows));
        // What writes has an order of its own, which its golden file keeps.
        for entry in catalogue::public().iter().filter(|entry| !entry.is_direct) {
            let answer = db.rows(&entry.question());
            assert!(entry.kind == Kind::Table || answer.len() == 1, "{entry:?}: {answer:?}");
        }
        for question in catalogue::questions() {
            let answer = db.rows(&question);
            assert!(rows == 0 || !answer.is_empty(), "no row: {question}");
        }
    }
}

/// Rule: a query pays only for the columns that it names, and gets for them what it would get had
/// it named all: each column alone, and random lists of columns in any order, equal those of
/// `SELECT *` to the last bit.
#[test]
fn a_column_alone_is_that_of_all() {
    for kind in [tables::Kind::Peer, tables::Kind::Loose] {
        with_seeds(300..303, |random| {
            let db = filled(kind, &random_rows(random, kind, 120));
            let tables = catalogue::of_kind(Kind::Table).into_iter();
            for entry in tables.filter(|entry| entry.takes("source")) {
                let names = db.prepare(&entry.question()).expect("it compiles").names();
                let all = db.rows(&entry.question());
                let alone = (0..names.len()).map(|column| vec![column]);
                let mixed: Vec<Vec<usize>> = (0..20)
                    .map(|_| {
                        let count = 2 + random.below(names.len());
                        (0..count).map(|_| random.below(names.len())).collect()
                    })
                    .collect();
                for chosen in alone.chain(mixed) {
                    let list: Vec<String> =
                        chosen.iter().map(|c| format!("\"{}\"", names[*c])).collect();
                    let sql = format!("SELECT {} FROM {}", list.join(", "), entry.sample);
                    let expected: Vec<Row> = all
                        .iter()
                        .map(|row| chosen.iter().map(|c| row[*c].clone()).collect())
                        .collect();
                    same(&sql, &db.rows(&sql), &expected);
                }
            }
        });
    }
}

fn same(sql: &str, got: &[Row], expected: &[Row]) {
    assert_eq!(got.len(), expected.len(), "rows of {sql}");
    for (got, expected) in got.iter().zip(expected) {
        let same = got.iter().zip(expected).all(|(a, b)| a.same(b));
        assert!(same, "{sql}: {got:?}, of SELECT *: {expected:?}");
    }
}

/// Rule: flags. Under `trusted_schema=OFF` a stranger's view may use what is innocuous and nothing
/// else; while the schema is trusted, everything but what is internal.
#[test]
fn a_strangers_view_may_use_what_is_innocuous() {
    if version() < 3_031_000 {
        println!("this SQLite trusts every schema");
        return;
    }
    let kind = tables::Kind::Peer;
    let db = filled(kind, &random_rows(&mut Random::new(5), kind, 30));
    for (number, entry) in catalogue::public().iter().enumerate() {
        db.exec("PRAGMA trusted_schema = ON");
        db.exec(&format!("CREATE VIEW v{number} AS {}", entry.question()));
        let asked = format!("SELECT * FROM v{number}");
        if entry.is_direct {
            assert!(db.error(&asked).message.starts_with("unsafe use of"), "{entry:?}");
            continue;
        }
        db.rows(&asked);
        db.exec("PRAGMA trusted_schema = OFF");
        match db.query(&asked, &[]) {
            Ok(_) => assert!(entry.is_innocuous, "{entry:?} answers a stranger's view"),
            Err(failure) => {
                let refused = failure.message.starts_with("unsafe use of")
                    && failure.message.contains(&entry.name);
                assert!(refused && !entry.is_innocuous, "{entry:?}: {}", failure.message);
            }
        }
        // Typed by hand it works.
        db.rows(&entry.question());
    }
}

/// What a function needs beside its code: for each that lacks one of them a sentence that names it
/// and says where it goes.
fn missing(name: &str) -> Vec<String> {
    let root = harness::root();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let mut sentences = Vec::new();
    let mut need = |is_there: bool, what: String| {
        if !is_there {
            sentences.push(format!("{name}: {what}"));
        }
    };

    let golden = format!("tests/golden/{name}.test");
    need(
        root.join(&golden).is_file(),
        format!("no golden file: write {golden}, as the top of tests/golden/main.rs says"),
    );

    let row = format!("| `{name}(");
    let is_told = read(&root.join("README.md")).lines().any(|line| line.starts_with(&row));
    need(is_told, format!("not in the docs: add a row that starts with {row} to README.md"));

    let page = format!("docs/functions/{name}.md");
    need(
        root.join(&page).is_file(),
        format!("no page of its own: write {page}, as docs/adding-a-function.md says"),
    );

    let plain = format!("sql/reference/{name}.sql");
    let reason = format!("| `{name}` | ");
    let reasons = read(&root.join("sql/reference/README.md"));
    let has_reason = reasons.lines().any(|line| line.starts_with(&reason));
    need(
        root.join(&plain).is_file() || has_reason,
        format!("no plain SQL: write {plain}, or a row with the reason in sql/reference/README.md"),
    );

    let model = read(&root.join("tests/faults/THREAT_MODEL.md"));
    let section = model.split("\n## ").find(|part| part.starts_with("INNOCUOUS"));
    need(
        section.is_some_and(|text| text.contains(&format!("`{name}`"))),
        "not in the threat model: say in tests/faults/THREAT_MODEL.md, under INNOCUOUS, why a \
         stranger's view may call it or must not"
            .to_owned(),
    );
    sentences
}

/// Every function for people has a golden file, a row and a page in the docs, plain SQL that computes the same
/// (or a reason why not), and a word in the threat model.
#[test]
fn nothing_is_forgotten() {
    let sentences: Vec<String> = catalogue::names().iter().flat_map(|n| missing(n)).collect();
    assert!(sentences.is_empty(), "\n{}\n", sentences.join("\n"));
}

#[test]
fn what_is_forgotten_is_named() {
    const PLACES: [&str; 5] =
        ["tests/golden/", "README.md", "docs/functions/", "sql/reference/", "THREAT_MODEL.md"];
    let sentences = missing("no_such_function");
    assert_eq!(sentences.len(), PLACES.len(), "{sentences:?}");
    for (sentence, place) in sentences.iter().zip(PLACES) {
        assert!(sentence.starts_with("no_such_function: ") && sentence.contains(place));
    }
}

/// Every visible column of a table function is named in its page, or in one that this links; a
/// count `measured_x` by its x.
#[test]
fn every_column_is_told_of() {
    let pages = harness::root().join("docs/functions");
    let page =
        |name: &str| std::fs::read_to_string(pages.join(format!("{name}.md"))).unwrap_or_default();
    let kind = tables::Kind::Peer;
    let db = filled(kind, &random_rows(&mut Random::new(6), kind, 1));
    let mut untold = Vec::new();
    for entry in catalogue::of_kind(Kind::Table) {
        let mut text = page(&entry.name);
        for other in catalogue::names() {
            if text.contains(&format!("]({other}.md)")) {
                text += &page(&other);
            }
        }
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let words: HashSet<&str> = text.split(|c| !is_part(c)).collect();
        for column in db.prepare(&entry.question()).expect("it compiles").names() {
            let is_told = |name: &str| words.contains(name);
            if !is_told(&column) && !column.strip_prefix("measured_").is_some_and(is_told) {
                untold.push(format!("{0}.{column}: not in docs/functions/{0}.md", entry.name));
            }
        }
    }
    assert!(untold.is_empty(), "\n{}\n", untold.join("\n"));
}

/// The other way round: plain SQL and its reasons are for functions that there are.
#[test]
fn plain_sql_is_of_functions_that_exist() {
    let names = catalogue::names();
    let folder = harness::root().join("sql/reference");
    let files = std::fs::read_dir(&folder).expect("sql/reference is there");
    let files = files.filter_map(|entry| Some(entry.ok()?.path()));
    let mut told: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let reasons = std::fs::read_to_string(folder.join("README.md")).expect("it is there");
    let rows = reasons.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    told.extend(rows.map(|(name, _)| name.to_owned()));
    told.retain(|name| !names.contains(name));
    assert!(told.is_empty(), "in sql/reference, and not registered: {told:?}");
}
