"""Values put into many rows at once: the fast way, for sheets that are as the workbook knows them.

    <row r="7"><c r="A7"><v>45</v></c><c r="C7"><f>H6</f><v>1.06</v></c>...

A sheet of which the scanner has taken every cell, all of them plain, and whose bytes are still the same, need
not be looked at again: the workbook says which cells stand in it in which order. So its text is cut at the
ends of cells, the n-th piece is the n-th cell, and what stands before an end, `<v>1.06</v>`, is exchanged.
There can be more ends of cells than the workbook knows of (a cell may hold nothing), never fewer: when their
number is right, each is right. Rows with edited cells, or with cells that do not exist yet, are for `splice`.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sheetsim.values import BLANK, ERROR, NUMBER, ExcelError
from sheetsim.xlsx.edit.changes import FORMULA, SPREAD, RowBand
from sheetsim.xlsx.edit.waiting import spelled

ROW_NUMBERS = re.compile(rb'<row r="([1-9][0-9]{0,6})"')
_END_OF_CELL = re.compile(rb"(<(?:v>[^<]*</v></c|/c)>)")
_END_OF_FORMULA = (b"</f>", b'"/>')
_TYPE = re.compile(rb' t="([^"]*)"')
_VALUE = ord("v")


def row_numbers(text: bytes) -> NDArray[np.int64]:
    """Of the rows in `text`, counted from 0, as they come."""
    return np.array(list(map(int, ROW_NUMBERS.findall(text))), np.int64) - 1


def swapped(text: bytes, band: RowBand, encoding: str) -> list[bytes] | None:
    """Whole rows with the changes of their band made, in pieces; None when that is for `splice` to do."""
    places = np.nonzero(band.differ)
    new, held, roles = band.new[places], band.held[places], band.roles[places]
    kinds = new.kind_array()
    richer = (kinds == ERROR) & (new.numbers > ExcelError.GETTING_DATA)
    if richer.any() or ((roles != FORMULA) & (roles != SPREAD)).any():
        return None
    present = (band.held != BLANK) | (band.roles == FORMULA)
    parts = _END_OF_CELL.split(text)
    if 2 * int(present.sum()) != len(parts) - 1 or not present[places].all():
        return None
    at = 2 * np.cumsum(present.ravel())[np.ravel_multi_index(places, present.shape)] - 1
    numeric = kinds == NUMBER
    swaps, fresh = numeric & (held == NUMBER), numeric & (held == BLANK)
    for place, number in zip(at[swaps].tolist(), new.numbers[swaps].tolist(), strict=True):
        if parts[place][1] != _VALUE:
            return None
        parts[place] = b"<v>%.17G</v></c>" % number
    untyped = text.count(b' t="') == text.count(b'<f t="')
    for place, number in zip(at[fresh].tolist(), new.numbers[fresh].tolist(), strict=True):
        if not (untyped and parts[place] == b"</c>" and parts[place - 1].endswith(b"</f>")):
            before = _before_value(parts[place - 1], parts[place], b"n")
            if before is None:
                return None
            parts[place - 1] = before
        parts[place] = b"<v>%.17G</v></c>" % number
    for index in np.flatnonzero(~(swaps | fresh)).tolist():
        words = "" if new.texts is None else new.texts[index]
        kind, content = spelled(int(kinds[index]), float(new.numbers[index]), words, encoding)
        place = int(at[index])
        before = _before_value(parts[place - 1], parts[place], kind or b"n")
        if before is None or (held[index] != BLANK and parts[place][1] != _VALUE):
            return None
        parts[place - 1], parts[place] = before, _value(content)
    return parts


def _value(content: bytes | None) -> bytes:
    """`<v>` and the end of the cell."""
    if content is None:
        return b"</c>"
    space = b' xml:space="preserve"' if content.strip() != content else b""
    return b"<v%b>%b</v></c>" % (space, content)


def _before_value(piece: bytes, end: bytes, kind: bytes) -> bytes | None:
    """What stands before the value of a formula cell, the cell's type made `kind`; None where that is not
    sure. `end`: the old value, if any, and the end of the cell."""
    if end == b"</c>":
        piece = piece.removesuffix(b"<v/>")
        if not piece.endswith(_END_OF_FORMULA):
            return None
    begin = piece.rfind(b"<c ")
    stop = piece.find(b">", begin)
    tag = piece[begin:stop]
    if tag.count(b'"') % 2:  # the ">" stands in an attribute
        return None
    found = _TYPE.search(tag)
    if (found[1] if found else b"n") == kind:
        return piece
    if found:
        tag = tag[: found.start()] + tag[found.end() :]
    if kind != b"n":
        tag += b' t="%b"' % kind
    return piece[:begin] + tag + piece[stop:]
