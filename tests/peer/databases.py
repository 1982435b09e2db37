"""The database files of one seed: every release's schema, filled by plain SQL and by the real store."""

import random
import sqlite3

import data

HOSTILE = ("nullable", "untyped", "infinite", "overflowing", "hostile")
UNDECODABLE = "undecodable"


def databases(directory, seed, peers, newest):
    """Builds every database of a seed: yields (name, path, releases that are asked)."""
    rng = random.Random(seed)
    first = first_schema(peers)

    def plain_file(name, ddl, columns, rows, encoding="UTF-8"):
        path = directory / f"{name.replace('/', '-')}.db"
        db = sqlite3.connect(path)
        db.execute(f"PRAGMA encoding = '{encoding}'")
        db.execute(ddl)
        data.insert(db, columns, rows)
        db.close()
        return path

    def rows(kind, columns, count):
        return kind(rng, [name for name, *_ in columns if name != "id"], count)

    # the schema before the first migration, which the peer cannot read: plain SQL is the oracle
    for name, kind, strict in [("ordinary", data.ordinary, True), ("hostile", data.hostile, False)]:
        made = data.create_table(first, typed=strict, strict=strict)
        yield f"first/{name}", plain_file(f"first/{name}", made, first, rows(kind, first, 250)), list(peers)

    for release, peer in peers.items():
        ddl, _ = peer.call("ddl")
        columns = data.columns_of(ddl)
        asked = [release] if release == newest else [release, newest]
        for name, kind, typed, strict, count in [
            ("schema", data.ordinary, True, True, 300),
            ("nullable", data.hostile, True, False, 250),
            ("untyped", data.hostile, False, False, 250),
            ("infinite", data.infinite, False, False, 60),
            ("overflowing", data.overflowing, False, False, 60),
            ("empty", data.ordinary, True, True, 0),
        ]:
            made = ddl if strict else data.create_table(columns, typed, strict)
            path = plain_file(f"{release}/{name}", made, columns, rows(kind, columns, count))
            yield f"{release}/{name}", path, asked

        # written by the real store, record by record
        path = directory / f"{release}-store.db"
        peer.call("write", str(path), store_records(rng, columns, 40))
        yield f"{release}/store", path, asked

        # the first schema with rows in it, migrated by this release's store, then written to
        old = data.create_table(first)
        path = plain_file(f"{release}/migrated", old, first, rows(data.ordinary, first, 100))
        peer.call("write", str(path), store_records(rng, columns, 40))
        yield f"{release}/migrated", path, asked

    # a key that is not UTF-8: the peer cannot even fetch it
    columns = data.columns_of(peers[newest].call("ddl")[0])
    path = plain_file(UNDECODABLE, data.create_table(columns), columns, rows(data.ordinary, columns, 50))
    db = sqlite3.connect(path)
    for sql in ("model_id = CAST(x'6dff' AS TEXT)", "engine = CAST(x'6dfe' AS TEXT)", "batch_id = CAST(x'c3' AS TEXT)"):
        db.execute(f"UPDATE telemetry SET {sql} WHERE id % 5 = 0")
    db.commit()
    db.close()
    yield UNDECODABLE, path, [newest]

    # UTF-16: keys in ASCII only, since SQLite's BINARY there orders other text by its UTF-16 bytes, ours by UTF-8's
    ascii_keys = [row for row in rows(data.ordinary, columns, 120) if (row["model_id"] + row["engine"]).isascii()]
    for row in ascii_keys:
        row["batch_id"] = row["batch_id"].replace("ü", "u")
    path = plain_file("utf-16", data.create_table(columns), columns, ascii_keys, "UTF-16le")
    yield "utf-16", path, [newest]


def first_schema(peers):
    ddl, added_later = next(iter(peers.values())).call("ddl")
    return [column for column in data.columns_of(ddl) if column[0] not in added_later]


def store_records(rng, columns, count):
    records = data.ordinary(rng, [name for name, *_ in columns if name != "id"], count)
    for record in records:
        record["metadata"] = {"note": rng.choice(["", 'größer "2"', "\U0001f999"])}
        record["is_warmup"], record["is_streaming"] = bool(record["is_warmup"]), bool(record["is_streaming"])
    return records
