"""Tests and intervals: CHISQ.TEST F.TEST T.TEST Z.TEST CONFIDENCE.NORM CONFIDENCE.T, and their old names."""

from __future__ import annotations

import math

from sheetsim.functions.plain import first_error_of, numbers_of, paired, plain, scalars_of
from sheetsim.functions.statistical.continuous import (
    chisq_above,
    f_above,
    normal_below,
    normal_quantile,
    t_quantile,
    t_tails,
)
from sheetsim.functions.statistical.moments import mean
from sheetsim.functions.statistical.variances import deviation, variance
from sheetsim.functions.statistics import total
from sheetsim.values import ExcelError, Values

Result = float | ExcelError


def _chisq_test(actual: Values, expected: Values) -> Result:
    rows, columns = actual.shape
    if actual.shape != expected.shape or actual.numbers.size == 1:
        return ExcelError.NA
    pairs = paired(actual, expected)
    if isinstance(pairs, ExcelError):
        return pairs
    if any(e < 0 for e in pairs[1]):
        return ExcelError.NUM
    degrees = (rows - 1) * (columns - 1) if rows > 1 and columns > 1 else rows * columns - 1
    return chisq_above(total([(a - e) ** 2 / e for a, e in zip(*pairs, strict=True)]), degrees)


def _two_samples(first: Values, second: Values) -> tuple[list[float], list[float]] | ExcelError:
    a, b = numbers_of(first), numbers_of(second)
    if isinstance(a, ExcelError):
        return a
    return b if isinstance(b, ExcelError) else (a, b)


def _f_test(first: Values, second: Values) -> Result:
    """Both tails of the ratio of the variances."""
    samples = _two_samples(first, second)
    if isinstance(samples, ExcelError):
        return samples
    a, b = (variance(sample, True) for sample in samples)
    if isinstance(a, ExcelError) or isinstance(b, ExcelError) or a == 0 or b == 0:
        return ExcelError.DIV0
    above = f_above(a / b, len(samples[0]) - 1, len(samples[1]) - 1)
    return above if isinstance(above, ExcelError) else 2 * min(above, 1 - above)


def _t_test(first: Values, second: Values, tails: float, kind: float) -> Result:
    if tails not in (1.0, 2.0) or kind not in (1.0, 2.0, 3.0):
        return ExcelError.NUM
    found = _paired_t(first, second) if kind == 1 else _unpaired_t(first, second, kind == 2)
    if isinstance(found, ExcelError):
        return found
    t, degrees = found
    return t_tails("T.TEST", t, degrees) * tails / 2


def _paired_t(first: Values, second: Values) -> tuple[float, float] | ExcelError:
    pairs = paired(first, second)
    if isinstance(pairs, ExcelError):
        return pairs
    differences = [a - b for a, b in zip(*pairs, strict=True)]
    spread = deviation(differences, True)
    if isinstance(spread, ExcelError):
        return spread
    return mean(differences) / (spread / math.sqrt(len(differences))), len(differences) - 1


def _unpaired_t(first: Values, second: Values, equal: bool) -> tuple[float, float] | ExcelError:
    """Of samples with the same variance, or (Welch's) with different ones."""
    samples = _two_samples(first, second)
    if isinstance(samples, ExcelError):
        return samples
    a, b = samples
    va, vb = variance(a, True), variance(b, True)
    if isinstance(va, ExcelError) or isinstance(vb, ExcelError):
        return ExcelError.DIV0
    n, m = len(a), len(b)
    if equal:
        degrees = float(n + m - 2)
        width = ((n - 1) * va + (m - 1) * vb) / degrees * (1 / n + 1 / m)
    else:
        width = va / n + vb / m
        degrees = width**2 / ((va / n) ** 2 / (n - 1) + (vb / m) ** 2 / (m - 1))
    return (mean(a) - mean(b)) / math.sqrt(width), degrees


def _z_test(block: Values, x: float, sigma: float | None = None) -> Result:
    values = scalars_of(block)
    wrong = first_error_of(*values)
    numbers = [value for value in values if isinstance(value, float)]
    if wrong is not None:
        return wrong
    if not numbers:
        return ExcelError.NA
    spread = deviation(numbers, True) if sigma is None else sigma
    if isinstance(spread, ExcelError) or spread == 0:
        return ExcelError.DIV0
    if spread < 0:
        return ExcelError.NUM
    return normal_below((x - mean(numbers)) / (spread / math.sqrt(len(numbers))))


def _confidence_norm(alpha: float, sd: float, size: float) -> Result:
    if not 0 < alpha < 1 or sd <= 0 or size < 1:
        return ExcelError.NUM
    z = normal_quantile(1 - alpha / 2)  # Excel's stored values show the rounding of 1 - alpha / 2
    return z if isinstance(z, ExcelError) else z * sd / math.sqrt(size)


def _confidence_t(alpha: float, sd: float, size: float) -> Result:
    if not 0 < alpha < 1 or sd <= 0 or size < 1:
        return ExcelError.NUM
    t = t_quantile(alpha, size - 1) if size > 1 else ExcelError.DIV0
    return t if isinstance(t, ExcelError) else t * sd / math.sqrt(size)


for _names, _scalar, _parameters in (
    ("CHISQ.TEST CHITEST", _chisq_test, "array array"),
    ("F.TEST FTEST", _f_test, "array array"),
    ("T.TEST TTEST", _t_test, "array array floor floor"),
    ("Z.TEST ZTEST", _z_test, "array number [number]"),
    ("CONFIDENCE.NORM CONFIDENCE", _confidence_norm, "number number floor"),
    ("CONFIDENCE.T", _confidence_t, "number number floor"),
):
    for _name in _names.split():
        plain(_name, _scalar, _parameters)
