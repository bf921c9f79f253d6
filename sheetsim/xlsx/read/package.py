"""The zip container of an .xlsx, read with distrust.

    with Package("adam.xlsx") as package:
        package.read("xl/workbook.xml")            # bytes of a small part
        for piece in package.stream("xl/worksheets/sheet1.xml"):
            ...                                    # a few MiB at a time

A *part* is a file inside the package. Whatever the zip's directory claims, only what is actually inflated
counts against the limits below; encrypted, doubled, overlapping, escaping (`../`) or damaged parts are
refused, and each refusal is one `SheetsimError` line that names the file and says what to do. Nothing is ever
written out.

Reading costs time by the tag and memory by the byte, and deflate makes a thousand bytes of one. So tags and
bytes are both bounded by the stored bytes that they came from, of all parts read so far together.
"""

from __future__ import annotations

import io
import stat
import struct
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from sheetsim.errors import SheetsimError, printable
from sheetsim.xlsx.read.foreign import describe_stranger

MiB = 1 << 20
MOST_INFLATED = 4096 * MiB  # of all parts together; 1,048,576 rows by 13 columns of formulas take 1 GiB
MOST_PART = 64 * MiB  # of a part that is read as a whole
MOST_DIRECTORY = 16 * MiB  # of the zip's own list of contents
MOST_ENTRIES = 0xFFFF  # in that list; more take zip64
HIGHEST_RATIO = 300  # inflated over stored bytes, beyond the first MOST_PART; real sheets reach 50
FREE_TAGS = 3_000_000  # "<" that any file may hold
TAGS_A_BYTE = 8  # and beyond these, for each stored byte; Excel's and LibreOffice's sheets reach 2.4
PIECE = MiB

END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
FULL = 0xFFFFFFFF  # "see the zip64 field"


@dataclass(slots=True)
class Entry:
    """One entry of the zip's directory: a part, or a folder (its name ends in "/").

    `stored` and `size`: bytes in the file and, as the directory claims, unpacked. `record`: the entry as it
    stands in the directory. `limit`: where in the file the next entry, or the directory, begins.
    """

    name: str
    flags: int
    method: int
    crc: int
    stored: int
    size: int
    offset: int
    record: bytes
    limit: int = 0
    inflated: int = 0  # counted while reading
    tags: int = 0


@dataclass(frozen=True, slots=True)
class Local:
    """What stands before the bytes of an entry: `header` (30 bytes), its name, its extra fields. `end`: where
    the entry's bytes end in the file."""

    header: bytes
    name: bytes
    extra: bytes
    end: int


