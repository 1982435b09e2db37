//! The doctor: every row of its answer counts what its `where_sql` selects, whatever the table
//! holds and however it is named.

use std::collections::BTreeSet;

use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value};
use crate::suite::reference::reference;
use crate::suite::tables::{self, filled, random_rows};

/// The traps that hang on one row.
const OF_ONE_ROW: [&str; 29] = [
    "duplicate_rows",
    "energy_negative",
    "energy_impossible",
    "time_not_positive",
    "ttft_over_latency",
    "timestamp_odd",
    "text_in_number",
    "ttft_is_latency",
    "itl_from_leftover",
    "buffered_stream",
    "stream_without_prompt",
    "total_disagrees",
    "empty_answer",
    "evaluated_over_prompt",
    "energy_zero",
    "energy_modelled",
    "energy_of_remote_call",
    "energy_outlier",
    "old_counting",
    "cost_missing",
    "research_runs",
    "energy_unmeasured",
    "power_disagrees",
    "gpu_unmeasured",
    "phase_energy_modelled",
    "ttft_is_prefill",
    "itl_not_streamed",
    "chunks_not_tokens",
    "engine_hidden",
];

fn text(value: &Value) -> String {
    match value {
        Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("not text: {other:?}"),
    }
}

/// How a table declares its columns.
#[derive(Clone, Copy, PartialEq)]
enum Declared {
    /// As the peer does.
    Peer,
    /// No types: every value stays as it was written.
    Untyped,
    /// TEXT everywhere, as an import from CSV makes it.
    Text,
    /// Names compare without case.
    NoCase,
}

/// Columns of the peer's table that the traps read, each with values around its limits.
fn columns() -> Vec<(&'static str, Vec<Value>)> {
    let numbers = |choices: &[f64]| choices.iter().map(|x| Value::Real(*x)).collect::<Vec<_>>();
    let integers = |choices: &[i64]| choices.iter().map(|i| Value::Int(*i)).collect::<Vec<_>>();
    let texts = |choices: &[&str]| choices.iter().map(|t| Value::text(*t)).collect::<Vec<_>>();
    let start = 1_790_000_000.0;
    vec![
        ("timestamp", numbers(&[start, start + 0.03, start + 0.2, start + 400.7, 7.0, 1.79e12])),
        ("model_id", texts(&["a", "a", "gpt-4o", "gpt-oss-20b", "openrouter/x", ""])),
        ("engine", texts(&["vllm", "vllm", "cloud", "multi", "afm", "instrumented", "CLOUD", ""])),
        ("agent", texts(&["", "research", "coder", "Research"])),
        ("prompt_tokens", integers(&[0, 0, 10, 4000])),
        ("prompt_tokens_evaluated", integers(&[0, 10, 11])),
        ("completion_tokens", integers(&[0, 1, 5, 5, 400])),
        ("total_tokens", integers(&[0, 15, 4005])),
        ("latency_seconds", numbers(&[0.0, 0.5, 1.0, 1.02, 2.0, -1.0])),
        ("ttft", numbers(&[0.0, 0.0, 0.25, 0.95, 1.0, 1.9, 3.0, -0.5])),
        ("cost_usd", numbers(&[0.0, 0.0, 0.01])),
        ("energy_joules", numbers(&[0.0, 0.0, 100.0, 400.0, 9001.0, 4e9, -3.0])),
        ("power_watts", numbers(&[0.0, 100.0, 400.0])),
        ("gpu_memory_used_gb", numbers(&[0.0, 20.0])),
        ("energy_method", texts(&["", "hw_counter", "tdp_estimate", "HW_COUNTER"])),
        ("energy_vendor", texts(&["", "nvidia", "apple"])),
        ("batch_id", texts(&["", "", "", "b"])),
        ("is_warmup", integers(&[0, 0, 0, 1])),
        ("prefill_energy_joules", numbers(&[0.0, 3.0])),
        ("decode_energy_joules", numbers(&[0.0, 3.0])),
        ("mean_itl_ms", numbers(&[0.0, 0.0, 12.0, -1.0])),
        ("is_streaming", integers(&[0, 1])),
        ("token_counting_version", vec![Value::Null, Value::Int(1), Value::Int(2), Value::Int(2)]),
    ]
}

