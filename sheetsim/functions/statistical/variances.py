"""VAR.P VAR.S STDEV.P STDEV.S, their old names VARP VAR STDEVP STDEV, and VARA VARPA STDEVA STDEVPA, with
AVERAGEA MAXA MINA, which take the same cells.

Excel works variances out in one pass, (n Σx² - (Σx)²) / n², as its stored values show to the bit, as long as
less than five bits cancel in the difference. Where more do, it takes the mean off first:

    n Σx² - (Σx)² < n Σx² / 32      Σ(x - m)² - (Σ(x - m))² / n, over n (or n - 1)

The stored values known were worked out in one pass at ratios (nΣx² - (Σx)²) / nΣx² of 0.0703 and more, in two
at 0.0154 and less; the bound is between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes
from sheetsim.functions.folding import count, fold
from sheetsim.functions.plain import by_a, plain
from sheetsim.functions.statistics import aggregate, squares_of, too_few, total, totals_of
from sheetsim.values import NUMBER, ExcelError, Scalar, Values

Array = NDArray[np.float64]

CANCELLED = 1 / 32
"""What is left, of the larger, of a difference in which too much cancels."""


def variance(numbers: Sequence[float], sample: bool) -> float | ExcelError:
    """Of a population, or of a `sample` of one."""
    n = float(len(numbers))
    if n < 1 + sample:
        return ExcelError.DIV0
    sum_, squares = total(numbers), total([x * x for x in numbers])
    left = n * squares - sum_ * sum_
    if left >= n * squares * CANCELLED or math.isnan(left):
        return left / (n * (n - sample))
    mean = sum_ / n
    rests = [x - mean for x in numbers]
    rest = total(rests)
    return max(total([x * x for x in rests]) - rest * rest / n, 0.0) / (n - sample)


def _variances(blocks: Sequence[Values], sample: bool) -> tuple[Array, Codes]:
    """`variance` of each window."""
    n, sum_, squares = count(blocks, NUMBER), totals_of(blocks), squares_of(blocks)
    left = n * squares - sum_ * sum_
    found = left / (n * (n - sample))
    cancelled = left < n * squares * CANCELLED
    if cancelled.any():
        mean = sum_ / n
        rest = _rests(blocks, mean, lambda x: x)
        twice = _rests(blocks, mean, lambda x: x * x) - rest * rest / n
        found = np.where(cancelled, np.maximum(twice, 0.0) / (n - sample), found)
    return found, too_few(n, 1 + sample)


def _rests(blocks: Sequence[Values], mean: Array, term: Callable[[Any], Any]) -> Array:
    """The sum of `term` of the numbers less their window's mean."""
    result: Any = 0.0
    for block in blocks:
        result = fold(
            np.add,
            lambda numbers, kinds, means: np.where(kinds == NUMBER, term(numbers - means), 0.0),
            [block.numbers, block.kind_array(), mean[..., None, None]],
            result,
        )
    return np.asarray(result)


def deviation(numbers: Sequence[float], sample: bool) -> float | ExcelError:
    """The standard deviation."""
    found = variance(numbers, sample)
    return found if isinstance(found, ExcelError) else math.sqrt(found)


def _deviations(blocks: Sequence[Values], sample: bool) -> tuple[Array, Codes]:
    found, codes = _variances(blocks, sample)
    return np.sqrt(found), codes


for _name in ("VAR.P", "VARP"):
    aggregate(_name, lambda xs: variance(xs, False), lambda blocks: _variances(blocks, False))
for _name in ("VAR.S", "VAR"):
    aggregate(_name, lambda xs: variance(xs, True), lambda blocks: _variances(blocks, True))
for _name in ("STDEV.P", "STDEVP"):
    aggregate(_name, lambda xs: deviation(xs, False), lambda blocks: _deviations(blocks, False))
for _name in ("STDEV.S", "STDEV"):
    aggregate(_name, lambda xs: deviation(xs, True), lambda blocks: _deviations(blocks, True))


def _of_all(name: str, function: Callable[[list[float]], float | ExcelError]) -> None:
    """A function of all cells as AVERAGEA takes them (`plain.by_a`)."""

    def told(*blocks: Values) -> Scalar:
        numbers = by_a(blocks)
        return numbers if isinstance(numbers, ExcelError) else function(numbers)

    plain(name, told, "range...", direct="number")


_of_all("VARA", lambda xs: variance(xs, True))
_of_all("VARPA", lambda xs: variance(xs, False))
_of_all("STDEVA", lambda xs: deviation(xs, True))
_of_all("STDEVPA", lambda xs: deviation(xs, False))
_of_all("AVERAGEA", lambda xs: total(xs) / len(xs) if xs else ExcelError.DIV0)
_of_all("MAXA", lambda xs: max(xs, default=0.0))
_of_all("MINA", lambda xs: min(xs, default=0.0))