class Package:
    """An open .xlsx or .xlsm as a set of named parts. SheetsimError when the file is none."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.notices: list[str] = []  # what is odd in it and was left aside
        try:
            if Path(path).is_dir():  # Windows would call it a matter of permission
                raise IsADirectoryError
            if not stat.S_ISREG(Path(path).stat().st_mode):  # opening a pipe would wait for ever
                raise self.error("is not a file that can be read")
            self._file: io.BufferedReader = open(path, "rb")  # noqa: SIM115 - closed by __exit__
        except FileNotFoundError:
            raise SheetsimError(f"{path}: there is no such file") from None
        except IsADirectoryError:
            raise SheetsimError(f"{path}: is a folder, not a workbook") from None
        except PermissionError:
            raise SheetsimError(f"{path}: no permission to read it") from None
        except (OSError, ValueError) as problem:
            raise SheetsimError(f"{path}: cannot be opened ({_first_line(problem)})") from None
        self._stored = self._inflated = self._tags = 0  # of all parts that were read
        try:
            with self._damage("the zip's list of contents"):
                self.entries = self._directory()
                self._parts = self._named()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def names(self) -> list[str]:
        """Names of all parts as the zip spells them, in its order."""
        return [part.name for part in self._parts.values()]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def checksum(self, name: str) -> int:
        """The CRC-32 of a part's bytes, as the directory gives it; reading the part to its end proves it."""
        return self._parts[name.lower()].crc

    def read(self, name: str) -> bytes:
        """A whole part of at most `MOST_PART` bytes."""
        pieces, size = [], 0
        for piece in self._inflate(name):
            size += len(piece)
            if size > MOST_PART:
                raise self.error(f"its part {name} is larger than {MOST_PART // MiB} MiB: refused")
            pieces.append(piece)
        return b"".join(pieces)

    def stream(self, name: str) -> Generator[bytes, None, None]:
        """The bytes of a part, at most `PIECE` at a time; the next piece is inflated meanwhile."""
        pieces = self._inflate(name)
        with ThreadPoolExecutor(1, thread_name_prefix="inflate") as helper:
            coming = helper.submit(next, pieces, None)
            while (piece := coming.result()) is not None:
                coming = helper.submit(next, pieces, None)
                yield piece

    def local(self, entry: Entry) -> Local:
        """What stands before an entry's bytes."""
        with self._damage(f"its part {entry.name}"):
            self._seek(entry.offset)
            header = self._file.read(LOCAL.size)
            fields = LOCAL.unpack(header)
            if fields[0] != b"PK\x03\x04":
                raise EOFError("no entry where the list of contents says")
            name, extra = self._file.read(fields[9]), self._file.read(fields[10])
            end = self._file.tell() + entry.stored
            if end > entry.limit:
                raise EOFError("it overlaps with another part")
            return Local(header, name, extra, end)

    def packed(self, entry: Entry) -> Generator[bytes, None, None]:
        """An entry's bytes as they are in the file, compressed or not, a piece at a time."""
        with self._damage(f"its part {entry.name}"):
            self._seek(self.local(entry).end - entry.stored)
            left = entry.stored
            while left:
                piece = self._file.read(min(left, MiB))
                if not piece:
                    raise EOFError("the file ends too soon")
                left -= len(piece)
                yield piece

    def note(self, text: str) -> None:
        """Something odd that does not keep the rest from being read; said once."""
        if (line := printable(text, 300)) not in self.notices:
            self.notices.append(line)

    def error(self, text: str) -> SheetsimError:
        """The one-line error for this file."""
        return SheetsimError(printable(f"{self.path}: {text}"))

    @contextmanager
    def _damage(self, what: str) -> Iterator[None]:
        """Turn what a broken file makes the standard library raise into our one line."""
        try:
            yield
        except (zlib.error, struct.error, OSError, EOFError, UnicodeDecodeError) as problem:
            raise self.error(
                f"{what} is damaged ({_first_line(problem)}): get a fresh copy of the file"
            ) from None

    # -- the directory

    def _directory(self) -> list[Entry]:
        head = self._file.read(8)
        size = self._size = self._file.seek(0, io.SEEK_END)
        if head[:4] != b"PK\x03\x04":
            raise self.error(describe_stranger(head, self._file, self.path))
        tail_at = max(0, size - 65_557)
        self._file.seek(tail_at)
        tail = self._file.read()
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or found + END.size > len(tail):
            raise self.error("is a zip file cut short: get a fresh copy of the file")
        length, offset, comment = END.unpack_from(tail, found)[5:8]
        self.comment = tail[found + END.size :][:comment]
        end = tail_at + found
        locator = found - _END64_LOCATOR.size
        if FULL in (length, offset) and locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
            self._seek(_END64_LOCATOR.unpack_from(tail, locator)[2])
            record = self._file.read(_END64.size)
            length, offset = _END64.unpack(record)[8:10]
        if length > MOST_DIRECTORY or offset + length > end:
            raise self.error("the zip's list of contents is damaged: get a fresh copy of the file")
        self._file.seek(offset)
        entries = self._entries(self._file.read(length))
        self._keep_apart(entries, offset)
        return entries

    def _keep_apart(self, entries: list[Entry], end: int) -> None:
        """Refuse entries that share bytes of the file: from few bytes they can make any number of parts.
        `end`: where the directory begins. An entry's own header may be longer: `local` looks again."""
        for entry in sorted(entries, key=lambda entry: entry.offset, reverse=True):
            entry.limit = end
            end = entry.offset
            if end + LOCAL.size + entry.stored > entry.limit:
                raise self.error("is damaged (its parts overlap): get a fresh copy of the file")

    def _seek(self, offset: int) -> None:
        if offset > self._size:
            raise EOFError("it points beyond the end of the file")
        self._file.seek(offset)

    def _entries(self, directory: bytes) -> list[Entry]:
        found: list[Entry] = []
        at = 0
        while at < len(directory):
            entry = ENTRY.unpack_from(directory, at)
            flags, method, crc, stored, size = entry[3], entry[4], entry[7], entry[8], entry[9]
            name_size, extra_size, comment_size, offset = entry[10], entry[11], entry[12], entry[16]
            if entry[0] != b"PK\x01\x02":
                raise self.error("the zip's list of contents is damaged: get a fresh copy of the file")
            end = at + ENTRY.size + name_size + extra_size + comment_size
            record = directory[at:end]
            raw, extra = record[ENTRY.size :][:name_size], record[ENTRY.size + name_size :][:extra_size]
            name = raw.decode("utf-8" if flags & 0x800 else "cp437").replace("\\", "/")
            size, stored, offset = _zip64(extra, size, stored, offset)
            found.append(Entry(name, flags, method, crc, stored, size, offset, record))
            if len(found) > MOST_ENTRIES:
                raise self.error(f"it holds more than {MOST_ENTRIES:,} parts: refused")
            at = end
        return found

    def _named(self) -> dict[str, Entry]:
        """The parts by their names in lower case; names that no part may have are refused."""
        parts: dict[str, Entry] = {}
        for entry in self.entries:
            name = entry.name
            if name.endswith("/"):  # a folder
                continue
            if name.startswith("/") or ".." in name.split("/") or "\0" in name:
                raise self.error(f"it holds a part with an unsafe name, {_shown(name)}: refused")
            if name.lower() in parts:
                raise self.error(f"it holds the part {_shown(name)} twice: refused")
            parts[name.lower()] = entry
        return parts

    # -- the contents

    def _inflate(self, name: str) -> Generator[bytes, None, None]:
        part = self._parts.get(name.lower())
        if part is None:
            raise self.error(f"its part {_shown(name)} is missing: open it in Excel and save it again")
        if part.flags & 0x41:
            raise self.error("is encrypted: save it without a password")
        if part.method not in (0, 8):
            raise self.error(f"its part {name} is compressed in a way that .xlsx does not know: refused")
        if not part.inflated:  # else it is read once more, and counts but once
            self._stored += part.stored
        self._inflated -= part.inflated
        self._tags -= part.tags
        part.inflated = part.tags = 0
        with self._damage(f"its part {name}"):
            self._seek(self.local(part).end - part.stored)
            crc = 0
            for piece in _expanded(self._file, part):
                crc = zlib.crc32(piece, crc)
                size, tags = len(piece), piece.count(b"<")
                part.inflated, part.tags = part.inflated + size, part.tags + tags
                self._inflated, self._tags = self._inflated + size, self._tags + tags
                self._check_size(part)
                yield piece
            if crc != part.crc:
                raise zlib.error("its checksum is wrong")

    def _check_size(self, part: Entry) -> None:
        if self._inflated > MOST_INFLATED:
            raise self.error(f"it unpacks to more than {MOST_INFLATED // MiB} MiB: refused")
        if self._inflated > MOST_PART + HIGHEST_RATIO * self._stored:
            raise self.error(f"its part {part.name} unpacks to over {HIGHEST_RATIO} times its size: refused")
        if self._tags > FREE_TAGS + TAGS_A_BYTE * self._stored:
            raise self.error(f"its part {part.name} unpacks to over {TAGS_A_BYTE} tags a byte: refused")


