use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::harness::catalogue;
use crate::harness::random::Random;
use crate::harness::{Connection, Scratch, Value};
use crate::suite::tables::{self, Kind, filled, random_rows};

const ROWS: i64 = 60;

/// The calls behind a view `counted` that counts, for each column, how often it is read.
struct Counted {
    db: Connection,
    reads: Vec<(&'static str, Arc<AtomicI64>)>,
}

impl Counted {
    fn new() -> Counted {
        let rows = random_rows(&mut Random::new(7), Kind::Peer, ROWS as usize);
        let db = filled(Kind::Peer, &rows);
        let mut reads = Vec::new();
        let mut shown = Vec::new();
        for column in tables::columns() {
            reads.push((column, db.count_calls(&format!("read_{column}"))));
            shown.push(format!("read_{column}({column}) AS {column}"));
        }
        db.exec(&format!("CREATE TEMP VIEW counted AS SELECT {} FROM telemetry", shown.join(", ")));
        Counted { db, reads }
    }

    /// The columns that this query reads, each with how often.
    fn reads(&self, sql: &str) -> Vec<(&'static str, i64)> {
        for (_, count) in &self.reads {
            count.store(0, Ordering::Relaxed);
        }
        self.db.rows(sql);
        self.reads
            .iter()
            .map(|(column, count)| (*column, count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// That a query reads each of these columns once a row, and no other.
    fn check(&self, sql: &str, columns: &[&str]) {
        let mut read = self.reads(sql);
        read.sort_unstable();
        let mut expected: Vec<(&str, i64)> = columns.iter().map(|c| (*c, ROWS)).collect();
        expected.sort_unstable();
        assert_eq!(read, expected, "in: {sql}");
    }
}

/// A query pays only for the columns that it names.
#[test]
fn only_named_columns_are_read() {
    let counted = Counted::new();
    for (sql, columns) in [
        (
            "SELECT model_id, call_count FROM model_stats WHERE source = 'counted'",
            &["model_id"][..],
        ),
        ("SELECT count(*) FROM model_stats WHERE source = 'counted'", &["model_id"]),
        ("SELECT avg_ttft FROM model_stats WHERE source = 'counted'", &["model_id", "ttft"]),
        (
            "SELECT model_id, total_energy_joules, prompt_tokens FROM top_models WHERE source = 'counted'",
            &["model_id", "energy_joules", "prompt_tokens"],
        ),
        ("SELECT engine, call_count FROM engine_stats WHERE source = 'counted'", &["engine"]),
        // A total and an average of one column are one column.
        (
            "SELECT total_latency, avg_latency FROM engine_stats WHERE source = 'counted' ORDER BY avg_latency",
            &["engine", "latency_seconds"],
        ),
        (
            "SELECT total_cost FROM aggregated_stats WHERE source = 'counted'",
            &["model_id", "cost_usd"],
        ),
    ] {
        counted.check(sql, columns);
    }
}

/// Whatever a table function is asked, all of it or one column alone, is one scan, and a column
/// alone reads nothing that `SELECT *` does not read, and nothing more often. (A second scan would
/// read every column twice; rules and a WHERE read some of them more often.)
#[test]
fn every_question_is_one_scan() {
    let counted = Counted::new();
    let tables = catalogue::of_kind(catalogue::Kind::Table);
    let tables: Vec<_> = tables.into_iter().filter(|entry| entry.takes("source")).collect();
    // It looks at the schema and at what is stored, and reads no row.
    // measured_calls computes columns from others, so a pass reads some more than once: below.
    let others = ["rollup_status", "measured_calls"];
    let tables: Vec<_> = tables.into_iter().filter(|e| !others.contains(&&*e.name)).collect();
    assert!(!tables.is_empty(), "no table function has a source");
    for table in tables {
        let names = counted.db.prepare(&table.question()).expect("it compiles").names();
        let ask = |columns: &str| {
            counted
                .reads(&format!("SELECT {columns} FROM {} WHERE source = 'counted'", table.sample))
        };
        let all = ask("*");
        assert!(all.iter().any(|(_, reads)| *reads <= ROWS), "{}: {all:?}", table.name);
        for name in names {
            let alone = ask(&format!("\"{name}\""));
            assert!(
                alone.iter().all(|(read, times)| {
                    all.iter().any(|(column, of_all)| column == read && of_all >= times)
                }),
                "{}.{name}: {alone:?}",
                table.name
            );
        }
    }
}

/// A column of measured_calls is computed only where it is named; the first pass reads what shares
/// need, and no more.
#[test]
fn measured_calls_reads_what_it_shows() {
    let counted = Counted::new();
    let reads = |columns: &str| {
        let sql = format!("SELECT {columns} FROM measured_calls WHERE source = 'counted'");
        let mut read: Vec<&str> = counted.reads(&sql).into_iter().map(|(name, _)| name).collect();
        read.sort_unstable();
        read
    };
    // Bare twins are left out by their engine.
    assert_eq!(reads("model_id"), ["engine", "model_id"]);
    assert_eq!(reads("cost_usd"), ["cost_usd", "engine"]);
    assert_eq!(reads("count(*)"), ["engine"]);
    let shares = reads("sum(joules)");
    for other in ["mean_itl_ms", "completion_tokens", "batch_id", "metadata"] {
        assert!(!shares.contains(&other), "{other} among {shares:?}");
    }
    assert!(shares.contains(&"energy_joules") && shares.contains(&"latency_seconds"));
}

/// The tests of a WHERE clause are not counted: SQLite may read its columns once more.
#[test]
fn only_given_bounds_are_tested() {
    let counted = Counted::new();
    let reads =
        |sql: &str| -> Vec<&str> { counted.reads(sql).into_iter().map(|(c, _)| c).collect() };
    assert_eq!(reads("SELECT call_count FROM model_stats(NULL, '', 0, 'counted')"), ["model_id"]);
    assert_eq!(
        reads("SELECT call_count FROM model_stats(0, NULL, 0, 'counted')"),
        ["timestamp", "model_id"]
    );
    assert_eq!(
        reads("SELECT total_requests FROM batch_stats(NULL, NULL, NULL, 'counted')"),
        ["batch_id"]
    );
    assert_eq!(
        reads("SELECT call_count FROM engine_stats(NULL, NULL, 'false', 'counted')"),
        ["engine"]
    );
}

/// Everything at once reads each column once: aggregated_stats is one scan, not one by model and
/// one by engine.
#[test]
fn a_summary_is_one_scan() {
    let counted = Counted::new();
    let mut columns = vec!["model_id", "engine"];
    columns.extend(tables::TOKENS);
    columns.extend(tables::MEASURES);
    counted.check("SELECT * FROM aggregated_stats WHERE source = 'counted'", &columns);
    columns.retain(|c| *c != "engine");
    counted.check("SELECT * FROM model_stats WHERE source = 'counted'", &columns);
}

/// Rule: a cursor that is filtered again with the same arguments answers from memory: a LEFT JOIN
/// costs one scan.
#[test]
fn a_join_costs_one_scan() {
    let counted = Counted::new();
    counted.db.exec(
        "CREATE TEMP TABLE prices(model_id, usd);
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO prices SELECT 'model ' || (i % 20), i FROM n",
    );
    counted.check(
        "SELECT p.usd, m.call_count FROM prices p LEFT JOIN model_stats(NULL, NULL, NULL, 'counted') m USING (model_id)",
        &["model_id"],
    );
    counted.check(
        "SELECT p.usd, e.total_calls FROM prices p, aggregated_stats(NULL, NULL, NULL, 'counted') e",
        &["model_id"],
    );
    // Other arguments are another scan: two different bounds from the left side, in runs of 500.
    let reads = counted.reads(
        "SELECT p.usd, m.call_count FROM (SELECT usd, usd / 500 AS since FROM prices ORDER BY usd LIMIT 1000) p \
         LEFT JOIN model_stats(p.since, NULL, NULL, 'counted') m ON m.model_id = 'none'",
    );
    let scans = reads.iter().find(|(column, _)| *column == "timestamp");
    assert_eq!(scans.map(|(_, scans)| *scans), Some(2 * ROWS), "{reads:?}");
}

/// Rule: it does so until the connection changes something.
#[test]
fn a_change_ends_the_answer_from_memory() {
    let db = Connection::memory();
    db.exec(
        "CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('m');
         CREATE TABLE side(n); INSERT INTO side VALUES (1), (2), (3), (4), (5), (6)",
    );
    let mut statement = db
        .prepare("SELECT n, call_count FROM side LEFT JOIN model_stats() m ON m.model_id = substr('m', 1, n)")
        .expect("it compiles");
    let mut next = || match statement.step().expect("a row").expect("a row")[1] {
        Value::Int(count) => count,
        _ => 0,
    };
    assert_eq!(next(), 1);
    db.exec("INSERT INTO telemetry VALUES ('m')");
    assert_eq!(next(), 2, "after an INSERT");
    assert_eq!(next(), 2, "nothing changed");
    db.exec("UPDATE telemetry SET model_id = 'n' WHERE rowid = 1");
    assert_eq!(next(), 1, "after an UPDATE");
    db.exec("DELETE FROM telemetry");
    assert_eq!(next(), 0, "after a DELETE of everything");
    db.exec("INSERT INTO telemetry SELECT 'm' FROM side");
    assert_eq!(next(), 6, "after an INSERT of many");
}

/// Taking changes back is a change, too.
#[test]
fn a_rollback_to_a_savepoint_ends_it_as_well() {
    let db = Connection::memory();
    db.exec(
        "CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('m');
         CREATE TABLE side(n); INSERT INTO side VALUES (1), (2);
         BEGIN; SAVEPOINT before; INSERT INTO telemetry VALUES ('m')",
    );
    let mut statement =
        db.prepare("SELECT n, call_count FROM side CROSS JOIN model_stats()").expect("it compiles");
    assert_eq!(statement.step().expect("a row").expect("a row")[1], Value::Int(2));
    db.exec("ROLLBACK TO before");
    assert_eq!(statement.step().expect("a row").expect("a row")[1], Value::Int(1));
}

/// The same statement run again sees what has changed, whoever changed it.
#[test]
fn a_statement_run_again_scans_again() {
    let folder = Scratch::new("scans_again");
    let db = Connection::file(folder.file("t.db"));
    db.exec("CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('m')");
    let other = Connection::bare(folder.file("t.db"));
    let mut statement = db.prepare("SELECT call_count FROM model_stats()").expect("it compiles");
    assert_eq!(statement.rows().expect("rows"), [[Value::Int(1)]]);
    other.exec("INSERT INTO telemetry VALUES ('m'), ('m')");
    statement.reset();
    assert_eq!(statement.rows().expect("rows"), [[Value::Int(3)]]);
    // A schema change between two runs of one prepared statement.
    other.exec(
        "DROP TABLE telemetry; CREATE TABLE telemetry(x, model_id); INSERT INTO telemetry VALUES (1, 'n')",
    );
    statement.reset();
    assert_eq!(statement.rows().expect("rows"), [[Value::Int(1)]]);
    db.exec("ALTER TABLE telemetry ADD COLUMN y");
    statement.reset();
    assert_eq!(statement.rows().expect("rows"), [[Value::Int(1)]]);
}

/// A LIMIT over an export reads no more than it shows, once the rows come in order.
#[test]
fn an_export_streams() {
    let db = Connection::memory();
    db.exec(
        "CREATE TABLE telemetry(timestamp REAL, x);
         CREATE INDEX by_time ON telemetry(timestamp);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO telemetry SELECT i, i FROM n",
    );
    let mut calls = 0;
    let rows = db.with_progress(
        1000,
        || {
            calls += 1;
            false
        },
        || db.rows("SELECT record FROM export_records() LIMIT 3"),
    );
    assert_eq!(rows.len(), 3);
    // Reading all 10,000 rows takes at least 10,000 instructions.
    assert!(calls < 5, "{calls} thousand instructions for three rows");
}
