"""Formulas of single cells worked out for all scenarios at once, on arrays over the scenarios.

    cells = ScenarioCells(grids, {("adam", 1, 3): numbers})     D2 of many scenarios
    cells.compute(region, 3, 4)                             E4 of them all
    cells.of("adam", 3, 4)                                  its values [scenarios]

The evaluator is `arrays.Whole`, for one cell: its first axis, the region's rows, has the length 1 there, and
the scenarios take that place. So everything that it can tell on whole arrays it tells for scenarios too; what
it cannot raises `PerCell`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.arrays import Operand, Whole
from sheetsim.backends.gather import PerCell
from sheetsim.formula.nodes import Call
from sheetsim.functions.registry import Function
from sheetsim.limits import Effort
from sheetsim.plan.areas import Area
from sheetsim.plan.regions import Region
from sheetsim.run.store import Grid
from sheetsim.values import NUMBER, Values

Moved = dict[tuple[int, int], Values]
"""The cells of a sheet that differ between the scenarios, and their values [scenarios]."""


class ScenarioCells:
    """The cells that differ between `count` scenarios, over the grids of a calculation with all others."""

    def __init__(
        self,
        grids: Mapping[str, Grid],
        inputs: Mapping[tuple[str, int, int], NDArray[np.float64]],
        count: int,
    ) -> None:
        self._count = count
        self._moved: dict[str, Moved] = {sheet: {} for sheet in grids}
        for (sheet, row, column), numbers in inputs.items():
            self._moved[sheet][row, column] = Values(numbers)
        self._grids = {sheet: _ScenarioGrid(grid, self._moved[sheet], count) for sheet, grid in grids.items()}

    def of(self, sheet: str, row: int, column: int) -> Values | None:
        """A cell's values [scenarios]; None where it is the same in all."""
        return self._moved[sheet].get((row, column))

    def compute(self, region: Region, row: int, column: int) -> None:
        """Work out a cell, of an array formula all of them. PerCell, TooLarge, TooMuch where it cannot be."""
        assert region.node is not None
        array = region.array or region.lifted
        rect = region.rect if region.array else Rect.cell(row, column)
        alone = region if region.array else replace(region, rect=rect)
        whole = _OneCell(alone, rect, self._grids, _trust, _no_draw, Effort())  # type: ignore[arg-type]
        values = whole.value(region.node, array)
        spread = region.array and not region.spills and values.shape[2:] == (1, 1)
        if values.shape[1] != 1 or (values.shape[2:] != rect.shape and not spread):
            raise PerCell("an array of another size than its cells")
        moved = self._moved[region.sheet.casefold()]
        for down, right in np.ndindex(*rect.shape):
            at = np.s_[:, 0, down % values.shape[2], right % values.shape[3]]
            moved[rect.top + down, rect.left + right] = _result(values[at], self._count)


class _OneCell(Whole):
    """The evaluator of one cell; its ranges are not those of a region."""

    def over_spans(
        self, record: Function, node: Call, operands: Sequence[Operand], direct: Sequence[bool]
    ) -> Values | None:
        return None


class _ScenarioGrid:
    """A grid as `Whole` asks for it, in which some cells have a value for each scenario."""

    def __init__(self, grid: Grid, moved: Moved, count: int) -> None:
        self._grid, self._moved, self._count = grid, moved, count

        self.sheet, self.used, self.height, self.width = grid.sheet, grid.used, grid.height, grid.width

    def windows(self, area: Area, region: Rect) -> Values:
        """What the one cell of `region` sees: [scenarios or 1, 1, rows, columns]."""
        rect = area.at(0, 0)
        moved = [cell for cell in rect.cells() if cell in self._moved] if self._moved else []
        if not moved:
            return self._grid.windows(area, region)
        if rect.size == 1:
            return _spread(self._moved[moved[0]])
        held, values = self._grid.block(rect), [self._moved[cell] for cell in moved]
        shape = (self._count, 1, rect.rows, rect.columns)
        numbers = np.array(np.broadcast_to(held.numbers, shape))
        plain = held.all_numbers and all(value.all_numbers for value in values)
        kinds = None if plain else np.array(np.broadcast_to(held.kind_array(), shape))
        texts = None
        if held.texts is not None or any(value.texts is not None for value in values):
            texts = np.full(shape, "", object)
            if held.texts is not None:
                texts[...] = held.texts
        for (row, column), value in zip(moved, values, strict=True):
            at = np.s_[:, 0, row - rect.top, column - rect.left]
            numbers[at] = value.numbers
            if kinds is not None:
                kinds[at] = value.kind_array()
            if texts is not None:
                texts[at] = "" if value.texts is None else value.texts
        return Values(numbers, kinds, texts)

    def block(self, rect: Rect) -> Values:
        """The cells of a rectangle, where they are the same in all scenarios."""
        if any(rect.contains(row, column) for row, column in self._moved):
            raise PerCell("cells found among those that differ between scenarios")
        return self._grid.block(rect)


def _spread(values: Values) -> Values:
    return values[:, None, None, None]


def _result(values: Values, count: int) -> Values:
    """What a formula leaves in a cell: a blank is 0."""
    numbers = np.ascontiguousarray(np.broadcast_to(values.numbers, (count,)))
    if values.kinds is None:
        return Values(numbers)
    kinds = np.maximum(np.broadcast_to(values.kinds, (count,)), NUMBER)
    texts = None if values.texts is None else np.broadcast_to(values.texts, (count,))
    return Values(numbers, kinds, texts).simplified()


def _trust(sheet: str, rect: Rect) -> None:
    """What a cell reads by plain references is computed before it."""


def _no_draw(count: int) -> NDArray[np.float64]:
    raise PerCell("random numbers")
