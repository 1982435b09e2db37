"""The built archives are what they say: archives.py ROOT"""

import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile

ROOT = pathlib.Path(sys.argv[1])
BUILT = ROOT / "target" / "packages"
sys.path.insert(0, str(ROOT / "packages"))
import binary  # noqa: E402
import project  # noqa: E402

PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in BUILT.iterdir()}


def inside(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an archive; those of tar are owned by nobody."""
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            return {one: archive.read(one) for one in archive.namelist()}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert all(one.uid == one.gid == 0 and one.isfile() for one in archive)
        return {one.name: archive.extractfile(one).read() for one in archive}


def platform(name: str) -> project.Platform:
    """The one that a file's name promises."""
    for key, one in project.PLATFORMS.items():
        if f"-{one.wheel}.whl" in name or f"stats-{key}-{PACKAGE['version']}.tgz" in name or (
                one.sqlpkg and f"-{one.sqlpkg}.tar.gz" in name):
            return one
    raise AssertionError(f"no platform in {name}")


def main() -> None:
    made = contents()
    # rule: SHA256SUMS names every file with its sum
    sums = made.pop("SHA256SUMS").decode()
    assert sums == "".join(f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n"
                           for name in sorted(made))

    libraries = {}
    for name, content in made.items():
        if name == "sqlpkg.json":
            continue
        files = inside(name, content)
        # rule: one version everywhere
        assert re.search(rf"-{re.escape(PACKAGE['version'])}(-|\.t)", name), name
        # rule: every archive carries both licences
        found = [one for one in files if pathlib.PurePath(one).name.startswith("LICENSE-")]
        assert len(found) == 2, (name, found)
        for one, data in files.items():
            if one.endswith((".dist-info/METADATA", "/PKG-INFO")):
                text = data.decode()
                assert f"\nVersion: {PACKAGE['version']}\n" in text, name
                assert f"\nLicense-Expression: {PACKAGE['license']}\n" in text, name
                pinned = f"Requires-Dist: jarvis-stats=={PACKAGE['version']}\n"
                plugin = name.startswith(("datasette", "sqlite_utils"))
                assert not plugin or pinned in text, name
            if one == "package/package.json":
                manifest = json.loads(data)
                assert manifest["version"] == PACKAGE["version"], name
                assert all(version == PACKAGE["version"]
                           for version in manifest.get("optionalDependencies", {}).values())
            if one.endswith((".so", ".dylib", ".dll")):
                libraries[name] = data
                # rule: the library is of the format and machine that the name promises, exports
                # the two entry points and asks for glibc 2.17 at most
                at = platform(name)
                assert binary.complaints(data, at.kind, at.libc) == [], name
        # rule: nothing of this machine
        for one, data in files.items():
            assert str(ROOT).encode() not in data, (name, one)
    assert len(libraries) >= 3, libraries.keys()

    # rule: a wrong library is refused
    library = ROOT / "libjarvis_stats.so"
    for key, said in (("linux-arm64", "expected elf64-aarch64, got elf64-x86_64"),
                      ("darwin-arm64", "expected macho64-aarch64, got elf64-x86_64"),
                      ("linux-x64-musl", "asks for glibc where musl is")):
        run = subprocess.run([sys.executable, ROOT / "packages/pack.py", f"{key}={library}"],
                             capture_output=True, text=True)
        assert run.returncode == 1 and said in run.stderr, (key, run.stderr)

    # rule: the same inputs give the same bytes, whatever the hash seed and the zone
    folder = ROOT / "target" / "test-packages" / "again"
    folder.mkdir(parents=True, exist_ok=True)
    words = []
    for key, one in project.PLATFORMS.items():
        for name in libraries:
            if name.endswith(f"-{one.wheel}.whl"):
                (folder / key).write_bytes(libraries[name])
                words.append(f"{key}={folder / key}")
    packed = []
    for more in ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}):
        subprocess.run([sys.executable, ROOT / "packages/pack.py", *words], check=True,
                       capture_output=True, env=os.environ | more)
        packed.append(contents())
    assert packed[0].keys() == packed[1].keys() == made.keys() | {"SHA256SUMS"}
    assert [name for name in packed[0] if packed[0][name] != packed[1][name]] == []
    print(f"{len(made)} files, {len(libraries)} libraries, the same bytes twice")


main()