/// What no writer should have written.
fn odd_value(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::text("n/a"),
        2 => Value::text("2"),
        3 => Value::text(" 0.95 s"),
        4 => Value::Blob(b"cloud".to_vec()),
        5 => Value::Blob(b"1.0".to_vec()),
        6 => Value::Int(9_007_199_254_740_993),
        7 => Value::Int(i64::MAX),
        8 => Value::Real(f64::INFINITY),
        _ => Value::Int(1),
    }
}

fn make(random: &mut Random, db: &Connection, declared: Declared, table: &str, rows: usize) {
    let names: Vec<&str> = columns().iter().map(|(name, _)| *name).collect();
    let list = |suffix: &str| names.iter().map(|n| format!("{n}{suffix}")).collect::<Vec<_>>();
    let columns_sql = match declared {
        Declared::Peer => String::new(),
        Declared::Untyped => list("").join(", "),
        Declared::Text => list(" TEXT").join(", "),
        Declared::NoCase => list(" COLLATE NOCASE").join(", "),
    };
    match declared {
        Declared::Peer => {
            let schema = tables::schema(tables::Kind::Peer);
            let start = "CREATE TABLE IF NOT EXISTS telemetry";
            assert!(schema.contains(start), "sql/schema.sql begins in another way");
            db.exec(&schema.replace(start, &format!("CREATE TABLE {table}")));
        }
        _ => db.exec(&format!("CREATE TABLE {table}(id INTEGER PRIMARY KEY, {columns_sql})")),
    }
    let places = vec!["?"; names.len()].join(", ");
    let insert = format!("INSERT INTO {table}({}) VALUES ({places})", names.join(", "));
    db.exec("BEGIN");
    for _ in 0..rows {
        let is_odd = declared != Declared::Peer;
        let row: Vec<Value> = columns()
            .iter()
            .map(|(_, choices)| {
                if is_odd && random.one_in(12) {
                    odd_value(random)
                } else {
                    random.pick(choices).clone()
                }
            })
            .collect();
        db.query(&insert, &row).expect("inserts");
    }
    db.exec("COMMIT");
}

/// The traps found in a source, each held against its own `where_sql`.
fn examined(db: &Connection, call: &str, from: &str, within: &str) -> BTreeSet<String> {
    let total = db.value(&format!("SELECT count(*) FROM {from} WHERE {within}")).number();
    let has_id = db.prepare(&format!("SELECT * FROM {from}")).expect("it compiles").names();
    let has_id = has_id.iter().any(|name| name == "id");
    let found = db.rows(&format!(
        "SELECT trap, severity, calls, share, first_id, where_sql, why, advice FROM {call}"
    ));
    let rank = |row: &Row| match text(&row[1]).as_str() {
        "error" => 0,
        "warn" => 1,
        "note" => 2,
        other => panic!("severity {other}"),
    };
    let mut before = (0, f64::INFINITY);
    let mut traps = BTreeSet::new();
    for row in &found {
        let (trap, where_sql) = (text(&row[0]), text(&row[5]));
        if trap == "none" {
            assert!(found.len() == 1 && row[1] == Value::text("ok") && row[4] == Value::Null);
            continue;
        }
        let calls = row[2].number();
        assert!(before.0 < rank(row) || (before.0 == rank(row) && before.1 >= calls), "{trap}");
        before = (rank(row), calls);
        let selected = db.rows(&format!("SELECT * FROM {from} WHERE {where_sql}")).len();
        assert_eq!(selected as f64, calls, "{trap} of {call}: {where_sql}");
        assert_eq!(row[3].number(), calls / total, "share of {trap}");
        if has_id {
            let first = db.value(&format!("SELECT min(id) FROM {from} WHERE {where_sql}"));
            assert_eq!(row[4], first, "first_id of {trap}");
        }
        assert!(!text(&row[6]).is_empty() && !text(&row[7]).is_empty(), "{trap} says nothing");
        traps.insert(trap);
    }
    traps
}

