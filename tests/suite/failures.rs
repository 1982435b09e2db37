use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::harness::catalogue::questions;
use crate::harness::random::Random;
use crate::harness::{AUTH, BUSY, CORRUPT, Connection, INTERRUPT, NOTADB, Scratch, Value};
use crate::suite::tables::{self, Kind, filled, insert, random_rows};

/// A file with the peer's table and many rows.
fn file(folder: &Scratch, rows: usize) -> PathBuf {
    let path = folder.file("telemetry.db");
    let db = Connection::file(&path);
    db.exec(&tables::schema(Kind::Peer));
    insert(&db, &random_rows(&mut Random::new(1), Kind::Peer, rows));
    path
}

/// Rule: errors keep SQLite's own code: an interrupt at any point gives 9, and the connection works
/// on.
#[test]
fn a_query_can_be_stopped_at_any_point() {
    let db = filled(Kind::Peer, &random_rows(&mut Random::new(1), Kind::Peer, 150));
    for sql in &questions() {
        let expected = db.rows(sql);
        let mut stopped = 0;
        // Every point up to the 40th; of long answers, whose number is squared here, ever fewer.
        for point in std::iter::successors(Some(1), |point| Some(point + 1 + point / 40)) {
            let mut calls = 0;
            let outcome = db.with_progress(
                20,
                || {
                    calls += 1;
                    calls == point
                },
                || db.query(sql, &[]),
            );
            match outcome {
                Ok(rows) => {
                    assert_eq!(rows, expected, "{sql}");
                    break;
                }
                Err(failure) => {
                    stopped += 1;
                    assert_eq!(
                        (failure.code, failure.message.as_str()),
                        (INTERRUPT, "interrupted"),
                        "{sql}"
                    );
                }
            }
        }
        // Counting rows is one instruction to older hosts.
        assert!(stopped > 0 || sql.contains("record_count"), "{sql} was never stopped");
        assert_eq!(db.rows(sql), expected, "{sql}");
    }
}

/// The same by `sqlite3_interrupt` from another thread, in the middle of a long scan.
#[test]
fn another_thread_can_interrupt() {
    let db = Connection::memory();
    db.exec(
        "CREATE TEMP VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'm' AS model_id FROM n",
    );
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // An interrupt that comes before the statement runs is lost: repeat it.
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(std::time::Duration::from_millis(20));
                db.interrupt();
            }
        });
        let failure = db.error("SELECT * FROM model_stats(NULL, NULL, NULL, 'endless')");
        done.store(true, Ordering::Relaxed);
        assert_eq!((failure.code, failure.message.as_str()), (INTERRUPT, "interrupted"));
    });
    assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
}

/// Rule: BUSY keeps its code and text.
#[test]
fn a_locked_database_is_busy() {
    let folder = Scratch::new("locked");
    let path = file(&folder, 50);
    let db = Connection::file(&path);
    let writer = Connection::bare(&path);
    let queries = questions();
    let expected: Vec<_> = queries.iter().map(|sql| db.rows(sql)).collect();
    writer.exec("BEGIN EXCLUSIVE");
    for sql in &questions() {
        let failure = db.error(sql);
        assert_eq!(
            (failure.primary(), failure.message.as_str()),
            (BUSY, "database is locked"),
            "{sql}"
        );
    }
    writer.exec("ROLLBACK");
    for (sql, expected) in queries.iter().zip(expected) {
        assert_eq!(db.rows(sql), expected, "{sql}");
    }
}

/// A reader holds no lock once its statement is done, and blocks no WAL writer before.
#[test]
fn readers_leave_writers_alone() {
    let queries = questions();
    let folder = Scratch::new("writers");
    let path = file(&folder, 50);
    let db = Connection::file(&path);
    let writer = Connection::bare(&path);
    for sql in &questions() {
        db.rows(sql);
        writer.exec("BEGIN EXCLUSIVE; COMMIT");
    }
    writer.exec("PRAGMA journal_mode = WAL");
    for sql in &questions() {
        let mut statement = db.prepare(sql).expect("it compiles");
        statement.step().expect("a row");
        writer.exec("INSERT INTO telemetry(timestamp, model_id) VALUES (1.75e9, 'new')");
    }
    assert_eq!(
        db.value("SELECT total_calls FROM aggregated_stats(1.75e9)"),
        Value::Int(queries.len() as i64)
    );
}

/// Rule: CORRUPT keeps its code and text, and no part of an answer comes out of a damaged table.
#[test]
fn a_damaged_file_is_corrupt() {
    let folder = Scratch::new("damaged");
    let path = file(&folder, 600);
    let mut bytes = std::fs::read(&path).expect("readable");
    // Spoil the header of every page in the second half: leaves of the table.
    let half = bytes.len() / 2 / 4096 * 4096;
    for page in (half..bytes.len()).step_by(4096) {
        bytes[page..page + 100].fill(0xa5);
    }
    std::fs::write(&path, bytes).expect("writable");
    let db = Connection::file(&path);
    for sql in &questions() {
        let failure = db.error(sql);
        assert_eq!(
            (failure.primary(), failure.message.as_str()),
            (CORRUPT, "database disk image is malformed"),
            "{sql}"
        );
    }
    assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
}

