"""What-if tables: a formula's cell calculated again with other values in one or two input cells.

`WhatIf` is a book in which some cells hold other values. Only what depends on these is worked out again, cell
by cell on demand, and kept; all else is what the calculation has found. See `functions/what_if.py` for where
the values and formulas of a table stand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Call, CellRef, Missing, Node
from sheetsim.functions.operands import Lookup
from sheetsim.plan.areas import area_of
from sheetsim.plan.graph import survey
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan
from sheetsim.run.demand import Exact
from sheetsim.values import ExcelError, Scalar, Values

Place = tuple[str, int, int]
"""A cell: its sheet, casefolded, its row and its column."""


class _Needed(Exception):
    """A cell was asked for that has to be worked out first."""

    def __init__(self, region: Region, row: int, column: int) -> None:
        super().__init__(f"{region.sheet} {row} {column}")
        self.unit = (region, row, column)


def what_if_table(exact: Exact, plan: Plan, region: Region) -> None:
    """Put a what-if table's cells into its grid. Unsupported where it depends on drawn numbers, or is not one
    that Excel makes."""
    node, rect = region.node, region.rect
    assert isinstance(node, Call)
    inputs = [_input(argument, region) for argument in node.arguments[:2]]
    if len(node.arguments) < 4 or not any(inputs):
        raise Unsupported("a what-if table without its inputs")
    places = [place for place in inputs if place is not None]
    affected = _Affected(plan, places)
    sheet = region.sheet.casefold()
    grid = exact.grids[sheet]
    by_row, by_column = inputs
    for row in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right):
            changes: dict[Place, Scalar] = {}
            if by_row is not None:
                changes[by_row] = grid.value(rect.top - 1, column)
            if by_column is not None:
                changes[by_column] = grid.value(row, rect.left - 1)
            if by_row is not None and by_column is not None:
                formula = (rect.top - 1, rect.left - 1)
            else:
                formula = (row, rect.left - 1) if by_row is not None else (rect.top - 1, column)
            if any(sheet == other and kept.contains(*formula) for other, kept in affected.kept):
                raise Unsupported("a what-if table of a formula that is not computed")
            value = WhatIf(exact, affected, changes).result(region.sheet, *formula)
            grid.put(row, column, value)


def _input(node: Node, region: Region) -> Place | None:
    if isinstance(node, Missing):
        return None
    if not isinstance(node, CellRef):
        raise Unsupported("the input cell of a what-if table is gone")
    row, column = node.at(region.rect.top, region.rect.left)
    return (node.sheet or region.sheet).casefold(), row, column


class _Affected:
    """The regions that depend on some cells, near or far."""

    def __init__(self, plan: Plan, places: Sequence[Place]) -> None:
        regions = plan.computed
        start = [number for number, region in enumerate(regions) if _reads(region, places)]
        readers: dict[int, list[int]] = {}
        for reader, reads in enumerate(plan.graph.reads):
            for read in reads:
                readers.setdefault(read, []).append(reader)
        reached, waiting = set(start), list(start)
        while waiting:
            for reader in readers.get(waiting.pop(), ()):
                if reader not in reached:
                    reached.add(reader)
                    waiting.append(reader)
        self.regions = [regions[number] for number in sorted(reached) if number < len(regions)]
        pairs: dict[str, list[tuple[Rect, Region]]] = {}
        for region in self.regions:
            pairs.setdefault(region.sheet.casefold(), []).append((region.rect, region))
        self._indexes = {sheet: Index(listed) for sheet, listed in pairs.items()}
        rects = [(region.sheet.casefold(), region.rect) for region in self.regions]
        rects += [(sheet, Rect.cell(row, column)) for sheet, row, column in places]
        known = set(regions)
        kept = [region for region in plan.regions if region not in known and region.node is not None]
        if any(_reads_any(region, rects) for region in kept):
            raise Unsupported("a what-if table over formulas that are not computed")
        self.kept = [(region.sheet.casefold(), region.rect) for region in kept]
        if any(_reads_any(region, self.kept) for region in self.regions):
            raise Unsupported("a what-if table over formulas that are not computed, such as drawn numbers")

    def hits(self, sheet: str, rect: Rect) -> list[Region]:
        index = self._indexes.get(sheet.casefold())
        return index.hits(rect) if index else []


def _reads(region: Region, places: Sequence[Place]) -> bool:
    return _reads_any(region, [(sheet, Rect.cell(row, column)) for sheet, row, column in places])


def _reads_any(region: Region, rects: Sequence[tuple[str, Rect]]) -> bool:
    assert region.node is not None
    if not rects:
        return False
    found = survey(region.node)
    if found.dynamic:
        return True  # it may read anything
    areas = [area_of(reference, region.evaluated, region.sheet) for reference in found.references]
    return any(
        area.sheet.casefold() == sheet and area.swept(region.evaluated).intersect(rect)
        for area in areas
        for sheet, rect in rects
    )


class WhatIf(Lookup):
    """The cells of a calculation with some changed, and what follows from them."""

    def __init__(self, exact: Exact, affected: _Affected, changes: Mapping[Place, Scalar]) -> None:
        self._exact, self._affected = exact, affected
        self._known: dict[Place, Scalar] = dict(changes)
        self._changed: dict[str, list[tuple[int, int]]] = {}
        for sheet, row, column in changes:
            self._changed.setdefault(sheet, []).append((row, column))

    def result(self, sheet: str, row: int, column: int) -> Scalar:
        """One cell. Unsupported for a circular one."""
        key = (sheet.casefold(), row, column)
        hits = self._affected.hits(sheet, Rect.cell(row, column))
        if key in self._known or not hits:
            return self._known.get(key, self._exact.grids[key[0]].value(row, column))
        waiting = [(hits[0], row, column)]
        open_: set[Place] = set()
        while waiting:
            region, row, column = waiting[-1]
            here = (region.sheet.casefold(), row, column)
            if here in self._known:
                waiting.pop()
                continue
            open_.add(here)
            try:
                self._compute(region, row, column)
            except _Needed as needed:
                other, r, c = needed.unit
                if (other.sheet.casefold(), r, c) in open_:
                    raise Unsupported("a what-if table over a circular reference") from None
                waiting.append(needed.unit)
            else:
                waiting.pop()
        return self._known[key]

    def _compute(self, region: Region, row: int, column: int) -> None:
        assert region.node is not None
        if region.array or region.spills:
            raise Unsupported("a what-if table over an array formula")
        value = evaluate(
            region.node,
            sheet=region.sheet,
            row=row,
            column=column,
            lookup=self,
            array=region.lifted,
            effort=self._exact.effort,
        )
        value = value.get((0, 0)) if isinstance(value, Values) else value
        self._known[region.sheet.casefold(), row, column] = 0.0 if value is None else value

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        key = (sheet.casefold(), row, column)
        if key in self._known:
            return self._known[key]
        if key[0] not in self._exact.grids:
            return ExcelError.REF
        for region in self._affected.hits(sheet, Rect.cell(row, column)):
            raise _Needed(region, row, column)
        return self._exact.grids[key[0]].value(row, column)

    def block(self, sheet: str, rect: Rect) -> Values:
        held = self._exact.block(sheet, rect)
        name = sheet.casefold()
        cells = [cell for cell in self._changed.get(name, ()) if rect.contains(*cell)]
        for region in self._affected.hits(sheet, rect):
            common = region.rect.intersect(rect)
            assert common is not None
            self._exact.effort.spend(common.size)
            cells += common.cells()
        if not cells:
            return held
        rows = held.tolist()
        for row, column in cells:
            rows[row - rect.top][column - rect.left] = self.cell(sheet, row, column)
        return Values.of(rows)

    def name(self, name: str, scope: str) -> Node | None:
        return self._exact.name(name, scope)

    def sheet_used(self, sheet: str) -> Rect | None:
        return self._exact.sheet_used(sheet)

    def random(self) -> float:
        raise Unsupported("a what-if table over drawn numbers")

    def sheets(self) -> Sequence[str]:
        return self._exact.sheets()

    def subtotals(self, sheet: str, rect: Rect) -> Sequence[Rect]:
        return self._exact.subtotals(sheet, rect)

    def hidden(self, sheet: str) -> Collection[int]:
        return self._exact.hidden(sheet)

    def resolved(self, node: Node, sheet: str, row: int, column: int) -> Node:
        return self._exact.resolved(node, sheet, row, column)