/// Rule: `where_sql` selects exactly `calls` rows: of a table, of a quoted name, of a view, of an
/// attached file, within bounds; whatever stands in the columns and however they are declared.
#[test]
fn the_where_selects_what_was_counted() {
    let seen = std::cell::RefCell::new(BTreeSet::new());
    let declared = [Declared::Peer, Declared::Untyped, Declared::Text, Declared::NoCase];
    with_seeds(700..706, |random| {
        let db = Connection::memory();
        db.exec("ATTACH ':memory:' AS \"other one\"");
        for declared in declared {
            let sources = [
                ("telemetry", "telemetry"),
                ("a \"b\" c", "\"a \"\"b\"\" c\""),
                ("other one.telemetry", "\"other one\".telemetry"),
            ];
            for (name, quoted) in sources {
                db.exec(&format!("DROP TABLE IF EXISTS {quoted}"));
                let rows = random.below(150);
                make(random, &db, declared, quoted, rows);
                let call = format!("telemetry_doctor(NULL, NULL, '{name}')");
                seen.borrow_mut().extend(examined(&db, &call, quoted, "1"));
            }
            db.exec(
                "DROP VIEW IF EXISTS temp.v; DROP VIEW IF EXISTS temp.w;
                 CREATE TEMP VIEW v AS SELECT * FROM main.telemetry WHERE model_id <> 'a';
                 CREATE TEMP VIEW w AS SELECT * FROM main.telemetry
                   UNION ALL SELECT * FROM \"other one\".telemetry",
            );
            for view in ["v", "w"] {
                let call = format!("telemetry_doctor(NULL, NULL, '{view}')");
                seen.borrow_mut().extend(examined(&db, &call, view, "1"));
                let (since, until) = (1_789_999_999.5 + random.unit(), "1790000300");
                let call = format!("telemetry_doctor({since:?}, {until}, '{view}')");
                let within = format!("timestamp >= {since:?} AND timestamp <= {until}");
                examined(&db, &call, view, &within);
            }
        }
    });
    let seen = seen.into_inner();
    let pairs = ["near_duplicates", "methods_mixed", "energy_overlap", "cold_start"];
    for trap in OF_ONE_ROW.iter().chain(&pairs) {
        assert!(seen.contains(*trap), "no table had {trap}");
    }
}

/// Rule: near_duplicates are the rows that a plain join of all pairs finds, wherever between two
/// tenths of a second they start.
#[test]
fn near_duplicates_are_those_of_all_pairs() {
    with_seeds(710..714, |random| {
        let db = Connection::memory();
        db.exec(&tables::schema(tables::Kind::Peer));
        let insert = "INSERT INTO telemetry(timestamp, model_id, engine, completion_tokens,
                      latency_seconds, ttft, token_counting_version)
                      VALUES (?1, ?2, '', ?3, ?4, ?5, ?6)";
        for _ in 0..300 {
            let is_bare = random.one_in(3);
            let row = [
                Value::Real(1_790_000_000.0 + 8.0 * random.unit()),
                random.pick(&[Value::text("a"), Value::text("b")]).clone(),
                Value::Int(random.below(3) as i64),
                Value::Real(1.0 + 0.1 * random.unit()),
                Value::Real(if is_bare { 0.0 } else { 0.5 }),
                if is_bare { Value::Null } else { Value::Int(2) },
            ];
            db.query(insert, &row).expect("inserts");
        }
        let found = db.value("SELECT calls FROM telemetry_doctor() WHERE trap = 'near_duplicates'");
        let paired = db.value(
            "SELECT count(*) FROM telemetry AS a WHERE completion_tokens > 0 AND EXISTS (
               SELECT 1 FROM telemetry AS b WHERE b.model_id = a.model_id
               AND b.completion_tokens = a.completion_tokens
               AND (b.token_counting_version IS NULL) <> (a.token_counting_version IS NULL)
               AND abs(b.timestamp - a.timestamp) <= 0.05
               AND abs(b.latency_seconds - a.latency_seconds) <= 0.05)",
        );
        assert_eq!(found, paired);
        assert!(paired.number() > 0.0);
    });
}

