"""Every connection of Datasette gets the functions of jarvis-stats, and each database with a table
`telemetry` a dashboard."""

import jarvis_stats
from datasette import hookimpl

from .telemetry_pages import get_metadata, render_cell, startup  # noqa: F401


@hookimpl
def prepare_connection(conn):
    jarvis_stats.load(conn)
