use std::cell::Cell;

use crate::harness::random::{Random, with_seeds};
use crate::harness::{Connection, Row, Scratch, Value, version};

/// Rowids in a chunk.
const CHUNK: i64 = 65_536;

/// Every column that the statistics read, as OpenJarvis declares them.
const DECLARED: &str = "id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, \
    model_id TEXT NOT NULL, \
    engine TEXT NOT NULL DEFAULT '', total_tokens INTEGER NOT NULL DEFAULT 0, \
    latency_seconds REAL NOT NULL DEFAULT 0, energy_joules REAL NOT NULL DEFAULT 0, \
    token_counting_version INTEGER";
/// A table of somebody's own: anything may be anywhere.
const LOOSE: &str = "id INTEGER PRIMARY KEY, timestamp, model_id, engine, total_tokens, \
    latency_seconds, energy_joules REAL, token_counting_version";

fn number(random: &mut Random) -> String {
    match random.below(9) {
        0 => "0.1".to_owned(),
        1 => "1e300".to_owned(),
        2 => format!("{}", random.below(1000)),
        3 => "-0.0".to_owned(),
        4 if random.one_in(4) => "9e999".to_owned(),
        4 => "-1e300".to_owned(),
        _ => format!("{:e}", (random.unit() - 0.3) * 1e3),
    }
}

/// A value of a table that may hold anything.
fn loose(random: &mut Random) -> String {
    match random.below(24) {
        0 => "NULL".to_owned(),
        1 => "'12 apples'".to_owned(),
        2 => "x'31'".to_owned(),
        3 => "9223372036854775807".to_owned(),
        _ => number(random),
    }
}

fn time(random: &mut Random, is_loose: bool) -> String {
    if is_loose && random.one_in(12) {
        return (*random.pick(&["NULL", "'noon'", "x'00'", "'500'"])).to_owned();
    }
    format!("{}", random.below(1000))
}

fn key(random: &mut Random, is_loose: bool) -> String {
    let some = ["'a'", "'b'", "'B'", "''", "'c'"];
    let odd = ["NULL", "1", "1.0", "x'61'", "'1'", "9007199254740993", "0.5"];
    let is_odd = is_loose && random.one_in(5);
    (*random.pick(if is_odd { &odd } else { &some[..] })).to_owned()
}

/// An id in one of a few chunks, seldom far off.
fn id(random: &mut Random) -> i64 {
    match random.below(40) {
        0 => -1 - random.below(70_000) as i64,
        1 => 9_000_000_000,
        _ => random.below(5) as i64 * CHUNK + random.below(30) as i64,
    }
}

struct History<'r> {
    random: &'r mut Random,
    is_loose: bool,
    /// With the extension.
    db: Connection,
    /// Without it.
    other: Connection,
    log: Vec<String>,
    used: &'r Cell<u32>,
}

