"""Sums and products with a formula of their own: QUOTIENT SERIESSUM SQRTPI."""

from __future__ import annotations

import math

from sheetsim.functions.elementary import power
from sheetsim.functions.plain import first_error_of, plain, scalars_of
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


plain("SERIESSUM", _seriessum, "strict strict strict array", tail="all")
plain("QUOTIENT", lambda a, b: math.trunc(a / b), "strict strict")
plain("SQRTPI", lambda x: math.sqrt(x * math.pi), "strict")
