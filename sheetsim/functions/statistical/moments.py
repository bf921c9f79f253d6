"""What describes a set of numbers: AVEDEV DEVSQ GEOMEAN HARMEAN KURT SKEW SKEW.P COUNTBLANK."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sheetsim.functions.plain import numbers_of, plain
from sheetsim.functions.statistical.variances import deviation
from sheetsim.functions.statistics import total
from sheetsim.values import BLANK, TEXT, ExcelError, Values

Result = float | ExcelError


def _of_numbers(name: str, function: Callable[[list[float]], Result]) -> None:
    def told(*blocks: Values) -> Result:
        numbers = numbers_of(*blocks)
        return numbers if isinstance(numbers, ExcelError) else function(numbers)

    plain(name, told, "range...", direct="number")


def mean(numbers: Sequence[float]) -> float:
    return total(numbers) / len(numbers)


def _avedev(numbers: list[float]) -> Result:
    if not numbers:
        return ExcelError.NUM
    middle = mean(numbers)
    return mean([abs(x - middle) for x in numbers])


def _devsq(numbers: list[float]) -> Result:
    if not numbers:
        return ExcelError.NUM
    middle = mean(numbers)
    return total([(x - middle) * (x - middle) for x in numbers])


def _geomean(numbers: list[float]) -> Result:
    if not numbers or min(numbers) <= 0:
        return ExcelError.NUM
    product = math.prod(numbers)
    if 1e-300 < product < 1e300:
        return math.pow(product, 1 / len(numbers))
    return math.exp(mean([math.log(x) for x in numbers]))


def _harmean(numbers: list[float]) -> Result:
    if not numbers or min(numbers) <= 0:
        return ExcelError.NUM
    return len(numbers) / total([1 / x for x in numbers])


def _standardised(numbers: list[float], sample: bool, power: int) -> float | ExcelError:
    """The sum of the powers of the numbers' distances from the mean, in standard deviations."""
    spread = deviation(numbers, sample)
    if isinstance(spread, ExcelError):
        return spread
    middle = mean(numbers)
    return total([((x - middle) / spread) ** power for x in numbers])


def _kurt(numbers: list[float]) -> Result:
    n = len(numbers)
    fourth = _standardised(numbers, True, 4) if n > 3 else ExcelError.DIV0
    if isinstance(fourth, ExcelError):
        return fourth
    scale = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    return scale * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def _skew(numbers: list[float]) -> Result:
    n = len(numbers)
    third = _standardised(numbers, True, 3) if n > 2 else ExcelError.DIV0
    return third if isinstance(third, ExcelError) else n / ((n - 1) * (n - 2)) * third


def _skew_p(numbers: list[float]) -> Result:
    n = len(numbers)
    third = _standardised(numbers, False, 3) if n > 2 else ExcelError.DIV0
    return third if isinstance(third, ExcelError) else third / n


def _countblank(block: Values) -> float:
    kinds = block.kind_array()
    blank = int((kinds == BLANK).sum())
    return blank + (int((block.texts[kinds == TEXT] == "").sum()) if block.texts is not None else 0)


_of_numbers("AVEDEV", _avedev)
_of_numbers("DEVSQ", _devsq)
_of_numbers("GEOMEAN", _geomean)
_of_numbers("HARMEAN", _harmean)
_of_numbers("KURT", _kurt)
_of_numbers("SKEW", _skew)
_of_numbers("SKEW.P", _skew_p)
plain("COUNTBLANK", _countblank, "range", sees_errors=True, tail="counted")
