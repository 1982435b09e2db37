//! A panic must not cross into C: every callback runs in here and turns one into an error.

use super::error::{Result, SqlError};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static PANIC_PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Replaces the default hook, which prints to the host's stderr. The standard library is private to
/// this shared object, so no one else's hook is touched.
pub(super) fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        // A panic while the thread ends finds the thread-local gone; then the place is lost, no
        // more.
        let _ = PANIC_PLACE.try_with(|cell| cell.try_borrow_mut().map(|mut cell| *cell = place));
    }));
}

/// Runs the body of a callback of `function`.
#[inline(always)]
pub(super) fn guard<T>(
    function: &str,
    callback: &str,
    body: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "planted-faults")]
        super::planted::panic_if_planted(function, callback);
        body()
    }));
    match outcome {
        Ok(result) => result,
        Err(payload) => Err(panicked(function, callback, payload)),
    }
}

#[cold]
fn panicked(function: &str, callback: &str, payload: Box<dyn std::any::Any + Send>) -> SqlError {
    let what = payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    // Dropping a payload may panic too, and forgetting it would leak.
    let _ = panic::catch_unwind(AssertUnwindSafe(move || drop(payload)));
    let place = PANIC_PLACE.try_with(|cell| cell.take()).unwrap_or_default();
    SqlError::new(format!("{function}: internal error in {callback}: {what}{place}"))
}
