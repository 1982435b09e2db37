//! Rust, sqlx: the pool's options load the extension into every connection.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Row, TypeInfo, ValueRef};

async fn connect() -> sqlx::Result<SqlitePool> {
    // SAFETY: the file is the one we built.
    let options = unsafe { SqliteConnectOptions::new().filename("telemetry.db").extension("./libjarvis_stats") };
    SqlitePoolOptions::new().connect_with(options).await
}

fn show(row: &SqliteRow, n: usize) -> sqlx::Result<String> {
    let value = row.try_get_raw(n)?;
    Ok(match value.type_info().name() {
        "NULL" => "NULL".to_owned(),
        "INTEGER" => row.try_get_unchecked::<i64, _>(n)?.to_string(),
        "REAL" => row.try_get_unchecked::<f64, _>(n)?.to_string(),
        _ => row.try_get_unchecked::<String, _>(n)?,
    })
}

async fn ask(db: &SqlitePool, sql: &str, values: &[&str]) -> sqlx::Result<()> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    for field in values {
        let value = field[2..].to_owned();
        query = match &field[..2] {
            "i:" => query.bind(value.parse::<i64>().expect("an integer")),
            "f:" => query.bind(value.parse::<f64>().expect("a number")),
            "t:" => query.bind(value),
            _ => query.bind(None::<String>),
        };
    }
    for row in query.fetch_all(db).await? {
        let cells: Vec<String> = (0..row.len()).map(|n| show(&row, n)).collect::<Result<_, _>>()?;
        println!("{}", cells.join("|"));
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = connect().await?;
    for line in std::fs::read_to_string("conversation.txt")?.lines().filter(|line| !line.starts_with('#')) {
        let step: Vec<&str> = line.split('\t').collect();
        println!("== {}", step[0]);
        if step[0] == "reopen" {
            db.close().await;
            db = connect().await?;
        } else if let Err(error) = ask(&db, step[1], &step[2..]).await {
            println!("error: {error}");
        }
    }
    Ok(())
}