/// A file that is no database at all.
#[test]
fn a_file_of_other_bytes_is_no_database() {
    let folder = Scratch::new("not_a_database");
    let path = folder.file("t.db");
    std::fs::write(&path, "not a database, but long enough to have a header ".repeat(100))
        .expect("writable");
    let db = Connection::file(&path);
    for sql in &questions() {
        let failure = db.error(sql);
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (NOTADB, "file is not a database"),
            "{sql}"
        );
    }
}

/// Rule: AUTH keeps its code and text.
#[test]
fn a_denied_column_is_denied() {
    let db = filled(Kind::Peer, &random_rows(&mut Random::new(1), Kind::Peer, 20));
    for sql in &questions() {
        let failure = db.with_denied("telemetry", || db.query(sql, &[]));
        let failure = failure.expect_err("the authorizer forbids it");
        assert_eq!(failure.code, AUTH, "{sql}: {}", failure.message);
        // For count(*), which names no column, SQLite says it in general.
        let named = failure.message.starts_with("access to telemetry.")
            && failure.message.ends_with(" is prohibited");
        assert!(named || failure.message == "not authorized", "{sql}: {}", failure.message);
    }
    // One column is denied: what does not need it works.
    db.with_denied("telemetry.energy_joules", || {
        assert_eq!(db.error("SELECT total_energy_joules FROM model_stats()").code, AUTH);
        assert!(!db.rows("SELECT model_id, avg_ttft FROM model_stats()").is_empty());
    });
    // A host that hides the schema table still gets its answers.
    let expected = db.rows("SELECT * FROM model_stats()");
    db.with_denied("sqlite_master", || {
        assert_eq!(db.rows("SELECT * FROM model_stats()"), expected);
    });
}

/// Limits that a host sets are kept, and end in SQLite's own errors.
#[test]
fn low_limits_are_errors() {
    const LIMITS: [(i32, i32); 6] = [(0, 40), (1, 60), (2, 3), (3, 4), (6, 2), (9, 0)];
    let db = filled(Kind::Peer, &random_rows(&mut Random::new(1), Kind::Peer, 20));
    for sql in &questions() {
        let expected = db.rows(sql);
        for (which, low) in LIMITS {
            let old = db.limit(which, low);
            // Either it fits or it is an error with a text; the process lives.
            if let Err(failure) = db.query(sql, &[]) {
                assert!(!failure.message.is_empty() && failure.code != 0, "{sql}: {failure:?}");
            }
            db.limit(which, old);
            assert_eq!(db.rows(sql), expected, "{sql} after limit {which}");
        }
    }
}

/// A failing query changes nothing about an open transaction.
#[test]
fn an_error_keeps_the_transaction() {
    let db = filled(Kind::Peer, &[]);
    db.exec("BEGIN; INSERT INTO telemetry(timestamp, model_id) VALUES (1, 'kept')");
    db.error("SELECT * FROM model_stats('yesterdayish')");
    db.error("SELECT * FROM model_stats WHERE since > 5");
    db.error("SELECT energy_per_token('x', 1) FROM telemetry");
    assert!(!db.autocommit(), "the transaction is still open");
    db.exec("COMMIT");
    assert_eq!(db.value("SELECT record_count()"), Value::Int(1));
}

/// Rule: after `sqlite3_close_v2` an open statement runs on. A scan that had begun ends as a SELECT
/// does; one that had not cannot be compiled any more, which is an error and not misuse.
#[test]
fn a_closed_connection_ends_what_had_begun() {
    const MISUSE: i32 = 21;
    const QUERIES: [&str; 6] = [
        "SELECT model_id FROM model_stats()",
        "SELECT model_id FROM top_models(99)",
        "SELECT engine FROM engine_stats()",
        "SELECT json_extract(record, '$.model_id') FROM export_records()",
        "SELECT t.id, m.call_count FROM telemetry t JOIN model_stats m ON m.model_id = t.model_id",
        "SELECT avg_itl(mean_itl_ms) OVER (ORDER BY id) FROM telemetry",
    ];
    let filled = || {
        let db = Connection::memory();
        db.exec(&tables::schema(Kind::Peer));
        insert(&db, &random_rows(&mut Random::new(1), Kind::Peer, 50));
        db
    };
    for sql in QUERIES {
        let db = filled();
        let expected = db.rows(sql);
        assert!(expected.len() > 1, "{sql}");
        let mut statement = db.prepare(sql).expect("it compiles");
        let first = statement.step().expect("a step").expect("a row");
        db.close_v2();
        let mut rows = vec![first];
        loop {
            match statement.step_code() {
                (100, Some(row)) => rows.push(row),
                (code, _) => {
                    assert_eq!(code, 101, "{sql}");
                    break;
                }
            }
        }
        assert_eq!(rows, expected, "{sql}");
    }
    for sql in QUERIES.iter().filter(|sql| !sql.contains("OVER")) {
        let db = filled();
        let mut statement = db.prepare(sql).expect("it compiles");
        db.close_v2();
        // Nobody can ask a closed connection for the text; the code is that of an error in SQL.
        let (code, row) = statement.step_code();
        assert_eq!((code, row), (1, None), "{sql}; {MISUSE} would blame the host");
    }
}
