"""What stands between a formula's nodes and values: operands, and what a function's `rule` may ask for.

Most functions take ready values. Some need more: the places of cells (ROW, OFFSET), arguments that are not
worked out (IF), or functions as values (MAP). Their records have a `rule`, which is handed the evaluator, the
nodes of the arguments and whether the formula is an array formula, and gives an operand:

    def rows(evaluator, arguments, array):
        operand = evaluator.operand(arguments[0], True)

An *operand* is a scalar, a two-dimensional array of `Values`, a `Reference` (cells by their places), a
`Lambda`, `OMITTED`, or a `Long` array.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sheetsim.address import Rect
from sheetsim.formula.nodes import Node
from sheetsim.functions.lifting import fit, single
from sheetsim.limits import Effort, room
from sheetsim.values import ExcelError, Scalar, Values


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells by their places: one area, or several for a union."""

    areas: tuple[tuple[str, Rect], ...]

    @property
    def rect(self) -> Rect:
        return self.areas[0][1]

    @property
    def sheet(self) -> str:
        return self.areas[0][0]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function as a value: a LAMBDA with the names that it sees, or a function of Excel's by its name.

    `call` takes between `least` and `most` operands, of which OMITTED is one. A LAMBDA has a `body`, the
    names of its `parameters`, and the names around it with what they stand for (`seen`)."""

    call: Callable[[Sequence[Operand]], Operand]
    least: int
    most: int
    body: Node | None = None
    parameters: tuple[str, ...] = ()
    seen: Mapping[str, Operand] = field(default_factory=dict)


class Omitted:
    """The argument of a LAMBDA that was left out; as a value it is blank."""


OMITTED = Omitted()


@dataclass(frozen=True, slots=True)
class Long:
    """An array [rows, columns] whose last held row stands for all further rows, likewise the last column.

    Whole columns are a million cells of which a few are in use: `held` is those and one blank row more. A
    result must not depend on how many are held.
    """

    held: Values
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    def of_size(self, rows: int, columns: int) -> Values:
        """The first rows and columns, those beyond what is held repeated."""
        height, width = self.held.shape
        down = np.minimum(np.arange(min(rows, self.rows)), height - 1)
        right = np.minimum(np.arange(min(columns, self.columns)), width - 1)
        return self.held[np.ix_(down, right)]

    def whole(self) -> Values:
        """All of it. TooLarge when that is too much."""
        room(self.rows * self.columns)
        return self.of_size(self.rows, self.columns)

    def repeated(self) -> Values:
        """The cells that stand for more than themselves: the last row and column, as far as they do."""
        height, width = self.held.shape
        parts = []
        if height < self.rows:
            parts.append(self.held[-1:, :])
        if width < self.columns:
            parts.append(self.held[:, -1:])
        return Values.of([[value for part in parts for row in part.tolist() for value in row]])

    def short(self, once: bool = False) -> Values:
        """Without the cells that are repeated, or with each of them `once`."""
        height, width = self.held.shape
        down = height if once or height == self.rows else max(height - 1, 1)
        right = width if once or width == self.columns else max(width - 1, 1)
        return self.held[:down, :right]


Operand = Scalar | Values | Reference | Lambda | Omitted | Long


def together(values: Sequence[Scalar | Values | Long]) -> tuple[list[Values], tuple[int, int]]:
    """Arrays of which some are long, ready for work element by element: with the same rows and columns held
    (or 1), and the size of the whole result."""
    blocks = [value if isinstance(value, (Values, Long)) else single(value) for value in values]
    size = max(block.shape[0] for block in blocks), max(block.shape[1] for block in blocks)
    held = [0, 0]
    for block in blocks:
        for axis in (0, 1):
            if isinstance(block, Long):
                held[axis] = max(held[axis], block.held.shape[axis])
            elif block.shape[axis] > 1:  # beyond its end is #N/A
                held[axis] = max(held[axis], min(block.shape[axis] + 1, size[axis]))
    held = [max(length, 1) for length in held]
    ready = []
    for block in blocks:
        if isinstance(block, Long):
            rows, columns = (
                1 if full == 1 else length for full, length in zip(block.shape, held, strict=True)
            )
            ready.append(block.of_size(rows, columns))
        else:
            rows, columns = (1 if own == 1 else length for own, length in zip(block.shape, held, strict=True))
            ready.append(fit(block, rows, columns))
    return ready, size


class Lookup(Protocol):
    """Where the evaluator finds what a formula refers to. A sheet that is not there gives #REF! values."""

    def cell(self, sheet: str, row: int, column: int) -> Scalar: ...

    def block(self, sheet: str, rect: Rect) -> Values:
        """The cells of `rect` as a two-dimensional block."""

    def name(self, name: str, scope: str) -> Node | None:
        """The tree of a defined name as sheet `scope` sees it, parsed at A1; None when there is none."""
        return None

    def sheet_used(self, sheet: str) -> Rect | None:
        """The cells in use; whole columns and rows are held up to there."""

    def random(self) -> float:
        """A number drawn uniformly from [0, 1)."""

    def spilled(self, sheet: str, row: int, column: int) -> Rect | None:
        """The cells that the formula in a cell spills into; None where it is no such formula."""
        return None

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The text of the formula in a cell, without `=`; None where there is none."""
        return None

    def sheets(self) -> Sequence[str]:
        """The sheets' names, in order."""
        return ()

    def subtotals(self, sheet: str, rect: Rect) -> Sequence[Rect]:
        """The cells of a rectangle whose formulas are a SUBTOTAL or an AGGREGATE."""
        return ()

    def hidden(self, sheet: str) -> Collection[int]:
        """The rows of a sheet that are not shown, counted from 0."""
        return ()

    def resolved(self, node: Node, sheet: str, row: int, column: int) -> Node:
        """A formula that was only now read (INDIRECT), with its names and tables put in place."""
        return node


