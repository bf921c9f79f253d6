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
from typing import TYPE_CHECKING

from sheetsim.functions.plain import by_a, plain
from sheetsim.functions.statistics import folded, total
from sheetsim.values import ExcelError, Scalar, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Builder, Term

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


def deviation(numbers: Sequence[float], sample: bool) -> float | ExcelError:
    """The standard deviation."""
    found = variance(numbers, sample)
    return found if isinstance(found, ExcelError) else math.sqrt(found)


def _body(sample: int) -> Callable[[Builder, Sequence[Term]], Term]:
    """`variance` as primitive operations."""

    def body(b: Builder, blocks: Sequence[Term]) -> Term:
        n, sum_, squares = b.count(blocks), b.total(blocks), b.total(blocks, lambda x: x * x)
        left, mean = n * squares - sum_ * sum_, sum_ / n
        rest = b.total(blocks, lambda x: x - mean)
        twice = b.total(blocks, lambda x: (x - mean) * (x - mean)) - rest * rest / n
        twice = b.select(twice < 0, 0.0, twice) / (n - sample)
        once = left / (n * (n - sample))
        found = b.op("refined", once, b.select(left < n * squares * CANCELLED, twice, once))
        return b.fail(found, n < 1 + sample, ExcelError.DIV0)

    return body


def _root(body: Callable[[Builder, Sequence[Term]], Term]) -> Callable[[Builder, Sequence[Term]], Term]:
    return lambda b, blocks: b.sqrt(body(b, blocks))


for _names, _of_sample in (("VAR.P VARP", 0), ("VAR.S VAR", 1)):
    for _name in _names.split():
        folded(_name, _body(_of_sample))
for _names, _of_sample in (("STDEV.P STDEVP", 0), ("STDEV.S STDEV", 1)):
    for _name in _names.split():
        folded(_name, _root(_body(_of_sample)))


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
