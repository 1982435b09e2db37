use crate::harness::{self, Connection, OLDEST, Scratch, Value, extension, version, version_text};

/// Rule: a second load finds the first, changes nothing and succeeds.
#[test]
fn loading_twice_succeeds() {
    let db = Connection::memory();
    let before = db.rows("SELECT jarvis_stats_debug()");
    for _ in 0..3 {
        db.load(&extension()).expect("a second load succeeds");
    }
    assert_eq!(db.rows("SELECT jarvis_stats_debug()"), before);
}

/// Rule: also while a statement is running, from C and from SQL.
#[test]
fn loading_twice_succeeds_while_a_statement_runs() {
    let db = Connection::memory();
    db.exec("CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('a'), ('b'), ('c')");
    let mut running = db.prepare("SELECT model_id FROM model_stats()").expect("it compiles");
    running.step().expect("a row");
    db.load(&extension()).expect("a second load succeeds");
    let path = Value::text(extension().to_str().expect("UTF-8"));
    let rows = db.query("SELECT load_extension(?)", &[path]).expect("it loads");
    assert_eq!(rows, [[Value::Null]]);
    assert_eq!(running.rows().expect("the rest").len(), 2);
}

/// The first load may come from SQL, too: registering while the SELECT that loads is running.
#[test]
fn the_first_load_may_come_from_sql() {
    let db = Connection::bare(":memory:");
    db.allow_loading(true);
    let path = Value::text(extension().to_str().expect("UTF-8"));
    db.query("SELECT load_extension(?)", std::slice::from_ref(&path)).expect("it loads");
    assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
    db.allow_loading(false);
    assert_eq!(
        db.query("SELECT load_extension(?)", &[path]).map_err(|e| e.message),
        Err("not authorized".into())
    );
}

/// Rule: under its own name without a suffix, by either entry point, renamed, and from a folder
/// with spaces.
#[test]
fn it_loads_under_other_names() {
    let file = extension();
    let suffix = file.extension().expect("a suffix").to_str().expect("UTF-8");
    let folder = Scratch::new("loads under other names é");
    // SQLite derives the second entry point from the name's letters: digits and signs fall out.
    for name in ["libjarvis_stats", "jarvis_stats", "libjarvisstats", "libother", "jarvis-stats 2"]
    {
        let copy = folder.file(&format!("{name}.{suffix}"));
        std::fs::copy(&file, &copy).expect("copied");
        for path in [copy.clone(), copy.with_extension("")] {
            let db = Connection::bare(":memory:");
            db.load(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
        }
    }
}

/// Rule: no load failure has an empty reason.
#[test]
fn a_missing_file_has_a_reason() {
    let db = Connection::bare(":memory:");
    let folder = Scratch::new("missing");
    let reason = db.load(&folder.file("libjarvis_stats")).expect_err("there is nothing to load");
    assert!(reason.contains("libjarvis_stats"), "{reason}");
}

/// Rule: loading never looks for the table, nor into the file: it may be locked, or no database at
/// all.
#[test]
fn loading_reads_no_file() {
    let folder = Scratch::new("loading_reads_no_file");
    let locked = folder.file("locked.db");
    let writer = Connection::bare(&locked);
    writer.exec(
        "CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('m'); BEGIN EXCLUSIVE",
    );
    let db = Connection::file(&locked);
    writer.exec("COMMIT");
    assert_eq!(db.value("SELECT call_count FROM model_stats()"), Value::Int(1));

    let other = folder.file("other.db");
    std::fs::write(&other, "not a database, but long enough to have a header ".repeat(100))
        .expect("writable");
    Connection::file(&other);
}

/// Rule: connections come and go in any order, while others still use the library.
#[test]
fn connections_are_independent() {
    let first = Connection::memory();
    for _ in 0..20 {
        let other = Connection::memory();
        other.exec("CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('x')");
        assert_eq!(other.value("SELECT model_id FROM model_stats()"), Value::text("x"));
        drop(other);
        assert_eq!(first.value("SELECT avg_itl(5)"), Value::Real(5.0));
    }
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let db = Connection::memory();
                    assert_eq!(db.value("SELECT energy_per_token(6, 3)"), Value::Real(2.0));
                }
            });
        }
    });
}

/// Rule: a host older than SQLite 3.25.0 is refused with a sentence that names both versions.
/// (Every other test needs a host that is not: run this one alone with such a library in
/// `JARVIS_TEST_SQLITE`.)
#[test]
fn an_old_host_is_refused() {
    if version() >= OLDEST {
        println!("this SQLite is {}, which is new enough", version_text());
        return;
    }
    let db = Connection::bare(":memory:");
    for _ in 0..3 {
        let reason = db.load(&extension()).expect_err("older than 3.25.0 must be refused");
        assert!(
            reason.contains("needs SQLite 3.25.0 or newer") && reason.contains(&version_text()),
            "{reason}"
        );
    }
    // Nothing is left behind, and the connection works.
    assert_eq!(
        harness::Connection::error(&db, "SELECT avg_itl(5)").message,
        "no such function: avg_itl"
    );
    assert_eq!(db.value("SELECT 1"), Value::Int(1));
}
