"""Calls whose ranges many cells share, or see parts of: ranges as `Spans` of lines (see
`functions/lines.py`).

A range runs `along` the rows or the columns of the region, the way it grows or slides; what it does the other
way must be steady. Where it moves the other way too, each row (column) of the region has a line of its own:

    COUNTIF($A1:$A$9,B1)   in C1:D9     along the rows, one line
    COUNTIF(A$1:A1,E1)     in G1:H9     along the rows, a line for each column
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.functions.calling import ONE_VALUE, call_spans
from sheetsim.functions.lines import CellLine, Spans
from sheetsim.functions.ranks import Places
from sheetsim.functions.registry import Function
from sheetsim.plan.areas import Area, Axis, on_sheet
from sheetsim.run.store import Grid
from sheetsim.values import Values

_LINE = 20_000
"""What asking one line costs, in cell operations, however short it is."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """An area that runs down the region's rows (`down`) or along its columns: for each of these [low, high)
    in cells of the sheet; `across` is what it does the other way."""

    sheet: str
    down: bool
    low: Places
    high: Places
    across: Axis
    beyond: int

    def line(self, grid: Grid, number: int) -> CellLine:
        """The line for the region's row (column) of that number."""
        start, stop = int(self.low.min()), int(self.high.max())
        first = self.across.low + number * self.across.moves
        last = first + self.across.length
        rect = Rect(start, first, stop, last) if self.down else Rect(first, start, last, stop)
        return grid.line(rect, self.down)

    def spans(self, line: CellLine, part: slice) -> Spans:
        """What the cells of a part of the region see of their line."""
        start = int(self.low.min())
        low, high = ((edge - start) * self.across.length for edge in (self.low, self.high))
        if (low == low[0]).all() and (high == high[0]).all():
            shape: tuple[int, ...] = (1, 1, 1, 1)
            low, high = low[:1], high[:1]
        else:
            shape = (-1, 1, 1, 1) if self.down else (1, -1, 1, 1)
            low, high = low[part], high[part]
        return Spans(line, low.reshape(shape), high.reshape(shape), self.beyond)


def over_spans(
    record: Function,
    arguments: Sequence[Values | Area],
    direct: Sequence[bool],
    region: Rect,
    part: Rect,
    grids: Callable[[str], Grid],
    spend: Callable[[int], None],
) -> Values | None:
    """The call for `part` of a region; the areas are as the whole region sees them. None where it is better,
    or can only be, done otherwise."""
    areas = [argument for argument in arguments if isinstance(argument, Area)]
    if not areas or not _worth(record, areas, region):
        return None
    down = _runs_down(areas, region)
    reaches: list[_Reach | Values | None] = []
    for position, argument in enumerate(arguments):
        if isinstance(argument, Values):
            if record.spans is not None and record.kind(position) not in ONE_VALUE and not direct[position]:
                return None
            reaches.append(argument)
        elif record.kind(position) == "sized":
            reaches.append(_reach(argument, region, down, like=areas[0]))
        else:
            reaches.append(_reach(argument, region, down))
    if any(reach is None for reach in reaches):
        return None
    moving = any(isinstance(reach, _Reach) and reach.across.moves for reach in reaches)
    steps = slice(part.top - region.top, part.bottom - region.top)
    sides = range(part.left - region.left, part.right - region.left)
    if not down:
        steps, sides = slice(sides.start, sides.stop), range(steps.start, steps.stop)
    if not moving:
        return _once(record, reaches, direct, grids, spend, steps, 0, ())
    found = []
    for number in sides:
        at = number - sides.start
        piece = (slice(None), slice(at, at + 1)) if down else (slice(at, at + 1),)
        one = _once(record, reaches, direct, grids, spend, steps, number, piece)
        if one is None:
            return None
        found.append(one)
    return _joined(found, 1 if down else 0)


