use crate::harness::process::{forget_peak, in_child, long, peak, resident};
use crate::harness::{Connection, Scratch, Value, hooks};

const MEGABYTE: u64 = 1 << 20;

/// What the process grows by, at its peak, while this runs; None where the system does not tell.
fn growth(run: impl FnOnce()) -> Option<u64> {
    forget_peak().then_some(())?;
    let before = resident()?;
    run();
    Some(peak()?.saturating_sub(before))
}

fn told(what: &str, growth: Option<u64>) -> u64 {
    match growth {
        Some(bytes) => {
            println!("{what}: {:.1} MB", bytes as f64 / MEGABYTE as f64);
            bytes
        }
        None => {
            println!("{what}: this system does not tell a process's peak memory");
            0
        }
    }
}

/// A file of calls, each batch of two: `batches` ids of 36 characters, as UUIDs are.
fn batches(folder: &Scratch, batches: u32) -> Connection {
    let db = Connection::file(folder.file("t.db"));
    db.exec(&format!(
        "CREATE TABLE telemetry(timestamp REAL NOT NULL, batch_id TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
           completion_tokens INTEGER NOT NULL, energy_joules REAL NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {})
         INSERT INTO telemetry SELECT i, printf('%08x-0000-4000-8000-%012x', i % {batches}, i % {batches}), i % 100, 7, i * 0.37 FROM n",
        2 * batches - 1
    ));
    db
}

/// 100,000 distinct batches in under 64 MB over the host's own memory.
#[test]
fn a_hundred_thousand_batches_fit_in_64_megabytes() {
    in_child("suite::memory::a_hundred_thousand_batches_fit_in_64_megabytes", || {
        let folder = Scratch::new("batches");
        let db = batches(&folder, 100_000);
        // The host's own: a scan by plain SQL fills its page cache.
        db.rows("SELECT count(*), sum(energy_joules), max(batch_id) FROM telemetry");
        let mut rows = 0;
        let grown = growth(|| {
            let mut statement = db.prepare("SELECT * FROM batch_stats()").expect("it compiles");
            while statement.skip().expect("a row") {
                rows += 1;
            }
        });
        assert_eq!(rows, 100_000);
        assert!(told("100,000 batches", grown) < 64 * MEGABYTE);
        // And it is given back: a second run grows by no more than the first.
        let again =
            growth(|| drop(db.rows("SELECT count(*), sum(total_tokens) FROM batch_stats()")));
        assert!(told("once more", again) < 64 * MEGABYTE);
    });
}

/// Rule: at most 10,000,000 groups a call, and an error beyond. (Long form only: a minute and half
/// a gigabyte.)
#[test]
fn ten_million_groups_are_the_limit() {
    if !long() {
        println!("only with JARVIS_TEST_LONG=1");
        return;
    }
    in_child("suite::memory::ten_million_groups_are_the_limit", || {
        let db = Connection::memory();
        db.exec(
            "CREATE TEMP VIEW many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000)
               SELECT i AS batch_id FROM n;
             CREATE TEMP VIEW one_more AS SELECT batch_id FROM many UNION ALL SELECT 0",
        );
        let grown = growth(|| {
            let count = db.value("SELECT count(*) FROM batch_stats(NULL, NULL, NULL, 'many')");
            assert_eq!(count, Value::Int(10_000_000));
        });
        told("10,000,000 groups", grown);
        let failure = db.error("SELECT count(*) FROM batch_stats(NULL, NULL, NULL, 'one_more')");
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (1, "batch_stats: more than 10000000 groups")
        );
        assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
    });
}