impl History<'_> {
    fn row(&mut self, id: Option<i64>) -> String {
        let (random, is_loose) = (&mut *self.random, self.is_loose);
        let value = |random: &mut Random| if is_loose { loose(random) } else { number(random) };
        format!(
            "({}, {}, {}, {}, {}, {}, {}, {})",
            id.map_or("NULL".to_owned(), |id| id.to_string()),
            time(random, is_loose),
            key(random, is_loose),
            key(random, is_loose),
            if is_loose { loose(random) } else { random.below(5000).to_string() },
            value(random),
            value(random),
            random.pick(&["NULL", "1", "2", "2"]),
        )
    }

    fn rows(&mut self, count: usize, is_at_the_end: bool) -> String {
        let rows: Vec<String> = (0..count)
            .map(|_| {
                let id = (!is_at_the_end).then(|| id(self.random));
                self.row(id)
            })
            .collect();
        rows.join(", ")
    }

    /// One step as SQL. It may fail: what it leaves must be right all the same.
    fn step(&mut self) -> String {
        let (some, other) = (id(self.random), id(self.random));
        let value = number(self.random);
        let n = 1 + self.random.below(6);
        match self.random.below(40) {
            0..=2 => format!("INSERT INTO telemetry VALUES {}", self.rows(n, true)),
            3..=4 => format!("INSERT OR IGNORE INTO telemetry VALUES {}", self.rows(n, false)),
            5..=6 => format!("INSERT OR REPLACE INTO telemetry VALUES {}", self.rows(n, false)),
            7 => format!("INSERT OR FAIL INTO telemetry VALUES {}", self.rows(n, false)),
            8 => format!(
                "INSERT INTO telemetry VALUES {} \
                 ON CONFLICT(id) DO UPDATE SET energy_joules = {value}",
                self.rows(n, false)
            ),
            9..=10 => format!(
                "UPDATE telemetry SET energy_joules = {value} \
                 WHERE id >= {some} AND id < {some} + 9"
            ),
            11 => format!(
                "UPDATE OR IGNORE telemetry SET id = {other} \
                 WHERE id = (SELECT min(id) FROM telemetry WHERE id >= {some})"
            ),
            12 => format!(
                "UPDATE OR REPLACE telemetry SET id = {other} \
                 WHERE id = (SELECT min(id) FROM telemetry WHERE id >= {some})"
            ),
            13 => format!("UPDATE telemetry SET model_id = 'b', timestamp = 7 WHERE id = {some}"),
            14 => format!("DELETE FROM telemetry WHERE id BETWEEN {some} AND {some} + 5"),
            15 => format!("DELETE FROM telemetry WHERE id >= {}", some / CHUNK * CHUNK),
            16 if self.random.one_in(4) => "DELETE FROM telemetry".to_owned(),
            17 => "SAVEPOINT s".to_owned(),
            18 => "ROLLBACK TO s".to_owned(),
            19 => "RELEASE s".to_owned(),
            20 => "BEGIN".to_owned(),
            21 => "COMMIT".to_owned(),
            22 => "ROLLBACK".to_owned(),
            23 if self.random.one_in(3) => "SELECT rollup_drop()".to_owned(),
            24 if self.random.one_in(2) => self.unseen(),
            25 => format!("PRAGMA recursive_triggers = {}", n % 2),
            _ => "SELECT rollup_refresh()".to_owned(),
        }
    }

    /// Changes that no trigger of the roll-up sees, each after a change of the schema.
    fn unseen(&mut self) -> String {
        let row = self.rows(1, true);
        let trigger =
            "(SELECT sql FROM sqlite_master WHERE name = 'jarvis_rollup_update_telemetry')";
        match self.random.below(8) {
            0 => format!(
                "CREATE UNIQUE INDEX u ON telemetry(total_tokens); \
                 INSERT OR REPLACE INTO telemetry VALUES {row}; DROP INDEX u"
            ),
            1 => "ALTER TABLE telemetry RENAME TO t2; UPDATE t2 SET energy_joules = 3; \
                  ALTER TABLE t2 RENAME TO telemetry"
                .to_owned(),
            2 => "DROP TRIGGER jarvis_rollup_update_telemetry; \
                  UPDATE telemetry SET energy_joules = 4"
                .to_owned(),
            3 => {
                let sql = self.db.query(&format!("SELECT {trigger}"), &[]).expect("it reads");
                match sql.first().and_then(|row| row.first()) {
                    Some(Value::Text(sql)) => format!(
                        "DROP TRIGGER jarvis_rollup_update_telemetry; \
                         UPDATE telemetry SET energy_joules = 5; {}",
                        String::from_utf8_lossy(sql)
                    ),
                    _ => "SELECT 1".to_owned(),
                }
            }
            4 => format!(
                "CREATE TABLE new_one({}, child INTEGER); \
                 INSERT INTO new_one SELECT *, 1 FROM telemetry; DROP TABLE telemetry; \
                 ALTER TABLE new_one RENAME TO telemetry; \
                 ALTER TABLE telemetry DROP COLUMN child",
                if self.is_loose { LOOSE } else { DECLARED }
            ),
            5 => "VACUUM".to_owned(),
            6 => "CREATE INDEX by_time ON telemetry(timestamp)".to_owned(),
            _ => "DROP INDEX by_time".to_owned(),
        }
    }

    /// Every function with random arguments, over the table and over a view of it, which has no
    /// roll-up.
    fn compare(&mut self) {
        let status = self.db.rows("SELECT is_used, covered_rows > 0 FROM rollup_status()");
        let is_of_use = status[0] == [Value::Int(1), Value::Int(1)];
        self.used.set(self.used.get() + u32::from(is_of_use));
        let mut bound = |choices: [&'static str; 4]| *self.random.pick(&choices);
        let (since, until) =
            (bound(["NULL", "NULL", "100", "499.5"]), bound(["NULL", "NULL", "900", "500"]));
        let current = bound(["NULL", "0", "1", "1"]);
        for (table, arguments) in [
            ("model_stats", format!("{since}, {until}, {current}")),
            ("engine_stats", format!("{since}, {until}, {current}")),
            ("aggregated_stats", format!("{since}, {until}, {current}")),
            ("top_models", format!("2, {since}")),
        ] {
            let ask = |columns: &str, source: &str| {
                let sql = format!("SELECT {columns} FROM {table}({arguments}, '{source}')");
                self.db.query(&sql, &[])
            };
            let few =
                if table == "aggregated_stats" { "total_energy_joules" } else { "avg_latency" };
            for columns in ["*", few] {
                let (got, want) = (ask(columns, "telemetry"), ask(columns, "plain"));
                let is_same = match (&got, &want) {
                    (Ok(got), Ok(want)) => same(got, want),
                    (Err(got), Err(want)) => got == want,
                    _ => false,
                };
                let log = self.log.join(";\n");
                assert!(
                    is_same,
                    "{table}({arguments}): {columns}\nwanted {want:?}\ngot    {got:?}\n{log};"
                );
            }
        }
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            let step = self.step();
            // Another process, which has no extension, is the one that changes rows as often.
            let is_ours = step.contains("rollup") || self.random.one_in(2);
            let (db, who) = if is_ours { (&self.db, "") } else { (&self.other, "/* other */ ") };
            let outcome = db.run(&step);
            self.log.push(format!("{who}{step} /* {outcome:?} */"));
            if !is_ours && self.random.one_in(3) {
                // Else it may keep a lock for ever.
                let _ = self.other.run("COMMIT");
            }
            if self.db.query("SELECT 1 FROM telemetry LIMIT 1", &[]).is_ok() {
                self.compare();
            }
        }
    }
}

