"""Functions that fold many cells into one number: AVERAGE COUNT COUNTA MAX MEDIAN MIN PRODUCT SUM SUMSQ.

In ranges and arrays only numbers count; a value that stands there directly is made a number first
(`SUM("3",TRUE)` is 4). Sums run strictly in reading order through all arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.functions.folding import count, first_error
from sheetsim.functions.lines import Spans
from sheetsim.functions.registry import Direct, Function, Tail, register
from sheetsim.values import BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Builder, Term

Array = NDArray[np.float64]
ManyBlocks = Sequence[Values]

MOST = 255  # arguments that a function takes
_PAGE = "support.microsoft.com, "


def cells(blocks: ManyBlocks) -> list[Scalar]:
    """All cells of two-dimensional blocks in reading order."""
    return [value for block in blocks for row in block.tolist() for value in row]


def total(numbers: Sequence[float]) -> float:
    """The sum from left to right (Python's own `sum` compensates from 3.12 on)."""
    result = 0.0
    for number in numbers:
        result += number
    return result


def folded(name: str, body: Callable[[Builder, Sequence[Term]], Term], tail: Tail = "blank") -> None:
    """A function of the numbers among the cells; the first error among the cells is the result."""

    def checked(b: Builder, *blocks: Term) -> Term:
        return b.checked(blocks, body(b, blocks))

    record = Function(name, ("range",), 1, MOST, body=checked, repeats=1, sees_errors=True, direct="number")
    register(replace(record, tail=tail, source=_PAGE + name))


def _square(x: Term) -> Term:
    return x * x


def _average(b: Builder, blocks: Sequence[Term]) -> Term:
    n = b.count(blocks)
    return b.fail(b.total(blocks) / n, b.eq(n, 0), ExcelError.DIV0)


def _or_zero(b: Builder, blocks: Sequence[Term], result: Term) -> Term:
    """0 where there is no number at all; never -0."""
    return b.select(b.eq(b.count(blocks), 0), 0.0, result + 0.0)


folded("SUM", lambda b, blocks: b.total(blocks), tail="zero")
folded("SUMSQ", lambda b, blocks: b.total(blocks, _square), tail="zero")
folded("AVERAGE", _average)
folded("PRODUCT", lambda b, blocks: _or_zero(b, blocks, b.fold("mul", 1.0, blocks)))
folded("MAX", lambda b, blocks: _or_zero(b, blocks, b.fold("max", -math.inf, blocks)), tail="once")
folded("MIN", lambda b, blocks: _or_zero(b, blocks, b.fold("min", math.inf, blocks)), tail="once")


def _counter(name: str, direct: Direct, *kinds: int) -> None:
    """How many cells are of one of the kinds; errors among them are only counted or not."""
    asked = sum(1 << kind for kind in kinds)
    body = lambda b, *blocks: b.count(blocks, asked)  # noqa: E731
    record = Function(name, ("range",), 1, MOST, body=body, repeats=1, sees_errors=True, direct=direct)
    register(replace(record, source=_PAGE + name))


_counter("COUNT", "count", NUMBER)
_counter("COUNTA", "value", NUMBER, BOOLEAN, TEXT, ERROR)


# -- by order: no fold


def _aggregate(
    name: str,
    scalar: Callable[[list[float]], float | ExcelError],
    array: Callable[[ManyBlocks], tuple[Array, Codes]],
    effort: Callable[..., int] | None = None,
    spans: Callable[..., Values | None] | None = None,
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
    register(replace(record, effort=effort, spans=spans, source=_PAGE + name))


def _too_few(numbers: NDArray[Any], least: int, error: ExcelError = ExcelError.DIV0) -> Codes:
    few = numbers < least
    return np.where(few, np.uint8(error), np.uint8(0)) if few.any() else None


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
    return np.where(n[..., 0] % 2 == 1, low, (low + high) / 2) + 0.0, _too_few(counts, 1, ExcelError.NUM)


def _sorting(*blocks: Values) -> int:
    return 8 * sum(block.numbers.size for block in blocks)


def _median_spans(spend: Callable[[int], None], *blocks: Spans) -> Values | None:
    if len(blocks) > 1 or not isinstance(blocks[0], Spans):
        return None
    spend(100 * (len(blocks[0].line) + blocks[0].low.size))
    n = blocks[0].count()
    low, high = (blocks[0].smallest(k) for k in ((n - 1) // 2, n // 2))
    codes = first_codes(blocks[0].first_error(), _too_few(n, 1, ExcelError.NUM))
    with np.errstate(all="ignore"):
        return with_errors(np.where(n % 2 == 1, low, (low + high) / 2) + 0.0, codes)


_aggregate("MEDIAN", _median, _medians, _sorting, _median_spans)
