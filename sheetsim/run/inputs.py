"""Cells of a workbook set free: what a workbook as a function takes as its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, split_sheet
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse, unparse
from sheetsim.values import Values
from sheetsim.workbook import Fill, Workbook

Place = tuple[str, Rect]


def places(book: Workbook, addresses: Sequence[str]) -> list[Place]:
    """Sheets and rectangles of addresses like "adam!D2". SheetsimError for one that is none."""
    found = []
    for address in addresses:
        name, cells = split_sheet(address)
        sheet = book.find(name) if name else None
        if sheet is None:
            there = ", ".join(sheet.name for sheet in book.sheets)
            raise SheetsimError(f"{address!r}: give the sheet, like adam!D2; there are {there}")
        try:
            found.append((sheet.name, Rect.parse(cells)))
        except ValueError as error:
            raise SheetsimError(str(error)) from None
    return found


def set_free(book: Workbook, inputs: Sequence[Place]) -> Workbook:
    """A copy of the workbook in which no formula stands in the inputs' cells."""
    free = replace(book, sheets=[sheet.copy() for sheet in book.sheets])
    for name, rect in inputs:
        free[name].fills = [part for fill in free[name].fills for part in uncovered(fill, rect)]
    return free


def put(book: Workbook, place: Place, numbers: NDArray[np.float64]) -> None:
    """Put numbers (of the place's shape, or one for all its cells) into a workbook."""
    name, rect = place
    book[name].set_block(rect, Values(np.broadcast_to(numbers, rect.shape)))


def uncovered(fill: Fill, rect: Rect) -> list[Fill]:
    """A fill without its cells in a rectangle. SheetsimError where it is an array formula and only some of
    its cells lie there."""
    pieces = fill.rect.without(rect)
    if pieces == [fill.rect]:
        return [fill]
    if fill.array and pieces:
        raise SheetsimError(
            f"{rect} holds a part of the array formula in {fill.rect}: it changes as a whole or not at all"
        )
    node = parse(fill.formula, fill.rect.top, fill.rect.left) if pieces else None
    return [Fill(piece, unparse(node, piece.top, piece.left)) for piece in pieces if node is not None]
