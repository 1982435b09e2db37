"""Loads the extension into a SQLite library that is too old: refused.py LIBRARY EXTENSION VERSION

sql-surface 1: a host older than SQLite 3.25.0 is refused with a sentence that names both versions.
Through ctypes, because Python's own sqlite3 module cannot be pointed at another library.
"""
import ctypes
import sys

library, extension, version = sys.argv[1:]
sqlite = ctypes.CDLL(library)
sqlite.sqlite3_libversion.restype = ctypes.c_char_p
assert sqlite.sqlite3_libversion().decode() == version

for attempt in ("first", "second"):
    db = ctypes.c_void_p()
    assert sqlite.sqlite3_open(b":memory:", ctypes.byref(db)) == 0
    sqlite.sqlite3_enable_load_extension(db, 1)
    text = ctypes.c_char_p()
    code = sqlite.sqlite3_load_extension(db, extension.encode(), None, ctypes.byref(text))
    message = (text.value or b"").decode()
    assert code == 1, f"{attempt} load gave {code}: {message}"
    for needed in ("jarvis_stats", "3.25.0", version):
        assert needed in message, f"{needed} is not named in: {message!r}"
    # Nothing was left behind: the connection works, knows none of our names, and closes.
    row = ctypes.c_int()
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(
        lambda *_: setattr(row, "value", row.value + 1) or 0
    )
    assert sqlite.sqlite3_exec(db, b"SELECT 1", callback, None, None) == 0 and row.value == 1
    assert sqlite.sqlite3_exec(db, b"SELECT jarvis_stats_version()", None, None, None) == 1
    assert sqlite.sqlite3_exec(db, b"SELECT * FROM model_stats()", None, None, None) == 1
    assert sqlite.sqlite3_close(db) == 0
print(message)
