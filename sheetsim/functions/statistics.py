"""Functions that fold many cells into one number: AVERAGE COUNT COUNTA MAX MEDIAN MIN PRODUCT STDEV.P STDEV.S
SUM SUMSQ VAR.P VAR.S.

In ranges and arrays only numbers count; a value that stands there directly is made a number first
(`SUM("3",TRUE)` is 4). Sums run strictly in reading order through all arguments. Variances follow Excel's
stored values to the bit: (n*sum of squares - (sum)^2) / n^2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.functions.folding import count, first_error, fold_numbers
from sheetsim.functions.registry import Direct, Function, register
from sheetsim.values import BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

Array = NDArray[np.float64]
ManyBlocks = Sequence[Values]

MOST = 255  # arguments that a function takes


def cells(blocks: ManyBlocks) -> list[Scalar]:
    """All cells of two-dimensional blocks in reading order."""
    return [value for block in blocks for row in block.tolist() for value in row]


def aggregate(
    name: str,
    scalar: Callable[[list[float]], float | ExcelError],
    array: Callable[[ManyBlocks], tuple[Array, Codes]],
    effort: Callable[..., int] | None = None,
) -> None:
    """A function of the numbers among the cells; the first error among the cells is the result."""

    def one(*blocks: Values) -> Scalar:
        numbers: list[float] = []
        for value in cells(blocks):
            if isinstance(value, ExcelError):
                return value
            if isinstance(value, float):
                numbers.append(value)
        result = scalar(numbers)
        return result if isinstance(result, ExcelError) or math.isfinite(result) else ExcelError.NUM

    def many(*blocks: Values) -> Values:
        with np.errstate(all="ignore"):
            numbers, codes = array(blocks)
        codes = first_codes(first_error(blocks), codes)
        return with_errors(numbers[..., None, None], None if codes is None else codes[..., None, None])

    record = Function(name, ("range",), 1, MOST, one, many, repeats=1, sees_errors=True, direct="number")
    register(replace(record, effort=effort))


def too_few(numbers: Array, least: int, error: ExcelError = ExcelError.DIV0) -> Codes:
    few = numbers < least
    return np.where(few, np.uint8(error), np.uint8(0)) if few.any() else None


def total(numbers: Sequence[float]) -> float:
    """The sum from left to right (Python's own `sum` compensates from 3.12 on)."""
    result = 0.0
    for number in numbers:
        result += number
    return result


def totals_of(blocks: ManyBlocks) -> Array:
    return fold_numbers(np.add, lambda x: x, blocks, 0.0)


def squares_of(blocks: ManyBlocks) -> Array:
    return fold_numbers(np.add, lambda x: x * x, blocks, 0.0)


aggregate("SUM", total, lambda blocks: (totals_of(blocks), None))
aggregate("SUMSQ", lambda xs: total([x * x for x in xs]), lambda blocks: (squares_of(blocks), None))


def _averages(blocks: ManyBlocks) -> tuple[Array, Codes]:
    counts = count(blocks, NUMBER)
    return totals_of(blocks) / counts, too_few(counts, 1)


aggregate("AVERAGE", lambda xs: total(xs) / len(xs) if xs else ExcelError.DIV0, _averages)


def _product(numbers: list[float]) -> float:
    result = 1.0
    for number in numbers:
        result *= number
    return result if numbers else 0.0


def _or_zero(numbers: Array, blocks: ManyBlocks) -> tuple[Array, Codes]:
    """0 where a window has no number at all; never -0."""
    return np.where(count(blocks, NUMBER) == 0, 0.0, numbers + 0.0), None


aggregate(
    "PRODUCT",
    lambda xs: _product(xs) + 0.0,
    lambda blocks: _or_zero(fold_numbers(np.multiply, lambda x: x, blocks, 1.0), blocks),
)
aggregate(
    "MAX",
    lambda xs: max(xs, default=0.0) + 0.0,
    lambda blocks: _or_zero(fold_numbers(np.maximum, lambda x: x, blocks, -np.inf), blocks),
)
aggregate(
    "MIN",
    lambda xs: min(xs, default=0.0) + 0.0,
    lambda blocks: _or_zero(fold_numbers(np.minimum, lambda x: x, blocks, np.inf), blocks),
)


def _median(numbers: list[float]) -> float | ExcelError:
    if not numbers:
        return ExcelError.NUM
    ordered, n = sorted(numbers), len(numbers)
    middle = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2
    return middle + 0.0


def _medians(blocks: ManyBlocks) -> tuple[Array, Codes]:
    outer = np.broadcast_shapes(*(block.shape[:-2] for block in blocks))
    rows = []
    for block in blocks:
        numbers = block.numbers
        if block.kinds is not None:
            numbers = np.where(block.kinds == NUMBER, numbers, np.nan)
        rows.append(np.broadcast_to(numbers, outer + block.shape[-2:]).reshape(outer + (-1,)))
    ordered = np.sort(np.concatenate(rows, axis=-1), axis=-1)  # nan goes last
    counts = count(blocks, NUMBER)
    n = np.broadcast_to(counts, outer).astype(np.int64)[..., None]
    low = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0), -1)[..., 0]
    high = np.take_along_axis(ordered, np.minimum(n // 2, ordered.shape[-1] - 1), -1)[..., 0]
    return np.where(n[..., 0] % 2 == 1, low, (low + high) / 2) + 0.0, too_few(counts, 1, ExcelError.NUM)


def _sorting(*blocks: Values) -> int:
    return 8 * sum(block.numbers.size for block in blocks)


aggregate("MEDIAN", _median, _medians, _sorting)


def _counter(name: str, direct: Direct, *kinds: int) -> None:
    """How many cells are of one of the kinds; errors among them are only counted or not."""

    def many(*blocks: Values) -> Values:
        return Values(count(blocks, *kinds)[..., None, None])

    def one(*blocks: Values) -> Scalar:
        return float(sum(int((block.kind_array() == kind).sum()) for block in blocks for kind in kinds))

    register(Function(name, ("range",), 1, MOST, one, many, repeats=1, sees_errors=True, direct=direct))


_counter("COUNT", "count", NUMBER)
_counter("COUNTA", "value", NUMBER, BOOLEAN, TEXT, ERROR)
