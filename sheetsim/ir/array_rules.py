"""The rules of the operations on arrays and over function values: plain Python, in reading order.

A block is a two-dimensional `Values`; where a rule takes one, a scalar stands for a block of one cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from sheetsim.functions.coercion import compare
from sheetsim.functions.lifting import align, single, stretch
from sheetsim.values import ExcelError, Scalar, Values

Block = Scalar | Values
How = Literal["add", "mul", "min", "max"]

_STEPS: dict[str, Callable[[float, float], float]] = {
    "add": lambda total, x: total + x,
    "mul": lambda total, x: total * x,
    "min": min,
    "max": max,
}


def block(value: Block) -> Values:
    return value if isinstance(value, Values) else single(value)


def cells(value: Block) -> list[Scalar]:
    """All cells in reading order."""
    return [cell for row in block(value).tolist() for cell in row]


def _together(*values: Block) -> list[list[Scalar]]:
    """The cells of blocks that meet element by element."""
    aligned = align([block(value) for value in values])
    shape = np.broadcast_shapes(*(one.shape for one in aligned))
    return [cells(stretch(one, shape)) for one in aligned]


def fold(start: float, x: Block, where: Block, how: How) -> float | ExcelError:
    """`start`, and each x for which `where` holds, in reading order; an error among them is the result."""
    values, tests = _together(x, where)
    wrong = next((value for value in values if isinstance(value, ExcelError)), None)
    if wrong is not None:
        return wrong
    step, total = _STEPS[how], start
    for value, test in zip(values, tests, strict=True):
        if test:
            total = step(total, value)  # type: ignore[arg-type]
    return total


def scan(start: float, x: Block, how: How) -> Values:
    """What `fold` has after each cell."""
    step, total, found = _STEPS[how], start, []
    for value in cells(x):
        total = step(total, value)  # type: ignore[arg-type]
        found.append(total)
    height, width = block(x).shape
    return Values.of(found[row * width : (row + 1) * width] for row in range(height))


def first_error(x: Block) -> float | ExcelError:
    """The first error among the cells, 0 when there is none."""
    return next((value for value in cells(x) if isinstance(value, ExcelError)), 0.0)


def any_of(x: Block) -> bool:
    return any(cells(x))


def matmul(left: Block, right: Block) -> Block:
    """Sums of products in reading order. Shapes must fit (`meets`)."""
    rows, columns = block(left).tolist(), list(zip(*block(right).tolist(), strict=True))
    return Values.of([_dot(row, column) for column in columns] for row in rows)


def _dot(row: list[Scalar], column: tuple[Scalar, ...]) -> float:
    total = 0.0
    for a, b in zip(row, column, strict=False):
        total += a * b  # type: ignore[operator]
    return total


def transpose(x: Block) -> Values:
    return Values.of(zip(*block(x).tolist(), strict=True))


def iota(length: int, axis: str) -> Values:
    numbers = np.arange(length, dtype=np.float64)
    return Values(numbers[:, None] if axis == "h" else numbers[None, :])


def position(axis: str) -> float:
    raise NotImplementedError(f"the place of a cell along {axis}: a builder that knows it gives it")


def no_rule(*arguments: object, **attributes: object) -> object:
    raise NotImplementedError("what this gives is the builder's business")


def gather(x: Block, row: Scalar, column: Scalar) -> Scalar:
    """The cell in a row and a column counted from 0; #REF! outside, errors of row and column first."""
    for place in (row, column):
        if isinstance(place, ExcelError):
            return place
    table, r, c = block(x).tolist(), int(row), int(column)  # type: ignore[arg-type]
    if not (0 <= r < len(table) and 0 <= c < len(table[0])):
        return ExcelError.REF
    return table[r][c]


def search(x: Block, key: Scalar, kind: int) -> Scalar:
    """The place, counted from 0, of the first cell equal to the key (kind 0), of the last that is not above
    it (1) or of the last that is not below it (-1); cells of another kind are passed over. #N/A without."""
    if isinstance(key, ExcelError):
        return key
    found = None
    for place, cell in enumerate(cells(x)):
        if type(cell) is not type(key):
            continue
        sign = compare(cell, key)
        if kind == 0 and sign == 0:
            return float(place)
        if kind and sign * kind <= 0:
            found = float(place)
    return ExcelError.NA if found is None else found


def group_sum(keys: Block, key: Scalar, x: Block) -> Scalar:
    """The numbers beside which the key stands, added up in reading order."""
    if isinstance(key, ExcelError):
        return key
    total = 0.0
    for own, value in zip(*_together(keys, x), strict=True):
        if type(own) is type(key) and compare(own, key) == 0:
            if isinstance(value, ExcelError):
                return value
            total += value if isinstance(value, float) else 0.0
    return total


def sort_index(x: Block) -> Values:
    """The places of the cells, counted from 0, in Excel's ascending order: numbers, text, booleans, errors,
    blanks; equal cells stay in order."""
    values = cells(x)

    def rank(place: int) -> tuple[int, Scalar]:
        value = values[place]
        if value is None:
            return 4, 0.0
        if isinstance(value, ExcelError):
            return 3, 0.0
        if isinstance(value, bool):
            return 2, value
        return (1, value.casefold()) if isinstance(value, str) else (0, value)

    order = sorted(range(len(values)), key=rank)
    return Values(np.array(order, np.float64)[:, None])


def beside(left: Block, right: Block) -> Values:
    return transpose(below(transpose(left), transpose(right)))


def below(upper: Block, lower: Block) -> Values:
    """One array below the other; what the narrower lacks is #N/A."""
    rows = block(upper).tolist() + block(lower).tolist()
    width = max(map(len, rows))
    return Values.of(row + [ExcelError.NA] * (width - len(row)) for row in rows)


def same_shape(left: Block, right: Block) -> bool:
    return block(left).shape == block(right).shape


def meets(left: Block, right: Block) -> bool:
    return block(left).shape[1] == block(right).shape[0]


# -- function values


def apply(*arguments: object) -> object:
    *given, function = arguments
    return function(*given)  # type: ignore[operator]


def map_(*arguments: object) -> Values:
    *blocks, function = arguments
    shape = np.broadcast_shapes(*(block(one).shape for one in blocks))  # type: ignore[arg-type]
    places = zip(*_together(*blocks), strict=True)  # type: ignore[arg-type]
    found = [function(*values) for values in places]  # type: ignore[operator]
    return Values.of(found[row * shape[1] : (row + 1) * shape[1]] for row in range(shape[0]))


def reduce(start: Scalar, x: Block, function: Callable[..., Scalar]) -> Scalar:
    total = start
    for value in cells(x):
        total = function(total, value)
    return total


def scan_by(start: Scalar, x: Block, function: Callable[..., Scalar]) -> Values:
    total, found = start, []
    for value in cells(x):
        total = function(total, value)
        found.append(total)
    height, width = block(x).shape
    return Values.of(found[row * width : (row + 1) * width] for row in range(height))


def by_row(x: Block, function: Callable[..., Scalar]) -> Values:
    return Values.of([function(Values.of([row]))] for row in block(x).tolist())


def by_column(x: Block, function: Callable[..., Scalar]) -> Values:
    return transpose(by_row(transpose(x), lambda row: function(transpose(row))))


def make_array(rows: Scalar, columns: Scalar, function: Callable[..., Scalar]) -> Values:
    height, width = int(rows), int(columns)  # type: ignore[arg-type]
    return Values.of([function(r + 1.0, c + 1.0) for c in range(width)] for r in range(height))
