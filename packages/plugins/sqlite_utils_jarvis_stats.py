"""Every connection of sqlite-utils gets the functions of jarvis-stats."""

import jarvis_stats
from sqlite_utils import hookimpl


@hookimpl
def prepare_connection(conn):
    jarvis_stats.load(conn)
