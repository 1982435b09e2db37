use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::harness::api::{Db, api};
use crate::harness::process::in_child;
use crate::harness::random::with_seeds;
use crate::harness::{self, Connection, OLDEST, Scratch, Value, extension, version, version_text};
use sqlite_loadable::ext::sqlite3_api_routines;

/// An entry point of an extension.
type Entry = unsafe extern "C" fn(*mut Db, *mut *mut c_char, *const c_void) -> c_int;

/// The extension's entry point, as a host finds it that links it or maps it itself.
fn entry(file: &std::path::Path) -> Entry {
    // SAFETY: mapping it runs no code of its own; it stays mapped, by the process and by its own
    // wish.
    unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(file).expect("it maps")));
        *library.get::<Entry>(b"sqlite3_extension_init\0").expect("its entry point")
    }
}

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

/// Rule: any way that SQLite offers to load. As an automatic extension it runs inside
/// `sqlite3_open`, which takes an error code on the connection for its own.
#[test]
fn it_loads_automatically() {
    in_child("suite::loading::it_loads_automatically", || {
        // SAFETY: SQLite calls an automatic extension as the entry point that it is.
        let init =
            unsafe { std::mem::transmute::<Entry, unsafe extern "C" fn()>(entry(&extension())) };
        // SAFETY: the extension stays mapped.
        assert_eq!(unsafe { (api().auto_extension)(Some(init)) }, 0);
        let folder = Scratch::new("automatic");
        for path in [":memory:".into(), folder.file("t.db"), folder.file("t.db")] {
            let db = Connection::bare(&path);
            assert_eq!(db.failure().code, 0, "{}: {:?}", path.display(), db.failure());
            assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
            db.exec("CREATE TABLE IF NOT EXISTS telemetry(model_id)");
            assert_eq!(db.rows("SELECT * FROM model_stats()").len(), 0);
            db.load(&extension()).expect("loading it once more by hand succeeds");
        }
        // SAFETY: no arguments.
        unsafe { (api().reset_auto_extension)() };
    });
}

/// Rule: after any load the connection's error code is 0.
#[test]
fn a_load_leaves_no_error_on_the_connection() {
    let db = Connection::bare(":memory:");
    for _ in 0..3 {
        db.load(&extension()).expect("it loads");
        assert_eq!(db.failure().code, 0, "{:?}", db.failure());
    }
    let folder = Scratch::new("no_error");
    let copy = folder.file("another_copy.so");
    std::fs::copy(extension(), &copy).expect("copied");
    db.load(&copy).expect("a copy finds the first");
    assert_eq!(db.failure().code, 0, "{:?}", db.failure());
}

/// Rule: a load that says that it succeeded has registered everything, also under an authorizer
/// that denies what the search for an earlier load asks.
#[test]
fn it_loads_under_an_authorizer() {
    const READ: c_int = 20;
    const SELECT: c_int = 21;
    const FUNCTION: c_int = 31;
    for denied in [SELECT, FUNCTION, READ] {
        let db = Connection::bare(":memory:");
        db.with_denied_action(denied, || {
            for _ in 0..2 {
                db.load(&extension()).expect("it loads");
            }
        });
        db.exec("CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('a')");
        assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0), "{denied} denied");
        assert_eq!(db.value("SELECT call_count FROM model_stats()"), Value::Int(1));
        // A copy that comes later still finds it.
        let before = db.rows("SELECT jarvis_stats_debug()");
        let folder = Scratch::new("authorizer");
        let copy = folder.file("another_copy.so");
        std::fs::copy(extension(), &copy).expect("copied");
        db.with_denied_action(FUNCTION, || db.load(&copy).expect("a copy finds the first"));
        assert_eq!(db.rows("SELECT jarvis_stats_debug()"), before);
    }
}

/// Rule: a second load brings back what `sqlite3_drop_modules` took away, and no more.
#[test]
fn a_second_load_brings_dropped_tables_back() {
    type DropModules = unsafe extern "C" fn(*mut Db, *const *const c_char) -> c_int;
    // SAFETY: its type since 3.30, when it came.
    let drop_modules = unsafe { api().newer::<DropModules>(b"sqlite3_drop_modules\0") };
    let Some(drop_modules) = drop_modules else { return };
    let db = Connection::memory();
    db.exec("CREATE TABLE telemetry(model_id, engine); INSERT INTO telemetry VALUES ('a', 'e')");
    let questions = ["SELECT * FROM model_stats()", "SELECT * FROM engine_stats()"];
    let before = questions.map(|sql| db.rows(sql));
    let debug = db.rows("SELECT jarvis_stats_debug()");
    let kept = [c"engine_stats".as_ptr(), std::ptr::null()];
    for keep in [std::ptr::null(), kept.as_ptr(), std::ptr::null()] {
        // SAFETY: an open connection, and no list or one that ends with null.
        assert_eq!(unsafe { drop_modules(db.raw(), keep) }, 0);
        assert_eq!(db.error(questions[0]).message, "no such table: model_stats");
        assert_eq!(db.query(questions[1], &[]).is_ok(), !keep.is_null());
        let mut running = db.prepare("SELECT avg_itl(5) UNION ALL SELECT 1").expect("it compiles");
        running.step().expect("a row");
        db.load(&extension()).expect("a second load succeeds, also while a statement runs");
        drop(running);
        assert_eq!(questions.map(|sql| db.rows(sql)), before);
        assert_eq!(db.rows("SELECT jarvis_stats_debug()"), debug);
    }
}

