"""A copy of a zip package in which some parts are replaced.

    with Package("old.xlsx") as package, open("new.xlsx", "wb") as file:
        repack(package, file, {"xl/worksheets/sheet1.xml": pieces})

All other entries keep their compressed bytes as they are, and with them their order, times, attributes and
comments; what is replaced keeps its place, time and way of compression. Sizes that a zip may leave until
after an entry's bytes (a *data descriptor*) are moved before them. Nothing of the machine or the moment goes
in: the same package and parts give the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from sheetsim.xlsx.read.package import END, ENTRY, FULL, LOCAL, Entry, Local, Package

_DESCRIPTOR = 0x8  # the flag that says: sizes follow the bytes
_LEVEL = 2  # of the Adam sheet's 86 MB: 25.0 MB in 0.66 s; level 6, 22.3 MB in 3.0 s


@dataclass(frozen=True, slots=True)
class _Written:
    """Where an entry lies in the copy, and what it holds."""

    offset: int
    crc: int
    stored: int
    size: int


def repack(package: Package, file: BinaryIO, replaced: Mapping[str, Iterable[bytes] | None]) -> None:
    """Write the copy to `file`, which is empty and can be seeked. `replaced`: new contents, by parts' names;
    None for parts that are left out.

    SheetsimError when the package is damaged or its copy would be too large for a plain zip.
    """
    new = {name.lower(): pieces for name, pieces in replaced.items()}
    written: dict[int, _Written] = {}
    for entry in sorted(package.entries, key=lambda entry: entry.offset):
        local = package.local(entry)
        if new.get(entry.name.lower(), ()) is None:
            continue
        offset = file.tell()
        file.write(bytes(LOCAL.size) + _name(entry) + _plain(local.extra))
        pieces = new.get(entry.name.lower())
        if pieces is None:
            file.writelines(package.packed(entry))
            found = _Written(offset, entry.crc, entry.stored, entry.size)
        else:
            found = _written(file, entry, pieces, offset)
        if max(found.size, file.tell()) >= FULL:
            raise package.error("it is too large (4 GiB) for a copy of it to be made")
        after = file.tell()
        file.seek(offset)
        file.write(_header(entry, local, found))
        file.seek(after)
        written[id(entry)] = found
    start = file.tell()
    kept = [entry for entry in package.entries if id(entry) in written]
    file.writelines(_record(entry, written[id(entry)]) for entry in kept)
    size, count = file.tell() - start, len(kept)
    if start + size >= FULL:
        raise package.error("it is too large (4 GiB) for a copy of it to be made")
    file.write(END.pack(b"PK\x05\x06", 0, 0, count, count, size, start, len(package.comment)))
    file.write(package.comment)


def _written(file: BinaryIO, entry: Entry, pieces: Iterable[bytes], offset: int) -> _Written:
    """Write new contents, compressed as the old ones were; the next piece is made meanwhile."""
    start, crc, size = file.tell(), 0, 0
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15) if entry.method else None
    with ThreadPoolExecutor(1, thread_name_prefix="deflate") as helper:
        coming: Future[bytes] | None = None
        for piece in pieces:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if deflater is None:
                file.write(piece)
                continue
            if coming:
                file.write(coming.result())
            coming = helper.submit(deflater.compress, piece)
        if coming:
            file.write(coming.result())
    if deflater:
        file.write(deflater.flush())
    return _Written(offset, crc, file.tell() - start, size)


def _name(entry: Entry) -> bytes:
    """The entry's name as the directory spells it."""
    return entry.record[ENTRY.size :][: ENTRY.unpack_from(entry.record)[10]]


def _header(entry: Entry, local: Local, found: _Written) -> bytes:
    fields = list(LOCAL.unpack(local.header))
    fields[2] = entry.flags & ~_DESCRIPTOR
    fields[6:9] = found.crc, found.stored, found.size
    fields[9:11] = len(_name(entry)), len(_plain(local.extra))
    return LOCAL.pack(*fields)


def _record(entry: Entry, found: _Written) -> bytes:
    """The entry's record in the directory of the copy."""
    fields = list(ENTRY.unpack_from(entry.record))
    name, extra = fields[10], fields[11]
    rest = entry.record[ENTRY.size + name :]
    plain = _plain(rest[:extra])
    fields[3] = entry.flags & ~_DESCRIPTOR
    fields[7:10] = found.crc, found.stored, found.size
    fields[11] = len(plain)
    fields[13] = 0  # the disk it begins on
    fields[16] = found.offset
    return ENTRY.pack(*fields) + _name(entry) + plain + rest[extra:]


def _plain(extra: bytes) -> bytes:
    """An entry's extra fields without that of zip64."""
    return b"".join(field for kind, field in _fields(extra) if kind != 1)


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Each extra field with its kind; what is no whole field comes as one of kind -1."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if at + 4 + size > len(extra):
            break
        yield kind, extra[at : at + 4 + size]
        at += 4 + size
    if at < len(extra):
        yield -1, extra[at:]
