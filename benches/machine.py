"""Where and with what a run was made, so that its figures can be questioned."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def field(path, name):
    """The value of the first `name : value` line of a file of /proc."""
    try:
        for line in Path(path).read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    except OSError:
        pass
    return "unknown"


def free_memory():
    """Bytes that a new process can have without swapping."""
    kilobytes = field("/proc/meminfo", "MemAvailable").split()[0]
    return int(kilobytes) * 1024 if kilobytes.isdigit() else 0


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def extension_version(library):
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    db.load_extension(library)
    return db.execute("SELECT jarvis_stats_version()").fetchone()[0]


def facts(options):
    kilobytes = field("/proc/meminfo", "MemTotal").split()[0]
    memory = f"{int(kilobytes) / 2**20:.0f} GiB" if kilobytes.isdigit() else "unknown"
    folder = str(Path(__file__).parent)
    changed = output("git", "-C", folder, "status", "--porcelain", "--untracked-files=no", "--", ":/src", ":/Cargo.toml")
    revision = output("git", "-C", folder, "rev-parse", "--short", "HEAD")
    return {
        "rows": f"{options.rows:,}",
        "processor": f"{field('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, {memory}",
        "system": f"{platform.system()} {platform.release()}",
        "extension": f"{extension_version(options.library)}, revision {revision}{' with changes' if changed else ''}, {output('rustc', '--version')}",
        "SQLite": f"{sqlite3.sqlite_version} in Python {platform.python_version()}; shell {output('sqlite3', '--version').split(' ')[0]}",
        "others": ", ".join(f"{name} {version(name)}" for name in ("openjarvis", "duckdb", "pandas", "numpy")),
        "settings": "cache_size -2000, mmap_size 0, journal_mode WAL, read-only, file in the page cache",
        "load before": load(),
    }
