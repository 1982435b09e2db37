//! What `jarvis_stats_debug()` tells of the build, and the linker's flag that keeps the library
//! mapped.

use std::env;
use std::process::Command;

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::to_owned).filter(|line| !line.is_empty())
}

/// What an archive of the sources was made from. Git would tell of the repository around it.
fn packed_revision() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, after) = text.split_once("\"sha1\"")?;
    let sha1 = after.split('"').nth(1)?;
    Some(sha1.chars().take(12).collect())
}

fn main() {
    let compiler =
        env::var("RUSTC").ok().and_then(|rustc| first_line(Command::new(rustc).arg("--version")));
    let revision = packed_revision()
        .or_else(|| first_line(Command::new("git").args(["rev-parse", "--short=12", "HEAD"])));
    println!("cargo::rustc-env=JARVIS_STATS_COMPILER={}", compiler.as_deref().unwrap_or("unknown"));
    println!("cargo::rustc-env=JARVIS_STATS_REVISION={}", revision.as_deref().unwrap_or("unknown"));
    println!("cargo::rerun-if-changed=build.rs");
    // A path that is not there would count as changed at every build.
    if std::path::Path::new(".git/logs/HEAD").exists() {
        println!("cargo::rerun-if-changed=.git/logs/HEAD");
    }
    // When a load fails while a statement runs, SQLite refuses to take registrations back but still
    // unloads the library.
    if env::var("CARGO_CFG_TARGET_OS")
        .is_ok_and(|os| matches!(os.as_str(), "linux" | "android" | "freebsd"))
    {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
