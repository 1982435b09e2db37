"""Packs a release: dist.py LIBRARY   (make dist)

Writes target/dist/jarvis_stats-VERSION-PLATFORM.tar.gz with the library, licences, README, views and checksums, and beside it
SHA256SUMS and a sqlpkg.json for the sqlpkg package manager over every archive of this version there is: a release is made by
running this on each platform and collecting the archives in one folder. The same inputs give the same bytes.

With `repository` in Cargo.toml, sqlpkg.json points at that repository's releases; without it, at the folder it lies in, so that
`sqlpkg install ./sqlpkg.json` works from there.
"""
import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import sys
import tarfile
import tomllib
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "target" / "dist"
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
FUNCTIONS = """aggregated_stats avg_itl batch_stats energy_per_token engine_stats export_records jarvis_stats_debug
    jarvis_stats_version model_stats record_count rollup_drop rollup_refresh rollup_status rollup_verify top_models""".split()


def sums(files):
    """Lines as sha256sum prints and checks them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def specification(package, archives):
    """The sqlpkg.json for archives, a dict of platform to (file name, bytes or None if not known yet)."""
    version, repository = package["version"], package.get("repository")
    found = {
        "owner": urllib.parse.urlparse(repository).path.split("/")[1] if repository else "local",
        "name": package["name"],
        "version": version,
        "license": package["license"],
        "description": package["description"],
        "keywords": ["llm", "telemetry", "statistics", "energy"],
        "symbols": FUNCTIONS,
        "assets": {
            "path": f"{repository}/releases/download/v{version}" if repository else ".",
            "files": {target: name for target, (name, _) in sorted(archives.items())},
        },
    }
    if repository:
        found["repository"] = found["homepage"] = repository
    known = {name: f"sha256-{hashlib.sha256(content).hexdigest()}" for name, content in archives.values() if content is not None}
    if known:
        found["assets"]["checksums"] = known
    return json.dumps(found, indent=4).encode() + b"\n"


def pack(files):
    """A flat .tar.gz: sqlpkg makes no folders when it unpacks."""
    # The time of the last commit where the caller gives it, so that a rebuilt archive is the same file.
    when = int(os.environ.get("SOURCE_DATE_EPOCH", 0))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=when) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(files[name]), when
            entry.mode = 0o755 if name.endswith((".so", ".dylib", ".dll")) else 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return packed.getvalue()


def main():
    library = pathlib.Path(sys.argv[1])
    package = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    stem = f"{package['name']}-{package['version']}-"
    target = f"{SYSTEMS[platform.system()]}-{MACHINES[platform.machine()]}"

    files = {library.name: library.read_bytes()}
    for path in [*sorted(ROOT.glob("LICENSE*")), ROOT / "README.md", ROOT / "sql" / "views.sql"]:
        files[path.name] = path.read_bytes()
    if not any(name.startswith("LICENSE") for name in files):
        sys.exit("no licence file to pack")
    files["sqlpkg.json"] = specification(package, {target: (f"{stem}{target}.tar.gz", None)})
    files["SHA256SUMS"] = sums(files)

    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{stem}{target}.tar.gz").write_bytes(pack(files))
    archives = {path.name: path.read_bytes() for path in OUT.glob(f"{stem}*.tar.gz")}
    targets = {name.removeprefix(stem).removesuffix(".tar.gz"): (name, archives[name]) for name in archives}
    (OUT / "sqlpkg.json").write_bytes(specification(package, targets))
    (OUT / "SHA256SUMS").write_bytes(sums({**archives, "sqlpkg.json": (OUT / "sqlpkg.json").read_bytes()}))
    print(f"{(OUT / stem).relative_to(ROOT)}{target}.tar.gz")


main()
