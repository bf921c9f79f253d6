"""Square matrices: MDETERM MINVERSE MUNIT, through LAPACK's decomposition with pivots."""

from __future__ import annotations

import math

import numpy as np

from sheetsim.functions.plain import first_error_of, plain, scalars_of
from sheetsim.limits import room
from sheetsim.values import NUMBER, ExcelError, Values

_EFFORT_POWER = 1.5  # n^3 operations for n^2 cells


def _bad(matrix: Values) -> ExcelError | None:
    wrong = first_error_of(*scalars_of(matrix)) if matrix.kinds is not None else None
    if wrong is not None:
        return wrong
    square = matrix.shape[0] == matrix.shape[1]
    return None if square and bool((matrix.kind_array() == NUMBER).all()) else ExcelError.VALUE


def _mdeterm(matrix: Values) -> float | ExcelError:
    wrong = _bad(matrix)
    return float(np.linalg.det(matrix.numbers)) if wrong is None else wrong


def _minverse(matrix: Values) -> Values | ExcelError:
    wrong = _bad(matrix)
    if wrong is not None:
        return wrong
    try:
        inverse = np.asarray(np.linalg.inv(matrix.numbers), np.float64)
    except np.linalg.LinAlgError:
        return ExcelError.NUM
    return Values(inverse) if np.isfinite(inverse).all() else ExcelError.NUM


def _munit(size: float) -> Values | ExcelError:
    if size < 1:
        return ExcelError.VALUE
    room(int(min(size, 1e9)) ** 2)
    return Values(np.eye(int(size)))


def _effort(matrix: Values) -> int:
    return math.ceil(matrix.numbers.size**_EFFORT_POWER)


plain("MDETERM", _mdeterm, "array", effort=_effort, tail="all")
plain("MINVERSE", _minverse, "array", gives_array=True, effort=_effort, tail="all")
plain("MUNIT", _munit, "floor", gives_array=True)
