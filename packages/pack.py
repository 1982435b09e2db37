"""Makes every package: pack.py [PLATFORM=LIBRARY...]   (make packages)

Writes into target/packages the wheel jarvis-stats of each platform and its sdist, the plugins for
Datasette and sqlite-utils, the npm package and one for each platform, an archive for each platform
with sqlpkg.json, and SHA256SUMS over all. A release gives the libraries of all platforms; each is
checked to be what its package says. The same inputs give the same bytes.

    pack.py --archive LIBRARY    only the archive, of this machine's library, into target/dist
                                 (make dist)
"""

import hashlib
import json
import pathlib
import platform
import shutil
import sys
import urllib.parse

import binary
import project
import python_packages
from archives import sums, tar_gz, write

HERE = pathlib.Path(__file__).resolve().parent
SCOPE = "@jarvis-stats"
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def symbols() -> list[str]:
    """Names that a person gets, from the list that the tests hold against SQLite's own."""
    lines = (line.split() for line in project.text("tests/surface.txt").splitlines())
    return sorted({words[1].split("/")[0] for words in lines
                   if words and words[0] in ("function", "module") and "jarvis_stats_scan/-1" not in words})


def specification(package: dict, archives: dict[str, tuple[str, bytes | None]]) -> bytes:
    """sqlpkg.json for archives: platform to file name and bytes, None if not known yet.

    With `repository` in Cargo.toml it points at that repository's releases; without it, at the
    folder it lies in.
    """
    version, repository = package["version"], package["repository"]
    path = f"{repository}/releases/download/v{version}" if repository else "."
    found = {
        "owner": urllib.parse.urlparse(repository).path.split("/")[1] if repository else "local",
        "name": package["name"],
        "version": version,
        "license": package["license"],
        "description": package["description"],
        "keywords": ["llm", "telemetry", "statistics", "energy"],
        "symbols": symbols(),
        "assets": {"path": path,
                   "files": {target: name for target, (name, _) in sorted(archives.items())}},
    }
    if repository:
        found["repository"] = found["homepage"] = repository
    known = {name: f"sha256-{hashlib.sha256(content).hexdigest()}"
             for name, content in archives.values() if content is not None}
    if known:
        found["assets"]["checksums"] = known
    return json.dumps(found, indent=4).encode() + b"\n"


def archive(package: dict, target: str, name: str, library: bytes) -> tuple[str, bytes]:
    """A flat .tar.gz with the library, licences, README and views: sqlpkg makes no folders."""
    file = f"{package['name']}-{package['version']}-{target}.tar.gz"
    files = {name: library, **project.licences(),
             "README.md": project.text("README.md").encode(),
             "views.sql": project.text("sql/views.sql").encode(),
             "sqlpkg.json": specification(package, {target: (file, None)})}
    files["SHA256SUMS"] = sums(files)
    return file, tar_gz(files, project.source_date())


def _npm(package: dict, name: str, more: dict, files: dict[str, bytes]) -> tuple[str, bytes]:
    manifest = {"name": name, "version": package["version"],
                "description": package["description"],
                "license": f"({package['license']})", **more}
    if package["repository"]:
        manifest["repository"] = {"type": "git", "url": f"git+{package['repository']}.git"}
    files = {**files, **project.licences(),
             "package.json": json.dumps(manifest, indent=2).encode() + b"\n"}
    packed = tar_gz({f"package/{file}": content for file, content in files.items()},
                    project.source_date())
    file = name.removeprefix("@").replace("/", "-")
    return f"{file}-{package['version']}.tgz", packed


def npm_platform(package: dict, key: str, library: bytes) -> tuple[str, bytes]:
    """The npm package with one platform's library."""
    at = project.PLATFORMS[key]
    more = {"os": [at.os], "cpu": [at.cpu], **({"libc": [at.libc]} if at.libc else {})}
    readme = f"The library of [jarvis-stats](../../jarvis-stats) for {key}.\n".encode()
    return _npm(package, f"{SCOPE}/{key}", more, {at.library: library, "README.md": readme})


