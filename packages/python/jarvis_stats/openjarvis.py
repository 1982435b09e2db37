"""Where OpenJarvis keeps its telemetry, by its own rules: core/paths.py and core/config.py of 1.0.4.

Its folder is $OPENJARVIS_HOME, else $XDG_DATA_HOME/openjarvis, else ~/.openjarvis. Its settings are
the file $OPENJARVIS_CONFIG, else config.toml there; `db_path` of the section [telemetry] names the
database, else it is telemetry.db in the folder.
"""

import os
import pathlib

from .database import Failure


def _home(environment):
    if environment.get("OPENJARVIS_HOME"):
        return pathlib.Path(environment["OPENJARVIS_HOME"]).expanduser()
    if environment.get("XDG_DATA_HOME"):
        return pathlib.Path(environment["XDG_DATA_HOME"]).expanduser() / "openjarvis"
    return pathlib.Path.home() / ".openjarvis"


def _configured(settings):
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    try:
        telemetry = tomllib.loads(settings.read_text(encoding="utf-8")).get("telemetry", {})
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Failure(f"OpenJarvis's settings cannot be read: {settings}: {error}")
    path = telemetry.get("db_path") if isinstance(telemetry, dict) else None
    return pathlib.Path(path).expanduser() if isinstance(path, str) and path else None


def telemetry_file(environment=os.environ):
    """The database that OpenJarvis writes; Failure says how to get one."""
    home = _home(environment)
    settings = environment.get("OPENJARVIS_CONFIG")
    settings = pathlib.Path(settings).expanduser() if settings else home / "config.toml"
    path = _configured(settings)
    why = f"{settings} names it" if path else "where OpenJarvis keeps it"
    path = path or home / "telemetry.db"
    if path.exists():
        return path
    raise Failure(
        f"there is no {path} ({why}). OpenJarvis makes one at its first call: pip install "
        "openjarvis, then jarvis ask hello. Or name another: jarvis-stats FILE. Or see an example: "
        "jarvis-stats --demo")
