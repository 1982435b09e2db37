use crate::harness::catalogue;
use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value};
use crate::suite::tables::{FIRST, Kind, filled, random_rows};

/// A table function that has plain SQL in `sql/reference`, and the arguments that both take.
struct Question {
    name: String,
    plain: String,
    /// All of ours, for the call.
    arguments: Vec<String>,
}

impl Question {
    /// Ours, with the same parameters as the plain SQL.
    fn ours(&self) -> String {
        let places: Vec<String> = self
            .arguments
            .iter()
            .map(|name| if self.takes(name) { format!(":{name}") } else { "NULL".to_owned() })
            .collect();
        format!("SELECT * FROM {}({})", self.name, places.join(", "))
    }

    fn takes(&self, argument: &str) -> bool {
        self.plain.contains(&format!(":{argument}"))
    }
}

/// Those that sum up. (The plain SQL of an export knows only the columns that it was written for.)
fn questions() -> Vec<Question> {
    let tables = catalogue::of_kind(catalogue::Kind::Table).into_iter();
    let sums = tables.filter(|entry| !entry.gives_each_call());
    let questions: Vec<Question> = sums
        .filter_map(|entry| {
            let plain = reference(&entry.name)?;
            Some(Question { name: entry.name, plain, arguments: entry.arguments })
        })
        .collect();
    assert!(!questions.is_empty(), "no table function has plain SQL");
    questions
}

/// The plain SQL of a function, if there is any (`catalogue.rs` wants it or a reason), and if this
/// SQLite has the built-in functions that it uses.
pub fn reference(name: &str) -> Option<String> {
    let path = harness::root().join(format!("sql/reference/{name}.sql"));
    let plain = std::fs::read_to_string(path).ok()?;
    let db = filled(Kind::Loose, &[]);
    match db.prepare(&plain).map(drop) {
        Err(failure) if failure.message.starts_with("no such function") => {
            println!("{name} is not compared: {}", failure.message);
            None
        }
        _ => Some(plain),
    }
}

/// An argument, given or not, in a form that some driver binds. The reference takes plain numbers;
/// ours takes them all. An argument of another kind is left out: its golden file is where it is
/// given.
fn argument(random: &mut Random, name: &str) -> (Value, Value) {
    // A limit in milliseconds is always given: the question wants one.
    let is_limit = name.ends_with("_ms");
    if !is_limit && random.one_in(3) {
        let left_out = [Value::Null, Value::text("")];
        // `''` counts as left out for ours alone.
        return (random.pick(&left_out).clone(), Value::Null);
    }
    let number = match name {
        "since" | "until" => FIRST as f64 + random.below(400) as f64 / 4.0,
        "n" => random.below(15) as f64,
        "exclude_warmup" | "current_methodology_only" => random.below(2) as f64,
        _ if is_limit => 1.0 + random.below(4000) as f64 / 4.0,
        _ => return (Value::Null, Value::Null),
    };
    let whole = number.fract() == 0.0;
    let plain = if whole { Value::Int(number as i64) } else { Value::Real(number) };
    let driver = match random.below(4) {
        0 if whole => Value::Int(number as i64),
        1 => Value::text(number.to_string()),
        2 => Value::text(format!(" {number:e} ")),
        _ => Value::Real(number),
    };
    (driver, plain)
}

/// Equal, but for the rounding errors of the plain SQL: SUM and AVG of SQLite before 3.43 add
/// naively, with an error of at most rows * 2^-53 of the sum of magnitudes; all values here are
/// positive, and rows some hundreds.
pub fn close(ours: &Value, plain: &Value) -> bool {
    match (ours, plain) {
        (Value::Real(a), Value::Real(b)) => a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        (Value::Text(a), Value::Text(b)) if a.first() == Some(&b'[') => {
            close_json(&json(a), &json(b))
        }
        _ => ours == plain,
    }
}

/// INTEGER 1 and REAL 1.0 are one key; which of them is shown is open.
pub fn same_key(ours: &Value, plain: &Value) -> bool {
    ours == plain || (ours.is_number() && plain.is_number() && ours.number() == plain.number())
}

fn json(text: &[u8]) -> serde_json::Value {
    serde_json::from_slice(text)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(text)))
}

/// SQLite prints doubles into JSON with 15 digits.
fn close_json(ours: &serde_json::Value, plain: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (ours, plain) {
        (Array(a), Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close_json(a, b))
        }
        // Objects are compared in whole, in the order of their keys as text elsewhere (the golden
        // files).
        (Object(a), Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| close_json(a, b)))
        }
        (Number(a), Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().expect("a double"), b.as_f64().expect("a double"));
            (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
        }
        _ => ours == plain,
    }
}

fn ask(db: &Connection, sql: &str, arguments: &[(String, Value)]) -> (Vec<String>, Vec<Row>) {
    let mut statement = db
        .prepare(sql)
        .and_then(|s| {
            let named: Vec<(&str, Value)> =
                arguments.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            s.bind_named(&named)
        })
        .unwrap_or_else(|e| panic!("{}\nin: {sql}", e.message));
    let names = statement.names();
    let rows =
        statement.rows().unwrap_or_else(|e| panic!("{}\nwith {arguments:?} in: {sql}", e.message));
    (names, rows)
}

