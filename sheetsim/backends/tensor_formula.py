"""One formula compiled for a region's cells: a closure from blocks of moving cells to a tensor [R, C, h, w].

Which parts of the formula move, what the others give, which cells are numbers and where look-ups look is
asked of NumPy (`Whole`) while compiling; see `tensor_program.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sheetsim.address import Rect
from sheetsim.backends.arrays import Found, Whole, sees_own
from sheetsim.backends.gather import PerCell, Spots
from sheetsim.backends.slope_units import no_draw
from sheetsim.backends.tensor_bodies import run_body, smooth_body
from sheetsim.backends.tensor_operations import (
    BY_KIND,
    COMPARISONS,
    FINAL,
    NOTHING,
    OPERATORS,
    REDUCING,
    SMOOTH,
    STEPS,
    Numbers,
    chosen,
    compared,
    junction,
    rescued,
    whole_power,
    windows,
)
from sheetsim.errors import SheetsimError, Unsupported
from sheetsim.formula import unparse
from sheetsim.formula.nodes import (
    ArrayConstant,
    Binary,
    Call,
    CellRef,
    Missing,
    Node,
    Number,
    RangeRef,
    Unary,
)
from sheetsim.functions import FUNCTIONS
from sheetsim.functions.coercion import to_booleans, to_numbers
from sheetsim.functions.elementary import MAX_REPEATED
from sheetsim.limits import Effort
from sheetsim.plan.areas import Area, Axis, area_of
from sheetsim.plan.regions import Region
from sheetsim.run.store import Grid
from sheetsim.values import ERROR, NUMBER, Values

Code = Callable[[], Tensor]
T = TypeVar("T")

MOST_MASKED = 1 << 26
"""Cells in the mask of ranges that grow from row to row."""


class Source(Protocol):
    """Where a formula finds cells: a `Program`."""

    grids: dict[str, Grid]
    effort: Effort
    notes: dict[str, None]
    steady: bool

    def moves(self, sheet: str, rect: Rect) -> bool: ...

    def read(self, sheet: str, rect: Rect) -> Code: ...

    def tensor(self, array: NDArray[Any]) -> Tensor: ...


class Formula:
    """Compiles the formula of a region in some of its cells."""

    def __init__(self, source: Source, region: Region, rect: Rect) -> None:
        self.source, self.region, self.rect = source, region, rect
        grids: Mapping[str, Grid] = source.grids
        self.whole = Whole(region, rect, grids, lambda sheet, rect: None, no_draw, source.effort)
        self._moved: dict[Node, bool] = {}

    def result(self) -> Code:
        node, array = self.region.node, self.region.lifted or self.region.array
        assert node is not None
        if isinstance(node, Binary) and node.operator in FINAL and self.moves(node):
            left, right = (self.value(side, array) for side in (node.left, node.right))
            final = FINAL[node.operator]
            return lambda: final(left(), right())
        return self.value(node, array)

    def value(self, node: Node, array: bool) -> Code:
        """A node's numbers: one a cell, or where arrays are wanted (`array`) an h x w array a cell."""
        if not self.moves(node):
            return always(self.constant(node, array))
        match node:
            case CellRef() | RangeRef():
                area = area_of(node, self.rect, self.region.sheet)
                return self.cells(area) if array else self.one_of(area)
            case Unary():
                return self.unary(node, array)
            case Binary(operator="^", right=Number(value=exponent)) if _repeats(exponent):
                base, times = self.value(node.left, array), int(exponent)
                return lambda: whole_power(base(), times)
            case Binary() if node.operator in OPERATORS:
                sides = [self.value(side, array) for side in (node.left, node.right)]
                return _applied(OPERATORS[node.operator], sides)
            case Call(name="IF"):
                return self.choice(node, array)
            case Call(name="IFERROR"):
                return self.rescue(node, array)
            case Call(name="INDEX" | "OFFSET"):
                if not array and self.spots(node, array).size != (1, 1):
                    raise self.no_slope("one cell of a range that INDEX or OFFSET finds")
                return self.found(node, array)
            case Call() if node.name in SMOOTH:
                return _applied(SMOOTH[node.name], [self.value(a, array) for a in node.arguments])
            case Call() if node.name in REDUCING:
                return self.reduced(node, array)
            case Call() if node.name in BY_KIND:
                return always(self.constant(node, array))
            case Call() if smooth_body(FUNCTIONS[node.name], len(node.arguments)):
                return self.through_body(node, array)
        self.note(f"{self.text(node)} is taken as constant: it does not change smoothly")
        return self.jump(node, array) or self.at_these_inputs(node, array)

    # -- what moves, and what NumPy says

    def moves(self, node: Node) -> bool:
        """Does any cell that a part of the formula looks at move?"""
        if node not in self._moved:
            self._moved[node] = self._looks_at_moved(node)
        return self._moved[node]

    def _looks_at_moved(self, node: Node) -> bool:
        if isinstance(node, (CellRef, RangeRef)):
            area = area_of(node, self.rect, self.region.sheet)
            return self.source.moves(area.sheet, area.swept(self.rect))
        if isinstance(node, Call) and node.name in ("INDEX", "OFFSET"):
            if any(self.moves(argument) for argument in node.arguments[1:]):
                return True
            spots = self.spots(node, True)
            around = spots.around()
            return around is not None and self.source.moves(spots.sheet, around)
        parts = list(node.children())
        if isinstance(node, Call) and FUNCTIONS[node.name].place_only and parts:
            parts = parts[1:] if isinstance(parts[0], (CellRef, RangeRef)) else parts
        return any(self.moves(part) for part in parts)

    def told(self, ask: Callable[[], T]) -> T:
        """What NumPy says of a part of the formula. SheetsimError where it cannot tell."""
        try:
            return ask()
        except (PerCell, Unsupported) as reason:
            raise self.no_slope(str(reason)) from None

    def no_slope(self, reason: str) -> SheetsimError:
        return SheetsimError(f"no slope goes through {self.region} ={self.region.text}: {reason}")

    def spots(self, node: Call, array: bool) -> Spots:
        return self.told(lambda: self.whole.spots(node, array))

    def constant(self, node: Node, array: bool) -> Tensor:
        """What a part gives at these inputs, NaN for errors."""
        if isinstance(node, Number):
            return self.source.tensor(np.full((1, 1, 1, 1), node.value))
        numbers, codes = to_numbers(self.told(lambda: self.whole.value(node, array)))
        return self.source.tensor(numbers if codes is None else np.where(codes != 0, np.nan, numbers))

    def at_these_inputs(self, node: Node, array: bool) -> Code:
        self.source.steady = False
        return always(self.constant(node, array))

    def numeric(self, node: Node, array: bool) -> bool:
        """Does a part give numbers only, or blanks? (An error may be a number at other inputs.)"""
        if isinstance(node, Missing):
            return True
        kinds = self.told(lambda: self.whole.value(node, array)).kind_array()
        return bool(((kinds <= NUMBER) | (kinds == ERROR)).all())

    def note(self, words: str) -> None:
        self.source.notes[f"{self.region}: {words}"] = None

    def text(self, node: Node) -> str:
        return unparse(node, self.region.rect.top, self.region.rect.left)

    # -- references

    def cells(self, area: Area) -> Code:
        """The cells of an area as each cell of the region sees them: [R, C, h, w]."""
        area = self.told(lambda: self.whole.cut(area))
        if not area.steady:
            raise self.no_slope("a growing range")
        block = self.source.read(area.sheet, area.swept(self.rect))
        h, w = area.rows.length, area.columns.length
        return lambda: windows(block(), h, w)

    def one_of(self, area: Area) -> Code:
        """The one cell of a range that a formula in its row or column means; an error where there is none."""
        if not area.steady or min(area.rows.length, area.columns.length) > 1:
            raise self.no_slope("one cell of a table")
        rows, columns, beside = area.rows, area.columns, np.zeros((1, 1, 1, 1), bool)
        if rows.length > 1:
            beside = ~sees_own(rows, self.rect.top, self.rect.rows)[:, None, None, None]
            rows = Axis(self.rect.top, self.rect.top, True, True)
        elif columns.length > 1:
            beside = ~sees_own(columns, self.rect.left, self.rect.columns)[None, :, None, None]
            columns = Axis(self.rect.left, self.rect.left, True, True)
        code = self.cells(Area(area.sheet, rows, columns))
        return _with_errors(code, beside, self.source)

    def found(self, node: Call, array: bool) -> Code:
        """INDEX and OFFSET: one gather. Where it looks is constant, what it finds there is not."""
        if any(self.moves(argument) for argument in node.arguments[1:]):
            self.note(f"no slope goes through where {self.text(node)} looks")
            self.source.steady = False
        spots = self.spots(node, array)
        around = spots.around()
        if around is None:
            return always(self.constant(node, array))
        block = self.source.read(spots.sheet, around)
        code = _gathered(spots, around, block, self.source)
        return _with_errors(code, spots.codes != 0, self.source)

    # -- operators and functions

    def unary(self, node: Unary, array: bool) -> Code:
        if node.operator == "@" and isinstance(node.operand, (CellRef, RangeRef)):
            return self.one_of(area_of(node.operand, self.rect, self.region.sheet))
        code = self.value(node.operand, array)
        if node.operator == "@":
            return lambda: code()[:, :, :1, :1]
        if node.operator == "-":
            return lambda: -code()
        return code if node.operator == "+" else lambda: code() / 100

    def choice(self, node: Call, array: bool) -> Code:
        """IF: both sides with their slopes, chosen by a mask; where it stands still, by a constant one."""
        condition, yes, no = (*node.arguments, Missing())[:3]
        if self.moves(condition):
            self.note(f"IF chooses by {self.text(condition)}: no slope goes through the choice")
            test = self.jump(condition, array) or self.value(condition, array)
            if not (self.numeric(yes, array) and self.numeric(no, array)):
                self.source.steady = False
            a, b = self.branch(yes, array), self.branch(no, array)
            return lambda: chosen(test(), a(), b())
        truth, codes = to_booleans(self.told(lambda: self.whole.value(condition, array)))
        wrong = np.zeros((1, 1, 1, 1), bool) if codes is None else codes != 0
        if not wrong.any() and (truth.all() or not truth.any()):
            return self.branch(yes if truth.all() else no, array)
        a, b, mask = self.branch(yes, array), self.branch(no, array), self.source.tensor(truth)
        return _with_errors(lambda: torch.where(mask, a(), b()), wrong, self.source)

    def branch(self, node: Node, array: bool) -> Code:
        if isinstance(node, Missing):
            return always(self.source.tensor(np.zeros((1, 1, 1, 1))))
        return self.value(node, array)

    def rescue(self, node: Call, array: bool) -> Code:
        """IFERROR."""
        if not self.numeric(node.arguments[1], array):
            self.source.steady = False
        value, instead = (self.branch(argument, array) for argument in node.arguments)
        return lambda: rescued(value(), instead)

    def jump(self, node: Node, array: bool) -> Code | None:
        """A comparison or the like of numbers: 1 or 0, without a slope. None where only NumPy can tell."""
        match node:
            case Binary() if node.operator in COMPARISONS:
                if self.numeric(node.left, array) and self.numeric(node.right, array):
                    compare = COMPARISONS[node.operator]
                    a, b = (self._steady(side, array) for side in (node.left, node.right))
                    return lambda: compared(compare, a(), b())
            case Call(name="NOT"):
                a = self._steady(node.arguments[0], array)
                return lambda: compared(torch.eq, a(), NOTHING)
            case Call(name="AND" | "OR") if not any(isinstance(a, RangeRef) for a in node.arguments):
                parts = [self._steady(argument, array) for argument in node.arguments]
                pick = torch.amin if node.name == "AND" else torch.amax
                return lambda: junction(pick, [part() for part in parts])
            case Call() if node.name in STEPS:
                step, code = STEPS[node.name], self.value(node.arguments[0], array)
                return lambda: step(code().detach())
        return None

    def _steady(self, node: Node, array: bool) -> Code:
        code = (self.jump(node, array) if self.moves(node) else None) or self.value(node, array)
        return lambda: code().detach()

    def reduced(self, node: Call, array: bool) -> Code:
        record, reduce = FUNCTIONS[node.name], REDUCING[node.name]
        parts = [
            self.counted(argument, array or record.kind(position) == "array")
            for position, argument in enumerate(node.arguments)
        ]
        return lambda: reduce([part() for part in parts])

    def through_body(self, node: Call, array: bool) -> Code:
        """A function that no table of tensors has, by its body."""
        record = FUNCTIONS[node.name]
        parts: list[Callable[[], Tensor | Numbers]] = [
            self.counted(argument, array or record.kind(position) == "array")
            if record.kind(position) in ("range", "array")
            else self.value(argument, array)
            for position, argument in enumerate(node.arguments)
        ]
        assert record.body is not None
        body = record.body
        return lambda: run_body(body, [part() for part in parts])

    def counted(self, node: Node, array: bool) -> Callable[[], Numbers]:
        """An argument that may be a range: its numbers, and where it holds numbers."""
        if isinstance(node, (CellRef, RangeRef)):
            area = self.told(lambda: self.whole.cut(area_of(node, self.rect, self.region.sheet)))
            if not area.steady:
                return self.growing(area)
            return self.masked(self.cells(area), self.told(lambda: self.whole.cells(area)))
        if isinstance(node, Call) and node.name in ("INDEX", "OFFSET") and self.moves(node):
            code = self.found(node, array)
        else:
            code = self.value(node, array)
        operand = self.told(lambda: self.whole.operand(node, array))
        assert not isinstance(operand, Area)
        if isinstance(operand, Found):
            return self.masked(code, operand.values)
        if operand.shape[2:] == (1, 1) and not isinstance(node, ArrayConstant):
            return lambda: Numbers(code())  # a direct value: booleans count too
        return self.masked(code, operand)

    def masked(self, code: Code, values: Values) -> Callable[[], Numbers]:
        if values.kinds is None:
            return lambda: Numbers(code())
        counts = (values.kinds == NUMBER) | (values.kinds == ERROR)
        if counts.all():
            return lambda: Numbers(code())
        mask = self.source.tensor(counts)
        return lambda: Numbers(torch.where(mask, code(), 0.0), mask)

    def growing(self, area: Area) -> Callable[[], Numbers]:
        """A range like A$4:A4: all that any cell sees, and a mask of what each does."""
        swept = area.swept(self.rect)
        if self.rect.size * swept.size > MOST_MASKED:
            raise self.no_slope("a growing range that is too long")
        mask = np.zeros(self.rect.shape + swept.shape, bool)
        for row, column in np.ndindex(*self.rect.shape):
            seen = area.at(row, column).shift(-swept.top, -swept.left)
            mask[row, column, seen.top : seen.bottom, seen.left : seen.right] = True
        kinds = self.whole.grid(area.sheet).block(swept).kind_array()
        counts = self.source.tensor(mask & ((kinds == NUMBER) | (kinds == ERROR)))
        block = self.source.read(area.sheet, swept)
        return lambda: Numbers(torch.where(counts, block(), 0.0), counts)


