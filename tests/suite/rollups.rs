use crate::harness::{Connection, Row, Scratch, Value, version};

/// Rowids in a chunk.
pub(super) const CHUNK: i64 = 65_536;

/// A table of somebody's own: anything may be anywhere.
pub(super) const LOOSE: &str = "id INTEGER PRIMARY KEY, timestamp, model_id, engine, total_tokens, \
    latency_seconds, energy_joules REAL, token_counting_version";

/// Whether answers are the same to the last bit.
pub(super) fn same(got: &[Row], want: &[Row]) -> bool {
    let is_same =
        |(got, want): (&Row, &Row)| got.iter().zip(want).all(|(got, want)| got.same(want));
    got.len() == want.len() && got.iter().zip(want).all(is_same)
}

/// A file with rows in four chunks, three of which have sums.
fn prepared(scratch: &Scratch, more: &str) -> Connection {
    let db = Connection::file(scratch.file("t.db"));
    db.exec(&format!(
        "CREATE TABLE telemetry({LOOSE}{more}); CREATE TEMP VIEW plain AS SELECT * FROM telemetry; \
         INSERT INTO telemetry(id, timestamp, model_id, engine, energy_joules) \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39) \
         SELECT i % 4 * {CHUNK} + i, i, 'm' || i % 3, 'e', i / 7.0 FROM n; \
         SELECT rollup_refresh()"
    ));
    assert!(is_used(&db), "it is used");
    db
}

fn is_used(db: &Connection) -> bool {
    db.value("SELECT is_used AND covered_rows = 30 FROM rollup_status()") == Value::Int(1)
}

fn check(db: &Connection) {
    for (table, columns) in [
        ("model_stats", "*"),
        ("engine_stats", "*"),
        ("aggregated_stats", "*"),
        ("partial_stats", "call_count, energy_joules, min_latency_seconds, max_latency_seconds"),
    ] {
        let got = db.rows(&format!("SELECT {columns} FROM {table}()"));
        let want = db.rows(&format!("SELECT {columns} FROM {table} WHERE source = 'plain'"));
        assert!(same(&got, &want), "{table}: wanted {want:?}, got {got:?}");
    }
}

/// Rule: extremes are answered from a roll-up, and one that lacks them is set aside.
#[test]
fn a_roll_up_without_extremes_is_set_aside() {
    let scratch = Scratch::new("rollups-extremes");
    let db = prepared(&scratch, "");
    db.exec("UPDATE telemetry SET latency_seconds = (id % 7 - 3) / 2.0; SELECT rollup_refresh()");
    check(&db);
    let answered = "SELECT min(min_latency_seconds), max(max_latency_seconds) FROM partial_stats()";
    assert_eq!(db.rows(answered), [[Value::Real(-1.5), Value::Real(1.5)]]);
    // What the text said before there were extremes.
    db.exec(
        "UPDATE jarvis_rollup_state_telemetry \
         SET plan = substr(plan, 1, instr(plan, ', extremes of') - 1)",
    );
    let why = "another version of this extension made it";
    let status = "SELECT is_used, reason FROM rollup_status()";
    assert_eq!(db.rows(status), [[Value::Int(0), Value::text(why)]]);
    check(&db);
    db.exec("SELECT rollup_refresh()");
    assert!(is_used(&db), "made anew");
    check(&db);
}

/// Rule: rows that go because of a row of another table go with their sums.
#[test]
fn foreign_keys_cascade_with_the_sums() {
    let scratch = Scratch::new("rollups-cascade");
    let cascading = ", batch INTEGER REFERENCES batch ON DELETE CASCADE ON UPDATE SET NULL";
    let db = prepared(&scratch, cascading);
    db.exec(&format!(
        "PRAGMA foreign_keys = ON; CREATE TABLE batch(id INTEGER PRIMARY KEY); \
         INSERT INTO batch VALUES (1), (2); UPDATE telemetry SET batch = 1 WHERE id = {CHUNK} + 1; \
         SELECT rollup_refresh()"
    ));
    assert!(is_used(&db), "it is used");
    db.exec("DELETE FROM batch WHERE id = 1");
    assert_eq!(db.value("SELECT count(*) FROM telemetry"), Value::Int(39));
    check(&db);
}

/// Rule: in the middle of a statement that writes the scan answers, also between a row and the
/// triggers that follow it.
#[test]
fn a_trigger_sees_the_row_that_fired_it() {
    let scratch = Scratch::new("rollups-trigger");
    let db = prepared(&scratch, "");
    db.exec(
        "CREATE TEMP TABLE log(n, calls); \
         CREATE TEMP TRIGGER a AFTER INSERT ON telemetry BEGIN \
           INSERT INTO log SELECT 1, total_calls FROM aggregated_stats; END; \
         CREATE TEMP TRIGGER b BEFORE DELETE ON telemetry BEGIN \
           INSERT INTO log SELECT 2, total_calls FROM aggregated_stats; END; \
         CREATE TEMP TRIGGER c AFTER DELETE ON telemetry BEGIN \
           INSERT INTO log SELECT 3, total_calls FROM aggregated_stats; END; \
         INSERT INTO telemetry(id, model_id, engine) VALUES (77, 'late', 'e'); \
         SELECT rollup_refresh(); DELETE FROM telemetry WHERE id = 77",
    );
    let log = db.rows("SELECT * FROM log");
    assert_eq!(log, [[1, 41], [2, 41], [3, 40]].map(|row| row.map(Value::Int).to_vec()));
    if version() >= 3_035_000 {
        let row = "INSERT INTO telemetry(id, model_id, engine) VALUES (78, 'late', 'e')";
        let calls = db.value(&format!(
            "{row} RETURNING (SELECT sum(call_count) FROM model_stats(NULL, NULL, id < 0))"
        ));
        assert_eq!(calls, Value::Int(41));
    }
    check(&db);
}

