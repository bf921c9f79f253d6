"""A workbook as a function of numbers: of one setting of its inputs, or of many at once.

    run = NumberFunction(book, inputs, outputs)
    run(0.1)                        one number for a cell, an array [rows, columns] for a range
    run(np.linspace(0, 1, 1000))    a leading axis more: a thousand scenarios, and so has the result

Many scenarios go through one compiled function (`backends/scenarios.py`); those in which something fails, and
all of them where the formulas between inputs and outputs are no loops of numbers, are calculated one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.backends import native
from sheetsim.backends.scenarios import Scenarios
from sheetsim.errors import SheetsimError
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.schedule import Plan, make_plan
from sheetsim.run.execute import calculate
from sheetsim.run.inputs import Place, put, set_free
from sheetsim.values import Values
from sheetsim.workbook import Workbook

Array = NDArray[np.float64]


@dataclass(slots=True)
class NumberFunction:
    """The outputs of a copy of `workbook` as a function of its inputs; NaN for error values, 0 for text and
    blanks. `reason`: why scenarios are calculated one by one, "" where they are not."""

    workbook: Workbook
    inputs: Sequence[Place]
    outputs: Sequence[Place]
    reason: str = ""
    _plan: Plan | None = None
    _compiled: Scenarios | None = None
    _tried: bool = field(default=False)

    def __post_init__(self) -> None:
        self.workbook = set_free(self.workbook, self.inputs)
        self._plan = make_plan(self.workbook)

    def __call__(self, *values: Any) -> Any:
        if len(values) != len(self.inputs):
            raise SheetsimError(f"the function takes {len(self.inputs)} inputs, not {len(values)}")
        arrays = [np.asarray(value, np.float64) for value in values]
        many = [
            array.ndim == (1 if rect.size == 1 else 3) or (rect.size == 1 and array.ndim == 3)
            for array, (_, rect) in zip(arrays, self.inputs, strict=True)
        ]
        if not any(many):
            results = [_plain(block) for block in self._one(arrays)]
            return results[0] if len(results) == 1 else tuple(results)
        blocks = [
            self._scenarios(array, is_many, place)
            for array, is_many, place in zip(arrays, many, self.inputs, strict=True)
        ]
        counts = {len(block) for block, is_many in zip(blocks, many, strict=True) if is_many}
        if len(counts) > 1:
            raise SheetsimError(
                f"inputs of {' and '.join(map(str, sorted(counts)))} scenarios do not go together"
            )
        found = [
            block[:, 0, 0] if rect.size == 1 else block
            for block, (_, rect) in zip(self._many(blocks, counts.pop()), self.outputs, strict=True)
        ]
        return found[0] if len(found) == 1 else tuple(found)

    def _scenarios(self, array: Array, many: bool, place: Place) -> Array:
        """[scenarios, rows, columns]."""
        sheet, rect = place
        try:
            if not many:
                return np.broadcast_to(array, rect.shape)[None]
            return np.broadcast_to(
                array.reshape(len(array), *(array.shape[1:] or (1, 1))), (len(array), *rect.shape)
            )
        except ValueError:
            shape = " x ".join(map(str, array.shape))
            raise SheetsimError(f"{sheet}!{rect} does not take an array of {shape} numbers") from None

    def _many(self, blocks: Sequence[Array], count: int) -> list[Array]:
        results = [np.empty((count, *rect.shape)) for _, rect in self.outputs]
        left: Any = range(count)
        compiled = self._scenario_code() if count > 1 else None
        if compiled is not None:
            results, failed = compiled.run([np.broadcast_to(b, (count, *b.shape[1:])) for b in blocks])
            left = np.flatnonzero(failed).tolist()
        for number in left:
            own = [block[number if len(block) > 1 else 0] for block in blocks]
            for result, block in zip(results, self._one(own), strict=True):
                result[number] = block.as_numbers()
        return results

    def _scenario_code(self) -> Scenarios | None:
        if not self._tried:
            self._tried = True
            assert self._plan is not None
            try:
                if not native.available():
                    raise Unsuited("llvmlite is not installed")
                self._compiled = Scenarios.of(self.workbook, self._plan, self.inputs, self.outputs)
            except Unsuited as reason:
                self.reason = str(reason)
        return self._compiled

    def _one(self, values: Sequence[Array]) -> list[Values]:
        for place, value in zip(self.inputs, values, strict=True):
            put(self.workbook, place, value)
        assert self._plan is not None
        calculation = calculate(self.workbook, self._plan)
        return [calculation.block(name, rect) for name, rect in self.outputs]


def _plain(block: Values) -> float | Array:
    numbers = block.as_numbers()
    return float(numbers[0, 0]) if numbers.size == 1 else numbers