def _once(
    record: Function,
    reaches: Sequence[_Reach | Values | None],
    direct: Sequence[bool],
    grids: Callable[[str], Grid],
    spend: Callable[[int], None],
    steps: slice,
    number: int,
    piece: tuple[slice, ...],
) -> Values | None:
    ready: list[Values | Spans] = []
    for reach in reaches:
        if isinstance(reach, Values):
            cut = tuple(slice(None) if reach.shape[axis] == 1 else where for axis, where in enumerate(piece))
            ready.append(reach[cut] if cut else reach)
        elif reach is not None:
            line = reach.line(grids(reach.sheet), number)
            spend(len(line))
            ready.append(reach.spans(line, steps))
    return call_spans(record, ready, direct, spend)


def _worth(record: Function, areas: Sequence[Area], region: Rect) -> bool:
    """A range that grows can be done no other way. One that stands still is shared where single values are
    asked about it, one that slides where its windows hold far more cells than its line."""
    if not all(area.steady for area in areas):
        return True
    if not any(kind in ONE_VALUE for kind in record.parameters) and not any(
        area.rows.moves or area.columns.moves for area in areas
    ):
        return False
    for area in areas:
        down = area.rows.moves and (not area.columns.moves or region.rows >= region.columns)
        across, length = (area.columns, region.columns) if down else (area.rows, region.rows)
        lines = length if across.moves else 1
        windows = area.rows.length * area.columns.length
        windows *= (region.rows if area.rows.moves else 1) * (region.columns if area.columns.moves else 1)
        swept = area.swept(region)
        if (area.rows.moves or area.columns.moves) and windows < lines * _LINE + 4 * swept.size:
            return False
    return True


def _runs_down(areas: Sequence[Area], region: Rect) -> bool:
    """Do the ranges run along the region's rows? That is the way one of them grows, or else slides."""
    if any(not area.columns.steady for area in areas):
        return False
    if any(not area.rows.steady for area in areas):
        return True
    rows, columns = (any(getattr(area, way).moves for area in areas) for way in ("rows", "columns"))
    return (rows and (region.rows >= region.columns or not columns)) or not columns


def _reach(area: Area, region: Rect, down: bool, like: Area | None = None) -> _Reach | None:
    """How an area runs; with `like` it starts at its own first cell, and is as large as that one. None where
    it changes its length both ways, leaves the sheet, or does not stay beside `like`."""
    along, across = (area.rows, area.columns) if down else (area.columns, area.rows)
    count = region.rows if down else region.columns
    low, high = _edges(along, count)
    if like is not None:
        model = _reach(like, region, down)
        if model is None:
            return None
        distance = low - model.low
        if (distance != distance[0]).any() or not across.steady or across.moves != model.across.moves:
            return None
        low, high = model.low + distance, model.high + distance
        across = Axis(across.low, across.low + model.across.length - 1, across.moves, across.moves)
    if not across.steady:
        return None
    reach = _Reach(area.sheet, down, low, high, across, area.beyond)
    sides = (region.columns if down else region.rows) if across.moves else 1
    first, last = across.low, across.low + across.length + sides - 1
    edges = (
        (int(low.min()), first, int(high.max()), last)
        if down
        else (first, int(low.min()), last, int(high.max()))
    )
    return reach if on_sheet(Rect(*edges)) else None


def _edges(axis: Axis, count: int) -> tuple[Places, Places]:
    steps = np.arange(count)
    first, last = axis.first + steps * axis.first_moves, axis.last + steps * axis.last_moves
    return np.minimum(first, last), np.maximum(first, last) + 1


def _joined(parts: Sequence[Values], axis: int) -> Values:
    texts = None
    if any(part.texts is not None for part in parts):
        empty = np.array("", object)
        texts = np.concatenate(
            [np.broadcast_to(empty, part.shape) if part.texts is None else part.texts for part in parts], axis
        )
    kinds = None
    if any(part.kinds is not None for part in parts):
        kinds = np.concatenate([part.kind_array() for part in parts], axis)
    return Values(np.concatenate([part.numbers for part in parts], axis), kinds, texts)
