"""Cells that need themselves: circular references, found with the values that the workbook stores.

Regions may read each other in a circle although no cell does. Which cells a formula really reads (a range
may stand for one of its cells, IF leaves a branch alone) is what the exact evaluator asks for, so it is
asked, on the stored values, with a lookup that takes notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Node
from sheetsim.functions.operands import Lookup
from sheetsim.limits import ONE_BY_ONE, Effort
from sheetsim.plan.graph import components
from sheetsim.plan.index import Index
from sheetsim.plan.names import Names
from sheetsim.plan.regions import Region
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.workbook import Workbook

Cell = tuple[int, int]


class Notes(Lookup):
    """Stored values, and notes on which rectangles were asked for."""

    def __init__(self, book: Workbook, names: Names) -> None:
        self._book, self._names = book, names
        self.read: list[tuple[str, Rect]] = []

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        return self.block(sheet, Rect.cell(row, column)).get((0, 0))

    def block(self, sheet: str, rect: Rect) -> Values:
        found = self._book.find(sheet)
        if found is None:
            return Values.filled(rect.shape, ExcelError.REF)
        self.read.append((sheet.casefold(), rect))
        return found.block(rect)

    def name(self, name: str, scope: str) -> Node | None:
        return self._names.meaning(name, scope)

    def sheet_used(self, sheet: str) -> Rect | None:
        found = self._book.find(sheet)
        return None if found is None else found.used

    def random(self) -> float:
        return 0.5

    def sheets(self) -> Sequence[str]:
        return [sheet.name for sheet in self._book.sheets]

    def spilled(self, sheet: str, row: int, column: int) -> Rect | None:
        found = self._book.find(sheet)
        self.read.append((sheet.casefold(), Rect.cell(row, column)))
        fills = found.fills if found else []
        return next((f.rect for f in fills if f.dynamic and (f.rect.top, f.rect.left) == (row, column)), None)

    def resolved(self, node: Node, sheet: str, row: int, column: int) -> Node:
        return self._names.resolve(node, sheet, (row, column))


def circular_cells(
    book: Workbook, names: Names, groups: Iterable[Sequence[Region]], effort: Effort
) -> tuple[dict[Region, set[Cell]], dict[Region, str]]:
    """The cells of each region that are on a circle; each group holds regions that read each other. An array
    formula is on a circle with all its cells. And the regions, with the reason, of groups whose cells read
    too many others to find out."""
    found: dict[Region, set[Cell]] = {}
    beyond: dict[Region, str] = {}
    for group in groups:
        try:
            circular = _circular(book, names, group, effort)
        except Unsupported as limit:
            beyond.update(dict.fromkeys(group, str(limit)))
            continue
        for region, cell in circular:
            cells = region.rect.cells() if region.array else (cell,)
            found.setdefault(region, set()).update(cells)
    return found, beyond


def _circular(
    book: Workbook, names: Names, group: Sequence[Region], effort: Effort
) -> list[tuple[Region, Cell]]:
    units: list[tuple[Region, Cell]] = []  # what is computed at once: a cell, or an array formula
    first: dict[Region, int] = {}
    for region in group:
        first[region] = len(units)
        units += [(region, cell) for cell in region.evaluated.cells()]
    indexes = {
        sheet: Index((r.rect, r) for r in group if r.sheet.casefold() == sheet)
        for sheet in {region.sheet.casefold() for region in group}
    }
    reads: list[list[int]] = [[] for _ in units]  # of units; then of the rectangles that they ask for
    nodes: dict[tuple[str, Rect], int] = {}
    for number, (region, (row, column)) in enumerate(units):
        notes = Notes(book, names)
        assert region.node is not None
        evaluate(
            region.node,
            sheet=region.sheet,
            row=row,
            column=column,
            lookup=notes,
            array=region.array or region.lifted,
            effort=effort,
        )
        for sheet, rect in notes.read:
            if (sheet, rect) not in nodes:
                nodes[sheet, rect] = len(reads)
                hits = indexes[sheet].hits(rect) if sheet in indexes else []
                effort.spend(ONE_BY_ONE * len(hits))
                inside = [_units_in(other, rect, first[other]) for other in hits]
                effort.spend(ONE_BY_ONE * sum(map(len, inside)))
                reads.append([unit for found in inside for unit in found])
            reads[number].append(nodes[sheet, rect])
    return [
        units[number]
        for part in components(reads)
        if len(part) > 1  # never alone: what a unit reads, it reads through a rectangle
        for number in part
        if number < len(units)
    ]


def _units_in(region: Region, rect: Rect, first: int) -> list[int]:
    """Numbers of the units of `region` that have a cell in `rect`."""
    if region.array or region.rect.size == 1:
        return [first]
    common = region.rect.intersect(rect)
    assert common is not None
    rows = np.arange(common.top, common.bottom)[:, None] - region.rect.top
    columns = np.arange(common.left, common.right) - region.rect.left
    units: list[int] = (first + rows * region.rect.columns + columns).reshape(-1).tolist()
    return units
