"""Cells of a workbook set free: what a workbook as a function takes as its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, split_sheet
from sheetsim.errors import SheetsimError
from sheetsim.formula import parse, unparse
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
        free[name].fills = [part for fill in free[name].fills for part in _without(fill, rect)]
    return free


def put(book: Workbook, place: Place, numbers: NDArray[np.float64]) -> None:
    """Put numbers (of the place's shape, or one for all its cells) into a workbook."""
    name, rect = place
    spread = np.broadcast_to(numbers, rect.shape)
    for row, column in rect.cells():
        book[name].set((row, column), float(spread[row - rect.top, column - rect.left]))


def _without(fill: Fill, rect: Rect) -> list[Fill]:
    pieces = fill.rect.without(rect)
    if pieces == [fill.rect]:
        return [fill]
    if fill.array:
        raise SheetsimError(f"{rect} is part of the array formula in {fill.rect}: it cannot be an input")
    node = parse(fill.formula, fill.rect.top, fill.rect.left)
    return [Fill(piece, unparse(node, piece.top, piece.left)) for piece in pieces]
