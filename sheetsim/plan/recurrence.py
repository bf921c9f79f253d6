"""Regions that depend on each other along rows or columns: the order in which one pass computes them.

In a table of training steps every row reads the row above, and within a row columns read columns to their
left or right. Such a group of regions is computed in one pass, a row at a time. A `Sweep` says how:

- the direction: down, up, right or left;
- each region's *lag*: its row (column) r is computed at time r + lag (r counted backwards for up and left).
  Nearly always all lags are 0; they differ when two tables of one recurrence stand below each other;
- the order of the regions within one time;
- for regions more than one cell wide across the sweep, in which direction a line is run through: that is
  how a table in which each cell reads the ones above and to the left (dynamic programming) is one pass.

Each reference between members gives a condition lag[reader] - lag[read] >= d, where d is how far ahead the
reader looks; lags that satisfy all are longest paths (Bellman and Ford). Equality means that both are
computed at the same time, and must then be possible in some order. A table whose epochs each begin with a row
of their own has hundreds of regions, so all of this must be about linear in their number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from sheetsim.address import Rect
from sheetsim.formula.nodes import CellRef, RangeRef
from sheetsim.plan.areas import Area, Axis, area_of
from sheetsim.plan.index import Index
from sheetsim.plan.regions import Region

DENSEST = 64
"""Groups in which regions read more others than this on average are not looked at: they are no tables."""

MOST_PAIRS = 1 << 19
"""Neither are groups with more pairs of reader and read than this."""

MOST_ROUNDS = 150
"""Lags that are not settled by then are given up: no table has such long ways round."""

NARROW = 8
"""Regions up to this wide across the sweep are taken apart into single columns (rows): their code is plainer,
and each may have its own place in the order."""

Direction = Literal["down", "right", "up", "left"]


class Places:
    """Which members of a group lie where, and the sheets (in lower case) that the group is about: those it
    stands on and those it reads, in the order in which they come up."""

    def __init__(self, members: Sequence[Region], references: Sequence[Sequence[CellRef | RangeRef]]) -> None:
        found: dict[str, list[tuple[Rect, int]]] = {}
        for number, (region, read) in enumerate(zip(members, references, strict=True)):
            found.setdefault(region.sheet.casefold(), []).append((region.rect, number))
            for reference in read:
                if reference.sheet is not None:
                    found.setdefault(reference.sheet.casefold(), [])
        self.sheets = list(found)
        self._indexes = {sheet: Index(pairs) for sheet, pairs in found.items()}

    def hits(self, area: Area, region: Rect) -> list[int]:
        """The numbers of the members that some cell of `region` sees through `area`, and perhaps others."""
        return self._indexes[area.sheet.casefold()].hits(area.swept(region))

    def touched(self, area: Area, region: Rect) -> bool:
        """Are there any such?"""
        return self._indexes[area.sheet.casefold()].touches(area.swept(region))


@dataclass(frozen=True, slots=True)
class Sweep:
    """How one pass computes a group; `members` (the regions, narrow ones column by column) are in their order
    within one time. With them go the `references` that each reads, the `lags`, and `across` (+1 or -1: the
    direction in which a line is run through)."""

    direction: Direction
    members: tuple[Region, ...]
    references: tuple[tuple[CellRef | RangeRef, ...], ...]
    lags: tuple[int, ...]
    across: tuple[int, ...]
    places: Places

    @property
    def along_rows(self) -> bool:
        """Does time run along rows (down, up)?"""
        return self.direction in ("down", "up")

    @property
    def sign(self) -> int:
        return 1 if self.direction in ("down", "right") else -1

    def times(self, number: int) -> tuple[int, int]:
        """Half-open span of times at which member `number` is computed."""
        rect = self.members[number].rect
        first, end = (rect.top, rect.bottom) if self.along_rows else (rect.left, rect.right)
        if self.sign < 0:
            first, end = 1 - end, 1 - first
        return first + self.lags[number], end + self.lags[number]

    def line(self, number: int, time: int) -> int:
        """The row (column) of member `number` that is computed at `time`."""
        return self.sign * (time - self.lags[number])

    def time(self, number: int, rect: Rect) -> int:
        """When the first of the cells of `rect` that member `number` has is computed."""
        common = self.members[number].rect.intersect(rect)
        assert common is not None
        first, end = (common.top, common.bottom) if self.along_rows else (common.left, common.right)
        return (first if self.sign > 0 else 1 - end) + self.lags[number]

    def part(self, number: int, start: int, stop: int) -> Rect:
        """The cells of member `number` that are computed from time `start` up to `stop`."""
        rect = self.members[number].rect
        first, last = sorted((self.line(number, start), self.line(number, stop - 1)))
        if self.along_rows:
            return Rect(first, rect.left, last + 1, rect.right)
        return Rect(rect.top, first, rect.bottom, last + 1)


def find_sweep(members: Sequence[Region], references: Sequence[Sequence[CellRef | RangeRef]]) -> Sweep | None:
    """The first direction in which one pass computes the group, or None. `references` are those that each
    member reads (to cells outside the group too: they do not matter)."""
    if _is_dense(members, references):
        return None
    tall = max(m.rect.rows for m in members) >= max(m.rect.columns for m in members)
    for direction in ("down", "up", "right", "left") if tall else ("right", "left", "down", "up"):
        sweep = _try(direction, members, references)
        if sweep is not None:
            return sweep
    return None


def _is_dense(members: Sequence[Region], references: Sequence[Sequence[CellRef | RangeRef]]) -> bool:
    places, pairs = Places(members, references), 0
    for region, read in zip(members, references, strict=True):
        hits: set[int] = set()
        for reference in read:
            hits.update(places.hits(area_of(reference, region.rect, region.sheet), region.rect))
        pairs += len(hits)
        if pairs > min(DENSEST * len(members), MOST_PAIRS):
            return True
    return False


def _try(
    direction: Direction, members: Sequence[Region], references: Sequence[Sequence[CellRef | RangeRef]]
) -> Sweep | None:
    along_rows, sign = direction in ("down", "up"), 1 if direction in ("down", "right") else -1
    pieces = [
        (piece, reference)
        for region, reference in zip(members, references, strict=True)
        for piece in _columns(region, along_rows)
    ]
    members, references = [piece for piece, _ in pieces], [reference for _, reference in pieces]
    places = Places(members, references)
    ahead: dict[tuple[int, int], int] = {}  # (reader, read) -> how far ahead it looks, at most
    across = [0] * len(members)  # bits: 1 forwards is impossible, 2 backwards is
    for reader, region in enumerate(members):
        along, over = _spans(region, along_rows)
        for reference in references[reader]:
            area = area_of(reference, region.rect, region.sheet)
            axis, other = (area.rows, area.columns) if along_rows else (area.columns, area.rows)
            for read in places.hits(area, region.rect):
                target = members[read]
                target_along, target_over = _spans(target, along_rows)
                if _furthest(other, over, target_over, 1) is None:
                    continue
                distance = _furthest(axis, along, target_along, sign)
                if distance is None:
                    continue
                if read == reader and distance == 0:
                    for bit, way in ((1, 1), (2, -1)):
                        if _furthest(other, over, target_over, way) >= 0:  # type: ignore[operator]
                            across[reader] |= bit
                elif read == reader and distance > 0:
                    return None
                ahead[reader, read] = max(ahead.get((reader, read), distance), distance)
    if 3 in across:
        return None
    lags = _lags(len(members), ahead)
    order = None if lags is None else _same_time_order(lags, ahead)
    if lags is None or order is None:
        return None
    ordered, read_by = [members[n] for n in order], [tuple(references[n]) for n in order]
    return Sweep(
        direction,
        tuple(ordered),
        tuple(read_by),
        tuple(lags[n] for n in order),
        tuple(-1 if across[n] == 1 else 1 for n in order),
        Places(ordered, read_by),
    )


def _columns(region: Region, along_rows: bool) -> list[Region]:
    """The single columns (rows) of a region that is narrow across the sweep, else itself."""
    rect = region.rect
    count = rect.columns if along_rows else rect.rows
    if not 1 < count <= NARROW:
        return [region]
    if along_rows:
        parts = [Rect(rect.top, left, rect.bottom, left + 1) for left in range(rect.left, rect.right)]
    else:
        parts = [Rect(top, rect.left, top + 1, rect.right) for top in range(rect.top, rect.bottom)]
    return [replace(region, rect=part) for part in parts]


def _spans(region: Region, along_rows: bool) -> tuple[tuple[int, int], tuple[int, int]]:
    rect = region.rect
    rows, columns = (rect.top, rect.bottom), (rect.left, rect.right)
    return (rows, columns) if along_rows else (columns, rows)


def _furthest(axis: Axis, reader: tuple[int, int], read: tuple[int, int], sign: int) -> int | None:
    """How far ahead, in the sense of `sign`, a cell of `reader` ever looks into `read`: 0 is its own line,
    negative is behind it. None when it never looks there."""
    count = reader[1] - reader[0]
    # both ends of the span never move backwards, so the cells that look there are neighbours
    first = bisect_left(range(count), True, key=lambda i: axis.at(i)[1] > read[0])
    end = bisect_left(range(count), True, key=lambda i: axis.at(i)[0] >= read[1])
    if first >= end:
        return None
    if sign > 0:  # the distance only shrinks from cell to cell
        return min(axis.at(first)[1], read[1]) - 1 - (reader[0] + first)
    return (reader[0] + end - 1) - max(axis.at(end - 1)[0], read[0])


def _lags(count: int, ahead: dict[tuple[int, int], int]) -> list[int] | None:
    """The smallest lags, none negative, with lag[reader] - lag[read] >= d; None when there are none."""
    lags = [0] * count
    for _ in range(min(count, MOST_ROUNDS) + 1):
        settled = True
        for (reader, read), distance in ahead.items():
            if lags[reader] < lags[read] + distance:
                lags[reader] = lags[read] + distance
                settled = False
        if settled:
            return lags
    return None


def _same_time_order(lags: list[int], ahead: dict[tuple[int, int], int]) -> list[int] | None:
    """An order in which those that are read at the same time come first; None when they go in a circle."""
    sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(range(len(lags)), ()))
    for (reader, read), distance in ahead.items():
        if reader != read and lags[reader] - lags[read] == distance:
            sorter.add(reader, read)
    try:
        return list(sorter.static_order())
    except CycleError:
        return None
