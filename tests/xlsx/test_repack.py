"""Copies of a zip with parts replaced: what is not replaced keeps its bytes, order and times."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import pytest

from sheetsim.errors import SheetsimError
from sheetsim.xlsx.edit import repack as module
from sheetsim.xlsx.edit.repack import repack
from sheetsim.xlsx.read import package as reading
from sheetsim.xlsx.read.package import Package


class Pipe(io.RawIOBase):
    """A file that cannot be rewound: zipfile then puts sizes behind the bytes."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        self.data += bytes(piece)  # type: ignore[call-overload]
        return len(bytes(piece))  # type: ignore[call-overload]


def everything(streamed: bool = False) -> bytes:
    """A zip with a folder, times, comments, foreign extra fields and both ways to hold bytes."""
    file = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # type: ignore[arg-type]
        for number, (name, method) in enumerate(
            [("a.xml", 8), ("xl/", 0), ("xl/é.bin", 0), ("xl/Media.png", 8), ("xl/b.xml", 8)]
        ):
            info = zipfile.ZipInfo(name, (1990 + number, 2, 3, 4, 5, 6))
            info.compress_type, info.external_attr = method, number << 16
            info.comment = f"number {number}".encode()
            info.extra = struct.pack("<2H4s", 0xA220, 4, b"pads")
            with archive.open(info, "w", force_zip64=number == 3) as part:
                part.write(b"" if name.endswith("/") else name.encode() * 1000)
        archive.comment = b"of the whole"
    return file.data if isinstance(file, Pipe) else file.getvalue()


def copied(tmp_path: Path, data: bytes, replaced: dict[str, list[bytes]]) -> bytes:
    (tmp_path / "in.zip").write_bytes(data)
    with Package(tmp_path / "in.zip") as package, open(tmp_path / "out.zip", "w+b") as file:
        repack(package, file, replaced)
    return (tmp_path / "out.zip").read_bytes()


def stored(data: bytes) -> dict[str, tuple[object, ...]]:
    """What there is to know about each entry, its compressed bytes included."""
    found: dict[str, tuple[object, ...]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            name, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
            start = info.header_offset + 30 + name + extra
            found[info.filename] = (
                *(info.date_time, info.compress_type, info.external_attr, info.comment, info.create_system),
                data[start : start + info.compress_size],
                archive.read(info),
            )
    return found


@pytest.mark.parametrize("streamed", [False, True])
def test_a_copy_with_nothing_replaced(tmp_path: Path, streamed: bool) -> None:
    data = everything(streamed)
    copy = copied(tmp_path, data, {})
    assert list(stored(copy).items()) == list(stored(data).items())
    assert zipfile.ZipFile(io.BytesIO(copy)).comment == b"of the whole"
    assert copied(tmp_path, copy, {}) == copy
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        assert all(info.extra == struct.pack("<2H4s", 0xA220, 4, b"pads") for info in archive.infolist())


@pytest.mark.parametrize("streamed", [False, True])
def test_parts_are_replaced_in_their_places(tmp_path: Path, streamed: bool) -> None:
    data = everything(streamed)
    new = [b"new" * 500, b"", b"er"]
    copy = copied(tmp_path, data, {"XL/media.PNG": new, "xl/é.bin": new})
    before, after = stored(data), stored(copy)
    assert list(after) == list(before)
    for name, old in before.items():
        replaced = name in ("xl/Media.png", "xl/é.bin")
        assert after[name][:5] == old[:5]
        assert after[name][6] == (b"".join(new) if replaced else old[6])
        assert (after[name][5] == old[5]) != replaced


def test_a_zip_without_secrets_is_copied_to_the_byte(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"1" * 99)
        archive.writestr("b", b"2" * 99)
    assert copied(tmp_path, buffer.getvalue(), {}) == buffer.getvalue()


def test_entries_in_another_order_than_the_directorys(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"1" * 99)
        archive.writestr("b", b"2" * 99)
        archive.filelist.reverse()
    assert copied(tmp_path, buffer.getvalue(), {}) == buffer.getvalue()


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"1" * 99)
        archive.writestr("b", b"2" * 99)
        archive.filelist[1].header_offset = 0
    with pytest.raises(SheetsimError, match="overlap"):
        copied(tmp_path, buffer.getvalue(), {})


def test_damage_is_one_line(tmp_path: Path) -> None:
    data = everything()
    for at in range(40):
        spoiled = data[:at] + b"\xff" + data[at + 1 :]
        with contextlib.suppress(SheetsimError):  # anything else is a bug
            copied(tmp_path, spoiled, {})
    at = data.index(b"PK\x01\x02")
    with pytest.raises(SheetsimError, match="damaged"):
        copied(tmp_path, data[: at + 20] + struct.pack("<L", 1 << 30) + data[at + 24 :], {})


def test_what_takes_zip64_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 9000)
    with pytest.raises(SheetsimError, match="too large"):
        copied(tmp_path, everything(), {})
    monkeypatch.setattr(reading, "MOST_ENTRIES", 4)
    with pytest.raises(SheetsimError, match="more than 4 parts"):
        copied(tmp_path, everything(), {})
