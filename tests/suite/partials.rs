use crate::harness::random::{Random, with_seeds};
use crate::harness::{self, Connection, Row, Value};
use crate::suite::reference::{close, same_key};
use crate::suite::tables::{Kind, filled, random_rows, schema};

fn script(path: &str) -> String {
    std::fs::read_to_string(harness::root().join(path)).expect("the repository has it")
}

fn is_same(ours: &[Row], plain: &[Row], keys: usize, of: &str) {
    assert_eq!(ours.len(), plain.len(), "rows of {of}");
    for (a, b) in ours.iter().zip(plain) {
        for (column, (a, b)) in a.iter().zip(b).enumerate() {
            let holds = close(a, b) || (column < keys && same_key(a, b));
            assert!(holds, "{of}, column {column}: {a:?}, plain SQL {b:?}");
        }
    }
}

fn in_all(db: &Connection, table: &str) -> i64 {
    match db.value(&format!("SELECT count(*) FROM {table}")) {
        Value::Int(rows) => rows,
        other => panic!("no count: {other:?}"),
    }
}

/// Rule: the sums are those of plain SQL, on tables of every kind.
#[test]
fn partial_sums_equal_plain_sql() {
    let plain = script("sql/reference/parts/partial_sums.sql");
    for kind in [Kind::Peer, Kind::Loose] {
        with_seeds(400..406, |random| {
            let rows = random.below(300);
            let db = filled(kind, &random_rows(random, kind, rows));
            let since = if random.one_in(2) { Value::Null } else { Value::Int(20) };
            let mut statement = db.prepare(&plain).expect("it compiles");
            statement = statement.bind_named(&[(":since", since.clone())]).expect("it binds");
            let names = statement.names();
            let theirs = statement.rows().expect("it runs");
            let ours = format!("SELECT {} FROM partial_stats(?1)", names.join(", "));
            is_same(&db.query(&ours, &[since]).expect("it runs"), &theirs, 2, "partial_stats");
        });
    }
}

/// The rows of a table, dealt out to some tables `part0`, `part1`, ... of the same columns, of which
/// one has none.
fn dealt(db: &Connection, random: &mut Random, kind: Kind) -> usize {
    let parts = 2 + random.below(5);
    for part in 0..parts {
        db.exec(&schema(kind).replacen("telemetry", &format!("part{part}"), 1));
        let from =
            if part == 0 { "0".to_owned() } else { format!("id % {} = {part} - 1", parts - 1) };
        db.exec(&format!("INSERT INTO part{part} SELECT * FROM telemetry WHERE {from}"));
    }
    parts
}

/// Rule: plain SUM over the partials of many tables gives every figure of one with all rows.
#[test]
fn partials_add_up_to_the_figures_of_all() {
    let add_up = script("sql/fleet/add_up.sql");
    for kind in [Kind::Peer, Kind::Loose] {
        with_seeds(410..416, |random| {
            let rows = random.below(300);
            let db = filled(kind, &random_rows(random, kind, rows));
            let parts = dealt(&db, random, kind);
            let rows = in_all(&db, "telemetry");
            let since = if random.one_in(2) { "NULL" } else { "'20'" };
            let only = random.one_in(3);
            let each = (0..parts).map(|part| {
                let filter = if only { "WHERE current = 1" } else { "" };
                format!("SELECT * FROM partial_stats({since}, NULL, 'part{part}') {filter}")
            });
            let each: Vec<String> = each.collect();
            db.exec(&format!("CREATE TEMP VIEW partials AS {}", each.join(" UNION ALL ")));
            db.exec(&add_up);
            let arguments = format!("{since}, NULL, {}", i32::from(only));
            for (view, function, keys) in [
                ("fleet_models", "model_stats", 1),
                ("fleet_engines", "engine_stats", 1),
                ("fleet_summary", "aggregated_stats", 0),
            ] {
                let ask = format!("SELECT * FROM {view}");
                let plain = db.prepare(&ask).expect("it compiles");
                let names = plain.names();
                let ours = format!("SELECT {} FROM {function}({arguments})", names.join(", "));
                let mut every =
                    db.prepare(&format!("SELECT * FROM {function}")).expect("is").names();
                every.retain(|name| !matches!(name.as_str(), "per_model" | "per_engine"));
                assert_eq!(names, every, "{view} has the columns of {function}");
                is_same(&db.rows(&ours), &db.rows(&ask), keys, &format!("{function} of {rows}"));
            }
        });
    }
}