/// An export of many rows is streamed: memory does not grow with them. (With an index, so that
/// SQLite need not sort.)
#[test]
fn an_export_takes_constant_memory() {
    in_child("suite::memory::an_export_takes_constant_memory", || {
        let rows = if long() { 1_000_000 } else { 100_000 };
        let folder = Scratch::new("export");
        let db = batches(&folder, rows / 2);
        db.exec("CREATE INDEX by_time ON telemetry(timestamp)");
        db.rows("SELECT count(*), sum(energy_joules), max(timestamp) FROM telemetry");
        let mut bytes = 0;
        let grown = growth(|| {
            let mut statement =
                db.prepare("SELECT record FROM export_records()").expect("it compiles");
            while let Some(row) = statement.step().expect("a row") {
                let Value::Text(record) = &row[0] else {
                    panic!("a record is text");
                };
                bytes += record.len();
            }
        });
        assert!(bytes > rows as usize * 100, "{bytes} bytes of records");
        assert!(told(&format!("export of {rows} rows"), grown) < 8 * MEGABYTE);
    });
}

/// Ten thousand times open, load, query, close: flat.
#[test]
fn connections_give_their_memory_back() {
    in_child("suite::memory::connections_give_their_memory_back", || {
        let cycles = if long() { 10_000 } else { 500 };
        let cycle = || {
            let db = Connection::memory();
            db.exec("CREATE TABLE telemetry(model_id, engine, batch_id, energy_joules, timestamp); INSERT INTO telemetry VALUES ('m', 'e', 'b', 1.5, 1), ('n', 'e', 'c', 1e300, 2)");
            db.rows("SELECT * FROM model_stats(), batch_stats(), aggregated_stats()");
            db.rows("SELECT record FROM export_records() LIMIT 1");
            db.rows(
                "SELECT energy_per_token(energy_joules, 2) OVER (ORDER BY timestamp) FROM telemetry LIMIT 1",
            );
            db.error("SELECT * FROM model_stats('yesterdayish')");
            db.error("SELECT * FROM model_stats(NULL, NULL, NULL, 'nowhere')");
            db.error("SELECT energy_per_token(model_id, 1), energy_per_token(1, 1) FROM telemetry");
        };
        (0..50).for_each(|_| cycle());
        let (before, sqlite_before) = (resident(), hooks::memory_used());
        (0..cycles).for_each(|_| cycle());
        assert_eq!(hooks::memory_used(), sqlite_before, "bytes that SQLite still holds");
        let grown = resident().zip(before).map(|(now, before)| now.saturating_sub(before));
        assert!(told(&format!("{cycles} connections"), grown) < MEGABYTE);
    });
}

/// A statement that is stopped, cut off by LIMIT, or failing gives its groups back.
#[test]
fn unfinished_queries_give_their_memory_back() {
    in_child("suite::memory::unfinished_queries_give_their_memory_back", || {
        let folder = Scratch::new("unfinished");
        let db = batches(&folder, 3_000);
        let queries = [
            "SELECT * FROM batch_stats() LIMIT 1",
            "SELECT record FROM export_records() LIMIT 1",
            "SELECT batch_id, energy_per_token(energy_joules, 1) FROM telemetry GROUP BY 1 LIMIT 1",
            "SELECT avg_itl(energy_joules) OVER (ORDER BY timestamp ROWS 50 PRECEDING) FROM telemetry LIMIT 1",
        ];
        let round = || {
            for sql in queries {
                db.rows(sql);
                let mut left = 5;
                let stopped = db.with_progress(
                    2_000,
                    || {
                        left -= 1;
                        left == 0
                    },
                    || db.query(&sql.replace(" LIMIT 1", ""), &[]),
                );
                assert!(stopped.is_err(), "{sql}");
            }
            db.error("SELECT abs(-9223372036854775806 - total_requests) FROM batch_stats()");
        };
        (0..10).for_each(|_| round());
        let before = resident();
        let rounds = if long() { 1_000 } else { 60 };
        (0..rounds).for_each(|_| round());
        let grown = resident().zip(before).map(|(now, before)| now.saturating_sub(before));
        assert!(told(&format!("{rounds} rounds of unfinished queries"), grown) < 2 * MEGABYTE);
    });
}
