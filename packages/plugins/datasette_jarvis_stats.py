"""Every connection of Datasette gets the functions of jarvis-stats."""

import jarvis_stats
from datasette import hookimpl


@hookimpl
def prepare_connection(conn):
    jarvis_stats.load(conn)
