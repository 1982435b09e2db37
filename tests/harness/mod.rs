//! A host program over SQLite's C interface, as small as the tests allow: connections that load the
//! extension under test, statements, values, and the hooks (interrupt, progress, authorizer,
//! limits) that a host may set.
//!
//! `JARVIS_TEST_SQLITE` names the SQLite library, `JARVIS_STATS` the extension.

pub mod api;
pub mod catalogue;
pub mod exact;
pub mod hooks;
pub mod process;
pub mod random;
mod statement;

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use api::{Db, api};
pub use statement::Statement;

pub const BUSY: i32 = 5;
pub const INTERRUPT: i32 = 9;
pub const CORRUPT: i32 = 11;
pub const AUTH: i32 = 23;
pub const NOTADB: i32 = 26;
const ROW: c_int = 100;
const DONE: c_int = 101;
const OPEN_READWRITE: c_int = 0x2;
const OPEN_CREATE: c_int = 0x4;
const OPEN_URI: c_int = 0x40;
/// The oldest SQLite that the extension works in.
pub const OLDEST: i32 = 3_025_000;

/// One value of a row, or one to bind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    /// TEXT as its bytes: a test may send what is not UTF-8.
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Value {
    pub fn text(text: impl Into<Vec<u8>>) -> Value {
        Value::Text(text.into())
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Value::Int(_) | Value::Real(_))
    }

    /// The number in it, for what is compared as one.
    pub fn number(&self) -> f64 {
        match self {
            Value::Int(i) => *i as f64,
            Value::Real(r) => *r,
            other => panic!("expected a number, got {other:?}"),
        }
    }

    /// The same value to the last bit: 0.0 is not -0.0, 1 is not 1.0.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Real(a), Value::Real(b)) => a.to_bits() == b.to_bits(),
            _ => self == other,
        }
    }
}

pub type Row = Vec<Value>;

/// What SQLite says when it fails: its extended code and its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub code: i32,
    pub message: String,
}

impl Failure {
    /// The code without its extension.
    pub fn primary(&self) -> i32 {
        self.code & 0xff
    }
}

/// A connection. Dropping it closes it, and fails the test when a statement was left open.
pub struct Connection(*mut Db, AtomicBool);

// SAFETY: SQLite's default threading mode is serialized, and a statement holds a borrow of its
// connection.
unsafe impl Send for Connection {}
// SAFETY: as above: `interrupt` and the rest may come from any thread.
unsafe impl Sync for Connection {}

impl Connection {
    /// An empty database in memory with the extension loaded.
    pub fn memory() -> Connection {
        Connection::file(":memory:")
    }

    /// A database file, made when it is missing, with the extension loaded.
    pub fn file(path: impl AsRef<Path>) -> Connection {
        let db = Connection::bare(path);
        db.load(&extension()).unwrap_or_else(|e| panic!("the extension does not load: {e}"));
        db
    }

    /// A connection without the extension. `path` may be a `file:` URI.
    pub fn bare(path: impl AsRef<Path>) -> Connection {
        let path = path.as_ref().to_str().expect("test paths are UTF-8");
        let mut db = std::ptr::null_mut();
        let flags = OPEN_READWRITE | OPEN_CREATE | OPEN_URI;
        let c_path = c_string(path);
        // SAFETY: `db` receives a handle even on failure, and closing it is the caller's duty:
        // Drop's.
        let rc = unsafe { (api().open_v2)(c_path.as_ptr(), &mut db, flags, std::ptr::null()) };
        let db = Connection(db, AtomicBool::new(false));
        assert_eq!(rc, 0, "cannot open {path}: {:?}", db.failure());
        db
    }

    /// Close it while statements are open: they go on, and with the last of them it goes.
    pub fn close_v2(&self) {
        assert!(!self.1.swap(true, Ordering::Relaxed), "closed twice");
        // SAFETY: closed once, as the flag tells `drop`.
        assert_eq!(unsafe { (api().close_v2)(self.0) }, 0);
    }

    /// Allow and load a shared object.
    pub fn load(&self, file: &Path) -> Result<(), String> {
        self.allow_loading(true);
        let file = c_string(file.to_str().expect("test paths are UTF-8"));
        let mut message: *mut c_char = std::ptr::null_mut();
        // SAFETY: a live connection; `message` is SQLite's to allocate and ours to free.
        let rc = unsafe {
            (api().load_extension)(self.0, file.as_ptr(), std::ptr::null(), &mut message)
        };
        let text = text_of(message);
        // SAFETY: NULL or allocated by SQLite just now.
        unsafe { (api().free)(message.cast()) };
        if rc == 0 { Ok(()) } else { Err(text) }
    }

