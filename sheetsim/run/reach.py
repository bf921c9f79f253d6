"""What a change of some cells moves: the steps of a plan to be carried out again, and which of their cells.

    reach = Reach(plan)
    reach.of([("adam", Rect.parse("D2"))])      {step: Again(...)}, in the order of the plan

From each changed rectangle the references that see a cell of it are looked up, and turned round: the cells
of a region that see it are again a rectangle. A recurrence is carried out again from the first time at which
one of its cells is reached; a formula whose references only show when it is computed (OFFSET, INDIRECT)
always; cells that need each other without an order, and array formulas, as wholes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

import numpy as np

from sheetsim.address import Rect
from sheetsim.plan.areas import Area, Axis, area_of
from sheetsim.plan.index import Index
from sheetsim.plan.recurrence import Sweep
from sheetsim.plan.regions import Region
from sheetsim.plan.schedule import Plan, PlanStep
from sheetsim.run.inputs import Place

NARROW = 8
"""Columns of a rectangle that is listed under each of them; wider ones are listed together."""

MOST_PARTS = 8
"""Rectangles of one region that are kept apart; of more, the smallest around them all is computed."""

Parts = dict[Region, list[Rect]]


@dataclass(frozen=True, slots=True)
class Again:
    """What of a step is carried out again: the cells of each region; of a recurrence all from `start` on."""

    parts: Parts
    start: int = 0


Reader = tuple[int, Region, Area]
"""The number of the step, its region, and how that sees a rectangle."""


class Reach:
    """Who reads what in a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._steps = plan, plan.steps
        self._last: tuple[list[Place] | None, dict[PlanStep, Again]] = None, {}
        self._dynamic = [number for number, step in enumerate(plan.steps) if step.dynamic]
        step_of = {region: number for number, step in enumerate(plan.steps) for region in step.regions}
        self._step_of = step_of
        self._index = {sheet: Index(pairs) for sheet, pairs in _by_sheet(plan.computed).items()}
        readers: dict[str, dict[Rect, list[Reader]]] = defaultdict(lambda: defaultdict(list))
        for region, found in zip(plan.computed, plan.surveys, strict=True):
            for reference in set(found.references):
                area = area_of(reference, region.evaluated, region.sheet)
                swept = area.swept(region.evaluated)
                readers[area.sheet.casefold()][swept].append((step_of[region], region, area))
        self._readers = {sheet: _Readers(found) for sheet, found in readers.items()}

    @cached_property
    def has_circles(self) -> bool:
        """Are there cells that need each other without an order that the plan knows?"""
        steps = [step for step in self._steps if step.how == "cells"]
        return any(len(step.regions) > 1 or self._reads_itself(step.regions[0]) for step in steps)

    @cached_property
    def shows_all(self) -> bool:
        """Does the plan show what depends on what? Of iterations and what-if tables it does not."""
        return not any(step.how in ("rounds", "table") for step in self._steps)

    @cached_property
    def _spilling(self) -> list[Region]:
        return [region for step in self._steps if step.how == "spill" for region in step.regions]

    def spilled(self, changed: Iterable[Place]) -> bool:
        """Do any of these cells belong to a formula that spills?"""
        return any(
            sheet.casefold() == region.sheet.casefold() and rect.intersect(region.rect)
            for sheet, rect in changed
            for region in self._spilling
        )

    def needed(self, wanted: Iterable[Place]) -> set[PlanStep]:
        """The steps that have to be done before some cells are known: all, where one of them may read any."""
        found: set[PlanStep] = set()
        numbers = {region: number for number, region in enumerate(self._plan.computed)}
        waiting = [
            region
            for sheet, rect in wanted
            if sheet.casefold() in self._index
            for region in self._index[sheet.casefold()].hits(rect)
        ]
        reads, seen = self._plan.graph.reads, set[int]()
        while waiting:
            step = self._steps[self._step_of[waiting.pop()]]
            if step.dynamic:
                return set(self._steps)
            if step in found:
                continue
            found.add(step)
            nodes = [numbers[region] for region in step.regions]
            while nodes:
                for read in reads[nodes.pop()]:
                    if read < len(self._plan.computed):
                        waiting.append(self._plan.computed[read])
                    elif read not in seen:
                        seen.add(read)
                        nodes.append(read)
        return found

    def of(self, changed: Iterable[Place]) -> dict[PlanStep, Again]:
        """The steps to carry out again when these cells have changed, formulas among them or not."""
        places = list(changed)  # often the same as the last time: of a slider, or of a function's inputs
        if self._last[0] != places:
            self._last = places, self._of(places)
        return self._last[1]

    def _of(self, changed: Sequence[Place]) -> dict[PlanStep, Again]:
        reached: dict[int, Parts] = {}
        waiting: list[int] = []

        def reach(number: int, region: Region, rect: Rect) -> None:
            if number not in reached:
                reached[number] = {}
                heappush(waiting, number)
            _add(reached[number].setdefault(region, []), rect)

        for number in self._dynamic:
            for region in self._steps[number].regions:
                reach(number, region, region.rect)
        for sheet, rect in changed:
            for region in self._index[sheet.casefold()].hits(rect) if sheet.casefold() in self._index else ():
                reach(self._step_of[region], region, rect.intersect(region.rect) or region.rect)
            for number, region, part in self._reading(sheet, rect):
                reach(number, region, part)
        done: dict[PlanStep, Again] = {}
        while waiting:
            number = heappop(waiting)
            again = done[self._steps[number]] = self._completed(self._steps[number], reached[number])
            for region, rects in again.parts.items():
                for rect in rects:
                    for other, reader, part in self._reading(region.sheet, rect):
                        if other != number:
                            reach(other, reader, part)
        return done

    def _reading(self, sheet: str, rect: Rect) -> Iterator[tuple[int, Region, Rect]]:
        """The steps and regions that read a cell of a rectangle, and which cells of theirs do."""
        readers = self._readers.get(sheet.casefold())
        for number, region, area in readers.of(rect) if readers else ():
            seen = _seeing(area, region.evaluated, rect)
            if seen is not None:
                yield number, region, seen

    def _completed(self, step: PlanStep, parts: Parts) -> Again:
        """The cells that have to be computed when these have."""
        if step.sweep is not None:
            return _from_then_on(step, step.sweep, parts)
        first = step.regions[0]
        if len(step.regions) > 1 or first.array or (step.how == "cells" and self._reads_itself(first)):
            return Again({region: [region.rect] for region in step.regions})
        return Again(parts)

    def _reads_itself(self, region: Region) -> bool:
        return self._plan.graph.reads_itself(self._plan.computed.index(region))