/// Rule: no other trigger can keep those of UPDATE and DELETE from running, which come before the
/// change.
#[test]
fn a_trigger_that_ignores_hides_no_change() {
    let scratch = Scratch::new("rollups-ignore");
    let db = prepared(&scratch, "");
    db.exec(
        "CREATE TEMP TRIGGER u AFTER UPDATE ON telemetry BEGIN SELECT RAISE(IGNORE); END; \
         CREATE TEMP TRIGGER d AFTER DELETE ON telemetry BEGIN SELECT RAISE(IGNORE); END; \
         UPDATE telemetry SET energy_joules = 1e9 WHERE id = 4; DELETE FROM telemetry WHERE id = 8",
    );
    assert_eq!(db.value("SELECT energy_joules FROM telemetry WHERE id = 4"), Value::Real(1e9));
    check(&db);
}

/// Rule: a copy of the file has its own roll-up, or none that is used.
#[test]
fn copies_are_right() {
    let scratch = Scratch::new("rollups-copies");
    let db = prepared(&scratch, "");
    let dump = db.rows(
        "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name <> 'sqlite_sequence' \
         ORDER BY type = 'trigger', rowid",
    );
    std::fs::copy(scratch.file("t.db"), scratch.file("copy.db")).expect("it copies");
    let copy = Connection::file(scratch.file("copy.db"));
    copy.exec("CREATE TEMP VIEW plain AS SELECT * FROM telemetry");
    assert!(is_used(&copy), "a copy of the file is used");
    copy.exec("DELETE FROM telemetry WHERE id < 9");
    check(&copy);
    check(&db);
    // As a dump is restored: tables, rows, triggers.
    let restored = Connection::file(scratch.file("restored.db"));
    restored.exec(&format!(
        "ATTACH '{}' AS old; CREATE TEMP VIEW plain AS SELECT * FROM main.telemetry",
        scratch.file("t.db").display()
    ));
    for row in &dump {
        let Value::Text(sql) = &row[0] else { panic!("not text") };
        let sql = String::from_utf8_lossy(sql);
        restored.exec(&sql);
        if let Some(table) = sql.strip_prefix("CREATE TABLE ").and_then(|s| s.split('(').next()) {
            restored.exec(&format!("INSERT INTO main.{table} SELECT * FROM old.{table}"));
        }
    }
    restored.exec("UPDATE main.telemetry SET energy_joules = 5 WHERE id = 4");
    check(&restored);
}

/// Rule: two roll-ups in one file do not set one another aside when they are refreshed.
#[test]
fn two_roll_ups_live_in_one_file() {
    let scratch = Scratch::new("rollups-two");
    let db = prepared(&scratch, "");
    db.exec(&format!("CREATE TABLE second({LOOSE}); SELECT rollup_refresh('second')"));
    let used = "SELECT (SELECT is_used FROM rollup_status()) \
        + (SELECT is_used FROM rollup_status('second'))";
    assert_eq!(db.value(used), Value::Int(1));
    db.exec("SELECT rollup_refresh(), rollup_refresh('second')");
    assert_eq!(db.value(used), Value::Int(2));
    check(&db);
}

/// Rule: a file that cannot be written is used as it is, and refreshing it is SQLite's own error.
#[test]
fn a_read_only_file_is_used() {
    let scratch = Scratch::new("rollups-read-only");
    drop(prepared(&scratch, ""));
    let db = Connection::file(format!("file:{}?mode=ro", scratch.file("t.db").display()));
    db.exec("CREATE TEMP VIEW plain AS SELECT * FROM telemetry");
    assert!(is_used(&db), "it is used");
    check(&db);
    let refused = db.error("SELECT rollup_refresh()");
    assert_eq!(refused.primary(), 8, "{}", refused.message);
}

/// Rule: it works while the connection reads something else; only DROP TABLE does not.
#[test]
fn other_statements_of_the_connection_read_on() {
    let scratch = Scratch::new("rollups-readers");
    let db = prepared(&scratch, "");
    let mut reader = db.prepare("SELECT id FROM telemetry ORDER BY id").expect("it compiles");
    assert!(reader.step().expect("it reads").is_some());
    db.exec("UPDATE telemetry SET energy_joules = 2 WHERE id = 4; SELECT rollup_refresh()");
    db.exec("CREATE INDEX i ON telemetry(engine); SELECT rollup_refresh()");
    assert!(is_used(&db), "it is used");
    check(&db);
    assert_eq!(db.error("SELECT rollup_drop()").message, "database table is locked");
    assert!(is_used(&db), "it is used still");
    assert_eq!(reader.rows().expect("it reads on").len(), 39);
    assert_eq!(db.value("SELECT rollup_drop()"), Value::Int(1));
}
