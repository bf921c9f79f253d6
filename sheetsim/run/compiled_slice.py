"""A slice of a plan as compiled loops, for many scenarios: see `backends/scenario_loops.py`.

A region on its own is a recurrence of one member here, so that every step is a sweep. The loops are those of
a calculation, in two ways: for numbers alone as long as that goes, and from a scenario on in which something
fails those in which errors are values. A scenario that these cannot do is recalculated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.backends.loop_parts import Variant
from sheetsim.backends.loops import Segment, segments
from sheetsim.backends.scenario_loops import Around, Through
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.recurrence import Sweep, find_sweep
from sheetsim.plan.schedule import PlanStep
from sheetsim.run.execute import Calculation
from sheetsim.run.inputs import Place
from sheetsim.run.reach import Again
from sheetsim.run.recurrences import Pass

Numbers = NDArray[np.float64]
Cells = Sequence[tuple[Place, Numbers]]
"""Places and their numbers [scenarios, rows, columns]."""

FIRST_TRY, LAST_TRY = 64, 1 << 16
"""Scenarios that the loops with errors go through before those without are tried again."""


class CompiledSlice:
    """Made by `of`; runs on the grids of the calculation, at whose inputs it was last computed."""

    def __init__(self, calculation: Calculation, sweeps: Sequence[tuple[Sweep, Segment]]) -> None:
        self._grids, self._sweeps = calculation.grids, sweeps
        self._pass = Pass(calculation.grids, _not_here)

    @classmethod
    def of(cls, calculation: Calculation, steps: Mapping[PlanStep, Again]) -> CompiledSlice | None:
        """The slice of some steps; None where one of them is no loop."""
        try:
            found = [pair for step, again in steps.items() for pair in _sweeps(calculation, step, again)]
        except Unsuited:
            return None
        return cls(calculation, found)

    def run(self, inputs: Cells, outputs: Cells, count: int, recalculate: Callable[[int], None]) -> bool:
        """Fill the outputs of `count` scenarios; `recalculate` does one, with whatever it needs. False, and
        nothing is done, where the loops cannot take the kinds of cells that they would meet."""
        plain = self._calls(("plain", "mixed"))
        every = self._calls(("all",))
        if plain is None and every is None:
            return False
        loops = [
            None if calls is None else Around(self._grids, self._cells(inputs), calls, self._cells(outputs))
            for calls in (plain, every)
        ]
        at, span = 0, FIRST_TRY
        while at < count:
            begun = at
            if loops[0] is not None and self._marked(plain):
                at = loops[0].run(at, count)
            span = FIRST_TRY if at > begun + span else min(2 * span, LAST_TRY)
            end = min(at + span, count)
            if loops[1] is not None:
                at = loops[1].run(at, end)
            if at < end:
                recalculate(at)
                at += 1
        return True

    def _cells(self, blocks: Cells) -> list[tuple[tuple[str, int, int], Numbers]]:
        """The cells, and the numbers of each [scenarios]; not those outside the grids, which stay blank."""
        found = []
        for (name, rect), block in blocks:
            grid = self._grids[name.casefold()]
            inside = rect.intersect(Rect(0, 0, grid.height, grid.width))
            for row, column in inside.cells() if inside else ():
                cell = (name.casefold(), row, column)
                found.append((cell, block[:, row - rect.top, column - rect.left]))
        return found

    def _calls(self, variants: Sequence[Variant]) -> list[Through] | None:
        """The loops in the first variant that takes the cells that are there, each."""
        found: list[Through] = []
        for sweep, segment in self._sweeps:
            assert segment.loop is not None
            for variant in variants:
                try:
                    code = segment.loop.code(variant, compiled=True)
                except Unsuited:
                    continue
                self._pass.mark(code, sweep, segment)
                if self._pass.takes(code, sweep, segment):
                    found.append(Through(code, sweep, segment.active, segment.start, segment.stop))
                    break
            else:
                return None
        return found

    def _marked(self, calls: Sequence[Through] | None) -> bool:
        """Give the cells the kinds that the loops write, as other loops may have left others there."""
        for call, (sweep, segment) in zip(calls or (), self._sweeps, strict=True):
            self._pass.mark(call.code, sweep, segment)
        return True


def _sweeps(calculation: Calculation, step: PlanStep, again: Again) -> Iterator[tuple[Sweep, Segment]]:
    """What of a step is computed, as segments of sweeps. Unsuited where it cannot be a loop."""
    if step.sweep is not None:
        for segment in step.segments:
            if segment.stop > again.start:
                if segment.loop is None:
                    raise Unsuited(segment.reason)
                yield step.sweep, replace(segment, start=max(segment.start, again.start))
        return
    (region,) = step.regions
    if step.how != "whole" or region.array:
        raise Unsuited("no region of single cells")
    plan = calculation.plan
    survey = plan.surveys[plan.computed.index(region)]
    for part in again.parts[region]:
        sweep = find_sweep([replace(region, rect=part)], [survey.references])
        if sweep is None:
            raise Unsuited("no loop over a region")
        for segment in segments(sweep):
            if segment.loop is None:
                raise Unsuited(segment.reason)
            yield sweep, segment


def _not_here(*_: object) -> None:
    raise AssertionError("the exact evaluator is not asked here")
