use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::process::{forget_peak, in_child, long, peak, resident};
use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, INTERRUPT, Value};

/// Over the column x.
const CALLS: [&str; 5] = [
    "quantile(x, 0.37)",
    "quantile(x, '[0.99, 0, 0.5]')",
    "quantile_ci(x, 0.5, 0.6)",
    "sketch(x)",
    "sketch_merge(s)",
];

/// A measure: many ties, both signs, both infinities, every size.
fn measure(random: &mut Random) -> Value {
    let sign = *random.pick(&[1.0, -1.0]);
    match random.below(12) {
        0 => Value::Null,
        1 => Value::Real(sign * f64::INFINITY),
        2 => Value::Real(sign * 5e-324 * random.below(1000) as f64),
        3 => Value::Real(sign * 1.7e308),
        4 => Value::Int(i64::MAX - random.below(2000) as i64),
        5 => Value::text(format!(" {:e}", random.unit())),
        6 => Value::Real(sign * 0.0),
        _ => Value::Real((random.below(9) as f64 * sign).exp2() + random.below(3) as f64),
    }
}

/// A table `t(id, k, x, s)`: ids from 1, k with ties and in order, s the sketch of some values.
fn random_table(random: &mut Random, rows: usize) -> Connection {
    let db = Connection::memory();
    db.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, k, x, s)");
    for id in 0..rows {
        let values = [Value::Int((id / 3) as i64), measure(random), measure(random)];
        let sql =
            "INSERT INTO t(k, x, s) SELECT ?1, ?2, sketch(y) FROM (SELECT ?2 AS y UNION SELECT ?3)";
        db.query(sql, &values).expect("inserts");
    }
    db
}

/// Rule: a window gives, row by row and to the last bit, what a fresh computation over the frame's
/// rows `u` gives: growing, shrinking, whole, in front of the row, behind it, by value, with holes.
#[test]
fn any_frame_equals_a_fresh_computation() {
    const FRAMES: [(&str, &str); 8] = [
        ("ROWS UNBOUNDED PRECEDING", "u.id <= t.id"),
        ("ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "u.id >= t.id"),
        ("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "1"),
        ("ROWS BETWEEN 20 PRECEDING AND 3 PRECEDING", "u.id BETWEEN t.id - 20 AND t.id - 3"),
        ("ROWS BETWEEN 2 FOLLOWING AND 30 FOLLOWING", "u.id BETWEEN t.id + 2 AND t.id + 30"),
        ("ROWS BETWEEN 70 PRECEDING AND 70 FOLLOWING", "u.id BETWEEN t.id - 70 AND t.id + 70"),
        // Rows of one k are peers.
        ("RANGE UNBOUNDED PRECEDING", "u.k <= t.k"),
        ("RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "u.k >= t.k"),
    ];
    const SINCE_3_28: [(&str, &str); 5] = [
        ("RANGE BETWEEN 7 PRECEDING AND 2 FOLLOWING", "u.k BETWEEN t.k - 7 AND t.k + 2"),
        ("GROUPS 4 PRECEDING", "u.k BETWEEN t.k - 4 AND t.k"),
        ("ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW", "u.id < t.id"),
        (
            "ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING EXCLUDE TIES",
            "u.id BETWEEN t.id - 9 AND t.id + 9 AND (u.k <> t.k OR u.id = t.id)",
        ),
        (
            "ROWS BETWEEN 9 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP",
            "u.id >= t.id - 9 AND u.k <> t.k",
        ),
    ];
    let is_new = harness::version() >= 3_028_000;
    let frames = || FRAMES.iter().chain(SINCE_3_28.iter().filter(|_| is_new));
    with_seeds(0..3, |random| {
        let db = random_table(random, 110);
        for (window, frame) in frames() {
            // ROWS wants one order, the others want peers.
            let order = if window.starts_with("ROWS") && !window.contains("EXCLUDE") {
                "ORDER BY id"
            } else {
                "ORDER BY k"
            };
            for call in CALLS {
                let windowed = db
                    .rows(&format!("SELECT id, {call} OVER ({order} {window}) FROM t ORDER BY id"));
                let fresh = db.rows(&format!(
                    "SELECT id, (SELECT {call} FROM t AS u WHERE {frame}) FROM t ORDER BY id"
                ));
                for (a, b) in windowed.iter().zip(&fresh) {
                    assert!(a[1].same(&b[1]), "{call} OVER ({window}): {a:?}, fresh {b:?}");
                }
                assert_eq!(windowed.len(), fresh.len());
            }
        }
    });
}

/// The same where the frame is long, so that it is kept in many chunks, and shrinks again.
#[test]
fn long_frames_equal_fresh_computations() {
    with_seeds(10..11, |random| {
        let db = Connection::memory();
        db.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, x); BEGIN");
        for _ in 0..12_000 {
            db.query("INSERT INTO t(x) VALUES (?)", &[measure(random)]).expect("inserts");
        }
        db.exec("COMMIT");
        for (before, after) in [(5_000, 0), (20_000, 0), (0, 20_000), (3_000, 3_000)] {
            let windowed = db.rows(&format!(
                "SELECT id, q FROM (SELECT id, quantile(x, 0.9) OVER (ORDER BY id ROWS BETWEEN {before} PRECEDING
                   AND {after} FOLLOWING) AS q FROM t) WHERE id % 400 IN (0, 1)"
            ));
            for row in &windowed {
                let Value::Int(id) = row[0] else { panic!("{row:?}") };
                let (low, high) = (id - before, id + after);
                let fresh = db.value(&format!(
                    "SELECT quantile(x, 0.9) FROM t WHERE id BETWEEN {low} AND {high}"
                ));
                assert!(row[1].same(&fresh), "{before}, {after}: {row:?}, fresh {fresh:?}");
            }
            assert_eq!(windowed.len(), 60);
        }
    });
}

