"""A telemetry database, opened to read, the functions loaded, by whichever module can."""

import importlib
import os
import pathlib
import sys
import time

import jarvis_stats

MODULES = ("sqlite3", "pysqlite3", "apsw", "sqlean")
STEPS = 100_000  # of SQLite's machine between two looks at the clock: some milliseconds
BUSY_SECONDS = 5


class Failure(Exception):
    """What the command says, in one sentence, instead of an answer."""


def _module():
    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if hasattr(module.Connection, "load_extension"):
            return module
    raise Failure("this Python's sqlite3 was built without extension loading: "
                  "pip install apsw, sqlean.py or pysqlite3-binary, and this command uses that")


def _open(module, path):
    if path is None:
        return module.Connection(":memory:")
    uri = pathlib.Path(path).absolute().as_uri() + "?mode=ro"
    if module.__name__ == "apsw":
        flags = module.SQLITE_OPEN_READONLY | module.SQLITE_OPEN_URI
        connection = module.Connection(uri, flags=flags)
        connection.set_busy_timeout(1000 * BUSY_SECONDS)
        return connection
    connection = module.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    # A name that is not UTF-8 is shown with the replacement character.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


class Database:
    """rows(sql, parameters) gives column names and an iterator; errors of SQLite become Failure."""

    def __init__(self, path=None, script=None):
        self.path, self.clock = path, Clock()
        self.module = _module()
        if path is not None and not os.path.exists(path):
            raise Failure(f"there is no file {path}")
        if path is not None and os.path.isdir(path):
            raise Failure(f"{path} is a folder, not a database")
        with self._said():
            self.connection = _open(self.module, path)
            if script is not None:
                cursor = self.connection.cursor()
                getattr(cursor, "executescript", cursor.execute)(script)
            jarvis_stats.load(self.connection)
            self.connection.set_progress_handler(self.clock.tick, STEPS)

    def _said(self):
        return Said(self)

    def rows(self, sql, parameters):
        """Names of the columns, and the rows as they come."""
        cursor = self.connection.cursor()
        self.clock.start()
        names = []
        with self._said():
            if self.module.__name__ == "apsw":
                # Its cursor has no description once a statement without rows is done.
                def described(cursor, _sql, _bindings):
                    names.extend(column[0] for column in cursor.get_description())
                    return True
                cursor.exec_trace = described
                cursor.execute(sql, parameters)
            else:
                cursor.execute(sql, parameters)
                names.extend(column[0] for column in cursor.description)
        return names, self._rows(cursor)

    def _rows(self, cursor):
        while True:
            with self._said():
                row = next(cursor, None)
            if row is None:
                return self.clock.stop()
            yield row

    def modules(self):
        """Names of the table functions that there are."""
        return {name for name, in self.rows("SELECT name FROM pragma_module_list", {})[1]}

    def close(self):
        self.clock.stop()
        self.connection.close()


class Said:
    """Turns what SQLite says into Failure, with the file's name where it is about the file."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if error is None:
            return
        self.database.clock.stop()
        if not isinstance(error, self.database.module.Error):
            return
        text = str(error)
        if text.endswith("interrupted"):  # nothing interrupts but Ctrl-C, raised in Clock.tick
            raise KeyboardInterrupt from None
        path = self.database.path
        if "file is not a database" in text:
            text = f"{path} is no SQLite database"
        elif text.endswith("no such table: telemetry"):
            text = f"{path} has no table telemetry, so no calls of OpenJarvis"
        elif "locked" in text:
            text = f"{path} is locked by a program that writes to it; try again when it is done"
        elif "unable to open" in text or "CantOpenError" in type(error).__name__:
            text = f"{path} cannot be opened: {text}"
        elif "malformed" in text:
            text = f"{path} is damaged: {text}"
        raise Failure(text) from None


class Clock:
    """Called by SQLite as it works: shows on a terminal that it does, and lets Ctrl-C through."""

    def __init__(self):
        self.started, self.shown, self.is_stopped = time.monotonic(), 0, False

    def start(self):
        self.started = time.monotonic()

    def tick(self):
        # Ctrl-C is raised here, where Python runs again. From then on every tick says stop, should
        # one be lost in a statement whose failure does not count.
        try:
            seconds = int(time.monotonic() - self.started)
            if seconds > self.shown and sys.stderr.isatty():
                self.shown = seconds
                print(f"\rreading, {seconds} s", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            self.is_stopped = True
        return int(self.is_stopped)

    def stop(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.shown = 0
