use crate::harness::Value;
use crate::harness::catalogue;
use crate::harness::exact::ExactSum;
use crate::harness::random::{Random, with_seeds};
use crate::suite::tables::{self, Kind, columns, filled, random_rows};

/// Everything that sums up the table.
fn answers() -> Vec<String> {
    let tables = catalogue::of_kind(catalogue::Kind::Table);
    let sums = tables.iter().filter(|entry| !entry.gives_each_call());
    let mut answers: Vec<String> = sums.map(|entry| entry.question()).collect();
    for answer in answers.iter_mut().filter(|sql| sql.contains("telemetry_doctor")) {
        // An id goes with the order in which rows were inserted.
        *answer = answer.replace('*', "trap, severity, calls, share, where_sql, why, advice");
    }
    answers.push(format!("SELECT {} FROM telemetry", catalogue::aggregates("")));
    answers
}

/// Rows whose measures span the doubles' range, so that a naive sum depends on the order at once.
fn wild_rows(random: &mut Random) -> Vec<Vec<Value>> {
    let mut rows = random_rows(random, Kind::Peer, 150);
    let first_measure = columns().len() - tables::MEASURES.len();
    for row in &mut rows {
        for value in &mut row[first_measure..] {
            let size = 10f64.powi(random.below(60) as i32 - 30);
            *value = Value::Real((random.unit() - 0.5) * size);
        }
    }
    rows
}

/// Rule: row order never changes an answer.
#[test]
fn row_order_never_changes_an_answer() {
    let answers = answers();
    with_seeds(0..5, |random| {
        let mut rows = wild_rows(random);
        let mut first: Option<Vec<Vec<Vec<Value>>>> = None;
        for _ in 0..4 {
            let db = filled(Kind::Peer, &rows);
            let got: Vec<_> = answers.iter().map(|sql| db.rows(sql)).collect();
            match &first {
                None => first = Some(got),
                Some(first) => {
                    for ((sql, a), b) in answers.iter().zip(first).zip(&got) {
                        let same = a.len() == b.len()
                            && a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| a.same(b));
                        assert!(same, "{sql}:\n{a:?}\n{b:?}");
                    }
                }
            }
            random.shuffle(&mut rows);
        }
    });
}

/// Rule: all other totals are REAL, exact sums rounded once; averages are over non-NULL values.
#[test]
fn totals_are_exact_sums_rounded_once() {
    with_seeds(50..55, |random| {
        let rows = wild_rows(random);
        let db = filled(Kind::Peer, &rows);
        let at = |name: &str| {
            let found = columns().iter().position(|c| *c == name);
            found.expect("a column")
        };
        let check = |sql: &str, key: Option<&str>, columns: &[(&str, bool)]| {
            for answer in db.rows(sql) {
                let mine = |row: &&Vec<Value>| key.is_none_or(|k| row[at(k)] == answer[0]);
                for (i, (column, mean)) in columns.iter().enumerate() {
                    let mut exact = ExactSum::default();
                    let mut count = 0;
                    for row in rows.iter().filter(mine) {
                        exact.add_value(&row[at(column)]);
                        count += 1;
                    }
                    let expected =
                        if *mean { exact.round() / f64::from(count) } else { exact.round() };
                    assert_eq!(
                        answer[i + 1],
                        Value::Real(expected),
                        "{column} in {sql}: {:?}",
                        answer[0]
                    );
                }
            }
        };
        let columns = [
            ("energy_joules", false),
            ("latency_seconds", false),
            ("latency_seconds", true),
            ("ttft", true),
            ("prefill_energy_joules", false),
            ("soc_energy_joules", false),
        ];
        let names = "total_energy_joules, total_latency, avg_latency, avg_ttft, total_prefill_energy_joules, total_soc_energy_joules";
        check(&format!("SELECT model_id, {names} FROM model_stats()"), Some("model_id"), &columns);
        check(&format!("SELECT engine, {names} FROM engine_stats()"), Some("engine"), &columns);
        check(
            "SELECT batch_id, total_energy_joules FROM batch_stats()",
            Some("batch_id"),
            &columns[..1],
        );
        check(
            "SELECT NULL, total_energy_joules, total_latency, total_prefill_energy_joules, total_soc_energy_joules FROM aggregated_stats()",
            None,
            &[columns[0], columns[1], columns[4], columns[5]],
        );
    });
}
