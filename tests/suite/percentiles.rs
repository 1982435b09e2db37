use crate::harness::process::{forget_peak, in_child, long, peak, resident};
use crate::harness::random::{Random, with_seeds};
use crate::harness::{Connection, INTERRUPT, Value};

const MEGABYTE: u64 = 1 << 20;

/// A table `t(id, x)`, ids from 1 without gaps.
fn table(values: &[f64]) -> Connection {
    let db = Connection::memory();
    db.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, x REAL); BEGIN");
    for x in values {
        db.query("INSERT INTO t(x) VALUES (?)", &[Value::Real(*x)]).expect("inserts");
    }
    db.exec("COMMIT");
    db
}

/// Hyndman and Fan's type 7, as rule 3.1.3 has it.
fn type_7(sorted: &[f64], p: f64) -> f64 {
    let h = p * (sorted.len() - 1) as f64;
    let i = h as usize;
    let (low, high) = (sorted[i], sorted[(i + 1).min(sorted.len() - 1)]);
    if h == i as f64 || low == high { low } else { low + (high - low) * (h - i as f64) }
}

/// Rule 3.1.7: a window keeps sorted chunks; frames of many chunks, whose values come and go and
/// repeat, give what sorting each of them gives.
#[test]
fn long_frames_equal_a_fresh_sort() {
    with_seeds(0..2, |random| {
        let distinct = *random.pick(&[3, 400, 1 << 30]);
        let values: Vec<f64> = (0..6000)
            // In runs that rise and fall, so that chunks fill and empty at both ends.
            .map(|i| (random.below(distinct) as f64) * if i / 1500 % 2 == 0 { 1.0 } else { -1.0 })
            .collect();
        let db = table(&values);
        for frame in [2500, 6000] {
            let rows = db.rows(&format!(
                "SELECT quantile(x, 0.37) OVER (ORDER BY id ROWS {} PRECEDING) FROM t ORDER BY id",
                frame - 1
            ));
            let mut sorted: Vec<f64> = Vec::new();
            let place = |sorted: &[f64], x: f64| sorted.partition_point(|y| *y < x);
            for (i, row) in rows.iter().enumerate() {
                if i >= frame {
                    sorted.remove(place(&sorted, values[i - frame]));
                }
                sorted.insert(place(&sorted, values[i]), values[i]);
                let expected = type_7(&sorted, 0.37);
                assert_eq!(row[0], Value::Real(expected), "row {i}, frame {frame}");
            }
        }
    });
}

/// Rule 3.4.2: one multiset has one BLOB, whatever the order, the split and the merges; rule 3.4.4:
/// over a window sketches that leave are taken out exactly.
#[test]
fn one_multiset_has_one_sketch() {
    with_seeds(20..24, |random| {
        let values: Vec<f64> = (0..500)
            .map(|_| match random.below(12) {
                0 => 0.0,
                1 => f64::INFINITY,
                2 => f64::NEG_INFINITY,
                3 => 5e-324 * random.below(100) as f64,
                4 => -1.7e308 * random.unit(),
                _ => (random.unit() - 0.3) * 10f64.powi(random.below(9) as i32 - 4),
            })
            .collect();
        let db = table(&values);
        let parts = 1 + random.below(30);
        db.exec(&format!(
            "CREATE TABLE part AS SELECT id * 7919 % {parts} AS part, sketch(x) AS s FROM t GROUP BY 1"
        ));
        let whole = db.value("SELECT sketch(x) FROM (SELECT x FROM t ORDER BY id * 31 % 499)");
        assert_eq!(db.value("SELECT sketch_merge(s) FROM part"), whole);
        assert_eq!(
            db.value(
                "SELECT sketch_merge(m) FROM (SELECT sketch_merge(s) AS m FROM part GROUP BY part % 3)"
            ),
            whole
        );
        let sliding = db.rows(
            "SELECT part, sketch_merge(s) OVER (ORDER BY part ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)
             FROM part ORDER BY part",
        );
        for row in sliding {
            let sql = format!(
                "SELECT sketch(x) FROM t WHERE id * 7919 % {parts} BETWEEN ?1 - 2 AND ?1 + 1"
            );
            assert_eq!(db.query(&sql, &row[..1]).expect("a row")[0][0], row[1]);
        }
    });
}

