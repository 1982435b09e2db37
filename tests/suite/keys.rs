use crate::harness::catalogue;
use crate::harness::random::with_seeds;
use crate::harness::{Connection, Value};
use crate::suite::reference::reference;
use crate::suite::tables;

/// Every length up to here, which is beyond any length that a shortcut for short keys may have.
const LONGEST: usize = 70;

/// For each length a key, and one that differs from it for each of its bytes.
fn neighbours() -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    for length in 0..=LONGEST {
        let key: Vec<u8> = (0..length).map(|i| b'a' + (i % 7) as u8).collect();
        for at in 0..length {
            let mut other = key.clone();
            other[at] = b'z';
            keys.push(other);
        }
        keys.push(key);
    }
    keys
}

/// Rule: keys are compared as values, text byte by byte: two that differ in one byte, or in one
/// byte of length, or in kind alone are two, however they alternate.
#[test]
fn keys_that_nearly_agree_are_told_apart() {
    with_seeds(0..2, |random| {
        let mut keys: Vec<Value> = neighbours()
            .into_iter()
            .flat_map(|k| [Value::Text(k.clone()), Value::Blob(k)])
            .collect();
        let numbers = [0, 1, -1, 1 << 32, 1 << 52, 1 << 53, i64::MAX, i64::MIN];
        keys.extend(numbers.map(Value::Int));
        keys.extend(numbers.map(|n| Value::Real(n as f64 + 0.5)));
        keys.extend([
            Value::Null,
            Value::Real(f64::INFINITY),
            Value::Real(5e-324),
            Value::Real(-0.5),
        ]);
        let mut rows = Vec::new();
        for (i, key) in keys.iter().enumerate() {
            rows.extend((0..1 + i % 3).map(|_| key.clone()));
        }
        random.shuffle(&mut rows);
        let db = Connection::memory();
        db.exec(&format!("{}; BEGIN", tables::schema(tables::Kind::Loose)));
        for (i, key) in rows.iter().enumerate() {
            // The other key column takes a random partner, so that pairs of keys are many.
            let partner = rows[random.below(rows.len())].clone();
            let row = [key.clone(), partner, key.clone(), Value::Int(i as i64)];
            db.query(
                "INSERT INTO telemetry(model_id, engine, batch_id, energy_joules) VALUES (?, ?, ?, ?)",
                &row,
            )
            .expect("inserts");
        }
        db.exec("COMMIT");
        let tables = catalogue::of_kind(catalogue::Kind::Table).into_iter();
        // Plain SQL of what was measured knows columns that this table lacks.
        for entry in tables.filter(|entry| !entry.takes("per")) {
            let Some(plain) = reference(&entry.name).filter(|sql| !sql.contains("json_")) else {
                continue; // SQLite's JSON takes no BLOB
            };
            let ours = db.rows(&entry.question());
            let plain = db.rows(&plain);
            assert_eq!(ours.len(), plain.len(), "rows of {}", entry.name);
            for (a, b) in ours.iter().zip(&plain) {
                // 2^53 and the REAL of the same value are one key, shown as the one or the other.
                let same = a.iter().zip(b).all(|(a, b)| {
                    a == b || (a.is_number() && b.is_number() && a.number() == b.number())
                });
                assert!(same, "{}: {a:?}, plain SQL {b:?}", entry.name);
            }
        }
        // Both keys at once, by model and by engine.
        let row = db.rows("SELECT per_model, per_engine FROM aggregated_stats()").remove(0);
        for (json, table) in row.iter().zip(["model_stats", "engine_stats"]) {
            let Value::Text(json) = json else { panic!("not text: {json:?}") };
            let groups: Vec<serde_json::Value> = serde_json::from_slice(json).expect("JSON");
            let alone = db.rows(&format!("SELECT call_count, total_energy_joules FROM {table}()"));
            assert_eq!(groups.len(), alone.len(), "groups of {table}");
            for (group, alone) in groups.iter().zip(&alone) {
                let both = [&group["call_count"], &group["total_energy_joules"]]
                    .map(serde_json::Value::as_f64);
                assert_eq!(
                    both,
                    [Some(alone[0].number()), Some(alone[1].number())],
                    "{table}: {group}"
                );
            }
        }
    });
}
