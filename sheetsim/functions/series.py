"""Sums and products with a formula of their own: PERCENTOF QUOTIENT SERIESSUM SQRTPI."""

from __future__ import annotations

import math

from sheetsim.functions.elementary import power
from sheetsim.functions.plain import first_error_of, numbers_of, plain, scalars_of
from sheetsim.functions.statistics import total
from sheetsim.values import ExcelError, Values


def _seriessum(x: float, first: float, step: float, coefficients: Values) -> float | ExcelError:
    values = scalars_of(coefficients)
    wrong = first_error_of(*values)
    if wrong is not None:
        return wrong
    result = 0.0
    for i, coefficient in enumerate(values):
        if not isinstance(coefficient, float):
            return ExcelError.VALUE
        term = power(x, first + i * step)
        if isinstance(term, ExcelError):
            return ExcelError.NUM
        result += coefficient * term
    return result


def _percentof(part: Values, whole: Values) -> float | ExcelError:
    numbers, of = numbers_of(part), numbers_of(whole)
    if isinstance(numbers, ExcelError):
        return numbers
    return of if isinstance(of, ExcelError) else total(numbers) / total(of)


plain("SERIESSUM", _seriessum, "strict strict strict array", tail="all")
plain("PERCENTOF", _percentof, "range range", direct="number")
plain("QUOTIENT", lambda a, b: math.trunc(a / b), "strict strict")
plain("SQRTPI", lambda x: math.sqrt(x * math.pi), "strict")
