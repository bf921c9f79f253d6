"""Folds in scalar code: loops through the cells of ranges, in reading order. `SUM(A4:B6)`:

x1 = 0.0
for r in range(b1 + u, b2 + u + 1):
    for c in range(b3, b4 + 1):
        x1 = x1 + N0[c * b5 + r]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from sheetsim.backends.lanes import Lane, Lanes
from sheetsim.backends.printer import Code
from sheetsim.formula.nodes import CellRef
from sheetsim.ir.build import Step
from sheetsim.ir.lower import Unsuited
from sheetsim.ir.types import ARRAY, NUMBERS

_STEPS = {"add": "add", "mul": "mul", "min": "min2", "max": "max2"}


class Folds(Lanes):
    """The rules of operations that go through the cells of ranges; part of `scalar.Walk`."""

    __slots__ = ()

    def _fold(self, step: Step) -> Lane:
        start, x, where = step.arguments
        begin, how = self.lane(start), step.attribute("how")
        if x.type.fails or where.type.fails:
            raise Unsuited("a sum of what may fail")

        if x.name == "constant" and x.constant == 1.0 and how == "add" and self.all_numbers(where):
            return Lane(
                self.to.calc("add", begin.value, self._cells(where.arguments[0])), "number", begin.failed
            )

        def put(total: Code) -> Code:
            number, test = self.lane(x), self.lane(where)
            step_to = self.to.calc(_STEPS[how], total, number.value)
            if test.value == self.to.truth(True):
                return step_to
            return self.to.choose(test.value, step_to, total, "number")

        return Lane(self._through(step, begin.value, "number", put), "number", begin.failed)

    def all_numbers(self, where: Step) -> bool:
        """Is it whether cells are numbers, of a range that holds nothing else?"""
        if where.name != "is_kind" or where.arguments[0].name != "block":
            return False
        return where.arguments[0].type.only(NUMBERS & where.attribute("kinds"))

    def _cells(self, block: Step) -> Code:
        """How many cells a range has."""
        to, (member, reference) = self.to, block.attribute("reference")
        if isinstance(reference, CellRef):
            return to.number(1.0)
        if block.attribute("size"):
            rows, columns = block.attribute("size")
            return to.number(float(rows * columns))
        (low, high), (left, right) = self.bounds(member, reference)
        size = to.whole("*", to.whole("-", high, low), to.whole("-", right, left))
        return to.calc("float", size)

    def _first_error(self, step: Step) -> Lane:
        none, zero = self.to.failing(0), self.to.number(0.0)
        if not step.arguments[0].type.axes & ARRAY:
            lane = self.lane(step.arguments[0])
            return Lane(zero, "number", self.failure(lane))

        def put(code: Code) -> Code:
            lane = self.lane(step.arguments[0])
            return self.to.first(code, self.failure(lane) or none)

        return Lane(zero, "number", self._through(step, none, "failed", put))

    def _any_of(self, step: Step) -> Lane:
        def put(found: Code) -> Code:
            return self.to.calc("or", found, self.lane(step.arguments[0]).value)

        return Lane(self._through(step, self.to.truth(False), "truth", put), "truth")

    def _through(
        self, step: Step, start: Code, what: Literal["number", "truth", "failed"], put: Callable[[Code], Code]
    ) -> Code:
        """`start`, and `put` of it and each cell of the step's ranges, in reading order."""
        arguments = step.arguments[1:] if step.name == "fold" else step.arguments
        inner, outer = inside(arguments)
        blocks = [one for one in inner if one.name == "block"]
        if not blocks:
            return put(start)
        for other in blocks[1:]:
            if not other.attribute("size") or other.attribute("size") != blocks[0].attribute("size"):
                raise Unsuited("ranges of different sizes")
        for one in outer:  # what is the same for all cells, once
            self.lane(one)
        (member, reference), to = blocks[0].attribute("reference"), self.to
        (low, high), (left, right) = self.bounds(member, reference)
        total = to.variable(start, what)
        self.scopes.append({})
        with to.loop("r", low, high) as row, to.loop("c", left, right) as column:
            for block in blocks:
                self.scopes[-1][block.number] = self.beside(block, row, column, low, left)
            to.assign(total, put(to.value_of(total)), what)
        self.scopes.pop()
        return to.value_of(total)

    def beside(self, block: Step, row: Code, column: Code, low: Code, left: Code) -> Lane:
        """The cell of a range at the place of (row, column) of the first."""
        sheet, address = self.address_beside(block, row, column, low, left)
        return self.loaded(sheet, address, block.type.kinds)

    def address_beside(self, block: Step, row: Code, column: Code, low: Code, left: Code) -> tuple[int, Code]:
        """The sheet and the address of that cell."""
        member, reference = block.attribute("reference")
        to, sheet = self.to, self.members[member].places[reference].sheet
        (own_low, _), (own_left, _) = self.bounds(member, reference)
        if own_low != low:
            row = to.whole("+", to.whole("-", row, low), own_low)
        if own_left != left:
            column = to.whole("+", to.whole("-", column, left), own_left)
        return sheet, to.whole("+", to.whole("*", column, self.height(sheet)), row)


def inside(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """The steps that differ from cell to cell of an array, and those that they need which do not."""
    inner: dict[int, Step] = {}
    outer: dict[int, Step] = {}
    stack = list(steps)
    while stack:
        step = stack.pop()
        if not step.type.axes & ARRAY:
            outer[step.number] = step
        elif step.number not in inner:
            inner[step.number] = step
            stack += step.arguments
    return [inner[n] for n in sorted(inner)], [outer[n] for n in sorted(outer)]
