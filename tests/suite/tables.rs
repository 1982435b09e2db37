//! Random telemetry tables with the peer's columns.

use crate::harness::random::Random;
use crate::harness::{Connection, Value};

pub const TOKENS: [&str; 4] =
    ["total_tokens", "prompt_tokens", "completion_tokens", "prompt_tokens_evaluated"];

pub const MEASURES: [&str; 16] = [
    "latency_seconds",
    "cost_usd",
    "ttft",
    "energy_joules",
    "gpu_utilization_pct",
    "throughput_tok_per_sec",
    "tokens_per_joule",
    "energy_per_output_token_joules",
    "throughput_per_watt",
    "prefill_energy_joules",
    "decode_energy_joules",
    "mean_itl_ms",
    "median_itl_ms",
    "p95_itl_ms",
    "ane_energy_joules",
    "soc_energy_joules",
];

/// Whether the table is the peer's, with its NOT NULLs, or one that promises nothing.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Peer,
    Loose,
}

/// The script that makes the table.
pub fn schema(kind: Kind) -> String {
    match kind {
        Kind::Peer => {
            let file = crate::harness::root().join("sql/schema.sql");
            std::fs::read_to_string(file).expect("sql/schema.sql is there")
        }
        Kind::Loose => {
            let columns = columns().join(", ");
            format!("CREATE TABLE telemetry(id INTEGER PRIMARY KEY, {columns})")
        }
    }
}

/// The columns that `fill` writes.
pub fn columns() -> Vec<&'static str> {
    ["timestamp", "model_id", "engine", "batch_id", "is_warmup", "token_counting_version"]
        .into_iter()
        .chain(TOKENS)
        .chain(MEASURES)
        .chain(["is_streaming", "agent", "std_itl_ms"])
        .collect()
}

/// Rows as telemetry has them; a `Loose` table also gets what no writer should have written.
pub fn random_rows(random: &mut Random, kind: Kind, rows: usize) -> Vec<Vec<Value>> {
    let models = 1 + random.below(12);
    (0..rows)
        .map(|_| {
            let mut row = vec![
                timestamp(random, kind),
                key(random, kind, "model ", models),
                engine(random, kind),
                key(random, kind, "b", 9),
                number(random, kind, &[0, 0, 0, 0, 1]),
                // NULL on rows from before the stamp existed.
                if random.one_in(4) { Value::Null } else { number(random, kind, &[1, 2, 2]) },
            ];
            row.extend(TOKENS.map(|_| tokens(random, kind)));
            row.extend(MEASURES.map(|_| measure(random, kind)));
            row.push(number(random, kind, &[0, 1]));
            row.push(Value::text(*random.pick(&["", "coder", "research"])));
            row.push(measure(random, kind));
            row
        })
        .collect()
}

/// What timestamps are counted from: a time at which OpenJarvis ran, past on every clock.
pub const FIRST: i64 = 1_700_000_000;

/// A quarter of a second is the grain, so that bounds of the same grain often fall on a row.
fn timestamp(random: &mut Random, kind: Kind) -> Value {
    let quarters = random.below(400) as i64;
    if kind == Kind::Loose && random.one_in(10) {
        return match random.below(4) {
            0 => Value::Null,
            1 => Value::Int(FIRST + quarters / 4),
            2 => Value::text((FIRST + quarters / 4).to_string()),
            _ => Value::Blob(vec![1, 2]),
        };
    }
    Value::Real(FIRST as f64 + quarters as f64 / 4.0)
}

fn number(random: &mut Random, kind: Kind, choices: &[i64]) -> Value {
    let value = *random.pick(choices);
    if kind == Kind::Loose && random.one_in(6) {
        return match random.below(3) {
            0 => Value::Null,
            1 => Value::Real(value as f64),
            _ => Value::text(value.to_string()),
        };
    }
    Value::Int(value)
}

fn key(random: &mut Random, kind: Kind, prefix: &str, many: usize) -> Value {
    let number = random.below(many) as i64;
    if kind == Kind::Peer || !random.one_in(6) {
        return Value::text(if number == 0 { String::new() } else { format!("{prefix}{number}") });
    }
    match random.below(7) {
        0 => Value::Null,
        1 => Value::Int(number),
        2 => Value::Real(number as f64),
        3 => Value::Real(number as f64 + 0.5),
        4 => Value::Blob(prefix.as_bytes().to_vec()),
        5 => Value::text(format!("{}{number}", prefix.to_uppercase())),
        _ => Value::text(format!("{prefix}{number} ")),
    }
}

/// Some of them stand for calls of another kind.
fn engine(random: &mut Random, kind: Kind) -> Value {
    if random.one_in(4) {
        return Value::text(*random.pick(&["afm", "cloud", "instrumented", "multi"]));
    }
    key(random, kind, "engine-", 4)
}

fn tokens(random: &mut Random, kind: Kind) -> Value {
    if kind == Kind::Loose && random.one_in(8) {
        return match random.below(4) {
            0 => Value::Null,
            1 => Value::Real(random.below(100) as f64 / 2.0),
            2 => Value::text(random.below(100).to_string()),
            _ => Value::text("7 tokens"),
        };
    }
    Value::Int(random.below(5000) as i64)
}

fn measure(random: &mut Random, kind: Kind) -> Value {
    if kind == Kind::Loose && random.one_in(8) {
        return match random.below(6) {
            0 => Value::Null,
            1 => Value::Int(random.below(100) as i64),
            2 => Value::text("12.5 watts"),
            3 => Value::text(format!("{}", random.unit())),
            4 => Value::Blob(b"3.5".to_vec()),
            _ => Value::text("unknown"),
        };
    }
    // 0 stands for "not measured" in the peer's tables.
    if random.one_in(5) {
        Value::Real(0.0)
    } else {
        Value::Real(random.unit() * 10f64.powi(random.below(7) as i32 - 3))
    }
}

/// A new connection with the table and these rows.
pub fn filled(kind: Kind, rows: &[Vec<Value>]) -> Connection {
    let db = Connection::memory();
    db.exec(&schema(kind));
    insert(&db, rows);
    db
}

pub fn insert(db: &Connection, rows: &[Vec<Value>]) {
    let columns = columns();
    let places = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT INTO telemetry({}) VALUES ({places})", columns.join(", "));
    db.exec("BEGIN");
    for row in rows {
        db.query(&sql, row).expect("inserts");
    }
    db.exec("COMMIT");
}
