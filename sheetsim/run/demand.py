"""Cells one by one, by the definition of meaning (`backends/cells.py`), on the grids of a calculation.

`Exact.compute(region, row, column)` evaluates one cell and puts the result into its grid; whoever calls it
sees to the order. `Exact.on_demand(regions)` sees to it itself: a cell that asks for one that is not computed
yet waits until that one is (an explicit stack, no recursion). It serves where regions read each other without
a common direction, and where only the evaluation shows what is read (OFFSET).

A cell that comes to wait for itself is circular: it, and those between, keep their stored values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.formula.nodes import Node
from sheetsim.functions.lifting import fit
from sheetsim.functions.operands import Lookup
from sheetsim.limits import Effort
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan
from sheetsim.run.spills import Spills
from sheetsim.run.store import Grid
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.workbook import Workbook

Unit = tuple[Region, int, int]

MISSING = 200
"""What it costs to ask for a cell that is not computed yet, in cell operations."""


class NotReady(Exception):
    """Cells (their regions, rows and columns) were asked for that are not computed yet."""

    def __init__(self, missing: Sequence[Unit]) -> None:
        super().__init__(f"{len(missing)} cells are not computed yet")
        self.missing = missing


@dataclass(slots=True)
class Progress:
    """Which cells are computed: regions that are finished, and of others the cells so far."""

    regions: Sequence[Region]
    finished: set[Region] = field(default_factory=set)
    partly: dict[Region, NDArray[np.bool_]] = field(default_factory=dict)
    _indexes: dict[str, Index[Region]] = field(default_factory=dict)

    def missing(self, sheet: str, rect: Rect) -> list[Unit]:
        """The cells in a rectangle that are still to be computed. Of an array formula that is its first."""
        if not self._indexes:
            sheets: dict[str, list[tuple[Rect, Region]]] = {}
            for region in self.regions:
                sheets.setdefault(region.sheet.casefold(), []).append((region.rect, region))
            self._indexes = {name: Index(pairs) for name, pairs in sheets.items()}
        index = self._indexes.get(sheet.casefold())
        found: list[Unit] = []
        for region in index.hits(rect) if index else ():
            if region in self.finished:
                continue
            done = self.partly.get(region)
            if region.array and not region.each:
                found.append((region, region.rect.top, region.rect.left))
                continue
            common = rect.intersect(region.rect)
            assert common is not None
            if region.each:  # a row's formula stands in its first cell
                common = Rect(common.top, region.rect.left, common.bottom, region.rect.left + 1)
            if done is None:
                found += [(region, row, column) for row, column in common.cells()]
                continue
            top, left = common.top - region.rect.top, common.left - region.rect.left
            places = np.argwhere(~done[top : top + common.rows, left : left + common.columns]).tolist()
            found += [(region, common.top + row, common.left + column) for row, column in places]
        return found

    def is_done(self, region: Region, row: int, column: int) -> bool:
        if region in self.finished:
            return True
        done = self.partly.get(region)
        return done is not None and bool(done[row - region.rect.top, column - region.rect.left])

    def mark(self, region: Region, row: int, column: int) -> None:
        if region not in self.partly:
            self.partly[region] = np.zeros(region.rect.shape, bool)
        self.partly[region][row - region.rect.top, column - region.rect.left] = True

    def only(self, region: Region, parts: Iterable[Rect]) -> None:
        """Count all cells of a region but these as computed."""
        done = self.partly[region] = np.ones(region.rect.shape, bool)
        for part in parts:
            top, left = part.top - region.rect.top, part.left - region.rect.left
            done[top : top + part.rows, left : left + part.columns] = False

    def finish(self, regions: Iterable[Region]) -> None:
        for region in regions:
            self.finished.add(region)
            self.partly.pop(region, None)


class Exact(Lookup):
    """The exact evaluator on grids, and what it looks up; with `guarded` it raises NotReady for cells
    that are not computed."""

    def __init__(
        self,
        book: Workbook,
        plan: Plan,
        grids: Mapping[str, Grid],
        progress: Progress,
        draw: Callable[[], float],
        effort: Effort,
    ) -> None:
        self.book, self.names, self.grids, self.progress = book, plan.names, grids, progress
        self.draw, self.effort = draw, effort
        self.spills = Spills(book, plan, grids)
        self.guarded = False
        self.circular: list[tuple[Region, int, int]] = []

    # -- Lookup

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        grid = self.grids.get(sheet.casefold())
        if grid is None:
            return ExcelError.REF
        if self.guarded:
            self.expect(sheet, Rect.cell(row, column))
        return grid.value(row, column)

    def block(self, sheet: str, rect: Rect) -> Values:
        grid = self.grids.get(sheet.casefold())
        if grid is None:
            return Values.filled(rect.shape, ExcelError.REF)
        if self.guarded:
            self.expect(sheet, rect)
        return grid.block(rect)

    def name(self, name: str, scope: str) -> Node | None:
        return self.names.meaning(name, scope)

    def sheet_used(self, sheet: str) -> Rect | None:
        grid = self.grids.get(sheet.casefold())
        return None if grid is None else grid.used

    def random(self) -> float:
        return self.draw()

    def spilled(self, sheet: str, row: int, column: int) -> Rect | None:
        if self.guarded:
            self.expect(sheet, Rect.cell(row, column))
        return self.spills.extent(sheet, row, column)

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        return self.spills.formula(sheet, row, column)

    def subtotals(self, sheet: str, rect: Rect) -> Sequence[Rect]:
        return self.spills.subtotals(sheet, rect)

    def hidden(self, sheet: str) -> Collection[int]:
        found = self.book.find(sheet)
        return () if found is None else found.hidden

    def sheets(self) -> Sequence[str]:
        return [sheet.name for sheet in self.book.sheets]

    def resolved(self, node: Node, sheet: str, row: int, column: int) -> Node:
        return self.names.resolve(node, sheet, (row, column))

    # -- computing

    def expect(self, sheet: str, rect: Rect) -> None:
        """NotReady unless all cells of the rectangle are computed."""
        missing = self.progress.missing(sheet, rect)
        if missing:
            self.effort.spend(MISSING * len(missing))
            raise NotReady(missing)

    def compute(self, region: Region, row: int, column: int) -> None:
        """Evaluate one cell (for an array formula: all of them) and put the result in."""
        assert region.node is not None
        grid = self.grids[region.sheet.casefold()]
        array = region.array or region.lifted
        result = evaluate(
            region.node,
            sheet=region.sheet,
            row=row,
            column=column,
            lookup=self,
            array=array,
            effort=self.effort,
        )
        self.effort.keep(characters(result))
        if region.spills:
            assert isinstance(result, Values)
            self.spills.put(region, result)
        elif isinstance(result, Values):
            rect = region.filled(row, column)
            grid.write(rect, fit(result, *rect.shape))
        else:
            grid.put(row, column, result)

    def in_order(self, region: Region, guarded: bool = False) -> None:
        """Compute a region's cells in reading order. With `guarded`, NotReady where one needs a cell that is
        not computed yet."""
        self.guarded = guarded
        try:
            for row, column in units(region):
                self.compute(region, row, column)
        finally:
            self.guarded = False

    def on_demand(self, regions: Sequence[Region]) -> None:
        """Compute the cells of some regions, each after those that it asks for. NotReady where they ask for
        cells of other regions; then what is computed stays so, and it can be called again."""
        own = set(regions)
        self.guarded = True
        try:
            for region in regions:
                for row, column in units(region):
                    if not self.progress.is_done(region, row, column):
                        self._with_needs((region, row, column), own)
        finally:
            self.guarded = False

    def _with_needs(self, wanted: Unit, own: set[Region]) -> None:
        stack = [wanted]
        waiting: dict[Unit, None] = {}  # asked for something, in this order
        while stack:
            unit = stack[-1]
            if self.progress.is_done(*unit):
                stack.pop()
                waiting.pop(unit, None)
                continue
            try:
                self.compute(*unit)
            except NotReady as asked:
                foreign = [missing for missing in asked.missing if missing[0] not in own]
                if foreign:
                    raise NotReady(foreign) from None
                waiting[unit] = None
                circle = next((missing for missing in asked.missing if missing in waiting), None)
                if circle is None:
                    stack += reversed(asked.missing)
                else:
                    path = list(waiting)
                    self._keep(path[path.index(circle) :])
            else:
                self._mark(unit)

    def _keep(self, circle: Sequence[Unit]) -> None:
        """Give the cells of a circle their stored values back."""
        self.circular += circle
        for unit in circle:
            region, row, column = unit
            rect = region.filled(row, column)
            self.grids[region.sheet.casefold()].restore(rect, self.book[region.sheet].block(rect))
            self._mark(unit)

    def _mark(self, unit: Unit) -> None:
        region, row, column = unit
        if region.array and not region.each:
            self.progress.finish([region])
        else:
            self.progress.mark(region, row, column)


def characters(result: Scalar | Values) -> int:
    """Of a text, or of all texts of an array."""
    if isinstance(result, Values):
        return 0 if result.texts is None else sum(map(len, result.texts.reshape(-1)))
    return len(result) if isinstance(result, str) else 0


def units(region: Region) -> Iterable[tuple[int, int]]:
    """The cells of a region that are evaluated, in reading order."""
    return region.evaluated.cells()
