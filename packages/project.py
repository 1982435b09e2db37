"""What the packages are made of: the facts of Cargo.toml, the platforms, the files of the checkout.

Version, licence and description live in Cargo.toml alone and are read from there by cargo itself.
"""

import json
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ">=3.10"  # as OpenJarvis
# An archive of the sources says here what revision it was made from, as cargo's own archives do.
REVISION = ".cargo_vcs_info.json"


class Platform(NamedTuple):
    """How each ecosystem names one platform, and what its library must be."""

    wheel: str  # the wheel's tag
    os: str  # npm's os and cpu
    cpu: str
    libc: str  # npm's libc, '' where it does not apply
    sqlpkg: str  # sqlpkg's name, '' where it has none
    library: str  # the file's name
    kind: str  # what packages/binary.py finds in the file


PLATFORMS = {
    "linux-x64": Platform(
        "manylinux_2_17_x86_64.manylinux2014_x86_64", "linux", "x64", "glibc", "linux-amd64",
        "libjarvis_stats.so", "elf64-x86_64"),
    "linux-arm64": Platform(
        "manylinux_2_17_aarch64.manylinux2014_aarch64", "linux", "arm64", "glibc", "linux-arm64",
        "libjarvis_stats.so", "elf64-aarch64"),
    "linux-x64-musl": Platform(
        "musllinux_1_1_x86_64", "linux", "x64", "musl", "", "libjarvis_stats.so", "elf64-x86_64"),
    "linux-arm64-musl": Platform(
        "musllinux_1_1_aarch64", "linux", "arm64", "musl", "", "libjarvis_stats.so",
        "elf64-aarch64"),
    "darwin-x64": Platform(
        "macosx_11_0_x86_64", "darwin", "x64", "", "darwin-amd64", "libjarvis_stats.dylib",
        "macho64-x86_64"),
    "darwin-arm64": Platform(
        "macosx_11_0_arm64", "darwin", "arm64", "", "darwin-arm64", "libjarvis_stats.dylib",
        "macho64-aarch64"),
    "win32-x64": Platform(
        "win_amd64", "win32", "x64", "", "windows-amd64", "jarvis_stats.dll", "pe-x86_64"),
    "win32-arm64": Platform(
        "win_arm64", "win32", "arm64", "", "windows-arm64", "jarvis_stats.dll", "pe-aarch64"),
}


def cargo(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Runs cargo in the checkout."""
    try:
        return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, **options)
    except FileNotFoundError:
        raise SystemExit("jarvis-stats is built from Rust: install cargo (https://rustup.rs)")
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"cargo {arguments[0]}: {error.stderr or f'exit {error.returncode}'}")


def cargo_package() -> dict:
    """Name, version, licence, description, repository, its target folder, as cargo has them."""
    run = cargo("metadata", "--no-deps", "--offline", "--format-version", "1",
                capture_output=True, text=True)
    told = json.loads(run.stdout)
    package = next(one for one in told["packages"]
                   if pathlib.Path(one["manifest_path"]).parent == ROOT)
    package["target"] = pathlib.Path(told["target_directory"])
    # Python, npm and cargo spell pre-releases in three ways, so there are none.
    if not re.fullmatch(r"\d+\.\d+\.\d+", package["version"]):
        raise SystemExit(f"version {package['version']}: packages want three numbers")
    return package


def text(path: str) -> str:
    """A file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def licences() -> dict[str, bytes]:
    """The licence files by name."""
    files = {path.name: path.read_bytes() for path in sorted(ROOT.glob("LICENSE*"))}
    if not files:
        raise SystemExit("no licence file to pack")
    return files


def plain_sql(path: str) -> str:
    """A script for the sqlite3 shell as SQL alone: `.read` expanded, dot-commands left out."""
    lines = []
    for line in text(path).splitlines(keepends=True):
        if line.startswith(".read "):
            lines.append(plain_sql(line.split()[1]))
        elif not line.startswith("."):
            lines.append(line)
    return "".join(lines)


def git(*arguments: str) -> str | None:
    """What git says of this checkout, None where this is none."""
    if not (ROOT / ".git").exists():
        return None
    try:
        run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return run.stdout if run.returncode == 0 else None


def source_date() -> int:
    """The time that every entry of every archive carries, so that they are reproducible.

    SOURCE_DATE_EPOCH, the last commit, or the start of 1980, before which no zip can go.
    """
    committed = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 0
    return max(int(committed), 315532800)


def source_files() -> dict[str, bytes]:
    """What building from source takes: the checkout without its tests and benchmarks."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        skipped = ("target/", ".git/")
        names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(skipped) and name != "PKG-INFO"]
    else:
        names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    kept = [name for name in names if not name.startswith(("tests/", "benches/", ".ci/"))
            and "__pycache__" not in name and not name.endswith((".so", ".dylib", ".dll"))]
    files = {name: (ROOT / name).read_bytes() for name in kept}
    revision = git("rev-parse", "HEAD")
    if revision:
        found = {"git": {"sha1": revision.strip()}, "path_in_vcs": ""}
        files[REVISION] = json.dumps(found).encode() + b"\n"
    return files
