use std::cell::Cell;

use super::rollups::{CHUNK, LOOSE, same};
use crate::harness::random::{Random, with_seeds};
use crate::harness::{Connection, Scratch, Value, version};

/// Every column that the statistics read, as OpenJarvis declares them.
const DECLARED: &str = "id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, \
    model_id TEXT NOT NULL, \
    engine TEXT NOT NULL DEFAULT '', total_tokens INTEGER NOT NULL DEFAULT 0, \
    latency_seconds REAL NOT NULL DEFAULT 0, energy_joules REAL NOT NULL DEFAULT 0, \
    token_counting_version INTEGER";

/// Columns of `partial_stats` that a roll-up answers: no sketch.
const PARTIAL_SUMS: &str = "model_id, engine, current, call_count, latency_seconds, \
    measured_latency_seconds, min_latency_seconds, max_latency_seconds, total_tokens, \
    energy_joules";

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
        let bounds = format!("{since}, {until}");
        for (table, arguments, columns) in [
            ("model_stats", format!("{bounds}, {current}"), ["*", "avg_latency"]),
            ("engine_stats", format!("{bounds}, {current}"), ["*", "avg_latency"]),
            ("aggregated_stats", format!("{bounds}, {current}"), ["*", "total_energy_joules"]),
            ("top_models", format!("2, {since}"), ["*", "avg_latency"]),
            ("partial_stats", bounds.clone(), [PARTIAL_SUMS, "max_latency_seconds"]),
        ] {
            let ask = |columns: &str, source: &str| {
                let sql = format!("SELECT {columns} FROM {table}({arguments}, '{source}')");
                self.db.query(&sql, &[])
            };
            for columns in columns {
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
