"""Looks into a built library: is it what its package says it is?

    binary.py FILE      what it is, what it exports, what it asks of the C library
"""

import pathlib
import struct
import sys

ENTRY_POINTS = {"sqlite3_extension_init", "sqlite3_jarvisstats_init"}
GLIBC = (2, 17)  # manylinux2014

ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
MACHO_MACHINES = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
PE_MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
DYNSYM, VERNEED = 11, 0x6FFFFFFE


def kind(content: bytes) -> str:
    """Format, word length and machine, as in PLATFORMS."""
    if content[:4] == b"\x7fELF":
        machine = ELF_MACHINES.get(struct.unpack_from("<H", content, 18)[0], "other")
        return f"elf{64 if content[4] == 2 else 32}-{machine}"
    if content[:4] == b"\xcf\xfa\xed\xfe":
        return f"macho64-{MACHO_MACHINES.get(struct.unpack_from('<I', content, 4)[0], 'other')}"
    if content[:2] == b"MZ":
        start = struct.unpack_from("<I", content, 60)[0]
        machine = struct.unpack_from("<H", content, start + 4)[0]
        return f"pe-{PE_MACHINES.get(machine, 'other')}"
    return "no library"


class Elf:
    """The dynamic symbols of a 64-bit little-endian ELF file."""

    def __init__(self, content: bytes):
        self.content = content
        start, = struct.unpack_from("<Q", content, 40)
        size, count = struct.unpack_from("<HH", content, 58)
        # name, type, flags, address, offset, size, link, info, alignment, entry size
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", content, start + at * size)
                         for at in range(count)]

    def _name(self, strings: tuple, offset: int) -> str:
        start = strings[4] + offset
        return self.content[start:self.content.index(b"\0", start)].decode()

    def exports(self) -> set[str]:
        """Names of defined global symbols."""
        found = set()
        for section in self.sections:
            if section[1] != DYNSYM:
                continue
            strings = self.sections[section[6]]
            for at in range(section[4], section[4] + section[5], 24):
                name, info, _, index = struct.unpack_from("<IBBH", self.content, at)
                if index != 0 and info >> 4 in (1, 2):
                    found.add(self._name(strings, name))
        return found

    def versions(self) -> set[str]:
        """Symbol versions asked of other libraries, as GLIBC_2.17."""
        found = set()
        for section in self.sections:
            if section[1] != VERNEED:
                continue
            strings, at = self.sections[section[6]], section[4]
            while True:
                _, count, _, first, step = struct.unpack_from("<HHIII", self.content, at)
                entry = at + first
                for _ in range(count):
                    name, = struct.unpack_from("<I", self.content, entry + 8)
                    found.add(self._name(strings, name))
                    entry += struct.unpack_from("<I", self.content, entry + 12)[0]
                if step == 0:
                    break
                at += step
        return found


def glibc(elf: Elf) -> tuple[int, ...]:
    """The newest glibc that the library asks for."""
    return max((tuple(int(part) for part in name.removeprefix("GLIBC_").split("."))
                for name in elf.versions() if name.startswith("GLIBC_2")), default=())


def complaints(content: bytes, wanted: str, libc: str) -> list[str]:
    """What keeps this file from being the library for kind wanted and C library libc."""
    found = kind(content)
    if found != wanted:
        return [f"expected {wanted}, got {found}"]
    if not found.startswith("elf64"):
        return []
    elf, said = Elf(content), []
    if elf.exports() != ENTRY_POINTS:
        said.append(f"exports {', '.join(sorted(elf.exports())) or 'nothing'}")
    newest = glibc(elf)
    if libc == "musl" and newest:
        said.append("asks for glibc where musl is")
    if newest > GLIBC:
        said.append(f"asks for glibc {newest[0]}.{newest[1]}; packages promise 2.17")
    return said


def main() -> None:
    content = pathlib.Path(sys.argv[1]).read_bytes()
    print(kind(content))
    if kind(content).startswith("elf64"):
        elf = Elf(content)
        print("exports", *sorted(elf.exports()))
        print("asks for", *sorted(elf.versions()))


if __name__ == "__main__":
    main()
