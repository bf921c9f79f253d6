"""One pass through a recurrence: generated loops where all is numbers, the exact evaluator where not.

A pass goes through a `Sweep` in time, segment by segment (members may start or end later than others). In
each, the program of those that are active runs as far as it gets. Where it stops (a text among the inputs, a
division by zero), the exact evaluator does that row, then the loop tries again; when it stops soon again, the
exact evaluator does twice as many rows before the next try.

Plain Python or numba: `auto` starts in Python and watches the clock; when the rest would take longer than
PATIENCE, which is what importing numba and compiling a program costs on a slow machine, it goes on in numba.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.loops import Program, Segment, bind
from sheetsim.plan.areas import Area, area_of
from sheetsim.plan.recurrence import Sweep
from sheetsim.plan.regions import Region
from sheetsim.run.store import Grid
from sheetsim.values import BLANK, NUMBER

Backend = Literal["auto", "python", "numba"]

PATIENCE = 1.5  # seconds; measured: import 0.35 + compile 0.6 for Adam's ten columns, twice that when busy
FIRST_CHUNK = 16  # time steps in Python before the first look at the clock: each may go through long ranges
SURE = 0.002  # seconds from which the clock tells the pace
SHORT = 64  # time steps that are never worth compiling for
MOST_EXACT = 4096  # rows that the exact evaluator does between two tries of the loop


@dataclass(slots=True)
class Pass:
    """`exact(region, row, column)` computes one cell and puts it into its grid. After `run`, `compiling` is
    the seconds spent on numba, and `exact_cells` how many cells the loops left to the exact evaluator."""

    grids: Mapping[str, Grid]
    exact: Callable[[Region, int, int], None]
    backend: Backend = "auto"
    compiling: float = 0.0
    exact_cells: int = 0
    _has_numba: bool = field(default_factory=lambda: find_spec("numba") is not None)

    @property
    def may_compile(self) -> bool:
        return self._has_numba and self.backend != "python"

    def run(self, sweep: Sweep, segments: Sequence[Segment]) -> None:
        """Compute all cells of a recurrence."""
        for segment in segments:
            if segment.program is None:
                self._exactly(sweep, segment.active, segment.start, segment.stop)
            else:
                self._segment(segment.program, sweep, segment)

    def _segment(self, program: Program, sweep: Sweep, segment: Segment) -> None:
        active, stop = segment.active, segment.stop
        self._expect_numbers(sweep, segment)
        integers = bind(program, sweep, active, self.grids)
        arrays = [self.grids[sheet].flat for sheet in sweep.places.sheets]
        at, rows = segment.start, 1
        while at < stop:
            limit = self._first_unsuited(program, sweep, active, at, stop)
            reached = self._loop(program, integers, arrays, sweep.sign, at, limit)
            rows = 1 if reached > at + rows else min(2 * rows, MOST_EXACT)
            at = min(reached + rows, stop)
            self._exactly(sweep, active, reached, at)

    def _loop(
        self,
        program: Program,
        integers: list[int],
        arrays: Sequence[NDArray[np.float64]],
        sign: int,
        start: int,
        stop: int,
    ) -> int:
        """Run the loop from time `start`; the time at which it stopped."""
        views = [memoryview(array) for array in arrays]  # type: ignore[arg-type]
        at, chunk = start, FIRST_CHUNK
        wanted = self.backend == "numba" and stop - start > SHORT
        while at < stop:
            if program.compilable and (wanted or (program.is_compiled and self.backend == "auto")):
                loop, seconds = program.compiled()
                self.compiling += seconds
                return sign * int(loop(np.array(integers, np.int64), *arrays, sign * at, sign * stop))
            end = stop if self.backend == "python" else min(at + chunk, stop)
            begun = time.perf_counter()
            reached = sign * program.python(integers, *views, sign * at, sign * end)
            if reached < end:
                return reached
            seconds = time.perf_counter() - begun
            wanted = self._has_numba and seconds > SURE and seconds / (end - at) * (stop - end) > PATIENCE
            at, chunk = end, 2 * chunk
        return stop

    def _exactly(self, sweep: Sweep, active: Sequence[int], start: int, stop: int) -> None:
        for at in range(start, stop):
            for number in active:
                for row, column in line_cells(sweep, number, at):
                    self.exact(sweep.members[number], row, column)
                    self.exact_cells += 1

    def _expect_numbers(self, sweep: Sweep, segment: Segment) -> None:
        """Mark the segment's cells as numbers: that is what the loop writes."""
        for number in segment.active:
            part = _part(sweep, number, segment.start, segment.stop)
            kinds = self.grids[sweep.members[number].sheet.casefold()].kinds
            kinds[part.top : part.bottom, part.left : part.right] = NUMBER

    def _first_unsuited(
        self, program: Program, sweep: Sweep, active: Sequence[int], start: int, stop: int
    ) -> int:
        """The first time at which a member reads a cell of a kind that the loop cannot take, or `stop`."""
        fit: set[tuple[str, Rect, frozenset[int]]] = set()  # looked at, and found to hold nothing else
        first = stop
        for read in program.reads:
            region = sweep.members[active[read.member]]
            part = _part(sweep, active[read.member], start, stop)
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


def _part(sweep: Sweep, number: int, start: int, stop: int) -> Rect:
    """The cells of a member that are computed from time `start` up to `stop`."""
    rect = sweep.members[number].rect
    first, last = sorted((sweep.line(number, start), sweep.line(number, stop - 1)))
    if sweep.along_rows:
        return Rect(first, rect.left, last + 1, rect.right)
    return Rect(rect.top, first, rect.bottom, last + 1)
