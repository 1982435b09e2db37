"""The wheels and the sdist: jarvis-stats, and the plugins for Datasette and sqlite-utils."""

import pathlib

import project
from archives import tar_gz, wheel

HERE = pathlib.Path(__file__).resolve().parent
NAME = "jarvis_stats"

# name -> (module, its files, requirements beside jarvis-stats, entry point group, what it says in
# one line)
PLUGINS = {
    "datasette-jarvis-stats": (
        "datasette_jarvis_stats",
        ["packages/plugins/datasette_jarvis_stats/__init__.py",
         "sql/datasette/pages/telemetry_pages.py", "sql/datasette/pages/dashboard.yaml"],
        ["datasette>=0.64", "datasette-dashboards>=0.8"], "datasette",
        "Every page of Datasette has the functions of jarvis-stats, and telemetry a dashboard"),
    "sqlite-utils-jarvis-stats": (
        "sqlite_utils_jarvis_stats", ["packages/plugins/sqlite_utils_jarvis_stats.py"],
        ["sqlite-utils>=3.34"], "sqlite_utils",
        "Every command of sqlite-utils has the functions of jarvis-stats"),
}


def _metadata(package: dict, name: str, summary: str, requires: list[str], body: str) -> bytes:
    lines = [
        "Metadata-Version: 2.4", f"Name: {name}", f"Version: {package['version']}",
        f"Summary: {summary}", f"License-Expression: {package['license']}",
        *(f"License-File: {file}" for file in project.licences()),
        f"Requires-Python: {project.PYTHON}", *requires,
        *([f"Project-URL: Repository, {package['repository']}"] if package["repository"] else []),
        "Description-Content-Type: text/markdown", "", body,
    ]
    return "\n".join(lines).encode()


def metadata(package: dict) -> bytes:
    """METADATA of jarvis-stats, and PKG-INFO of its sdist."""
    requires = ["Requires-Dist: tomli>=2; python_version < '3.11'", "Provides-Extra: rich",
                "Requires-Dist: rich>=13; extra == 'rich'", "Provides-Extra: spark",
                "Requires-Dist: pyspark[sql]>=4; extra == 'spark'"]
    return _metadata(package, "jarvis-stats", package["description"], requires,
                     project.text("README.md"))


def information(package: dict, tag: str, entry_points: str, described: bytes, pure: bool,
                stem: str) -> dict[str, bytes]:
    """The .dist-info folder but for RECORD."""
    folder = f"{stem}-{package['version']}.dist-info"
    tags = "".join(f"Tag: py3-none-{one}\n" for one in tag.split("."))
    root = "true" if pure else "false"
    files = {
        f"{folder}/METADATA": described,
        f"{folder}/WHEEL": ("Wheel-Version: 1.0\nGenerator: jarvis_stats packages\n"
                            f"Root-Is-Purelib: {root}\n{tags}").encode(),
        f"{folder}/entry_points.txt": entry_points.encode(),
    }
    for name, content in project.licences().items():
        files[f"{folder}/licenses/{name}"] = content
    return files


def main_wheel(package: dict, tag: str, name: str, library: bytes) -> tuple[str, bytes]:
    """The wheel jarvis-stats for one platform: its file name and bytes."""
    version = package["version"]
    files = {f"{NAME}/{name}": library,
             f"{NAME}/_version.py": f'__version__ = "{version}"\n'.encode(),
             f"{NAME}/demo.sql": project.plain_sql("sql/demo.sql").encode()}
    for script in ("add_up.sql", "percentiles.sql"):
        files[f"{NAME}/{script}"] = project.text(f"sql/fleet/{script}").encode()
    for path in sorted((HERE / "python" / NAME).glob("*.py")):
        files[f"{NAME}/{path.name}"] = path.read_bytes()
    entry_points = f"[console_scripts]\njarvis-stats = {NAME}.command:script\n"
    files |= information(package, tag, entry_points, metadata(package), False, NAME)
    content = wheel(files, f"{NAME}-{version}.dist-info", project.source_date())
    return f"{NAME}-{version}-py3-none-{tag}.whl", content


def plugin_wheel(package: dict, name: str) -> tuple[str, bytes]:
    """A plugin's wheel, for every platform, pinned to this version of jarvis-stats."""
    module, sources, hosts, group, summary = PLUGINS[name]
    version = package["version"]
    requires = [f"Requires-Dist: {one}" for one in [*hosts, f"jarvis-stats=={version}"]]
    body = f"{summary}: `prepare_connection` loads them.\n"
    paths = [pathlib.Path(source) for source in sources]
    files = {path.name if len(paths) == 1 else f"{module}/{path.name}":
             project.text(str(path)).encode() for path in paths}
    entry_points = f"[{group}]\njarvis_stats = {module}\n"
    described = _metadata(package, name, summary, requires, body)
    files |= information(package, "any", entry_points, described, True, module)
    content = wheel(files, f"{module}-{version}.dist-info", project.source_date())
    return f"{module}-{version}-py3-none-any.whl", content


def sdist(package: dict) -> tuple[str, bytes]:
    """The sources that `pip install` builds where cargo is."""
    stem = f"{NAME}-{package['version']}"
    files = {f"{stem}/{name}": content for name, content in project.source_files().items()}
    files[f"{stem}/PKG-INFO"] = metadata(package)
    return f"{stem}.tar.gz", tar_gz(files, project.source_date())
