"""Arithmetic as a spreadsheet has it, for the NumPy implementations: where a cell shows #NUM! or #DIV/0!,
NaN, which then flows on as an error does (infinity would not: 1/inf is 0)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def known(x: Array) -> Array:
    """NaN where x is infinite."""
    return np.where(np.isfinite(x), x, np.nan)


def exp(x: Array) -> Array:
    """EXP: above 709.78 the result is too large."""
    with np.errstate(over="ignore"):
        return known(np.exp(np.ascontiguousarray(x)))


def ln(x: Array) -> Array:
    """LN, of what is above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.log(np.ascontiguousarray(x)))


def log10(x: Array) -> Array:
    """LOG, of what is above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(np.log10(np.ascontiguousarray(x)))


def divide(x: Array, y: Array) -> Array:
    """x/y, by what is not 0."""
    with np.errstate(all="ignore"):
        return known(np.asarray(x / y))


def total(x: Array, axis: int = -1) -> Array:
    """SUM along an axis, strictly from the first to the last, as the spreadsheet adds."""
    with np.errstate(over="ignore"):
        return known(np.asarray(np.cumsum(x, axis=axis).take(-1, axis=axis)))


def largest(x: Array, axis: int = -1) -> Array:
    """MAX along an axis."""
    return np.asarray(x.max(axis=axis, keepdims=True), np.float64)