/// Rule: bounds are inclusive and mean the moment that was given, to the last bit.
#[test]
fn bounds_are_in_the_where() {
    with_seeds(720..722, |random| {
        let db = Connection::memory();
        make(random, &db, Declared::Peer, "telemetry", 40);
        for _ in 0..50 {
            let moment = Value::Real(1_789_999_000.0 + 1000.0 * random.unit());
            db.query(
                "UPDATE telemetry SET timestamp = ?1 WHERE id = 1",
                std::slice::from_ref(&moment),
            )
            .expect("updates");
            let ask = "SELECT calls, where_sql FROM telemetry_doctor(?1, ?1)
                       WHERE trap = 'columns_missing' OR trap = 'batch_never_set'
                         OR trap = 'warmup_never_set'";
            for row in db.query(ask, &[moment]).expect("it answers") {
                assert_eq!(row[0], Value::Int(1));
                let sql = format!("SELECT count(*) FROM telemetry WHERE {}", text(&row[1]));
                assert_eq!(db.value(&sql), Value::Int(1), "{sql}");
            }
        }
    });
}

/// Rule: a trap whose column is missing is left out, and `columns_missing` names the column.
#[test]
fn a_missing_column_is_named() {
    let mut random = Random::new(730);
    let db = Connection::memory();
    make(&mut random, &db, Declared::Peer, "telemetry", 120);
    let names: Vec<&str> = columns().iter().map(|(name, _)| *name).collect();
    for gone in &names {
        let rest: Vec<&str> = names.iter().filter(|name| *name != gone).copied().collect();
        db.exec(&format!("CREATE TEMP VIEW less AS SELECT id, {} FROM telemetry", rest.join(", ")));
        examined(&db, "telemetry_doctor(NULL, NULL, 'less')", "less", "1");
        let why = db.value(
            "SELECT why FROM telemetry_doctor(NULL, NULL, 'less') WHERE trap = 'columns_missing'",
        );
        assert!(text(&why).contains(gone), "{gone} is missing, and {why:?}");
        db.exec("DROP VIEW less");
    }
    // Without an id there is none, and the rest works.
    db.exec(&format!("CREATE TEMP VIEW less AS SELECT {} FROM telemetry", names.join(", ")));
    examined(&db, "telemetry_doctor(NULL, NULL, 'less')", "less", "1");
    let ids = db.rows("SELECT DISTINCT first_id FROM telemetry_doctor(NULL, NULL, 'less')");
    assert_eq!(ids, [[Value::Null]]);
}

/// Rule: columns_missing is of the columns of release 1.0.4, in the order of its table; none is
/// missing in that table.
#[test]
fn the_columns_are_those_of_the_release() {
    let db = filled(tables::Kind::Peer, &random_rows(&mut Random::new(1), tables::Kind::Peer, 1));
    let missing =
        "SELECT why FROM telemetry_doctor(NULL, NULL, 'bare') WHERE trap = 'columns_missing'";
    assert!(db.rows(&missing.replace("'bare'", "'telemetry'")).is_empty());
    db.exec("CREATE TABLE bare(x); INSERT INTO bare VALUES (1)");
    let why = text(&db.value(missing));
    let (_, named) = why.split_once(": ").expect("the columns come after a colon");
    let stored = db.prepare("SELECT * FROM telemetry").expect("it compiles").names();
    assert_eq!(named, stored.join(", "));
}