    /// Switch loading, by C and by SQL, on or off, as a host does.
    pub fn allow_loading(&self, on: bool) {
        // SAFETY: a live connection.
        let rc = unsafe { (api().enable_load_extension)(self.0, c_int::from(on)) };
        assert_eq!(rc, 0, "this SQLite is built without extension loading");
    }

    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>, Failure> {
        Statement::prepare(self, sql)
    }

    /// All rows of one statement.
    pub fn query(&self, sql: &str, arguments: &[Value]) -> Result<Vec<Row>, Failure> {
        self.prepare(sql)?.bind(arguments)?.rows()
    }

    /// All rows of one statement that must succeed.
    pub fn rows(&self, sql: &str) -> Vec<Row> {
        self.query(sql, &[]).unwrap_or_else(|e| panic!("{}\nin: {sql}", e.message))
    }

    /// The one value of a statement that must succeed.
    pub fn value(&self, sql: &str) -> Value {
        let mut rows = self.rows(sql);
        assert!(rows.len() == 1 && rows[0].len() == 1, "one value wanted of: {sql}");
        rows.remove(0).remove(0)
    }

    /// The error of a statement that must fail.
    pub fn error(&self, sql: &str) -> Failure {
        match self.query(sql, &[]) {
            Ok(rows) => panic!("no error, but {} rows: {:?}\nin: {sql}", rows.len(), rows.first()),
            Err(failure) => failure,
        }
    }

    /// Every statement of a script.
    pub fn run(&self, script: &str) -> Result<(), Failure> {
        let mut rest = script;
        while !rest.trim().is_empty() {
            let (statement, tail) = Statement::prepare_first(self, rest)?;
            if let Some(mut statement) = statement {
                statement.rows()?;
            }
            rest = tail;
        }
        Ok(())
    }

    /// A script that must succeed.
    pub fn exec(&self, script: &str) {
        self.run(script).unwrap_or_else(|e| panic!("{}\nin: {script}", e.message));
    }

    /// What went wrong in the last call.
    pub fn failure(&self) -> Failure {
        // SAFETY: a live connection (or the NULL of a failed open, which both functions take).
        let (code, message) = unsafe { ((api().extended_errcode)(self.0), (api().errmsg)(self.0)) };
        Failure { code, message: text_of(message) }
    }

    pub fn raw(&self) -> *mut Db {
        self.0
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if *self.1.get_mut() {
            return;
        }
        // SAFETY: closed once, here. The old `close` refuses while a statement is open: that is a
        // leak of ours.
        let rc = unsafe { (api().close)(self.0) };
        if !std::thread::panicking() {
            assert_eq!(rc, 0, "a statement was left open on this connection");
        }
    }
}

/// The version of the SQLite under the tests, as `3_040_001`.
pub fn version() -> i32 {
    // SAFETY: no arguments, no state.
    unsafe { (api().libversion_number)() }
}

/// The version as SQLite writes it.
pub fn version_text() -> String {
    // SAFETY: as above; a static string.
    text_of(unsafe { (api().libversion)() })
}

/// The check-in that the SQLite under the tests was built from.
pub fn source_id() -> String {
    // SAFETY: as above.
    text_of(unsafe { (api().sourceid)() })
}

/// The folder of the crate.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of this process and test alone, under `target`, that goes when the test has passed.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let folder = root().join(format!("target/test-files/{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("target is writable");
        Scratch(folder)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Err(e) = std::fs::remove_dir_all(&self.0)
        {
            println!("{} stays: {e}", self.0.display());
        }
    }
}

/// The shared object under test: the one that `JARVIS_STATS` names, with or without its suffix, or
/// the one that cargo built together with this test program, which lies beside it.
pub fn extension() -> PathBuf {
    let suffix = std::env::consts::DLL_EXTENSION;
    let file = match std::env::var_os("JARVIS_STATS") {
        Some(file) if Path::new(&file).extension().is_some() => PathBuf::from(file),
        Some(file) => PathBuf::from(file).with_extension(suffix),
        None => {
            let program = std::env::current_exe().expect("a running test has a file");
            // On Windows it is jarvis_stats.dll.
            let prefix = std::env::consts::DLL_PREFIX;
            program.with_file_name(format!("{prefix}jarvis_stats.{suffix}"))
        }
    };
    assert!(file.is_file(), "there is no {}: see JARVIS_STATS in tests/README.md", file.display());
    file
}

fn c_string(text: &str) -> CString {
    CString::new(text).expect("no NUL in a test's SQL or paths")
}

/// A C string of SQLite's, or `""` for NULL.
fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: SQLite's strings end in NUL and outlive this call.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
