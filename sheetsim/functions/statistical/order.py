"""Places in order: LARGE SMALL, PERCENTILE... QUARTILE... PERCENTRANK... RANK..., TRIMMEAN, MODE...,
FREQUENCY.

Of ranges and arrays the numbers count; the first error among the cells is the result.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

import numpy as np

from sheetsim.functions.coercion import first_codes, with_errors
from sheetsim.functions.digits import floor
from sheetsim.functions.lines import Spans
from sheetsim.functions.plain import numbers_of, plain
from sheetsim.functions.statistics import total
from sheetsim.values import ExcelError, Values

Result = float | ExcelError


def _ordered(block: Values) -> list[float] | ExcelError:
    """The numbers in ascending order; #NUM! for none."""
    numbers = numbers_of(block)
    return numbers if isinstance(numbers, ExcelError) else sorted(numbers) or ExcelError.NUM


def _small(block: Values, k: float) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    place = math.floor(k)
    return numbers[place - 1] if 1 <= place <= len(numbers) else ExcelError.NUM


def _large(block: Values, k: float) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    place = math.floor(k)
    return numbers[-place] if 1 <= place <= len(numbers) else ExcelError.NUM


def _in_lines(from_top: bool) -> Callable[..., Values | None]:
    """LARGE (`from_top`) and SMALL of parts of a line."""

    def spans(spend: Callable[[int], None], block: Spans, k: Values) -> Values | None:
        if not isinstance(block, Spans):
            return None
        spend(100 * (len(block.line) + k.numbers.size + block.low.size))
        count = block.count()
        place = np.floor(np.clip(k.numbers, -1.0, 2.0**31)).astype(np.int64)
        inside = (place >= 1) & (place <= count)
        found = block.smallest(np.where(inside, count - place if from_top else place - 1, 0))
        codes = np.where(inside, np.uint8(0), np.uint8(ExcelError.NUM))
        return with_errors(found, first_codes(block.first_error(), codes))

    return spans


def _at(numbers: list[float], place: float) -> float:
    """The value at a place counted from 0, between two by their distance."""
    low = math.floor(place)
    share = place - low
    return numbers[low] + share * (numbers[low + 1] - numbers[low]) if share else numbers[low]


def _inclusive(block: Values, share: float) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    return _at(numbers, share * (len(numbers) - 1)) if 0 <= share <= 1 else ExcelError.NUM


def _exclusive(block: Values, share: float) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    place = share * (len(numbers) + 1) - 1
    return _at(numbers, place) if 0 < share < 1 and 0 <= place <= len(numbers) - 1 else ExcelError.NUM


def _place(numbers: list[float], x: float) -> float | None:
    """Where x stands, counted from 0, between two by its distance; None outside."""
    if not numbers[0] <= x <= numbers[-1]:
        return None
    above = bisect_left(numbers, x)
    if numbers[above] == x:
        return float(above)
    low, high = numbers[above - 1], numbers[above]
    return above - 1 + (x - low) / (high - low)


def _percentrank(block: Values, x: float, digits: float, exclusive: bool) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    if digits < 1:
        return ExcelError.NUM
    place = _place(numbers, x)
    if place is None:
        return ExcelError.NA
    if exclusive:
        share = (place + 1) / (len(numbers) + 1)
    else:
        share = place / (len(numbers) - 1) if len(numbers) > 1 else 1.0
    scale = math.pow(10, min(digits, 300))
    return floor(share * scale) / scale if share * scale < 2.0**52 else share


def _rank(number: float, block: Values, ascending: float, average: bool) -> Result:
    numbers = numbers_of(block)
    if isinstance(numbers, ExcelError):
        return numbers
    equal = numbers.count(number)
    if not equal:
        return ExcelError.NA
    before = sum(x < number for x in numbers) if ascending else sum(x > number for x in numbers)
    return before + 1 + ((equal - 1) / 2 if average else 0)


def _trimmean(block: Values, share: float) -> Result:
    numbers = _ordered(block)
    if isinstance(numbers, ExcelError):
        return numbers
    if not 0 <= share < 1:
        return ExcelError.NUM
    cut = math.floor(floor(share * len(numbers)) / 2)
    kept = numbers[cut : len(numbers) - cut]
    return total(kept) / len(kept)


def _modes(numbers: list[float]) -> list[float] | ExcelError:
    """The numbers that occur most often, if more than once, as they come."""
    counts = Counter(numbers)
    most = max(counts.values(), default=0)
    return [x for x, count in counts.items() if count == most] if most > 1 else ExcelError.NA


def _mode(*blocks: Values) -> Result:
    numbers = numbers_of(*blocks)
    modes = numbers if isinstance(numbers, ExcelError) else _modes(numbers)
    return modes if isinstance(modes, ExcelError) else modes[0]


def _mode_mult(*blocks: Values) -> Values | ExcelError:
    numbers = numbers_of(*blocks)
    modes = numbers if isinstance(numbers, ExcelError) else _modes(numbers)
    return modes if isinstance(modes, ExcelError) else Values(np.array(modes).reshape(-1, 1))


def _frequency(data: Values, bins: Values) -> Values | ExcelError:
    """How many of the data are at most each bound and above the next lower one; at last those above all."""
    numbers, bounds = numbers_of(data), numbers_of(bins)
    if isinstance(numbers, ExcelError):
        return numbers
    if isinstance(bounds, ExcelError):
        return bounds
    order = sorted(range(len(bounds)), key=lambda i: bounds[i])
    ascending = [bounds[i] for i in order]
    counts = np.zeros(len(bounds) + 1)
    for number in numbers:
        place = bisect_left(ascending, number)
        counts[order[place] if place < len(order) else -1] += 1
    return Values(counts.reshape(-1, 1))


plain("SMALL", _small, "range number", direct="number", spans=_in_lines(False))
plain("LARGE", _large, "range number", direct="number", spans=_in_lines(True))
for _names, _scalar, _parameters in (
    ("PERCENTILE PERCENTILE.INC", _inclusive, "range number"),
    ("PERCENTILE.EXC", _exclusive, "range number"),
    ("QUARTILE QUARTILE.INC", lambda block, quarter: _inclusive(block, quarter / 4), "range floor"),
    ("QUARTILE.EXC", lambda block, quarter: _exclusive(block, quarter / 4), "range floor"),
    (
        "PERCENTRANK PERCENTRANK.INC",
        lambda block, x, digits=3.0: _percentrank(block, x, digits, False),
        "range number [floor]",
    ),
    (
        "PERCENTRANK.EXC",
        lambda block, x, digits=3.0: _percentrank(block, x, digits, True),
        "range number [floor]",
    ),
    ("RANK RANK.EQ", lambda x, block, order=0.0: _rank(x, block, order, False), "number range [number]"),
    ("RANK.AVG", lambda x, block, order=0.0: _rank(x, block, order, True), "number range [number]"),
    ("TRIMMEAN", _trimmean, "range number"),
    ("MODE MODE.SNGL", _mode, "range..."),
):
    for _name in _names.split():
        plain(_name, _scalar, _parameters, direct="number")
plain("MODE.MULT", _mode_mult, "range...", direct="number", gives_array=True)
plain("FREQUENCY", _frequency, "array array", gives_array=True)