/// Rule 3.4.2: one multiset has one BLOB: sketch(all) = sketch_merge(parts), under any order of the
/// rows and of the parts, any split, and merges of merges.
#[test]
fn a_merge_of_any_split_is_the_sketch_of_all() {
    with_seeds(20..30, |random| {
        let rows = 1 + random.below(400);
        let parts = 1 + random.below(20);
        let values: Vec<Value> = (0..rows).map(|_| measure(random)).collect();
        let mut first = None;
        for _ in 0..3 {
            let db = Connection::memory();
            db.exec("CREATE TABLE t(part, x)");
            let mut order: Vec<usize> = (0..rows).collect();
            random.shuffle(&mut order);
            for i in order {
                let row = [Value::Int(random.below(parts) as i64), values[i].clone()];
                db.query("INSERT INTO t VALUES (?, ?)", &row).expect("inserts");
            }
            db.exec("CREATE TABLE s AS SELECT part, sketch(x) AS s FROM t GROUP BY part");
            let all = db.value("SELECT sketch(x) FROM t");
            for merged in [
                "SELECT sketch_merge(s) FROM (SELECT s FROM s ORDER BY part DESC)",
                "SELECT sketch_merge(s) FROM (SELECT s FROM s ORDER BY random())",
                "SELECT sketch_merge(m) FROM (SELECT sketch_merge(s) AS m FROM s GROUP BY part % 3)",
            ] {
                assert_eq!(db.value(merged), all, "{merged}");
            }
            let first = first.get_or_insert(all.clone());
            assert_eq!(*first, all, "another order of the rows");
            let counted = "SELECT count(x) = sketch_count(sketch(x)) AND count(x) =
                (SELECT total(count) FROM sketch_buckets((SELECT sketch(x) FROM t))) FROM t";
            assert_eq!(db.value(counted), Value::Int(1));
        }
    });
}

/// How long a query runs on after an interrupt that comes `later` than the moment when `reached` is
/// `count`; it must have been interrupted.
fn wait_after_interrupt(
    db: &Connection,
    sql: &str,
    (reached, count, later): (&AtomicI64, i64, Duration),
) -> Duration {
    reached.store(0, Ordering::Relaxed);
    let is_done = AtomicBool::new(false);
    let (failure, waited) = std::thread::scope(|scope| {
        let interrupt = scope.spawn(|| {
            while reached.load(Ordering::Relaxed) < count {
                assert!(!is_done.load(Ordering::Relaxed), "{sql} ended too early");
                std::thread::yield_now();
            }
            std::thread::sleep(later);
            let at = Instant::now();
            db.interrupt();
            at
        });
        let failure = db.query(sql, &[]).err();
        let end = Instant::now();
        is_done.store(true, Ordering::Relaxed);
        (failure, end.saturating_duration_since(interrupt.join().expect("it got there")))
    });
    let failure = failure.unwrap_or_else(|| panic!("{sql} was not interrupted"));
    assert_eq!((failure.code, failure.message.as_str()), (INTERRUPT, "interrupted"), "{sql}");
    waited
}

