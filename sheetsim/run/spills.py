"""Where formulas spill: the extent of each is known when it has run.

    A1 =SEQUENCE(3)     3 cells free below A1         A1:A3, and A1# is that
                        something typed in A2         #SPILL! in A1 alone, and a note that says what is in A2

A plan takes the extents to be those that the workbook stores. `Spills` writes down what they turn out to be;
where one differs, the workbook is planned and calculated again (`execute.calculate`), as other formulas may
read the cells that came or went.

What is in the way is anything typed, any other formula and what it spills, and a table; the sheet's edge too.
Of two formulas that spill into the same cells the one that the workbook stores there wins, else the one that
is calculated first (Excel: the one that was typed first, which a file does not tell).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect, cell_name, quote_sheet
from sheetsim.formula.lexer import as_shown
from sheetsim.formula.shift import moved
from sheetsim.functions.subtotals import is_subtotal
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan
from sheetsim.run.store import Grid
from sheetsim.values import BLANK, ExcelError, Values
from sheetsim.workbook import Workbook

Anchor = tuple[str, int, int]


class Spills:
    """`extents`: those that differ from the plan's regions. `blocked`: what is in the way of which cells'."""

    def __init__(self, book: Workbook, plan: Plan, grids: Mapping[str, Grid]) -> None:
        self.grids = grids
        self.extents: dict[Anchor, Rect] = {}
        self.blocked: dict[Anchor, str] = {}
        self._book, self._plan = book, plan
        self._indexes: dict[str, Index[Region]] = {}

    @cached_property
    def _anchors(self) -> dict[Anchor, Region]:
        return {_anchor(region): region for region in self._plan.regions if region.spills}

    def extent(self, sheet: str, row: int, column: int) -> Rect | None:
        """What the formula in a cell has spilled into; None where there is none that spills."""
        key = (sheet.casefold(), row, column)
        region = self._anchors.get(key)
        if region is None:
            return None
        return self.extents.get(key, region.rect)

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The text of the formula in a cell, as it is shown; None where there is none."""
        for region in self._at(sheet, Rect.cell(row, column)):
            down, right = row - region.rect.top, column - region.rect.left
            if region.spills and (down or right):
                return None
            if region.each:
                right = 0
            text = region.text if region.array and not region.each else moved(region.text, down, right)
            text = as_shown(text)
            return f"{{={text}}}" if (region.array or region.lifted) and not region.spills else text
        return None

    def subtotals(self, sheet: str, rect: Rect) -> list[Rect]:
        """The cells of a rectangle whose formulas are a SUBTOTAL or an AGGREGATE."""
        parts = [region.rect.intersect(rect) for region in self._at(sheet, rect) if is_subtotal(region.text)]
        return [part for part in parts if part is not None]

    def put(self, region: Region, values: Values) -> None:
        """Write what a formula gives into the cells from its own on, or #SPILL! into its own."""
        key = _anchor(region)
        grid = self.grids[key[0]]
        cell = Rect.cell(region.rect.top, region.rect.left)
        rect = Rect(cell.top, cell.left, cell.top + values.shape[0], cell.left + values.shape[1])
        obstacle = "" if rect == region.rect else self._in_the_way(region, rect)
        if obstacle:
            self.blocked[key] = obstacle
            values, rect = Values.of([[ExcelError.SPILL]]), cell
        if rect != region.rect:
            self.extents[key] = rect
            for part in region.rect.without(rect):
                grid.restore(part, Values.filled(part.shape, None))
        grid.reserve(rect)
        grid.write(rect, values)

    def _in_the_way(self, region: Region, rect: Rect) -> str:
        """What stands in `rect` and is not the region's; "" when it is free."""
        sheet = quote_sheet(region.sheet)
        if rect.bottom > MAX_ROWS or rect.right > MAX_COLUMNS:
            return "it would reach over the edge of the sheet"
        for table in self._book.tables:
            if table.sheet.casefold() == region.sheet.casefold() and table.rect.intersect(rect):
                return f"the table {table.name} is in the way"
        for other in self._at(region.sheet, rect):
            common = other.rect.intersect(rect)
            if other is not region and common is not None:
                return f"{sheet}!{common} is in the way, a formula's"
        for part in rect.without(region.rect):
            filled = np.argwhere(self.grids[region.sheet.casefold()].block(part).kind_array() != BLANK)
            if len(filled):
                row, column = (filled[0] + (part.top, part.left)).tolist()
                return f"{sheet}!{cell_name(row, column)} is in the way"
        return ""

    def _at(self, sheet: str, rect: Rect) -> list[Region]:
        """The regions that have cells in a rectangle."""
        if not self._indexes:
            pairs: dict[str, list[tuple[Rect, Region]]] = {}
            for region in self._plan.regions:
                pairs.setdefault(region.sheet.casefold(), []).append((region.rect, region))
            self._indexes = {name: Index(listed) for name, listed in pairs.items()}
        index = self._indexes.get(sheet.casefold())
        return index.hits(rect) if index else []


def _anchor(region: Region) -> Anchor:
    return region.sheet.casefold(), region.rect.top, region.rect.left