def always(value: Tensor) -> Code:
    """The code of a constant."""
    return lambda: value


def _repeats(exponent: float) -> bool:
    return exponent.is_integer() and abs(exponent) <= MAX_REPEATED


def _applied(function: Callable[..., Tensor], codes: Sequence[Code]) -> Code:
    if len(codes) == 2:
        a, b = codes
        return lambda: function(a(), b())
    return lambda: function(*(code() for code in codes))


def _with_errors(code: Code, wrong: NDArray[np.bool_], source: Source) -> Code:
    """The same, and errors where `wrong` is."""
    if not wrong.any():
        return code
    mask = source.tensor(wrong)
    return lambda: torch.where(mask, torch.nan, code())


def _gathered(spots: Spots, around: Rect, block: Code, source: Source) -> Code:
    """The cells at some spots of the block around them: [R, C, h, w]."""
    top, left = np.broadcast_arrays(spots.top, spots.left)
    fine = np.broadcast_to(spots.codes, top.shape) == 0
    top, left = np.where(fine, top - around.top, 0), np.where(fine, left - around.left, 0)
    (h, w), (down, over) = spots.size, top.shape[:2]
    if (top == top[:, :1]).all() and (left == left[:1]).all():
        # rows by one list, columns by another: torch's embedding is the fastest gather, with a steady order
        rows = (top[:, 0, :, 0] + np.arange(h)).reshape(-1)
        columns = (left[0, :, 0] + np.arange(w)).reshape(-1)
        row_index, column_index = source.tensor(rows), source.tensor(columns)
        all_columns = np.array_equal(columns, np.arange(around.columns))
        embedding = torch.nn.functional.embedding

        def separate() -> Tensor:
            found = block() if all_columns else block().index_select(1, column_index)
            return embedding(row_index, found).reshape(down, h, over, w).transpose(1, 2)

        return separate
    index = source.tensor(top + np.arange(h)[:, None]), source.tensor(left + np.arange(w))
    return lambda: block()[index]
