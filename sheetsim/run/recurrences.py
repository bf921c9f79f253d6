"""One pass through a recurrence: generated loops as far as they go, the exact evaluator where not.

A pass goes through a `Sweep` in time, segment by segment (members may start or end later than others). In
each, the loop of those that are active runs as far as it gets. A compiled loop that stops (an error among the
inputs, a division by zero) goes on in the variant in which errors are values; that one stops only at text
where a number is wanted, and a loop in Python at anything that is no number. Where a loop stops, the exact
evaluator does that row, then the loop tries again; when it stops soon again, the exact evaluator does twice
as many rows before the next try.

Which language a loop runs in the plan has said (`Segment.compiled`), unless the caller asks for one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sheetsim.address import Rect
from sheetsim.backends.loop_parts import ALL, Variant
from sheetsim.backends.loops import Loop, LoopCode, Segment
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.areas import Area, area_of
from sheetsim.plan.recurrence import Sweep
from sheetsim.plan.regions import Region
from sheetsim.run.store import Grid
from sheetsim.values import BLANK, BOOLEAN, NUMBER

Backend = Literal["auto", "python", "llvm"]

MOST_EXACT = 4096  # rows that the exact evaluator does between two tries of the loop


@dataclass(slots=True)
class Pass:
    """`exact(region, row, column)` computes one cell and puts it into its grid. After `run`, `compiling` is
    the seconds spent on compiling, and `exact_cells` how many cells the loops left to the exact evaluator."""

    grids: Mapping[str, Grid]
    exact: Callable[[Region, int, int], None]
    backend: Backend = "auto"
    compiling: float = 0.0
    exact_cells: int = 0

    @property
    def may_compile(self) -> bool:
        return self.backend != "python"

    def run(self, sweep: Sweep, segments: Sequence[Segment]) -> list[str]:
        """Compute all cells of a recurrence; how each segment was done, as `Segment.describe` has it."""
        ways = []
        for segment in segments:
            if segment.loop is None:
                self._exactly(sweep, segment.active, segment.start, segment.stop)
                ways.append(segment.describe())
            else:
                compiled = segment.compiled if self.backend == "auto" else self.backend == "llvm"
                self._segment(segment.loop, sweep, segment, compiled)
                ways.append(replace(segment, compiled=compiled).describe())
        return ways

    def _segment(self, loop: Loop, sweep: Sweep, segment: Segment, compiled: bool) -> None:
        active, at, stop = segment.active, segment.start, segment.stop
        code = self._code(loop, "plain", compiled)
        self.mark(code, sweep, segment)
        if (limit := self._limit(code, sweep, active, at, stop)) < stop:
            other = self._tried(loop, "mixed", compiled)
            if other is not None and self._limit(other, sweep, active, at, stop) > limit:
                code = other
        rows = 1
        while True:
            begun = at
            at = code.run(self.grids, sweep, active, at, self._limit(code, sweep, active, at, stop))
            if at == stop:
                return
            if compiled and code.variant != "all" and (every := self._tried(loop, "all", True)) is not None:
                code = every
                continue
            rows = 1 if at > begun + rows else min(2 * rows, MOST_EXACT)
            begun, at = at, min(at + rows, stop)
            self._exactly(sweep, active, begun, at)

    def takes(self, code: LoopCode, sweep: Sweep, segment: Segment) -> bool:
        """Would the loop go through the whole segment, as far as the kinds of cells show?"""
        return self._limit(code, sweep, segment.active, segment.start, segment.stop) == segment.stop

    def _code(self, loop: Loop, variant: Variant, compiled: bool) -> LoopCode:
        known = loop.has(variant, compiled)
        code = loop.code(variant, compiled)
        if compiled and not known:
            self.compiling += code.seconds
        return code

    def _tried(self, loop: Loop, variant: Variant, compiled: bool) -> LoopCode | None:
        """The variant, or None where there is none."""
        try:
            return self._code(loop, variant, compiled)
        except Unsuited:
            return None

    def _exactly(self, sweep: Sweep, active: Sequence[int], start: int, stop: int) -> None:
        for at in range(start, stop):
            for number in active:
                for row, column in line_cells(sweep, number, at):
                    self.exact(sweep.members[number], row, column)
                    self.exact_cells += 1

    def mark(self, code: LoopCode, sweep: Sweep, segment: Segment) -> None:
        """Give the segment's cells the kinds of what the loop writes."""
        for place, number in enumerate(segment.active):
            part = sweep.part(number, segment.start, segment.stop)
            grid = self.grids[sweep.members[number].sheet.casefold()]
            grid.changed(part)
            grid.kinds[part.top : part.bottom, part.left : part.right] = (
                BOOLEAN if code.truths[place] else NUMBER
            )

    def _limit(self, code: LoopCode, sweep: Sweep, active: Sequence[int], start: int, stop: int) -> int:
        """The first time at which a member reads a cell of a kind that the loop cannot take, or `stop`."""
        fit: set[tuple[str, Rect, frozenset[int]]] = set()  # looked at, and found to hold nothing else
        first = stop
        for read in code.reads:
            region = sweep.members[active[read.member]]
            part = sweep.part(active[read.member], start, stop)
            # the tree is in relative form: seen from a part of the region, the same reference means the same
            area = area_of(read.reference, part, region.sheet)
            key = (area.sheet, area.swept(part), read.kinds)
            if key not in fit:
                found = self._first_bad(area, *key, sweep, start, stop)
                if found == stop:
                    fit.add(key)
                first = min(first, found)
        return first

    def _first_bad(
        self, area: Area, sheet: str, swept: Rect, kinds: frozenset[int], sweep: Sweep, start: int, stop: int
    ) -> int:
        """The first time at which `area` shows a cell of other than `kinds`, or `stop`."""
        grid = self.grids[sheet.casefold()]
        if swept.top < 0 or swept.left < 0 or swept.bottom > grid.height or swept.right > grid.width:
            return start
        if kinds == ALL:
            return stop
        held = grid.kinds[swept.top : swept.bottom, swept.left : swept.right]
        if NUMBER in kinds and held.max() <= NUMBER and (BLANK in kinds or held.min() == NUMBER):
            return stop
        bad = ~np.isin(held, list(kinds))
        if not bad.any():
            return stop
        axis, first = (area.rows, swept.top) if sweep.along_rows else (area.columns, swept.left)
        lines = np.flatnonzero(bad.any(axis=1 if sweep.along_rows else 0)) + first
        steps = range(stop - start)
        if sweep.sign > 0:
            return start + bisect_left(steps, True, key=lambda i: axis.at(i)[1] > lines[0])
        return stop - bisect_left(steps, True, key=lambda i: axis.at(i)[0] > lines[-1])


def line_cells(sweep: Sweep, number: int, at: int) -> Iterator[tuple[int, int]]:
    """The cells of a member that are computed at one time, in their order."""
    rect, line = sweep.members[number].rect, sweep.line(number, at)
    places = range(rect.left, rect.right) if sweep.along_rows else range(rect.top, rect.bottom)
    for place in places if sweep.across[number] > 0 else reversed(places):
        yield (line, place) if sweep.along_rows else (place, line)