/// Rule: over 1,000,000 rows and no index led by the timestamp.
#[test]
fn a_large_table_wants_an_index() {
    let db = Connection::memory();
    db.exec(
        "CREATE TABLE telemetry(timestamp REAL, x);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000001)
         INSERT INTO telemetry SELECT 1790000000 + i / 1000.0, 1 FROM n;
         CREATE INDEX x_first ON telemetry(x, timestamp);
         CREATE INDEX in_part ON telemetry(timestamp) WHERE x = 2",
    );
    let found =
        |call: &str| db.rows(&format!("SELECT calls FROM {call} WHERE trap = 'no_time_index'"));
    assert_eq!(found("telemetry_doctor()"), [[Value::Int(1_000_001)]]);
    assert_eq!(found("telemetry_doctor(1790001000)"), [[Value::Int(2)]]);
    db.exec("CREATE INDEX by_time ON telemetry(\"TIMESTAMP\", x)");
    assert!(found("telemetry_doctor()").is_empty());
    db.exec("DROP INDEX by_time; DELETE FROM telemetry WHERE rowid = 1");
    assert!(found("telemetry_doctor()").is_empty());
}

/// Rule: the demo's planted traps, as many as its comment says.
#[test]
fn the_planted_traps_of_the_demo_are_found() {
    let script =
        std::fs::read_to_string(harness::root().join("sql/demo.sql")).expect("it is there");
    let planted = script.split_once("-- Planted").expect("a comment lists what is planted").1;
    let planted = planted.split_once(".bail").expect("it ends before the script").0;
    let db = Connection::memory();
    let schema = tables::schema(tables::Kind::Peer);
    db.exec(&script.replace(".bail on", "").replace(".read sql/schema.sql", &schema));
    let mut compared = 0;
    let words: Vec<&str> =
        planted.split([' ', '\n', '-']).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let number = pair[1].strip_prefix('(').map(|n| n.trim_end_matches([')', ',']));
        let Some(number) = number.and_then(|number| number.parse::<i64>().ok()) else { continue };
        // Twelve twins are duplicates, and with their calls twice as many near duplicates.
        let traps = match pair[0] {
            "near_duplicates" => vec![("duplicate_rows", number), ("near_duplicates", 2 * number)],
            trap => vec![(trap, number)],
        };
        for (trap, number) in traps {
            let ask = "SELECT calls FROM telemetry_doctor() WHERE trap = ?1";
            let found = db.query(ask, &[Value::text(trap)]).expect("it answers");
            assert_eq!(found, [[Value::Int(number)]], "{trap}");
            compared += 1;
        }
    }
    assert!(compared >= 17, "only {compared} planted traps are in the comment");
}

/// Rule: a column counts when `stats_definitions` says so: as the plain SQL of what was measured
/// does, which was written apart.
#[test]
fn column_rules_are_those_of_the_plain_sql() {
    let calls = reference("parts/calls").expect("what was measured has plain SQL");
    let rules = "SELECT name, formula, counts_when FROM stats_definitions()
                 WHERE kind = 'column rule' AND name NOT IN ('energy_share', 'joules')";
    with_seeds(740..743, |random| {
        let db = Connection::memory();
        make(random, &db, Declared::Peer, "telemetry", 200);
        db.exec(&format!("CREATE TEMP VIEW calls AS {calls}"));
        let measured = db.prepare("SELECT * FROM calls").expect("it compiles").names();
        let mut rows = "telemetry".to_owned();
        let mut compared = 0;
        for rule in db.rows(rules) {
            let (name, formula, counts_when) = (text(&rule[0]), text(&rule[1]), text(&rule[2]));
            // A kind of row comes before the rules that name it.
            if name.starts_with("is_") && !["is_warmup", "is_streaming"].contains(&name.as_str()) {
                rows = format!("(SELECT *, ({formula}) AS {name} FROM {rows})");
                continue;
            }
            compared += 1;
            let wrong = db.rows(&format!(
                "SELECT c.id, c.\"{name}\", stored.value FROM calls AS c JOIN
                   (SELECT id, ({formula}) AS value, ({counts_when}) AS counts FROM {rows}) AS stored
                   ON stored.id = c.id
                 WHERE c.\"{name}\" IS NOT CASE WHEN stored.counts THEN stored.value END LIMIT 1"
            ));
            assert!(wrong.is_empty(), "{name}: {wrong:?}, where {counts_when}: {formula}");
        }
        assert_eq!(compared + 1, measured.len(), "columns with a rule, and is_remote");
    });
}