fn compare(db: &Connection, random: &mut Random, question: &Question) {
    let (mut driver, mut plain) = (Vec::new(), Vec::new());
    for name in question.arguments.iter().filter(|name| question.takes(name)) {
        let (ours, theirs) = argument(random, name);
        driver.push((format!(":{name}"), ours));
        plain.push((format!(":{name}"), theirs));
    }
    let (names, ours) = ask(db, &question.ours(), &driver);
    let (plain_names, theirs) = ask(db, &question.plain, &plain);
    assert_eq!(names, plain_names, "columns of {}", question.name);
    assert_eq!(ours.len(), theirs.len(), "rows of {} with {driver:?}", question.name);
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        let mean = names.iter().position(|name| name == "mean").map(|column| &a[column]);
        for (column, ((a, b), name)) in a.iter().zip(b).zip(&names).enumerate() {
            // The plain SQL squares differences from a rounded mean, which stands before them.
            let near = name == "std" && a.is_number() && b.is_number() && {
                let rounding = mean.map_or(0.0, |mean| 1e-14 * mean.number().abs());
                (a.number() - b.number()).abs() <= 1e-9 * a.number().abs() + rounding
            };
            assert!(
                close(a, b) || (column == 0 && same_key(a, b)) || near,
                "{} with {driver:?}, row {i}, {name}: ours {a:?}, plain SQL {b:?}",
                question.name
            );
        }
    }
}

/// Whether the plain SQL makes JSON, which refuses a BLOB.
fn makes_json(question: &Question) -> bool {
    question.plain.contains("json_")
}

/// SQLite has it from 3.35 on, where it was built in.
fn has_sqrt() -> bool {
    Connection::memory().query("SELECT sqrt(4)", &[]).is_ok()
}

fn has_json() -> bool {
    Connection::memory().query("SELECT json_array()", &[]).is_ok()
}

/// Rule: what is counted, as the peer counts it: against plain SQL on the peer's table.
#[test]
fn table_functions_equal_plain_sql_on_the_peers_table() {
    let json = has_json();
    with_seeds(0..6, |random| {
        let rows = random.below(300);
        let db = filled(Kind::Peer, &random_rows(random, Kind::Peer, rows));
        let calls = reference("parts/calls").expect("what was measured has plain SQL");
        db.exec(&format!("CREATE TEMP VIEW calls AS {calls}"));
        for question in questions().iter().filter(|q| json || !makes_json(q)) {
            if question.plain.contains("SQRT(") && !has_sqrt() {
                continue;
            }
            for _ in 0..4 {
                compare(&db, random, question);
            }
        }
    });
}

/// The same where NULL, text, BLOBs and keys of every kind stand in the columns.
#[test]
fn table_functions_equal_plain_sql_on_hostile_rows() {
    let json = has_json();
    with_seeds(20..32, |random| {
        let rows = random.below(300);
        let db = filled(Kind::Loose, &random_rows(random, Kind::Loose, rows));
        // What was measured is judged on numbers: the plain SQL of that reads no text.
        let all = questions().into_iter().filter(|q| !q.arguments.iter().any(|name| name == "per"));
        let (with_json, others): (Vec<_>, Vec<_>) = all.partition(makes_json);
        for question in &others {
            for _ in 0..4 {
                compare(&db, random, question);
            }
        }
        // So the keys must not be BLOBs.
        db.exec("DELETE FROM telemetry WHERE 'blob' IN (typeof(model_id), typeof(engine))");
        for question in with_json.iter().filter(|_| json) {
            for _ in 0..4 {
                compare(&db, random, question);
            }
        }
    });
}

/// Rule: a JSON object with every column; rows by timestamp.
#[test]
fn export_equals_plain_sql() {
    if !has_json() {
        println!("this SQLite has no JSON functions: not compared");
        return;
    }
    with_seeds(40..43, |random| {
        let db = filled(Kind::Peer, &random_rows(random, Kind::Peer, 80));
        let (since, plain) = argument(random, "since");
        let named = |value| [(":since".to_owned(), value)];
        let export = reference("export_records").expect("it has plain SQL");
        let (_, ours) = ask(&db, "SELECT record FROM export_records(:since)", &named(since));
        let (_, theirs) = ask(&db, &export, &named(plain));
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(&theirs) {
            let (Value::Text(a), Value::Text(b)) = (&a[0], &b[0]) else {
                panic!("not text: {a:?}");
            };
            assert!(
                close_json(&json(a), &json(b)),
                "{} {}",
                String::from_utf8_lossy(a),
                String::from_utf8_lossy(b)
            );
        }
    });
}

/// Rule: the scalars and aggregates: each form of those that have plain SQL, one column each.
#[test]
fn functions_equal_plain_sql() {
    let mut forms = catalogue::public();
    // A form that names the source too asks the same.
    forms.retain(|entry| entry.kind != catalogue::Kind::Table && !entry.takes("source"));
    let mut compared = 0;
    for name in catalogue::names() {
        let samples: Vec<&str> =
            forms.iter().filter(|e| e.name == name).map(|e| e.sample.as_str()).collect();
        let Some(plain) = reference(&name).filter(|_| !samples.is_empty()) else { continue };
        let aggregate =
            forms.iter().any(|e| e.name == name && e.kind == catalogue::Kind::Aggregate);
        let from = if aggregate { "FROM telemetry" } else { "" };
        let ours = format!("SELECT {} {from}", samples.join(", "));
        compared += 1;
        with_seeds(60..64, |random| {
            let db = filled(Kind::Peer, &random_rows(random, Kind::Peer, 200));
            let (_, theirs) = ask(&db, &plain, &[]);
            let ours = db.rows(&ours);
            let equal = |(a, b): (&Value, &Value)| close(a, b);
            assert!(
                ours.len() == 1
                    && theirs.len() == 1
                    && ours[0].len() == theirs[0].len()
                    && ours[0].iter().zip(&theirs[0]).all(equal),
                "{name}: {ours:?}, plain SQL {theirs:?}"
            );
        });
    }
    assert!(compared > 0, "no scalar and no aggregate has plain SQL");
}
