use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value};
use crate::suite::tables::{Kind, filled, random_rows};

/// One question: ours, the file of `sql/reference`, and which arguments both take.
struct Question {
    ours: &'static str,
    file: &'static str,
    arguments: &'static [&'static str],
}

const fn question(
    ours: &'static str,
    file: &'static str,
    arguments: &'static [&'static str],
) -> Question {
    Question { ours, file, arguments }
}

const WITH_METHODOLOGY: &[&str] = &[":since", ":until", ":current_methodology_only"];

const QUESTIONS: [Question; 5] = [
    question(
        "model_stats(:since, :until, :current_methodology_only)",
        "model_stats",
        WITH_METHODOLOGY,
    ),
    question(
        "engine_stats(:since, :until, :current_methodology_only)",
        "engine_stats",
        WITH_METHODOLOGY,
    ),
    question(
        "aggregated_stats(:since, :until, :current_methodology_only)",
        "aggregated_stats",
        WITH_METHODOLOGY,
    ),
    question(
        "batch_stats(:since, :until, :exclude_warmup)",
        "batch_stats",
        &[":since", ":until", ":exclude_warmup"],
    ),
    question("top_models(:n, :since)", "top_models", &[":n", ":since"]),
];

fn reference(file: &str) -> String {
    let path = harness::root().join(format!("sql/reference/{file}.sql"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// An argument, given or not, in a form that some driver binds. The reference takes plain numbers;
/// ours takes them all.
fn argument(random: &mut Random, name: &str) -> (Value, Value) {
    if random.one_in(3) {
        let left_out = [Value::Null, Value::text("")];
        // `''` counts as left out for ours alone.
        return (random.pick(&left_out).clone(), Value::Null);
    }
    let number = match name {
        ":since" | ":until" => random.below(400) as f64 / 4.0,
        ":n" => random.below(15) as f64,
        _ => random.below(2) as f64,
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
fn close(ours: &Value, plain: &Value) -> bool {
    match (ours, plain) {
        (Value::Real(a), Value::Real(b)) => a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        (Value::Text(a), Value::Text(b)) if a.first() == Some(&b'[') => {
            close_json(&json(a), &json(b))
        }
        _ => ours == plain,
    }
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

fn ask(db: &Connection, sql: &str, arguments: &[(&str, Value)]) -> (Vec<String>, Vec<Row>) {
    let mut statement = db
        .prepare(sql)
        .and_then(|s| s.bind_named(arguments))
        .unwrap_or_else(|e| panic!("{}\nin: {sql}", e.message));
    let names = statement.names();
    let rows =
        statement.rows().unwrap_or_else(|e| panic!("{}\nwith {arguments:?} in: {sql}", e.message));
    (names, rows)
}

fn compare(db: &Connection, random: &mut Random, question: &Question) {
    let (mut driver, mut plain) = (Vec::new(), Vec::new());
    for name in question.arguments {
        let (ours, theirs) = argument(random, name);
        driver.push((*name, ours));
        plain.push((*name, theirs));
    }
    let (names, ours) = ask(db, &format!("SELECT * FROM {}", question.ours), &driver);
    let (plain_names, theirs) = ask(db, &reference(question.file), &plain);
    assert_eq!(names, plain_names, "columns of {}", question.ours);
    assert_eq!(ours.len(), theirs.len(), "rows of {} with {driver:?}", question.ours);
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        for ((a, b), name) in a.iter().zip(b).zip(&names) {
            assert!(
                close(a, b),
                "{} with {driver:?}, row {i}, {name}: ours {a:?}, plain SQL {b:?}",
                question.ours
            );
        }
    }
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
        for question in QUESTIONS.iter().filter(|q| json || q.file != "aggregated_stats") {
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
        let (summary, others): (Vec<_>, Vec<_>) =
            QUESTIONS.iter().partition(|q| q.file == "aggregated_stats");
        for question in others {
            for _ in 0..4 {
                compare(&db, random, question);
            }
        }
        // SQLite's json_object refuses a BLOB, so the summary's keys must not be any.
        db.exec("DELETE FROM telemetry WHERE 'blob' IN (typeof(model_id), typeof(engine))");
        for question in summary.iter().filter(|_| json) {
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
        let (since, plain) = argument(random, ":since");
        let (_, ours) = ask(&db, "SELECT record FROM export_records(:since)", &[(":since", since)]);
        let (_, theirs) = ask(&db, &reference("export_records"), &[(":since", plain)]);
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

/// Rule: the scalars and aggregates against their plain SQL.
#[test]
fn functions_equal_plain_sql() {
    with_seeds(60..64, |random| {
        let db = filled(Kind::Peer, &random_rows(random, Kind::Peer, 200));
        for (file, ours) in [
            ("record_count", "SELECT record_count()"),
            (
                "energy_per_token",
                "SELECT energy_per_token(energy_joules, total_tokens), \
                 energy_per_token(energy_joules, prompt_tokens, completion_tokens) FROM telemetry",
            ),
            (
                "avg_itl",
                "SELECT avg_itl(mean_itl_ms), avg_itl(mean_itl_ms, completion_tokens) FROM telemetry",
            ),
            ("quantile", "SELECT quantile(ttft, 0.95) FROM telemetry"),
        ] {
            let (_, plain) = ask(&db, &reference(file), &[]);
            let ours = db.rows(ours);
            let equal = |(a, b): (&Value, &Value)| close(a, b);
            assert!(
                ours.len() == 1
                    && ours[0].len() == plain[0].len()
                    && ours[0].iter().zip(&plain[0]).all(equal),
                "{file}: {ours:?}, plain SQL {plain:?}"
            );
        }
    });
}
