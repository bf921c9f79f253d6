"""A workbook as a function of some of its cells, for one setting of them or for many at once.

    run = NumberFunction(book, places(book, ["adam!D2"]), places(book, ["adam!I32"]))
    run(0.05)                                   adam!I32 for another learning rate
    run(np.linspace(0.01, 1, 1_000_000))        for a million of them

Only the slice between inputs and outputs is computed: what the inputs move and the outputs need; all else is
computed once, when the function is made. Many settings (*scenarios*) go through one compiled function
(`backends/scenarios.py`); where the slice is no loop of numbers, and for the scenarios in which something
fails, cell by cell through arrays over the scenarios (`backends/scenario_arrays.py`); else through
recalculations one after another. All give the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends import native
from sheetsim.backends.gather import PerCell
from sheetsim.backends.scenario_arrays import ScenarioCells
from sheetsim.backends.scenarios import Scenarios
from sheetsim.errors import SheetsimError, Unsupported
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.schedule import Plan, PlanStep, make_plan
from sheetsim.run.again import Kept
from sheetsim.run.demand import units
from sheetsim.run.edits import Edited, Edits
from sheetsim.run.inputs import Place, apart, common_count, scenarios_of, set_free
from sheetsim.run.reach import Again, Reach
from sheetsim.run.recurrences import line_cells
from sheetsim.values import ERROR, Values
from sheetsim.workbook import Workbook

Numbers = NDArray[np.float64]
Chosen = NDArray[np.int64]
"""Scenarios by their numbers."""

Backend = Literal["auto", "llvm", "numpy"]

AT_ONCE = 1 << 16
"""Scenarios that are computed together."""

PER_CELL = 100e-6
"""Seconds that a formula on arrays over scenarios takes at least."""

PER_STEP, PER_STEP_OF_TIME = 400e-6, 5e-6
"""Seconds that a recalculation takes for each step, and in a recurrence for each cell."""


class NumberFunction:
    """The outputs of a workbook as a function of its inputs.

    Called with a number or array for each input it returns the output, or a tuple of outputs. An input of one
    cell is a number, or [scenarios]; a range is [rows, columns] (or a number for all its cells), or
    [scenarios, rows, columns]; those without the axis are the same in all scenarios. Outputs have the axis
    when any input has: [scenarios] or [scenarios, rows, columns]; else they are a float or [rows, columns].
    Errors are NaN, blanks and text 0.

    `way` tells how most of the last call was computed: "compiled loops", "arrays" or "recalculation";
    `reason` why no compiled loops can do it, "" where they can or were not tried. SheetsimError for another
    number or shape of inputs.
    """

    def __init__(
        self, book: Workbook, inputs: Sequence[Place], outputs: Sequence[Place], backend: Backend = "auto"
    ) -> None:
        self.inputs, self.outputs = inputs, outputs
        apart(self.inputs)
        self.way = self.reason = ""
        self._backend = backend
        self._book = set_free(book, self.inputs)
        for name, rect in self.inputs:
            block = book[name].block(rect)
            self._book[name].set_block(
                rect, Values(np.where(block.kind_array() == ERROR, 0.0, block.numbers))
            )
        self._kept, self._edits = Kept(self._book), Edits(self._book)
        self._slice: tuple[Plan, set[PlanStep]] | None = None
        self._compiled: Scenarios | None = None

    def __call__(self, *values: Any) -> Any:
        if len(values) != len(self.inputs):
            raise SheetsimError(f"the function takes {len(self.inputs)} inputs, not {len(values)}")
        given = [np.asarray(value, np.float64) for value in values]
        counts = [scenarios_of(one.shape, place) for one, place in zip(given, self.inputs, strict=True)]
        blocks = [
            np.broadcast_to(one, place[1].shape) if count is None else one.reshape(count, *place[1].shape)
            for one, count, place in zip(given, counts, self.inputs, strict=True)
        ]
        if all(count is None for count in counts):
            self.way = "recalculation"
            self._single(blocks)
            found = [numbers.item() if numbers.size == 1 else numbers for numbers in self._shown()]
        else:
            found = [
                numbers[:, 0, 0] if numbers.shape[1:] == (1, 1) else numbers
                for numbers in self._many(blocks, common_count(counts))
            ]
        return found[0] if len(found) == 1 else tuple(found)

    # -- one scenario

    def _single(self, blocks: Sequence[Numbers]) -> None:
        """Compute the slice for one setting of the inputs, each [rows, columns]."""
        for (name, rect), block in zip(self.inputs, blocks, strict=True):
            values = Values(block)
            self._book[name].set_block(rect, values)
            self._edits.changed.append(Edited(name, rect, values))
        self._kept.update(self._edits, self._needed())

    def _shown(self) -> list[Numbers]:
        calculation = self._kept.calculation
        return [calculation.block(name, rect).as_numbers() for name, rect in self.outputs]

    def _needed(self) -> set[PlanStep]:
        """The steps that the outputs need."""
        plan = self._kept.calculation.plan
        if self._slice is None or self._slice[0] is not plan:
            self._slice = plan, Reach(plan).needed(self.outputs)
        return self._slice[1]

    # -- many

    def _many(self, blocks: Sequence[Numbers], count: int) -> list[Numbers]:
        """The outputs [scenarios, rows, columns]."""
        found = [np.empty((count, *rect.shape)) for _, rect in self.outputs]
        if count == 0:
            return found
        self._one_of(blocks, 0)
        for numbers, first in zip(found, self._shown(), strict=True):
            numbers[:] = first  # and so those that the inputs do not move
        batched = [
            (place, block) for place, block in zip(self.inputs, blocks, strict=True) if block.ndim == 3
        ]
        left = np.arange(count)
        if count > 1 and self._backend != "numpy":
            left = self._by_loops(blocks, found, left)
        self.way = "compiled loops" if len(left) < count else ""
        if len(left) > 1:
            left = self._by_arrays(batched, found, left)
            self.way = self.way or ("recalculation" if len(left) else "arrays")
        for scenario in left.tolist():
            self._one_of(blocks, scenario)
            for numbers, shown in zip(found, self._shown(), strict=True):
                numbers[scenario] = shown
        return found

    def _one_of(self, blocks: Sequence[Numbers], scenario: int) -> None:
        self._single([block[scenario] if block.ndim == 3 else block for block in blocks])

    def _moved(self, batched: Sequence[Place]) -> Mapping[PlanStep, Again] | None:
        """The steps that these inputs move and the outputs need; None where other values may ask for other
        steps."""
        kept, needed = self._kept, self._needed()
        reach = kept.reach
        if reach.has_circles or not reach.shows_all:
            return None
        again = {step: part for step, part in reach.of(batched).items() if step in needed}
        return None if any(step.dynamic for step in again) else again

    def _by_loops(self, blocks: Sequence[Numbers], found: Sequence[Numbers], left: Chosen) -> Chosen:
        """By one compiled function; what it could not do."""
        if self._compiled is None and not self.reason:
            try:
                if not native.available() and self._backend == "auto":
                    raise Unsuited("llvmlite is not installed")
                plan = make_plan(self._book)
                self._compiled = Scenarios.of(self._book, plan, self.inputs, self.outputs)
            except Unsuited as reason:
                self.reason = str(reason)
        if self._compiled is None:
            return left
        failed = np.zeros(len(left), bool)
        for low in range(0, len(left), AT_ONCE):
            part = slice(low, low + AT_ONCE)
            own = [block[part] if block.ndim == 3 else block[None] for block in blocks]
            results, wrong = self._compiled.run(own)
            for numbers, result in zip(found, results, strict=True):
                numbers[part] = result
            failed[part] = wrong
        return left[failed]

    def _by_arrays(
        self, batched: Sequence[tuple[Place, Numbers]], found: Sequence[Numbers], left: Chosen
    ) -> Chosen:
        """By arrays over the scenarios; what could not be so computed, or not faster."""
        steps = self._moved([place for place, _ in batched])
        if steps is None or self._kept.calculation.late or not _pays(steps, len(left)):
            return left
        grids = self._kept.calculation.grids
        for low in range(0, len(left), AT_ONCE):
            chosen = left[low : low + AT_ONCE]
            given = {
                (name.casefold(), rect.top + row, rect.left + column): block[chosen, row, column]
                for (name, rect), block in batched
                for row, column in np.ndindex(*rect.shape)
            }
            scenarios = ScenarioCells(grids, given, len(chosen))
            try:
                for step, again in steps.items():
                    _through(step, again, scenarios)
            except (PerCell, Unsupported):
                return left[low:]
            for (name, rect), numbers in zip(self.outputs, found, strict=True):
                for row, column in rect.cells():
                    values = scenarios.of(name.casefold(), row, column)
                    if values is not None:
                        numbers[chosen, row - rect.top, column - rect.left] = values.as_numbers()
        return left[:0]


def _pays(steps: Mapping[PlanStep, Again], count: int) -> bool:
    """Are so many scenarios computed faster by arrays than one after another?"""
    cells, recalculation = 0, 0.0
    for step, again in steps.items():
        size = sum(part.size for parts in again.parts.values() for part in parts)
        cells += size
        recalculation += PER_STEP + (0.0 if step.sweep is None else size * PER_STEP_OF_TIME)
    return cells * PER_CELL <= count * recalculation


def _through(step: PlanStep, again: Again, scenarios: ScenarioCells) -> None:
    """The cells of a step, each after those that it reads."""
    sweep = step.sweep
    if sweep is None:
        if step.how not in ("whole", "spill"):
            raise PerCell("cells that are worked out one by one")
        for region in step.regions:
            for part in again.parts.get(region, ()):
                for row, column in part.cells() if not region.array else units(region):
                    scenarios.compute(region, row, column)
        return
    for segment in step.segments:
        for at in range(max(segment.start, again.start), segment.stop):
            for number in segment.active:
                for row, column in line_cells(sweep, number, at):
                    scenarios.compute(sweep.members[number], row, column)