/// Rule 3.1.7: `sqlite3_interrupt` works inside a long sort, while SQLite waits for the answer:
/// within 0.3 s. (A few attempts: a loaded machine may keep any thread waiting.)
#[test]
fn a_long_sort_can_be_interrupted() {
    const ROWS: i64 = 2_000_000;
    let db = Connection::memory();
    let (rows, answers) = (db.count_calls("row"), db.count_calls("answer"));
    db.exec(&format!(
        "CREATE TEMP VIEW t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
           SELECT i, row(i * 7919 % 3000017) AS x FROM n"
    ));
    let many: Vec<String> = (0..100).map(|i| format!("{}", f64::from(i) / 99.0)).collect();
    let group = format!("SELECT quantile(x, '[{}]') FROM t", many.join(","));
    let window = "SELECT answer(quantile(x, 0.5) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) FROM t";
    // When all rows are in; and after a frame's first answer, since the second one sorts it.
    let moments = [(group.as_str(), (&*rows, ROWS, 0)), (window, (&*answers, 1, 10))];
    for (sql, (reached, count, later)) in moments {
        let attempt =
            || wait_after_interrupt(&db, sql, (reached, count, Duration::from_millis(later)));
        let waited = std::iter::repeat_with(attempt).take(4).find(|t| t.as_millis() < 300);
        println!("{sql:.30}: {waited:?} after the interrupt");
        assert!(waited.is_some(), "{sql}: more than 0.3 s");
    }
}

const MEGABYTE: u64 = 1 << 20;

/// What the process grows by, at its peak, while this query runs, in bytes a row; 0.0 where the
/// system does not tell.
fn bytes_a_row(db: &Connection, rows: u64, sql: &str) -> f64 {
    let before = if forget_peak() { resident() } else { None };
    let answer = db.rows(sql);
    let grown = before.zip(peak()).map_or(0, |(before, peak)| peak.saturating_sub(before));
    println!("{sql}: {:.1} MB, {} rows", grown as f64 / MEGABYTE as f64, answer.len());
    grown as f64 / rows as f64
}

/// A view t(i, x) of so many rows, already asked once.
fn numbered(rows: u64) -> Connection {
    let db = Connection::memory();
    db.exec(&format!(
        "CREATE TEMP VIEW t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
           SELECT i, i * 7919 % 3000017 * 0.001 AS x FROM n"
    ));
    db.rows("SELECT count(*), total(x) FROM t");
    db
}

/// Rule 3.1.7: 8 bytes a value, 16 at the peak. A sketch's memory does not grow with the rows.
#[test]
fn a_group_takes_sixteen_bytes_a_value() {
    in_child("suite::percentiles::a_group_takes_sixteen_bytes_a_value", || {
        const ROWS: u64 = 1_000_000;
        let db = numbered(ROWS);
        for sql in ["SELECT quantile(x, 0.95) FROM t", "SELECT quantile_ci(x, 0.95) FROM t"] {
            assert!(bytes_a_row(&db, ROWS, sql) <= 16.5);
        }
        assert!(bytes_a_row(&db, ROWS, "SELECT sketch(x) FROM t") < 0.5);
    });
}

/// What `quantile` takes over this window, in bytes a row; SQLite keeps the rows themselves, and what
/// it takes for a plain count comes off.
fn window_bytes(window: &str) -> f64 {
    const ROWS: u64 = 500_000;
    let db = numbered(ROWS);
    let measured = |call: &str| {
        let sql = format!("SELECT total(q) FROM (SELECT {call} OVER ({window}) AS q FROM t)");
        bytes_a_row(&db, ROWS, &sql)
    };
    let host = measured("count(x)");
    measured("quantile(x, 0.5)") - host
}

/// Rule 3.1.7: 16 bytes a value at the peak.
#[test]
fn a_growing_frame_takes_sixteen_bytes_a_value() {
    in_child("suite::percentiles::a_growing_frame_takes_sixteen_bytes_a_value", || {
        assert!(window_bytes("ORDER BY i") <= 16.5);
    });
}

/// The same, but 20 for the moment in which a frame that was all there from the start is sorted.
#[test]
fn a_shrinking_frame_takes_twenty_bytes_a_value() {
    in_child("suite::percentiles::a_shrinking_frame_takes_twenty_bytes_a_value", || {
        let window = "ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING";
        assert!(window_bytes(window) <= 20.5);
    });
}

/// Rule 3.1.7: more than 1 GiB of values is an error with a sentence. (Long form only: 134 million
/// rows.)
#[test]
fn a_gigabyte_of_values_is_the_limit() {
    if !long() {
        println!("only with JARVIS_TEST_LONG=1");
        return;
    }
    let db = Connection::memory();
    let ask = |call: &str, rows: i64| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT {call} FROM n"
        );
        db.query(&sql, &[]).map(|rows| rows[0][0].clone()).map_err(|failure| failure.message)
    };
    assert_eq!(ask("quantile(i, 1)", 1 << 27), Ok(Value::Real(134_217_728.0)));
    let too_many = "quantile: more than 134217728 values, which take 1 GiB; take sketch(x), whose size does not grow with them";
    assert_eq!(ask("quantile(i, 1)", (1 << 27) + 1), Err(too_many.to_owned()));
}
