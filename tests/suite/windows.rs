use crate::harness::catalogue::{self, Kind};
use crate::harness::exact::ExactSum;
use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value};
use crate::suite::tables;

/// A sample call of each aggregate in each form, over columns of the telemetry table.
fn calls() -> Vec<String> {
    catalogue::of_kind(Kind::Aggregate).into_iter().map(|entry| entry.sample).collect()
}

/// A measure as telemetry, or an attacker, may hold it.
fn measure(random: &mut Random) -> Value {
    let sign = *random.pick(&[1.0, -1.0]);
    match random.below(16) {
        0 => Value::Null,
        1 => Value::Real(sign * 1e25),
        2 => Value::Real(sign * f64::INFINITY),
        3 => Value::Real(sign * 5e-324 * random.below(1000) as f64),
        4 => Value::Real(sign * 1.7e308),
        5 => Value::Int(random.below(1000) as i64),
        6 => Value::Int(*random.pick(&[i64::MAX, i64::MIN, (1 << 53) + 1])),
        7 => Value::text(format!(" {:e}", random.unit() * 100.0)),
        8 => Value::text(random.below(50).to_string()),
        _ => Value::Real(random.unit() * 100.0),
    }
}

fn count(random: &mut Random) -> Value {
    match random.below(20) {
        0 => Value::Null,
        1 => Value::Int(i64::MAX - random.below(3) as i64),
        2 => Value::Real(random.below(2000) as f64 / 8.0),
        3 => Value::Real(f64::INFINITY),
        4 => Value::Int(-(random.below(100) as i64)),
        5 => Value::text(random.below(500).to_string()),
        6 => Value::Real(random.unit() * 1e6),
        _ => Value::Int(random.below(600) as i64),
    }
}

/// A telemetry table of random rows, ids from 1 without gaps, with all columns that a sample may
/// name.
fn random_table(db: &Connection, random: &mut Random, rows: usize) {
    let names = tables::columns();
    let columns = names.join(", ");
    let places = vec!["?"; names.len()].join(", ");
    let insert = format!("INSERT INTO telemetry({columns}) VALUES ({places})");
    db.exec(&format!("CREATE TABLE telemetry(id INTEGER PRIMARY KEY, {columns}); BEGIN"));
    for _ in 0..rows {
        let row: Vec<Value> = names
            .iter()
            .map(
                |name| {
                    if tables::MEASURES.contains(name) { measure(random) } else { count(random) }
                },
            )
            .collect();
        db.query(&insert, &row).expect("inserts");
    }
    db.exec("COMMIT");
}

/// One end of a ROWS frame.
fn bound(offset: i64) -> String {
    match offset {
        0 => "CURRENT ROW".to_owned(),
        o if o < 0 => format!("{} PRECEDING", -o),
        o => format!("{o} FOLLOWING"),
    }
}

/// That `call OVER (window)` gives, row by row and to the last bit, what `call` gives over the rows
/// that `frame` picks from `telemetry AS u` for each row `t`; or that both fail with one text. (Two
/// statements: SQLite 3.28 crashes when it compiles both into one.)
fn check(db: &Connection, call: &str, window: &str, frame: &str) {
    let ask = |sql: String| -> Result<Vec<Row>, String> {
        db.query(&sql, &[]).map_err(|failure| failure.message)
    };
    let windowed = ask(format!("SELECT id, {call} OVER ({window}) FROM telemetry ORDER BY id"));
    let fresh = ask(format!(
        "SELECT id, (SELECT {call} FROM telemetry AS u WHERE {frame}) FROM telemetry AS t ORDER BY id"
    ));
    let (windowed, fresh) = match (windowed, fresh) {
        (Ok(windowed), Ok(fresh)) => (windowed, fresh),
        (one, other) => return assert_eq!(one, other, "{call} OVER ({window})"),
    };
    assert_eq!(windowed.len(), fresh.len());
    for (a, b) in windowed.iter().zip(&fresh) {
        assert!(a[1].same(&b[1]), "{call} OVER ({window}): {a:?}, computed afresh {b:?}");
    }
}

/// Rule: a sliding window gives to the last bit what a fresh computation over its frame would give.
#[test]
fn a_sliding_window_equals_a_fresh_computation() {
    with_seeds(0..8, |random| {
        let db = Connection::memory();
        random_table(&db, random, 120);
        for _ in 0..5 {
            let low = random.below(40) as i64 - 30;
            let high = low + random.below(25) as i64;
            let window = format!("ORDER BY id ROWS BETWEEN {} AND {}", bound(low), bound(high));
            let frame = format!("u.id BETWEEN t.id + {low} AND t.id + {high}");
            for call in &calls() {
                check(&db, call, &window, &frame);
            }
        }
    });
}

/// The same where rows leave a frame in another order than they came: EXCLUDE (from 3.28), and
/// partitions.
#[test]
fn excluded_rows_and_other_partitions_leave_no_trace() {
    with_seeds(100..104, |random| {
        let db = Connection::memory();
        random_table(&db, random, 90);
        for call in &calls() {
            check(
                &db,
                call,
                "PARTITION BY id % 3 ORDER BY id ROWS 4 PRECEDING",
                "u.id % 3 = t.id % 3 AND u.id BETWEEN t.id - 12 AND t.id",
            );
            if harness::version() >= 3_028_000 {
                check(
                    &db,
                    call,
                    "ORDER BY id ROWS BETWEEN 5 PRECEDING AND 7 FOLLOWING EXCLUDE CURRENT ROW",
                    "u.id BETWEEN t.id - 5 AND t.id + 7 AND u.id <> t.id",
                );
            }
        }
    });
}

