"""Workbooks changed at random: bytes, attributes, numbers, texts, formulas, whole elements and whole parts.

mutated(parts, random.Random("1/17"))       the bytes of a zip; the same seed gives the same bytes
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.formulas import make_formulas

Parts = dict[str, bytes]

LARGEST = 150_000  # bytes of a workbook to begin with: small ones, so that there are many cases

ODD = (
    *(
        "",
        "0",
        "-1",
        "1",
        "2",
        "1e999",
        "-1e999",
        "nan",
        "inf",
        "0x10",
        "1_0",
        "99999999999",
        "9" * 400,
        "4294967296",
    ),
    *(
        "A1",
        "A0",
        "XFD1048576",
        "XFE1",
        "A1048577",
        "$A$1:B2",
        "A:XFD",
        "1:1048576",
        "A1:XFD1048576",
        "B2:A1",
        "A1:A1",
    ),
    *(
        "ZZZZ9",
        "\u212a1",
        "\u0661",
        "TRUE",
        "true",
        "n",
        "s",
        "str",
        "b",
        "e",
        "d",
        "inlineStr",
        "array",
        "shared",
    ),
    *(
        "dataTable",
        "#REF!",
        "#N/A",
        "#SPILL!",
        "2020-02-30",
        "1900-01-00T25:00",
        "rId1",
        "../../../etc/passwd",
        "/",
    ),
    *(
        "x" * 40_000,
        "\U0001f600" * 200,
        "&#0;",
        "&#x1F600;",
        "&amp;",
        "&undefined;",
        "_x0000_",
        "_xD800_",
        "'",
        "]]>",
    ),
)
ATTRIBUTE = re.compile(rb"""(?<=\s)([\w:]+)=("[^"<]*"|'[^'<]*')""")
CONTENT = re.compile(rb">([^<>]{1,400})<")
ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?(?:/>|>[^<>]*</\1>)")
ROW = re.compile(rb"<(\w+:)?row[\s>].{0,2000}?</(\w+:)?row>", re.DOTALL)


def seeds(folders: list[Path]) -> list[Path]:
    """The workbooks to begin with, in an order that does not depend on the file system."""
    found = [
        path for folder in folders for path in folder.rglob("*.xls[xm]") if path.stat().st_size < LARGEST
    ]
    return sorted(found, key=lambda path: (path.name, path.stat().st_size))


def parts_in(path: Path) -> Parts | None:
    """The parts of a workbook, None where it is none (hostile ones)."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > 40 * LARGEST:
                return None
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return None


def mutated(parts: Parts, chance: random.Random) -> bytes:
    changed = dict(parts)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        if not changed:
            break
        name = chance.choice(_weighted(changed))
        change = chance.choice(CHANGES)
        changed[name] = change(changed[name], chance)
    if chance.random() < 0.15:
        _whole_parts(changed, chance)
    data = _zipped(changed, chance)
    if chance.random() < 0.1:
        data = _bytes(data, chance)
    return data


def _weighted(parts: Parts) -> list[str]:
    """Names of parts, those that are read more often."""
    read = (
        "worksheets/sheet",
        "workbook.xml",
        "sharedStrings",
        "metadata",
        "tables/",
        "styles",
        ".rels",
        "Content",
    )
    return [name for name in sorted(parts) for _ in range(8 if any(word in name for word in read) else 1)]


# -- one part


def _replaced(pattern: re.Pattern[bytes], group: int, make: Callable[[random.Random], bytes]) -> Change:
    def change(data: bytes, chance: random.Random) -> bytes:
        found = list(pattern.finditer(data))
        for one in sorted(
            chance.sample(found, min(len(found), chance.choice((1, 1, 3)))), key=_start, reverse=True
        ):
            data = data[: one.start(group)] + make(chance) + data[one.end(group) :]
        return data

    return change


def _start(found: re.Match[bytes]) -> int:
    return -found.start()


def _odd(chance: random.Random) -> bytes:
    return _escaped(chance.choice(ODD))


def _odd_attribute(chance: random.Random) -> bytes:
    return b'"' + _odd(chance).replace(b'"', b"&quot;") + b'"'


def _formula(chance: random.Random) -> bytes:
    (text, array) = make_formulas(chance, 1)[0]
    attributes = (
        b' t="array" ref="' + _escaped(chance.choice(ODD)).replace(b'"', b"") + b'"' if array else b""
    )
    return b"<f" + attributes + b">" + _escaped(text).replace(b"<", b"&lt;") + b"</f>"


def _escaped(text: str) -> bytes:
    return text.replace("<", "&lt;").encode("utf-8", "surrogatepass")


def _bytes(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 3, 10))):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + bytes([chance.randrange(256)]) + data[at + chance.choice((0, 1, 1, 5)) :]
    return data


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _doubled(data: bytes, chance: random.Random) -> bytes:
    found = list(chance.choice((ELEMENT, ROW)).finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.end()] + one[0] * chance.choice((1, 2, 50)) + data[one.end() :]


def _removed(data: bytes, chance: random.Random) -> bytes:
    found = list(chance.choice((ELEMENT, ROW)).finditer(data))
    one = chance.choice(found) if found else None
    return data if one is None else data[: one.start()] + data[one.end() :]


def _moved(data: bytes, chance: random.Random) -> bytes:
    found = list(chance.choice((ELEMENT, ROW)).finditer(data))
    if len(found) < 2:
        return data
    first, second = sorted(chance.sample(found, 2), key=lambda one: one.start())
    if first.end() > second.start():
        return data
    middle = data[first.end() : second.start()]
    return data[: first.start()] + second[0] + middle + first[0] + data[second.end() :]


def _otherwise_encoded(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return chance.choice(
        (
            text.encode("utf-16", "replace"),
            b"\xef\xbb\xbf" + data,
            b"<!DOCTYPE x [<!ENTITY e 'e'>]>" + data,
            text.replace("<c ", "<c\n", 5).encode(),
            re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data).replace(b"xmlns=", b"xmlns:x="),
        )
    )


Change = Callable[[bytes, random.Random], bytes]
CHANGES: tuple[Change, ...] = (
    _replaced(ATTRIBUTE, 2, _odd_attribute),
    _replaced(ATTRIBUTE, 2, _odd_attribute),
    _replaced(
        ATTRIBUTE, 1, lambda chance: chance.choice((b"r", b"t", b"s", b"ref", b"si", b"cm", b"vm", b"name"))
    ),
    _replaced(CONTENT, 1, _odd),
    _replaced(CONTENT, 1, _odd),
    _replaced(re.compile(rb"<f[^<>]*(?:/>|>[^<>]*</f>)"), 0, _formula),
    _replaced(re.compile(rb"<f[^<>]*(?:/>|>[^<>]*</f>)"), 0, _formula),
    _bytes,
    _cut,
    _doubled,
    _doubled,
    _removed,
    _moved,
    _otherwise_encoded,
)


# -- all parts


def _whole_parts(parts: Parts, chance: random.Random) -> None:
    name = chance.choice(sorted(parts))
    other = chance.choice(sorted(parts))
    match chance.randrange(4):
        case 0:
            del parts[name]
        case 1:
            parts[name], parts[other] = parts[other], parts[name]
        case 2:
            parts[name] = parts[other]
        case 3:
            parts[name.upper() if chance.random() < 0.5 else f"{name}/"] = parts[name]


def _zipped(parts: Parts, chance: random.Random) -> bytes:
    buffer = io.BytesIO()
    method = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()
