use crate::harness::process::{forget_peak, in_child, peak, resident};
use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Value, version};

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

/// What `quantile` takes over this window, in bytes a row; SQLite keeps the rows themselves, and
/// what it takes for a plain count comes off.
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
    if version() < 3_028_000 {
        println!("this SQLite keeps the rows of a frame in another way");
        return;
    }
    in_child("suite::frames::a_growing_frame_takes_sixteen_bytes_a_value", || {
        assert!(window_bytes("ORDER BY i") <= 16.5);
    });
}

/// The same, but 20 for the moment in which a frame that was all there from the start is sorted.
#[test]
fn a_shrinking_frame_takes_twenty_bytes_a_value() {
    if version() < 3_028_000 {
        println!("this SQLite keeps the rows of a frame in another way");
        return;
    }
    in_child("suite::frames::a_shrinking_frame_takes_twenty_bytes_a_value", || {
        let window = "ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING";
        assert!(window_bytes(window) <= 20.5);
    });
}
