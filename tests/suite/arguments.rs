//! Arguments as hidden columns in every form of SQL: the right rows or a sentence, never others.

use crate::harness::{Connection, Row, Value, version};

const SETUP: &str = "
    CREATE TABLE telemetry(timestamp REAL NOT NULL, model_id TEXT NOT NULL);
    INSERT INTO telemetry VALUES (1, 'a'), (2, 'b'), (3, 'c'), (3, 'a');
    CREATE TABLE r(x, a, b);
    INSERT INTO r VALUES (1, 1, 1), (2, 3, 3);
    CREATE TABLE none(x, a, b);";

/// The oldest host that knows the form, the question, and the same with each call written out. The
/// answers are compared as sets.
const FORMS: &[(i32, &str, &str)] = &[
    (
        0,
        "SELECT model_id FROM model_stats WHERE since = 1 OR until = 1",
        "SELECT model_id FROM model_stats(1) UNION ALL SELECT model_id FROM model_stats(NULL, 1)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE since = 1 OR model_id = 'c'",
        "SELECT model_id FROM model_stats(1) UNION ALL SELECT 'c'",
    ),
    (
        0,
        "SELECT model_id FROM model_stats \
         WHERE (since = 1 AND until = 1) OR (since = 3 AND until = 3)",
        "SELECT model_id FROM model_stats(1, 1) UNION ALL SELECT model_id FROM model_stats(3, 3)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE source = 'telemetry' AND \
         ((since = 1 AND until = 1) OR (since = 3 AND until = 3))",
        "SELECT model_id FROM model_stats(1, 1) UNION ALL SELECT model_id FROM model_stats(3, 3)",
    ),
    (
        0,
        "SELECT r.x, m.model_id FROM r JOIN model_stats m ON m.since = r.a OR m.until = r.b",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a) m UNION ALL \
         SELECT r.x, m.model_id FROM r, model_stats(NULL, r.b) m",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE (since, until) IN (VALUES (1, 1), (3, 3))",
        "SELECT model_id FROM model_stats(1, 1) UNION ALL SELECT model_id FROM model_stats(3, 3)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE (since, until) IN (SELECT a, b FROM r)",
        "SELECT model_id FROM r, model_stats(r.a, r.b)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats \
         WHERE (since, until) IN (SELECT 1, 1 UNION ALL SELECT 3, 3)",
        "SELECT model_id FROM r, model_stats(r.a, r.b)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE (since, until) IN (SELECT a, b FROM none)",
        "SELECT x FROM none",
    ),
    (
        0,
        "SELECT r.x, m.model_id FROM r JOIN model_stats m ON (m.since, m.until) = (r.a, r.b)",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a, r.b) m",
    ),
    (
        0,
        "SELECT r.x, m.model_id FROM r LEFT JOIN model_stats m ON m.since = r.a AND m.until = r.b",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a, r.b) m",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM model_stats m RIGHT JOIN r ON m.since = r.a",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a) m",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM model_stats m FULL JOIN r ON m.since = r.a",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a) m",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r RIGHT JOIN model_stats m ON m.since = r.a",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a) m",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r FULL JOIN model_stats m ON m.since = r.a",
        "SELECT r.x, m.model_id FROM r, model_stats(r.a) m",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r RIGHT JOIN model_stats(3) m ON m.call_count = r.x",
        "SELECT 1, 'a' UNION ALL SELECT 1, 'c'",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r RIGHT JOIN model_stats(3) m ON m.call_count = r.x \
         WHERE m.source = 'telemetry'",
        "SELECT 1, 'a' UNION ALL SELECT 1, 'c'",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM none r RIGHT JOIN model_stats(3) m ON m.call_count = r.x",
        "SELECT NULL, 'a' UNION ALL SELECT NULL, 'c'",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM model_stats(3) m FULL JOIN r ON m.call_count = r.x",
        "SELECT 1, 'a' UNION ALL SELECT 1, 'c' UNION ALL SELECT 2, NULL",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r FULL JOIN (SELECT * FROM model_stats(3)) m \
         ON m.call_count = r.x",
        "SELECT 1, 'a' UNION ALL SELECT 1, 'c' UNION ALL SELECT 2, NULL",
    ),
    (
        39,
        "SELECT r.x, m.model_id FROM r RIGHT JOIN model_stats m ON m.call_count = r.x",
        "SELECT 1, 'b' UNION ALL SELECT 1, 'c' UNION ALL SELECT 2, 'a'",
    ),
    (
        0,
        "SELECT count(*) FROM model_stats GROUP BY since HAVING since = 1",
        "SELECT count(*) FROM model_stats(1)",
    ),
    (
        0,
        "SELECT model_id FROM model_stats WHERE 3 IS NULL OR since = 3",
        "SELECT model_id FROM model_stats(3)",
    ),
    (
        0,
        "SELECT r.x FROM r LEFT JOIN model_stats m ON m.model_id = 'a' WHERE m.since = 3",
        "SELECT r.x FROM r",
    ),
    // NOT, and what is no comparison that SQLite offers, have no answer but a sentence.
    (0, "SELECT model_id FROM model_stats WHERE since NOT IN (7)", ""),
    (0, "SELECT model_id FROM model_stats WHERE since NOT IN (7, 8)", ""),
    (0, "SELECT model_id FROM model_stats WHERE since NOT IN (SELECT a FROM r)", ""),
    (0, "SELECT model_id FROM model_stats WHERE NOT (since = 1)", ""),
    (0, "SELECT model_id FROM model_stats WHERE NOT (since IS NULL)", ""),
    (0, "SELECT model_id FROM model_stats WHERE since + 0 = 1", ""),
    (0, "SELECT model_id FROM model_stats WHERE CAST(since AS TEXT) = '1'", ""),
    (0, "SELECT model_id FROM model_stats WHERE CASE WHEN since = 1 THEN 1 ELSE 0 END", ""),
    (0, "SELECT model_id FROM model_stats WHERE since = coalesce(1, since)", ""),
    (0, "SELECT model_id FROM model_stats WHERE since = until", ""),
    (0, "SELECT model_id FROM model_stats WHERE since IN (SELECT until)", ""),
];

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