fn same(got: &[Row], want: &[Row]) -> bool {
    let is_same =
        |(got, want): (&Row, &Row)| got.iter().zip(want).all(|(got, want)| got.same(want));
    got.len() == want.len() && got.iter().zip(want).all(is_same)
}

/// Rule: a roll-up never changes an answer, whatever happens to the table, and by whom.
#[test]
fn answers_are_those_of_the_scan_to_the_last_bit() {
    let used = Cell::new(0);
    with_seeds(0..6, |random| {
        for is_loose in [false, true] {
            let scratch = Scratch::new(&format!("rollups-{}", random.next()));
            let db = Connection::file(scratch.file("t.db"));
            let columns = if is_loose { LOOSE } else { DECLARED };
            let journal = random.pick(&["DELETE", "WAL"]);
            db.exec(&format!(
                "PRAGMA journal_mode = {journal}; PRAGMA synchronous = OFF; \
                 CREATE TABLE telemetry({columns}); \
                 CREATE TEMP VIEW plain AS SELECT * FROM telemetry"
            ));
            let other = Connection::bare(scratch.file("t.db"));
            other.exec("PRAGMA synchronous = OFF");
            let mut history = History { random, is_loose, db, other, log: Vec::new(), used: &used };
            let rows = history.rows(120, false);
            history.db.exec(&format!("INSERT OR IGNORE INTO telemetry VALUES {rows}"));
            history.run(120);
        }
    });
    println!("used {} times (SQLite {})", used.get(), version());
    assert!(used.get() > 200, "the roll-up was used {} times", used.get());
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
    for table in ["model_stats", "engine_stats", "aggregated_stats"] {
        let got = db.rows(&format!("SELECT * FROM {table}()"));
        let want = db.rows(&format!("SELECT * FROM {table} WHERE source = 'plain'"));
        assert!(same(&got, &want), "{table}: wanted {want:?}, got {got:?}");
    }
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
