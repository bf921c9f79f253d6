"""RAND and RANDBETWEEN, as functions of a number drawn for each cell uniformly from [0, 1).

The evaluators draw (records with `draws`), so that both implementations are plain functions and a seed
decides all.
"""

from __future__ import annotations

import math

import numpy as np

from sheetsim.functions.coercion import with_errors
from sheetsim.functions.registry import Function, register
from sheetsim.values import ExcelError, Scalar, Values


def _between(draw: float, low: float, high: float) -> Scalar:
    first, last = math.ceil(low), math.floor(high)
    if first > last:
        return ExcelError.NUM
    return float(first) + math.floor(draw * (float(last) - float(first) + 1.0))


def _between_arrays(draws: Values, low: Values, high: Values) -> Values:
    first, last = np.ceil(low.numbers), np.floor(high.numbers)
    numbers = first + np.floor(draws.numbers * (last - first + 1.0))
    codes = np.where(first > last, np.uint8(ExcelError.NUM), np.uint8(0))
    return with_errors(numbers, codes if codes.any() else None)


register(
    Function(
        "RAND",
        (),
        0,
        0,
        lambda draw: draw,
        lambda draws: draws,
        volatile=True,
        draws=True,
        source="support.microsoft.com, RAND: from 0 on, below 1",
    )
)
register(
    Function(
        "RANDBETWEEN",
        ("number", "number"),
        2,
        2,
        _between,
        _between_arrays,
        volatile=True,
        draws=True,
        source="support.microsoft.com, RANDBETWEEN: both ends belong to it",
    )
)
