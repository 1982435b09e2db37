//! Tests that measure a whole process run in a child of the test binary, where nothing else
//! allocates.

use std::process::Command;

const CHILD: &str = "JARVIS_TEST_CHILD";

/// Run `body` in a process of its own: the test named `test` calls this, and the child runs only
/// that test.
pub fn in_child(test: &str, body: impl FnOnce()) {
    if std::env::var(CHILD).is_ok_and(|t| t == test) {
        return body();
    }
    let binary = std::env::current_exe().expect("a running test has a binary");
    let output = Command::new(binary)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, test)
        .output()
        .expect("the test binary starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    print!("{text}");
    assert!(output.status.success() && text.contains("1 passed"), "the child failed");
}

/// Whether this is a long run (`JARVIS_TEST_LONG=1`): more rows, more cycles.
pub fn long() -> bool {
    std::env::var_os("JARVIS_TEST_LONG").is_some_and(|v| v != "0" && !v.is_empty())
}

/// Bytes resident now, where the system tells (Linux).
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// Most bytes that were resident since the last `forget_peak`.
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// Let `peak` start over; false where the system cannot.
pub fn forget_peak() -> bool {
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn status(label: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with(label))?;
    let kilobytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