def _by_sheet(regions: Iterable[Region]) -> dict[str, list[tuple[Rect, Region]]]:
    found: dict[str, list[tuple[Rect, Region]]] = defaultdict(list)
    for region in regions:
        found[region.sheet.casefold()].append((region.rect, region))
    return found


class _Readers:
    """The rectangles of one sheet that are read, and who reads them."""

    def __init__(self, readers: dict[Rect, list[Reader]]) -> None:
        columns: dict[int, list[Rect]] = defaultdict(list)
        for rect in readers:
            if rect.columns <= NARROW:
                for column in range(rect.left, rect.right):
                    columns[column].append(rect)
        wide = [rect for rect in readers if rect.columns > NARROW]
        self._readers = readers
        self._columns = {column: _Spans(rects) for column, rects in columns.items()}
        self._wide = _Spans(wide)

    def of(self, rect: Rect) -> Iterator[Reader]:
        """Who reads a cell of a rectangle."""
        found: dict[Rect, None] = {}
        if rect.columns <= len(self._columns):
            columns: Iterable[int] = (c for c in range(rect.left, rect.right) if c in self._columns)
        else:
            columns = (column for column in self._columns if rect.left <= column < rect.right)
        for column in columns:
            found.update(dict.fromkeys(self._columns[column].meeting(rect)))
        found.update(
            (read, None)
            for read in self._wide.meeting(rect)
            if read.left < rect.right and rect.left < read.right
        )
        for read in found:
            yield from self._readers[read]


class _Spans:
    """Rectangles by their rows: sorted by the first, with the furthest end so far."""

    def __init__(self, rects: Sequence[Rect]) -> None:
        self._rects = sorted(rects, key=lambda rect: rect.top)
        self._tops = [rect.top for rect in self._rects]
        ends = np.array([rect.bottom for rect in self._rects], np.int64)
        self._ends: list[int] = np.maximum.accumulate(ends).tolist() if len(ends) else []

    def meeting(self, rect: Rect) -> Iterator[Rect]:
        """Those that have rows in common with `rect`."""
        first, end = bisect_left(self._ends, rect.top + 1), bisect_left(self._tops, rect.bottom)
        return (read for read in self._rects[first:end] if read.bottom > rect.top)


def _seeing(area: Area, region: Rect, rect: Rect) -> Rect | None:
    """The cells of a region that see a cell of `rect` through `area`."""
    rows = _steps(area.rows, region.rows, rect.top, rect.bottom)
    columns = _steps(area.columns, region.columns, rect.left, rect.right)
    if rows is None or columns is None:
        return None
    return Rect(
        region.top + rows[0], region.left + columns[0], region.top + rows[1], region.left + columns[1]
    )


def _steps(axis: Axis, count: int, low: int, high: int) -> tuple[int, int] | None:
    """Half-open span of the region's cells, counted from its first, that see a place from `low` on and
    before `high`; None where none does."""
    if not (axis.first_moves or axis.last_moves):
        start, end = axis.at(0)
        return (0, count) if start < high and low < end else None
    # both ends of what is seen never move backwards
    first = bisect_left(range(count), True, key=lambda step: axis.at(step)[1] > low)
    after = bisect_left(range(count), True, key=lambda step: axis.at(step)[0] >= high)
    return (first, after) if first < after else None


def _from_then_on(step: PlanStep, sweep: Sweep, parts: Parts) -> Again:
    """All cells of a recurrence from the first time at which one of `parts` is computed."""
    members: dict[Region, list[int]] = defaultdict(list)
    index = {sheet: Index(pairs) for sheet, pairs in _by_sheet(step.regions).items()}
    for number, member in enumerate(sweep.members):
        region = index[member.sheet.casefold()].at(member.rect.top, member.rect.left)
        assert region is not None
        members[region].append(number)
    start = min(
        sweep.time(number, rect)
        for region, rects in parts.items()
        for rect in rects
        for number in members[region]
        if rect.intersect(sweep.members[number].rect)
    )
    found: Parts = {}
    for region, numbers in members.items():
        for number in numbers:
            begin, end = sweep.times(number)
            if max(begin, start) < end:
                found.setdefault(region, []).append(sweep.part(number, max(begin, start), end))
    return Again(found, start)


def _add(parts: list[Rect], rect: Rect) -> None:
    """Count a rectangle in."""
    if any(part.intersect(rect) == rect for part in parts):
        return
    parts[:] = [part for part in parts if part.intersect(rect) != part]
    parts.append(rect)
    if len(parts) > MOST_PARTS:
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.around(part)
        parts[:] = [whole]