/// The calls whose exact figures `expected` knows, over the measure j and the counts n and c.
const SUMS: [&str; 4] =
    ["energy_per_token(j, n)", "energy_per_token(j, n, c)", "avg_itl(j)", "avg_itl(j, n)"];

/// Rule: each sum is exact and rounded once, then divided; products are rounded once; NaN is NULL.
#[test]
fn sums_are_exact() {
    with_seeds(200..220, |random| {
        let db = Connection::memory();
        db.exec("CREATE TABLE t(j, n, c)");
        for _ in 0..random.below(40) {
            let row = [measure(random), count(random), count(random)];
            db.query("INSERT INTO t(j, n, c) VALUES (?, ?, ?)", &row).expect("inserts");
        }
        let rows = db.rows("SELECT j, n, c FROM t");
        for (call, expected) in SUMS.iter().zip(expected(&rows)) {
            let got = db.value(&format!("SELECT {call} FROM t"));
            let equal = match (&got, expected) {
                (Value::Null, None) => true,
                // -0.0 and 0.0 are one number.
                (Value::Real(got), Some(expected)) => *got == expected,
                _ => false,
            };
            assert!(equal, "{call}: {got:?}, expected {expected:?}, of {rows:?}");
        }
    });
}

/// What the four calls come to.
fn expected(rows: &[Vec<Value>]) -> [Option<f64>; 4] {
    let mut sums: [(ExactSum, ExactSum, i64); 4] = Default::default();
    for row in rows {
        let [j, n, c] = [&row[0], &row[1], &row[2]].map(number);
        if let (Some(j), Some(n)) = (&j, &n) {
            add(&mut sums[0], j, &[n]);
            if let Some(c) = &c {
                add(&mut sums[1], j, &[n, c]);
            }
            if n.number() >= 2.0 {
                let (product, gaps) = weighted(j, n);
                add(&mut sums[3], &product, &[&gaps]);
            }
        }
        if let Some(j) = &j {
            add(&mut sums[2], j, &[&Value::Int(1)]);
        }
    }
    let [two, three, mean, gaps] =
        sums.map(|(above, below, rows)| (rows > 0).then(|| (above.round(), below.round())));
    let per_token = |sums: Option<(f64, f64)>| {
        let (above, below) = sums?;
        (below > 0.0 || below.is_nan()).then_some(above / below)
    };
    let ratio = |sums: Option<(f64, f64)>| sums.map(|(above, below)| above / below);
    [per_token(two), per_token(three), ratio(mean), ratio(gaps)]
        .map(|x: Option<f64>| x.filter(|x| !x.is_nan()))
}

fn add(sums: &mut (ExactSum, ExactSum, i64), above: &Value, below: &[&Value]) {
    sums.0.add_value(above);
    for value in below {
        sums.1.add_value(value);
    }
    sums.2 += 1;
}

/// A value as SQL's numbers; these tables hold no other text than what reads as one.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Text(text) => {
            let text = std::str::from_utf8(text).expect("ASCII").trim();
            Some(match text.parse::<i64>() {
                Ok(integer) => Value::Int(integer),
                Err(_) => Value::Real(text.parse().expect("a number")),
            })
        }
        other => Some(other.clone()),
    }
}

/// The time in all gaps of a row, rounded once, and the gaps.
fn weighted(itl: &Value, tokens: &Value) -> (Value, Value) {
    match tokens {
        Value::Int(n) => {
            let gaps = n - 1;
            let product = match itl {
                Value::Int(itl) => (i128::from(*itl) * i128::from(gaps)) as f64,
                Value::Real(itl) => times(*itl, gaps),
                other => panic!("not a number: {other:?}"),
            };
            (Value::Real(product), Value::Int(gaps))
        }
        Value::Real(n) if n.is_finite() => {
            // At most 1e6 here, so that n - 1 is exact; and an integer measure is a small one, or
            // rounds once as i128.
            let gaps = n - 1.0;
            let product = match itl {
                Value::Int(itl) if itl.unsigned_abs() > 1 << 53 => times(gaps, *itl),
                itl => itl.number() * gaps,
            };
            (Value::Real(product), Value::Real(gaps))
        }
        other => {
            let infinite = other.number();
            (Value::Real(itl.number() * infinite), Value::Real(infinite))
        }
    }
}

/// A double times an integer of up to 64 bits, rounded once.
fn times(x: f64, integer: i64) -> f64 {
    if integer.unsigned_abs() <= 1 << 53 || !x.is_finite() || x == 0.0 {
        return x * integer as f64;
    }
    // Halves of the integer that a double holds: each product's error is a double too, so four
    // exact terms.
    let low = integer & 0xffff_ffff;
    let mut exact = ExactSum::default();
    for part in [(integer - low) as f64, low as f64] {
        let product = x * part;
        exact.add(product);
        if product.is_finite() {
            exact.add(x.mul_add(part, -product));
        }
    }
    exact.round()
}
