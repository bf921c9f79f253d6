"""Functions of ranges that grow from cell to cell, like SUM(A$4:A4), in one run through the longest range.

The cell that sees n cells more than the one above needs only these n: sums, counts and extremes are running
totals (`ufunc.accumulate`, which goes in order, so that the bits are those of a sum from the start). The
range must have one fixed corner at its beginning and grow away from it, downwards, or to the right in a
single row; others are left to the per-cell evaluator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.plan.areas import Area, Axis
from sheetsim.run.store import Grid
from sheetsim.values import BLANK, ERROR, NUMBER, ExcelError, Values

Array = NDArray[np.float64]
Kinds = NDArray[np.uint8]


def growing(name: str, area: Area, rect: Rect, grid: Grid) -> Values | None:
    """`name` of the range that each cell of `rect` sees, [R, C, 1, 1]; None where it does not grow so."""
    down = area.columns.steady
    axis, other = (area.rows, area.columns) if down else (area.columns, area.rows)
    if not other.steady or axis.steady or (not down and other.length > 1):
        return None
    count, lines = (rect.rows, rect.columns) if down else (rect.columns, rect.rows)
    fixed, moving = _corners(axis)
    if fixed > moving:
        return None
    numbers, kinds = [], []
    for line in range(lines if other.moves else 1):
        first, last = other.low + line, other.low + line + other.length
        longest = (
            Rect(fixed, first, moving + count, last) if down else Rect(first, fixed, last, moving + count)
        )
        block = grid.block(longest)
        numbers.append(block.numbers.reshape(-1))
        kinds.append(block.kind_array().reshape(-1))
    with np.errstate(all="ignore"):
        results, codes = GROWING[name](np.stack(numbers, 1), np.stack(kinds, 1))
    ends = np.arange(moving - fixed + 1, moving - fixed + 1 + count) * (other.length if down else 1) - 1
    found, wrong = results[ends], None if codes is None else codes[ends]
    if not down:
        found, wrong = found.T, None if wrong is None else wrong.T
    return with_errors(found[:, :, None, None], None if wrong is None else wrong[:, :, None, None])


def growing_cells(area: Area, rect: Rect) -> int:
    """How many cells `growing` looks at."""
    swept = area.swept(rect)
    if area.columns.steady:
        return swept.rows * area.columns.length * (rect.columns if area.columns.moves else 1)
    return swept.columns * (rect.rows if area.rows.first_moves else 1)


def _corners(axis: Axis) -> tuple[int, int]:
    """The corner that stands still and, for the first cell, the one that moves."""
    return (axis.last, axis.first) if axis.first_moves else (axis.first, axis.last)


def _first_error(numbers: Array, kinds: Kinds) -> Codes:
    """The first error so far, along axis 0."""
    wrong = kinds == ERROR
    if not wrong.any():
        return None
    length = len(numbers)
    first = np.minimum.accumulate(np.where(wrong, np.arange(length)[:, None], length), axis=0)
    code = np.take_along_axis(numbers, np.minimum(first, length - 1), 0)
    return np.where(first < length, code, 0).astype(np.uint8)


def _run(
    operation: np.ufunc, start: float, term: Callable[[Array], Array], numbers: Array, kinds: Kinds
) -> Array:
    terms = np.where(kinds == NUMBER, term(numbers), start)
    terms[0] = operation(start, terms[0])
    found: Array = operation.accumulate(terms, axis=0)
    return found


def _running(
    operation: np.ufunc, start: float, term: Callable[[Array], Array]
) -> Callable[..., tuple[Array, Codes]]:
    """A fold of the numbers; 0 where there is none yet."""

    def fold(numbers: Array, kinds: Kinds) -> tuple[Array, Codes]:
        results = _run(operation, start, term, numbers, kinds)
        if start != 0:
            results = np.where(_counts(kinds, NUMBER) == 0, 0.0, results + 0.0)
        return results, _first_error(numbers, kinds)

    return fold


def _counts(kinds: Kinds, *counted: int) -> Array:
    return np.cumsum(np.isin(kinds, counted), axis=0, dtype=np.float64)


def _average(numbers: Array, kinds: Kinds) -> tuple[Array, Codes]:
    sums, counts = _run(np.add, 0.0, _itself, numbers, kinds), _counts(kinds, NUMBER)
    none = np.where(counts == 0, np.uint8(ExcelError.DIV0), np.uint8(0))
    return sums / np.maximum(counts, 1), first_codes(_first_error(numbers, kinds), none)


def _itself(numbers: Array) -> Array:
    return numbers


def _square(numbers: Array) -> Array:
    return numbers * numbers


GROWING: dict[str, Callable[[Array, Kinds], tuple[Array, Codes]]] = {
    "SUM": _running(np.add, 0.0, _itself),
    "SUMSQ": _running(np.add, 0.0, _square),
    "PRODUCT": _running(np.multiply, 1.0, _itself),
    "MAX": _running(np.maximum, -np.inf, _itself),
    "MIN": _running(np.minimum, np.inf, _itself),
    "AVERAGE": _average,
    "COUNT": lambda numbers, kinds: (_counts(kinds, NUMBER), None),
    "COUNTA": lambda numbers, kinds: (np.cumsum(kinds != BLANK, axis=0, dtype=np.float64), None),
}
"""Excel's name -> what it makes of [cells in reading order, ranges] after each cell, with error codes."""
