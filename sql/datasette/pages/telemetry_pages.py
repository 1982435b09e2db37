"""A plugin for Datasette 0.6x: the dashboard of dashboard.yaml, for each database that has a table
`telemetry`, drawn by datasette-dashboards; and in the table `telemetry` times shown as dates.

The package datasette-jarvis-stats brings it, and serve.sh loads it from its folder.
"""

import datetime
import pathlib
import re

import yaml
from datasette import hookimpl

PAGE = pathlib.Path(__file__).with_name("dashboard.yaml")
# datasette-dashboards puts the name into an address as it is.
PLAIN_NAME = re.compile(r"[\w-]+", re.A)


def dashboard(database: str) -> dict:
    """The settings of datasette-dashboards for one database."""
    page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    parts = page.pop("parts") | {"database": database}
    page["title"] = f"{page['title']}: {database}"
    for part in [*page["filters"].values(), *page["charts"].values()]:
        if "query" in part:
            part["db"] = database
            for name, text in parts.items():
                part["query"] = part["query"].replace(f"{{{name}}}", text)
    return page


@hookimpl
def startup(datasette):
    async def find():
        found = {}
        for name, database in datasette.databases.items():
            if PLAIN_NAME.fullmatch(name) and "telemetry" in await database.table_names():
                found[name] = dashboard(name)
        datasette.jarvis_stats_dashboards = found

    return find


@hookimpl
def get_metadata(datasette):
    found = getattr(datasette, "jarvis_stats_dashboards", None)
    return {"plugins": {"datasette-dashboards": found}} if found else {}


@hookimpl
def render_cell(value, column, table):
    """Unix seconds as a date, to the millisecond, UTC."""
    if table != "telemetry" or column != "timestamp" or not isinstance(value, (int, float)):
        return None
    try:
        moment = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None
    return moment.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
