"""As much of the ELF format (System V ABI, LSB core) as tells where a library runs."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\x7fELF"
X86_64, AARCH64 = 62, 183  # e_machine
VERNEED = 0x6FFFFFFE  # the section that names the versions of symbols wanted from elsewhere


@dataclass(frozen=True)
class Section:
    """One section header."""

    kind: int
    offset: int
    link: int
    entries: int


def machine(data: bytes) -> int:
    """The processor, as ELF numbers it; ValueError unless 64-bit little-endian ELF."""
    if data[:6] != MAGIC + b"\x02\x01":
        raise ValueError("no 64-bit little-endian ELF file")
    return int(struct.unpack_from("<H", data, 18)[0])


def glibc(data: bytes) -> set[tuple[int, int]]:
    """The versions of GLIBC whose symbols the library wants."""
    found = (re.fullmatch(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?", name) for name in _wanted(data))
    return {(int(each[1]), int(each[2])) for each in found if each}


def _wanted(data: bytes) -> Iterator[str]:
    sections = _sections(data)
    for section in sections:
        if section.kind == VERNEED:
            yield from _names(data, section, sections[section.link].offset)


def _sections(data: bytes) -> list[Section]:
    (start,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    headers = (struct.unpack_from("<IIQQQQII", data, start + n * size) for n in range(count))
    return [Section(kind=h[1], offset=h[4], link=h[6], entries=h[7]) for h in headers]


def _names(data: bytes, section: Section, strings: int) -> Iterator[str]:
    at = section.offset
    for _ in range(section.entries):
        _, versions, _, first, following = struct.unpack_from("<HHIII", data, at)
        version_at = at + first
        for _ in range(versions):
            _, _, _, name, step = struct.unpack_from("<IHHII", data, version_at)
            yield _text(data, strings + name)
            version_at += step
        at += following


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode()