def npm_main(package: dict, keys: list[str]) -> tuple[str, bytes]:
    """The npm package that people name: it finds the platform's library."""
    types = (HERE / "npm" / "index.d.ts").read_bytes()
    files = {name: (HERE / "npm" / name).read_bytes()
             for name in ("index.cjs", "index.mjs", "README.md")}
    more = {
        "main": "./index.cjs", "module": "./index.mjs", "types": "./index.d.cts",
        "exports": {
            ".": {"import": {"types": "./index.d.mts", "default": "./index.mjs"},
                  "require": {"types": "./index.d.cts", "default": "./index.cjs"}},
            "./package.json": "./package.json",
        },
        "engines": {"node": ">=18"},
        "optionalDependencies": {f"{SCOPE}/{key}": package["version"] for key in sorted(keys)},
    }
    return _npm(package, "jarvis-stats", more,
                files | {"index.d.cts": types, "index.d.mts": types})


def finish(folder: pathlib.Path, package: dict, made: dict[str, bytes],
           archives: dict[str, tuple[str, bytes]]) -> None:
    """Writes what was made, sqlpkg.json over the archives and SHA256SUMS over all."""
    made["sqlpkg.json"] = specification(package, archives)
    for name, content in [*made.items(), ("SHA256SUMS", sums(made))]:
        write(folder / name, content)


def pack_archive(package: dict, library: pathlib.Path) -> None:
    """make dist: archives of other platforms that lie in the folder go into its sqlpkg.json too."""
    folder = project.ROOT / "target" / "dist"
    target = f"{SYSTEMS[platform.system()]}-{MACHINES[platform.machine()]}"
    name, content = archive(package, target, library.name, library.read_bytes())
    stem = f"{package['name']}-{package['version']}-"
    made = {path.name: path.read_bytes() for path in folder.glob(f"{stem}*.tar.gz")}
    made[name] = content
    archives = {file.removeprefix(stem).removesuffix(".tar.gz"): (file, made[file])
                for file in made}
    finish(folder, package, made, archives)
    print((folder / name).relative_to(project.ROOT))


def pack_all(package: dict, libraries: dict[str, bytes]) -> None:
    """make packages."""
    made = dict([python_packages.sdist(package), npm_main(package, list(libraries))])
    made |= dict(python_packages.plugin_wheel(package, name) for name in python_packages.PLUGINS)
    archives = {}
    for key, library in libraries.items():
        at = project.PLATFORMS[key]
        name, content = python_packages.main_wheel(package, at.wheel, at.library, library)
        made[name] = content
        made |= dict([npm_platform(package, key, library)])
        if at.sqlpkg:
            archives[at.sqlpkg] = archive(package, at.sqlpkg, at.library, library)
            made |= dict([archives[at.sqlpkg]])
    folder = project.ROOT / "target" / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    finish(folder, package, made, archives)
    for name in sorted(made):
        print(f"target/packages/{name}  {len(made[name]) // 1024} KB")


def main() -> None:
    words = sys.argv[1:]
    package = project.cargo_package()
    if words[:1] == ["--archive"] and len(words) == 2:
        return pack_archive(package, pathlib.Path(words[1]))
    libraries = {}
    for word in words:
        key, _, file = word.partition("=")
        if key not in project.PLATFORMS or not file:
            raise SystemExit(f"expected PLATFORM=LIBRARY, got {word}; the platforms are "
                             f"{', '.join(project.PLATFORMS)}")
        libraries[key] = pathlib.Path(file).read_bytes()
        at = project.PLATFORMS[key]
        for complaint in binary.complaints(libraries[key], at.kind, at.libc):
            raise SystemExit(f"{file} is not fit for {key}: {complaint}")
    if not libraries:
        raise SystemExit(__doc__)
    pack_all(package, libraries)


if __name__ == "__main__":
    main()