/// The same in any order, with loads of a copy and under authorizers in between: whoever loads last
/// finds everything, and nothing twice.
#[test]
fn loads_and_drops_may_come_in_any_order() {
    type DropModules = unsafe extern "C" fn(*mut Db, *const *const c_char) -> c_int;
    // SAFETY: its type since 3.30, when it came.
    let drop_modules = unsafe { api().newer::<DropModules>(b"sqlite3_drop_modules\0") };
    let Some(drop_modules) = drop_modules else { return };
    let folder = Scratch::new("any_order");
    let copy = folder.file("another_copy.so");
    std::fs::copy(extension(), &copy).expect("copied");
    with_seeds(0..20, |random| {
        let db = Connection::bare(":memory:");
        db.exec("CREATE TABLE telemetry(model_id); INSERT INTO telemetry VALUES ('a')");
        // Which of the two files everything came from: only that one can bring tables back.
        let own = if random.below(2) == 0 { extension() } else { copy.clone() };
        db.load(&own).expect("the first load");
        for _ in 0..12 {
            let denied = [0, 20, 21, 31][random.below(4)];
            match random.below(4) {
                0 => {
                    let kept = [c"batch_stats".as_ptr(), std::ptr::null()];
                    let keep = if random.below(2) == 0 { kept.as_ptr() } else { std::ptr::null() };
                    // SAFETY: an open connection, and no list or one that ends with null.
                    assert_eq!(unsafe { drop_modules(db.raw(), keep) }, 0);
                }
                1 => db.load(&copy).expect("a copy"),
                2 => db.with_denied_action(denied, || db.load(&own)).expect("under an authorizer"),
                _ => db.load(&own).expect("once more"),
            }
            assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
        }
        db.load(&own).expect("the last load");
        assert_eq!(db.failure().code, 0);
        assert_eq!(db.value("SELECT call_count FROM model_stats()"), Value::Int(1));
        assert_eq!(db.rows("SELECT * FROM batch_stats WHERE 0").len(), 0);
    });
}

/// The routines that the host hands to an extension, as an extension of this test's own gets them.
fn routines() -> *const sqlite3_api_routines {
    static FOUND: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
    unsafe extern "C" fn look(_: *mut Db, _: *mut *mut c_char, routines: *const c_void) -> c_int {
        FOUND.store(routines.cast_mut(), Ordering::Relaxed);
        0
    }
    // SAFETY: SQLite calls an automatic extension as the entry point that it is.
    let init = unsafe { std::mem::transmute::<Entry, unsafe extern "C" fn()>(look) };
    // SAFETY: `look` is always there.
    unsafe { (api().auto_extension)(Some(init)) };
    Connection::bare(":memory:");
    // SAFETY: no arguments.
    unsafe { (api().reset_auto_extension)() };
    FOUND.load(Ordering::Relaxed).cast_const().cast()
}

/// Rule: a host whose SQLite is built without window functions or virtual tables has no routines
/// for them; it is refused with a sentence, and they are not called.
#[test]
fn a_host_without_window_functions_or_tables_is_refused() {
    in_child("suite::loading::a_host_without_window_functions_or_tables_is_refused", || {
        if version() < OLDEST {
            return;
        }
        let db = Connection::bare(":memory:");
        let real = routines();
        let take_windows: fn(&mut sqlite3_api_routines) = |table| {
            table.create_window_function = None;
        };
        let take_tables: fn(&mut sqlite3_api_routines) = |table| {
            table.create_module = None;
            table.create_module_v2 = None;
            table.declare_vtab = None;
            table.vtab_config = None;
        };
        for (take, option) in
            [(take_windows, "SQLITE_OMIT_WINDOWFUNC"), (take_tables, "SQLITE_OMIT_VIRTUALTABLE")]
        {
            // The table of an old host ends with the newest routine that it knows.
            const KNOWN: usize =
                std::mem::offset_of!(sqlite3_api_routines, create_window_function) + 8;
            // SAFETY: a table of nothing but null pointers, which each field may be; then the
            // host's fields, as many as the oldest host has.
            let mut table: Box<sqlite3_api_routines> = unsafe {
                let mut table = Box::new(std::mem::zeroed::<sqlite3_api_routines>());
                (&raw mut *table).cast::<u8>().copy_from(real.cast(), KNOWN);
                table
            };
            take(&mut table);
            let mut message: *mut c_char = std::ptr::null_mut();
            // SAFETY: an open connection, an out-pointer, and a table that stays for ever.
            let (code, text) = unsafe {
                let init = entry(&extension());
                let code = init(db.raw(), &raw mut message, Box::leak(table) as *const _ as _);
                assert!(!message.is_null(), "a reason");
                (code, CStr::from_ptr(message).to_string_lossy().into_owned())
            };
            // SAFETY: SQLite's memory.
            unsafe { (api().free)(message.cast()) };
            assert_ne!(code, 0);
            assert!(text.contains("is built without them") && text.contains(option), "{text}");
            assert_eq!(db.error("SELECT avg_itl(5)").message, "no such function: avg_itl");
        }
        db.load(&extension()).expect("the whole host is taken afterwards");
        assert_eq!(db.value("SELECT avg_itl(5)"), Value::Real(5.0));
    });
}
