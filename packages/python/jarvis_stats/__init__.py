"""Statistics on LLM inference as SQL functions in SQLite: jarvis_stats.load(connection).

The connection may be one of sqlite3, apsw, sqlean or pysqlite3, or aiosqlite's `_conn`.
`python -m jarvis_stats` and `jarvis-stats` are the command; see jarvis_stats.command.
"""

import os
import sqlite3
import sys

from ._version import __version__

__all__ = ["__version__", "load", "loadable_path"]

NO_LOADING = (
    "this connection cannot load extensions: its Python was built without them. Install apsw, "
    "sqlean.py or pysqlite3-binary and connect with that instead of sqlite3"
)


def loadable_path():
    """Where the library is, without its suffix: with one, SQLite hides why a load failed."""
    name = "jarvis_stats" if sys.platform == "win32" else "libjarvis_stats"
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def load(connection):
    """Loads the functions into this connection; loading is on afterwards where it was before."""
    load_extension = getattr(connection, "load_extension", None)
    if load_extension is None:
        raise sqlite3.NotSupportedError(NO_LOADING)
    try:
        load_extension(loadable_path())
    except Exception as error:
        if "not authorized" not in str(error):
            raise
    else:
        return
    connection.enable_load_extension(True)
    try:
        load_extension(loadable_path())
    finally:
        connection.enable_load_extension(False)