/// Rule 3.2: the interval holds the true percentile with at least that confidence, whatever the
/// distribution: a thousand samples of 100 from each of two, their percentiles known.
#[test]
fn intervals_hold_the_true_percentile_as_often_as_they_say() {
    const SAMPLES: usize = 1000;
    let mut random = Random::new(7);
    let db = Connection::memory();
    db.exec("CREATE TABLE t(sample, uniform, exponential); BEGIN");
    for sample in 0..SAMPLES {
        for _ in 0..100 {
            let u = random.unit();
            let row = [Value::Int(sample as i64), Value::Real(u), Value::Real(-(1.0 - u).ln())];
            db.query("INSERT INTO t VALUES (?, ?, ?)", &row).expect("inserts");
        }
    }
    db.exec("COMMIT");
    for (p, confidence) in [(0.5, 0.95), (0.9, 0.95), (0.95, 0.95), (0.5, 0.8), (0.1, 0.99)] {
        for (column, truth) in [("uniform", p), ("exponential", -f64::ln(1.0 - p))] {
            let sql =
                format!("SELECT quantile_ci({column}, {p}, {confidence}) FROM t GROUP BY sample");
            let rows = db.rows(&sql);
            let held = rows.iter().filter(|row| {
                let Value::Text(text) = &row[0] else { panic!("no text: {row:?}") };
                let json: serde_json::Value = serde_json::from_slice(text).expect("JSON");
                json["low"].as_f64().is_none_or(|low| low <= truth)
                    && json["high"].as_f64().is_none_or(|high| truth <= high)
            });
            let share = held.count() as f64 / SAMPLES as f64;
            // Three and a half standard errors of such a share.
            let error = 3.5 * (confidence * (1.0 - confidence) / SAMPLES as f64).sqrt();
            assert!(share >= confidence - error, "{column}, {p}, {confidence}: {share}");
            // A discrete distribution's interval holds more often, but not always.
            assert!(share < 1.0 - (1.0 - confidence) / 4.0 + error, "{column}, {p}: {share}");
        }
    }
}

/// Rule 3.1.7: a sort can be interrupted. The wish comes with the last instruction of the scan at
/// which SQLite looks; what SQLite does from there, a sum shows, it does in spite of it.
#[test]
fn a_sort_can_be_interrupted() {
    let db = Connection::memory();
    db.exec(
        "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         SELECT i * 7919 % 100003 AS x FROM n",
    );
    let first_row = |sql: &str, interrupt_at: u64| {
        let mut statement = db.prepare(sql).expect("it compiles");
        let mut looks = 0;
        let progress = || {
            looks += 1;
            if looks == interrupt_at {
                db.interrupt();
            }
            false
        };
        let outcome = db.with_progress(1, progress, || statement.step().map(drop));
        (outcome, looks)
    };
    let sum = "SELECT sum(x) FROM t";
    let (_, last_look) = first_row(sum, u64::MAX);
    assert_eq!(first_row(sum, last_look).0, Ok(()));
    for sql in [
        "SELECT quantile(x, 0.5) FROM t",
        "SELECT quantile(x, '[0.1, 0.5]') FROM t",
        "SELECT quantile_ci(x, 0.5) FROM t",
    ] {
        let failure = first_row(sql, last_look).0.expect_err(sql);
        assert_eq!((failure.code, &*failure.message), (INTERRUPT, "interrupted"));
        assert_eq!(first_row(sql, u64::MAX).0, Ok(()));
    }
}

/// What the process grows by, at its peak; 0 where the system does not tell.
fn growth(run: impl FnOnce()) -> u64 {
    let known = forget_peak();
    let before = resident().filter(|_| known);
    run();
    match (before, peak()) {
        (Some(before), Some(peak)) => peak.saturating_sub(before),
        _ => 0,
    }
}

/// Rule 3.1.7: 16 bytes a value at the peak; rule 3.4: a sketch's memory does not grow with rows.
#[test]
fn memory_is_as_promised() {
    in_child("suite::percentiles::memory_is_as_promised", || {
        let db = Connection::memory();
        let rows: u64 = 2_000_000;
        let over = |call: &str| {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                 SELECT {call} FROM (SELECT (i * 7919 % 1000003) / 1e4 + 0.01 AS x FROM n)"
            )
        };
        drop(db.value(&over("max(x)")));
        let grown = growth(|| drop(db.value(&over("sketch(x)"))));
        assert!(grown < MEGABYTE, "sketch: {grown} bytes");
        let grown = growth(|| drop(db.value(&over("quantile(x, 0.95)"))));
        println!("quantile: {:.1} bytes a value", grown as f64 / rows as f64);
        assert!(grown <= 16 * rows + 2 * MEGABYTE, "quantile: {grown} bytes");
    });
}

/// Rule 3.1.7: more than 1 GiB of values is an error with a sentence. (Long form only: half a minute
/// and a gigabyte.)
#[test]
fn a_gibibyte_of_values_is_the_limit() {
    if !long() {
        println!("only with JARVIS_TEST_LONG=1");
        return;
    }
    in_child("suite::percentiles::a_gibibyte_of_values_is_the_limit", || {
        let db = Connection::memory();
        let values = |count: u64| {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
                 SELECT quantile(i, 1) FROM n"
            )
        };
        assert_eq!(db.value(&values(1 << 27)), Value::Real(f64::from(1 << 27)));
        let failure = db.error(&values((1 << 27) + 1));
        assert_eq!(
            failure.message,
            "quantile: more than 134217728 values, which take 1 GiB; take sketch(x), whose size does \
             not grow with them"
        );
    });
}
