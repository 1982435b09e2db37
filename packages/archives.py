"""Archives whose bytes depend on nothing but their contents and one time stamp."""

import base64
import gzip
import hashlib
import io
import pathlib
import tarfile
import time
import zipfile

LIBRARIES = (".so", ".dylib", ".dll")


def _mode(name: str, content: bytes) -> int:
    return 0o755 if name.endswith(LIBRARIES) or content.startswith(b"#!") else 0o644


def tar_gz(files: dict[str, bytes], when: int) -> bytes:
    """A .tar.gz of files, in the order of their names, owned by nobody."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=when) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(files):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime = len(files[name]), when
                entry.mode = _mode(name, files[name])
                archive.addfile(entry, io.BytesIO(files[name]))
    return packed.getvalue()


def wheel(files: dict[str, bytes], information: str, when: int) -> bytes:
    """A wheel of files; information names its .dist-info folder, whose RECORD is written here."""
    record = []
    for name in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=")
        record.append(f"{name},sha256={digest.decode()},{len(files[name])}\n")
    record.append(f"{information}/RECORD,,\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # The folder with the metadata comes last, as the format asks.
        names = sorted(files, key=lambda name: (name.startswith(information), name))
        for name in [*names, f"{information}/RECORD"]:
            content = files.get(name, "".join(record).encode())
            entry = zipfile.ZipInfo(name, time.gmtime(when)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100000 | _mode(name, content)) << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def sums(files: dict[str, bytes]) -> bytes:
    """Lines as sha256sum prints and checks them."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def write(path: pathlib.Path, content: bytes) -> pathlib.Path:
    """Writes a file and the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
