//! Rust, rusqlite with its bundled SQLite.

use rusqlite::{Connection, LoadExtensionGuard, params_from_iter, types::Value};

fn connect() -> rusqlite::Result<Connection> {
    let db = Connection::open("telemetry.db")?;
    // SAFETY: the file is the one we built; the guard ends loading when it goes out of scope.
    unsafe {
        let _guard = LoadExtensionGuard::new(&db)?;
        db.load_extension("./libjarvis_stats", None::<&str>)?;
    }
    Ok(db)
}

fn bind(field: &str) -> Value {
    let (kind, value) = field.split_at(2);
    match kind {
        "i:" => Value::Integer(value.parse().expect("an integer")),
        "f:" => Value::Real(value.parse().expect("a number")),
        "t:" => Value::Text(value.to_owned()),
        _ => Value::Null,
    }
}

fn show(value: Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => value.to_string(),
        Value::Text(value) => value,
        Value::Blob(value) => format!("{value:?}"),
    }
}

fn ask(db: &Connection, sql: &str, values: &[&str]) -> rusqlite::Result<()> {
    let mut statement = db.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values.iter().copied().map(bind)))?;
    while let Some(row) = rows.next()? {
        let cells: Vec<String> = (0..columns).map(|n| row.get(n).map(show)).collect::<Result<_, _>>()?;
        println!("{}", cells.join("|"));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = connect()?;
    for line in std::fs::read_to_string("conversation.txt")?.lines().filter(|line| !line.starts_with('#')) {
        let step: Vec<&str> = line.split('\t').collect();
        println!("== {}", step[0]);
        if step[0] == "reopen" {
            db.close().map_err(|(_, error)| error)?;
            db = connect()?;
        } else if let Err(error) = ask(&db, step[1], &step[2..]) {
            println!("error: {error}");
        }
    }
    Ok(())
}
