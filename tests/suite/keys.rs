use crate::harness::random::with_seeds;
use crate::harness::{Connection, Value};

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
        db.exec("CREATE TABLE telemetry(id INTEGER PRIMARY KEY, model_id, engine, batch_id, energy_joules); BEGIN");
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
        for (table, key, count, filter) in [
            ("model_stats()", "model_id", "call_count", "1"),
            ("engine_stats()", "engine", "call_count", "1"),
            ("batch_stats()", "batch_id", "total_requests", "batch_id <> ''"),
        ] {
            let ours = db.rows(&format!("SELECT {key}, {count}, total_energy_joules FROM {table}"));
            let plain = db.rows(&format!(
                "SELECT {key}, count(*) AS c, total(energy_joules) FROM telemetry WHERE {filter} GROUP BY {key} ORDER BY c DESC, {key}"
            ));
            assert_eq!(ours.len(), plain.len(), "groups of {table}");
            for (a, b) in ours.iter().zip(&plain) {
                // 2^53 and the REAL of the same value are one key, shown as the one or the other.
                let same = a[0] == b[0] || (a[0].is_number() && a[0].number() == b[0].number());
                assert!(same && a[1..] == b[1..], "{table}: {a:?}, plain SQL {b:?}");
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
