//! `compare_stats`: its interval holds the true ratio as often as it says, whatever the
//! distribution, and a large number of calls does not make equal models differ.

use crate::harness::process::long;
use crate::harness::random::Random;
use crate::harness::{Connection, Value};

/// A table of latencies by model; without energy and time, so that it is not sorted.
fn table() -> Connection {
    let db = Connection::memory();
    db.exec("CREATE TABLE draw(model_id TEXT, latency_seconds REAL)");
    db
}

/// Puts values in place of those of a side.
fn put(db: &Connection, side: &str, values: impl Iterator<Item = f64>) {
    let rows: Vec<String> = values.map(|x| format!("('{side}', {x:?})")).collect();
    db.exec(&format!("BEGIN; DELETE FROM draw WHERE model_id = '{side}'"));
    for some in rows.chunks(500) {
        db.exec(&format!("INSERT INTO draw VALUES {}", some.join(", ")));
    }
    db.exec("COMMIT");
}

/// The interval of the ratio of the sides' latencies, and the verdict.
fn compared(db: &Connection, p: f64) -> (f64, f64, String) {
    let sql = "SELECT ratio_low, ratio_high, verdict
               FROM compare_stats('a', 'b', NULL, ?, NULL, NULL, 'draw') WHERE metric = 'e2el'";
    let rows = db.query(sql, &[Value::Real(p)]).expect("it runs");
    match &rows[0][..] {
        [Value::Real(low), Value::Real(high), Value::Text(verdict)] => {
            (*low, *high, String::from_utf8_lossy(verdict).into_owned())
        }
        other => panic!("no interval: {other:?}"),
    }
}

type Draw = fn(&mut Random) -> f64;

fn log_normal(random: &mut Random) -> f64 {
    let (u, v) = (1.0 - random.unit(), random.unit());
    (0.7 * (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()).exp()
}

/// Short answers, and three in ten that take twenty times as long.
fn two_humps(random: &mut Random) -> f64 {
    let latency = log_normal(random);
    if random.below(10) < 7 { latency } else { 20.0 * latency }
}

/// Rule 8: the interval holds the true ratio in 0.94 to 0.99 of cases, log-normal and bimodal, from
/// 12 to 1,000 calls.
#[test]
fn the_interval_holds_the_true_ratio() {
    let truth = 1.3;
    let db = table();
    let mut random = Random::new(11);
    let shapes: [(&str, Draw); 2] = [("log-normal", log_normal), ("two humps", two_humps)];
    for (calls, p, cases) in
        [(12, 0.5, 1500), (60, 0.5, 1000), (60, 0.75, 1000), (200, 0.9, 600), (1000, 0.95, 250)]
    {
        let cases = if long() { 10 * cases } else { cases };
        for (shape, draw) in shapes {
            let mut held = 0;
            for _ in 0..cases {
                put(&db, "a", (0..calls).map(|_| draw(&mut random)));
                put(&db, "b", (0..calls).map(|_| truth * draw(&mut random)));
                let (low, high, _) = compared(&db, p);
                held += i32::from(low <= truth && truth <= high);
            }
            let share = f64::from(held) / f64::from(cases);
            println!("{shape}, {calls} calls, p {p}: {share:.3}");
            assert!((0.94..=0.99).contains(&share), "{shape}, {calls} calls, p {p}: {share}");
        }
    }
}

/// Rule 8: many calls of equal models do not become different by the buckets of sketches: 100,000 a
/// side, 1,000,000 in the long form.
#[test]
fn equal_models_stay_not_separable() {
    let calls = if long() { 1_000_000 } else { 100_000 };
    let db = table();
    let mut random = Random::new(12);
    for draw in [log_normal, two_humps] {
        put(&db, "a", (0..calls).map(|_| draw(&mut random)));
        put(&db, "b", (0..calls).map(|_| draw(&mut random)));
        for p in [0.05, 0.25, 0.5, 0.75, 0.9, 0.99] {
            let (low, high, verdict) = compared(&db, p);
            assert_eq!(verdict, "not separable", "p {p}: {low} to {high}");
            // What 100,000 calls and buckets of 1.1 % can tell.
            assert!(0.9 < low && high < 1.1, "p {p}: {low} to {high}");
        }
    }
}

/// Rule 8: what a bucket hides is no chance: values that do not vary, less than a bucket apart and
/// on both sides of an edge, are within the interval.
#[test]
fn a_bucket_is_as_wide_as_it_is() {
    let db = table();
    // 1 is an edge, and belongs to the bucket below it.
    for (ratio, expected) in [(1.0005, "not separable"), (1.02, "b higher"), (0.97, "b lower")] {
        put(&db, "a", (0..10_001).map(|_| 1.0));
        put(&db, "b", (0..10_001).map(|_| ratio));
        let (low, high, verdict) = compared(&db, 0.5);
        assert!(low <= ratio && ratio <= high, "{ratio}: {low} to {high}");
        assert_eq!(verdict, expected, "{ratio}: {low} to {high}");
    }
    // Up to 10,000 calls values are exact.
    put(&db, "a", (0..10_000).map(|_| 1.0));
    put(&db, "b", (0..10_000).map(|_| 1.0005));
    assert_eq!(compared(&db, 0.5), (1.0005, 1.0005, "b higher".to_owned()));
}