/// Rule: in any form of SQL the right rows or a sentence that says what to write, whatever the
/// host's planner makes of the form.
#[test]
fn every_form_has_the_right_rows_or_a_sentence() {
    let db = Connection::memory();
    db.exec(SETUP);
    let mut answered = 0;
    for (minor, form, plainly) in FORMS {
        if version() < 3_000_000 + minor * 1000 {
            continue;
        }
        match db.query(form, &[]) {
            Ok(rows) => {
                assert!(!plainly.is_empty(), "{form}: a sentence wanted, got {rows:?}");
                assert_eq!(sorted(rows), sorted(db.rows(plainly)), "{form}");
                answered += 1;
            }
            Err(failure) => assert!(
                failure.message.contains("used where SQLite does not pass its value on")
                    || failure.message.contains("no query solution")
                    || failure.message.contains("only takes ="),
                "{form}: {}",
                failure.message
            ),
        }
    }
    assert!(answered >= 6, "only {answered} forms were answered");
}

/// `colUsed` tells columns apart up to the 63rd: see `best_index::is_used`.
#[test]
fn no_table_function_is_wider_than_sqlite_tells() {
    const XINFO_SINCE: i32 = 3_026_000;
    if version() < XINFO_SINCE {
        return;
    }
    let db = Connection::memory();
    let debug = db.value("SELECT jarvis_stats_debug()");
    let Value::Text(debug) = debug else { panic!("jarvis_stats_debug() is text") };
    let debug = String::from_utf8(debug).expect("UTF-8");
    let tables: Vec<&str> =
        debug.lines().filter_map(|line| line.strip_prefix("table | ")?.split('(').next()).collect();
    assert!(tables.contains(&"model_stats"), "{debug}");
    for name in tables {
        let columns = db.rows(&format!("PRAGMA table_xinfo({name})")).len();
        assert!((1..=63).contains(&columns), "{name} has {columns} columns");
    }
}
