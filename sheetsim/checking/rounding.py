"""How far rounding alone can carry a lesson's values: what two correct computations may differ by.

A training run is a recurrence: a step that one program rounds up and another down is carried on, and after
some thousand steps of Adam near its goal the two may be on different paths altogether. So the lesson is
computed some times over with its inputs changed in their last place; what the values then move by (the most
so far, going down the rows) is what rounding in another order can do. Two programs that differ by no more
than a few times that differ in rounding, not in the rule. A block may say besides what rounding inside its
formulas leaves where nearly equal numbers are subtracted (`Block.rounding`).

Formulas outside the lesson's blocks are recalculated likewise, with the numbers typed into the file changed.
In the first epochs all this is far below the ordinary tolerance; it is asked for only where that is exceeded.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.checking.file import File
from sheetsim.checking.subject import Subject
from sheetsim.lessons.kit.lesson import Block
from sheetsim.run.execute import Calculation, calculate

Array = NDArray[np.float64]

RUNS = 4
FACTOR = 8.0
"""Measured on the lessons with up to 100 rows and 60 epochs: torch and the kernel stay within 1.6 times what
four runs move by."""

LAST_PLACE = 2.0**-52
FIFTEEN_DIGITS = 5e-15
"""By how much a number changes that is saved with 15 digits, as LibreOffice does, inputs included."""


class Rounding:
    """What rounding can do to the values of one lesson with one set of inputs."""

    def __init__(self, file: File, subject: Subject) -> None:
        self._file = file
        self._subject = subject

    def of_block(self, block: Block) -> Array | None:
        """The difference that rounding explains, for each cell of a block; None where it is not known."""
        moved = self._moved.get(block.name)
        return None if moved is None else np.maximum(moved, block.rounding)

    def elsewhere(self, sheet: str, rect: Rect) -> Array:
        """The same for formulas outside the blocks."""
        told = self._file.calculation.block(sheet, rect).numbers
        others = [run.block(sheet, rect).numbers for run in self._recalculated]
        return _explained(told, others)

    @cached_property
    def _moved(self) -> dict[str, Array]:
        compute = self._subject.lesson.implementation("arrays").compute
        draw = np.random.default_rng(0)  # always the same signs: a check has the same outcome every time
        with np.errstate(all="ignore"):
            told: dict[str, Array] = compute(self._subject.inputs)
            runs = [compute(self._nudged_inputs(draw)) for _ in range(RUNS)]
        return {name: _explained(values, [run[name] for run in runs]) for name, values in told.items()}

    def _nudged_inputs(self, draw: np.random.Generator) -> dict[str, float | Array]:
        """The inputs, each number as it is or changed a little; texts, whole numbers, inputs said to be exact
        and x stay (a change of y does to an error a*x + b - y what one of x would)."""
        nudged: dict[str, float | Array] = {}
        exact = {"x"} | {one.name for one in self._subject.input_cells if one.exact}
        for name, value in self._subject.inputs.items():
            if name in exact or isinstance(value, int) or np.asarray(value).dtype == object:
                nudged[name] = value
            else:
                near = self._nudged(np.asarray(value), draw)
                nudged[name] = float(near) if np.ndim(value) == 0 else near
        return nudged

    @cached_property
    def _recalculated(self) -> list[Calculation]:
        """Recalculations of the file with its typed numbers changed a little; integers are exact and stay."""
        draw, file = np.random.default_rng(0), self._file
        runs = []
        for _ in range(RUNS):
            sheets = [sheet.copy() for sheet in file.book.sheets]
            for sheet in sheets:
                for place, cells in sheet.columns.items():
                    whole = cells.numbers == np.trunc(cells.numbers)
                    near = np.where(whole, cells.numbers, self._nudged(cells.numbers, draw))
                    sheet.columns[place] = replace(cells, numbers=near)
            runs.append(calculate(replace(file.book, sheets=sheets), file.plan))
        return runs

    def _nudged(self, numbers: NDArray[Any], draw: np.random.Generator) -> Array:
        near: Array = numbers * (1 + draw.choice([-1, 0, 1], size=numbers.shape) * self._nudge)
        return near

    @cached_property
    def _nudge(self) -> float:
        return FIFTEEN_DIGITS if self._file.fifteen_digits else LAST_PLACE


def _explained(told: Array, others: list[Array]) -> Array:
    """For each cell, FACTOR times the most that it or a cell above it moves by in any of the runs."""
    moved = np.zeros_like(told)
    with np.errstate(invalid="ignore", over="ignore"):
        for other in others:
            apart = np.abs(other - told)
            # into or out of an error value: as far as can be
            apart = np.where(np.isnan(apart), np.where(np.isfinite(told), np.inf, 0.0), apart)
            moved = np.maximum(moved, apart)
    return FACTOR * np.maximum.accumulate(moved, axis=0)
