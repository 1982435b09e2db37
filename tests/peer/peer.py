"""One release of OpenJarvis in a process of its own: answers requests of compare.py over pickled pipes.

    peer.py DIRECTORY        (what `pip install --no-deps --target DIRECTORY openjarvis==VERSION` left there)

Every release has the same package name, so each needs its own process. The classes are the real, unmodified ones;
only the packages' __init__ files are not run: up to 1.0.3 they import the whole application (sdk, engines, httpx
and more) for names that telemetry does not use. An empty package with the right __path__ stands in their place.
"""

import dataclasses
import importlib
import os
import pickle
import sys
import types


def load(directory):
    for package in ("openjarvis", "openjarvis.telemetry", "openjarvis.security", "openjarvis.core"):
        module = types.ModuleType(package)
        module.__path__ = [os.path.join(directory, *package.split("."))]
        sys.modules[package] = module
    names = ("telemetry.aggregator", "telemetry.store", "core.types")
    return [importlib.import_module(f"openjarvis.{name}") for name in names]


class Peer:
    def __init__(self, directory):
        self.aggregator, self.store, self.types = load(directory)

    def ddl(self):
        """The statement that creates the table, and the columns that later releases added to it one by one."""
        return self.store._CREATE_TABLE, [name for name, _ in self.store._MIGRATE_COLUMNS]

    def write(self, path, records):
        """Opens `path` with the real store, which creates or migrates the table, and records each dict."""
        known = {f.name for f in dataclasses.fields(self.types.TelemetryRecord)}
        store = self.store.TelemetryStore(path)
        for record in records:
            store.record(self.types.TelemetryRecord(**{k: v for k, v in record.items() if k in known}))
        store.close()

    def ask(self, path, questions):
        """Answers (method, arguments) pairs from one aggregator; an exception is an answer too."""
        aggregator = self.aggregator.TelemetryAggregator(path)
        answers = []
        for method, args, kwargs in questions:
            try:
                answers.append(("ok", plain(getattr(aggregator, method)(*args, **kwargs))))
            except Exception as error:  # what the real one does to its caller, whatever the kind
                answers.append(("raised", f"{type(error).__name__}: {error}"))
        aggregator.close()
        return answers


def plain(value):
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def main():
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the package prints must not end up between the pickles
    peer = Peer(sys.argv[1])
    while True:
        try:
            method, args = pickle.load(requests)
        except EOFError:
            return
        pickle.dump(getattr(peer, method)(*args), replies)
        replies.flush()


if __name__ == "__main__":
    main()