/// Rule: MIN and MAX of the extremes of many tables are those of one with all rows, to the bit.
#[test]
fn extremes_of_parts_give_those_of_all() {
    let of = |from: &str| {
        format!(
            "SELECT model_id, min(min_latency_seconds), max(max_latency_seconds) FROM {from} \
             GROUP BY 1 ORDER BY 1"
        )
    };
    let plain = "SELECT model_id, min(CAST(latency_seconds AS REAL)) + 0.0, \
        max(CAST(latency_seconds AS REAL)) + 0.0 FROM telemetry GROUP BY 1 ORDER BY 1";
    for kind in [Kind::Peer, Kind::Loose] {
        with_seeds(430..436, |random| {
            let rows = random.below(300);
            let db = filled(kind, &random_rows(random, kind, rows));
            let parts = dealt(&db, random, kind);
            let each =
                (0..parts).map(|p| format!("SELECT * FROM partial_stats(NULL, NULL, 'part{p}')"));
            let each: Vec<String> = each.collect();
            let parts = db.rows(&of(&format!("({})", each.join(" UNION ALL "))));
            let (all, plain) = (db.rows(&of("partial_stats()")), db.rows(plain));
            for other in [&parts, &plain] {
                assert_eq!(all.len(), other.len());
                for (a, b) in all.iter().zip(other) {
                    let is_same = a.iter().zip(b).skip(1).all(|(a, b)| a.same(b));
                    assert!(is_same && same_key(&a[0], &b[0]), "{a:?}, {b:?}");
                }
            }
        });
    }
}

/// Rule: `sketch_merge` over parts gives the sketch of all, byte for byte; and the percentiles that
/// plain SQL reads from buckets are those of `sketch_quantile`.
#[test]
fn sketches_of_parts_merge_to_that_of_all() {
    let percentiles = script("sql/fleet/percentiles.sql");
    let has_floor = Connection::memory().query("SELECT floor(1)", &[]).is_ok();
    with_seeds(420..424, |random| {
        let db = filled(Kind::Peer, &random_rows(random, Kind::Peer, 600));
        let parts = dealt(&db, random, Kind::Peer);
        let each =
            (0..parts).map(|p| format!("SELECT * FROM partial_stats(NULL, NULL, 'part{p}')"));
        let each: Vec<String> = each.collect();
        db.exec(&format!("CREATE TABLE partials AS {}", each.join(" UNION ALL ")));
        for latency in ["ttft", "tpot", "e2el"] {
            let merged = |from: &str| {
                format!("SELECT sketch_merge({latency}_sketch) FROM {from} GROUP BY model_id")
            };
            let (all, added) = (merged("partial_stats()"), merged("partials"));
            let (all, added) = (db.rows(&all), db.rows(&added));
            assert!(all.iter().flatten().any(|sketch| matches!(sketch, Value::Blob(_))));
            is_same(&all, &added, 0, latency);
        }
        if !has_floor {
            println!("this SQLite has no floor(): percentiles.sql is not compared");
            return;
        }
        let each = ["ttft", "tpot", "e2el"].map(|latency| {
            format!(
                "SELECT model_id, '{latency}' AS latency, low, high, count
                 FROM partials, sketch_buckets({latency}_sketch)"
            )
        });
        db.exec(&format!("CREATE TABLE partial_buckets AS {}", each.join(" UNION ALL ")));
        db.exec(&percentiles);
        for (column, p, calls) in
            [("p50", 0.5, 1), ("p90", 0.9, 29), ("p95", 0.95, 59), ("p99", 0.99, 299)]
        {
            let plain = db.rows(&format!(
                "SELECT model_id, latency, measured, {column} FROM fleet_latency ORDER BY 1, 2"
            ));
            let each = ["e2el", "tpot", "ttft"].map(|latency| {
                format!(
                    "SELECT model_id, '{latency}', sketch_count(s) AS n,
                        CASE WHEN sketch_count(s) >= {calls} THEN sketch_quantile(s, {p}) END
                     FROM (SELECT model_id, sketch_merge({latency}_sketch) AS s FROM partials
                           GROUP BY 1) WHERE s IS NOT NULL"
                )
            });
            let ours = db.rows(&format!("{} ORDER BY 1, 2", each.join(" UNION ALL ")));
            assert!(!ours.is_empty());
            is_same(&ours, &plain, 0, column);
        }
    });
}