class Evaluator(Protocol):
    """The evaluator, as rules see it. `row`, `column`, `sheet`: the cell of the formula. `scope`: the names
    of LET and LAMBDA, casefolded."""

    sheet: str
    row: int
    column: int
    lookup: Lookup
    effort: Effort

    @property
    def scope(self) -> Mapping[str, Operand]: ...

    def operand(self, node: Node, array: bool) -> Operand: ...

    def value(self, node: Node, array: bool) -> Scalar | Values:
        """A node as one value, or an array of more than one."""

    def values_of(self, operand: Operand) -> Scalar | Values:
        """All values of an operand."""

    def long_value(self, node: Node, array: bool) -> Scalar | Values | Long:
        """Like `value`, of whole columns only what is in use."""

    def one_long(self, operand: Operand, array: bool) -> Scalar | Values | Long: ...

    def long_of(self, operand: Operand) -> Scalar | Values | Long: ...

    def within(self, scope: Mapping[str, Operand], node: Node, array: bool) -> Operand:
        """A node's operand, its names taken from `scope`."""

    def intersected(self, reference: Reference) -> Scalar: ...

    def apply(self, function: Operand, operands: Sequence[Operand]) -> Operand:
        """A function called; #VALUE! for what is none or takes another number of arguments."""

    def take(self, cells: int) -> None:
        """An array of so many cells is to be made, one by one: TooMuch when that is beyond the limits."""


Rule = Callable[[Evaluator, Sequence[Node], bool], Operand]


def elementwise(function: Callable[..., Values], *values: Scalar | Values | Long) -> Values | Long:
    """A function of whole arrays, element by element, on arrays of which some may be long."""
    blocks, size = together(values)
    result = function(*blocks)
    return result if result.shape == size else Long(result, *size)


def block_of(value: Scalar | Values) -> Values:
    return value if isinstance(value, Values) else single(value)


def first_of(value: Scalar | Values) -> Scalar:
    return value.get((0, 0)) if isinstance(value, Values) else value


def failed(operands: Sequence[object]) -> ExcelError | None:
    """The first of some operands that is an error."""
    return next((operand for operand in operands if isinstance(operand, ExcelError)), None)
