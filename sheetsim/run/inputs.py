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


def apart(inputs: Sequence[Place]) -> None:
    """SheetsimError where two inputs have a cell in common."""
    for number, (sheet, rect) in enumerate(inputs):
        for other, area in inputs[:number]:
            if other == sheet and rect.intersect(area):
                raise SheetsimError(f"{sheet}!{rect} and {other}!{area} overlap: give each cell once")


def scenarios_of(shape: tuple[int, ...], place: Place) -> int | None:
    """How many scenarios an input of this shape is for; None where it is one for all. [scenarios] for a cell,
    [scenarios, rows, columns] for a range. SheetsimError for any other shape that does not fit."""
    name, rect = place
    if len(shape) == 1 and rect.size == 1:
        return shape[0]
    if len(shape) == 3 and shape[1:] == rect.shape:
        return shape[0]
    fits = len(shape) < 3 and all(n in (1, m) for n, m in zip(shape[::-1], rect.shape[::-1], strict=False))
    if not fits:
        given = " x ".join(map(str, shape))
        raise SheetsimError(
            f"{name}!{rect}, {rect.rows} x {rect.columns} cells, does not take an array of {given} numbers"
        )
    return None


def common_count(scenarios: Sequence[int | None]) -> int:
    """How many scenarios there are. SheetsimError where inputs do not agree."""
    counts = sorted({count for count in scenarios if count is not None})
    if len(counts) > 1:
        raise SheetsimError(f"inputs of {' and '.join(map(str, counts))} scenarios")
    return counts[0]