def _expanded(file: io.BufferedReader, part: Entry) -> Iterator[bytes]:
    """The part's bytes, from the file's current position, in pieces of at most PIECE."""
    left = part.stored
    inflater = zlib.decompressobj(-15) if part.method == 8 else None
    while left and not (inflater and inflater.eof):
        raw = file.read(min(left, MiB))
        if not raw:
            raise EOFError("the file ends too soon")
        left -= len(raw)
        if inflater is None:
            yield raw
            continue
        while raw and not inflater.eof:
            piece = inflater.decompress(raw, PIECE)
            raw = inflater.unconsumed_tail
            if piece:
                yield piece
    if inflater is not None:
        while not inflater.eof:
            piece = inflater.decompress(b"", PIECE)
            if not piece:
                raise EOFError("the part ends too soon")
            yield piece


def _zip64(extra: bytes, *fields: int) -> list[int]:
    """Unpacked size, stored size and offset, each from the zip64 field where the plain one is full."""
    found = list(fields)
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        at += 4
        if kind == 1:
            for place, field in enumerate(fields):
                if field == FULL:
                    (found[place],) = struct.unpack_from("<Q", extra, at)
                    at += 8
            break
        at += size
    return found


def _first_line(problem: Exception) -> str:
    text = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return str(text).splitlines()[0][:100]


def _shown(name: str) -> str:
    """A name out of the file, safe to print in one line."""
    return repr(name if len(name) <= 60 else name[:57] + "...")
