"""Numbers put into many rows at once: the fast way, for sheets that are as the workbook knows them.

    <row r="7"><c r="A7"><v>45</v></c><c r="C7"><f>H6</f><v>1.06</v></c>...

A sheet of which the scanner has taken every cell, all of them plain, and whose bytes are still the same, need
not be looked at again: the workbook says which cells stand in it in which order. So its text is cut at the
ends of cells, the n-th piece is the n-th cell, and what stands before an end, `<v>1.06</v>`, is exchanged.
There can be more ends of cells than the workbook knows of (a cell may hold nothing), never fewer: when their
number is right, each is right. Where anything else is to be done than to put a number in the place of a
number or of nothing, the rows are left to `splice`.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sheetsim.values import BLANK, NUMBER
from sheetsim.xlsx.edit.changes import FORMULA, PUT, RowBand

ROW_NUMBERS = re.compile(rb'<row r="([1-9][0-9]{0,6})"')
_END_OF_CELL = re.compile(rb"(<(?:v>[^<]*</v></c|/c)>)")
_END_OF_FORMULA = (b"</f>", b'"/>')
_VALUE = ord("v")


def row_numbers(text: bytes) -> NDArray[np.int64]:
    """Of the rows in `text`, counted from 0, as they come."""
    return np.array(list(map(int, ROW_NUMBERS.findall(text))), np.int64) - 1


def swapped(text: bytes, band: RowBand) -> list[bytes] | None:
    """Whole rows with the changes of their band made, in pieces; None when that is for `splice` to do."""
    places = np.nonzero(band.differ)
    kinds, held = band.new.kind_array()[places], band.held[places]
    if (kinds != NUMBER).any() or (held > NUMBER).any() or (band.roles[places] == PUT).any():
        return None
    present = (band.held != BLANK) | (band.roles == FORMULA)
    parts = _END_OF_CELL.split(text)
    if 2 * int(present.sum()) != len(parts) - 1 or not present[places].all():
        return None
    at = 2 * np.cumsum(present.ravel())[np.ravel_multi_index(places, present.shape)] - 1
    numbers = band.new.numbers[places].tolist()
    untyped = text.count(b' t="') == text.count(b'<f t="')
    # with as many digits as it takes to read them back exactly
    for place, blank, number in zip(at.tolist(), (held == BLANK).tolist(), numbers, strict=True):
        valued = parts[place][1] == _VALUE
        if valued if blank else not valued:
            return None
        if blank and not (untyped and parts[place - 1].endswith(_END_OF_FORMULA)):
            return None
        parts[place] = b"<v>%.17G</v></c>" % number
    return parts
