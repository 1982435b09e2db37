//! All or nothing: a transaction of our own, or a savepoint in the caller's.

use crate::ffi::{Connection, Result, Statement};
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of the next savepoint.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs `body`; an error takes all of it back. A transaction takes the write lock at once, waiting
/// for it as the host's busy handler says: a lock that is asked for after a read may be refused for
/// good.
pub(super) fn transaction<T>(
    connection: &Connection<'_>,
    body: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let open = Open::begin(connection)?;
    let value = body()?;
    open.commit()?;
    Ok(value)
}

/// An open transaction or savepoint, taken back when dropped without a commit.
struct Open<'c, 'a> {
    connection: &'c Connection<'a>,
    begin: Statement<'a>,
    commit: Statement<'a>,
    undo: Statement<'a>,
    is_savepoint: bool,
    is_done: bool,
}

impl<'c, 'a> Open<'c, 'a> {
    fn begin(connection: &'c Connection<'a>) -> Result<Self> {
        let is_savepoint = connection.is_in_transaction();
        // A name of its own: one that a stop has left open in the caller's transaction must not be
        // taken for this one, and the caller's work since then with it.
        let name = format!("jarvis_rollup_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let [begin, commit, undo] = if is_savepoint {
            ["SAVEPOINT ", "RELEASE ", "ROLLBACK TO "].map(|what| format!("{what}{name}"))
        } else {
            ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].map(str::to_owned)
        };
        // All three are compiled before they are needed: a host that wants us to stop may refuse to
        // compile.
        let [begin, commit, undo] =
            [connection.prepare(&begin)?, connection.prepare(&commit)?, connection.prepare(&undo)?];
        let mut open = Open { connection, begin, commit, undo, is_savepoint, is_done: false };
        // A host that stops this very step may be told so when the transaction is open already:
        // then it is taken back as after any other error.
        let began = open.begin.step();
        open.begin.reset();
        began?;
        Ok(open)
    }

    fn commit(mut self) -> Result<()> {
        self.commit.step()?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Open<'_, '_> {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        if !self.is_savepoint && !self.connection.is_in_transaction() {
            return;
        }
        self.commit.reset();
        // Errors have nobody to be told to: the one that led here is on its way.
        let _ = self.undo.step();
        if self.is_savepoint {
            // Where even this is refused the caller's own end of the transaction ends it.
            let _ = self.commit.step();
            return;
        }
        self.undo.reset();
        if self.connection.is_in_transaction() {
            // An interrupt refuses a ROLLBACK too. But it makes SQLite roll back when it meets a
            // statement that writes, as this one counts.
            let _ = self.begin.step();
            let _ = self.undo.step();
        }
    }
}
