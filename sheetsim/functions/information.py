"""What kind of value there is: ERROR.TYPE ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER
ISODD ISTEXT N NA T TYPE."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import booleans
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values, kind_of

_SOURCE = "support.microsoft.com, "

_ONE_VALUE = "IS functions"
_TYPES = {BLANK: 1.0, NUMBER: 1.0, TEXT: 2.0, BOOLEAN: 4.0, ERROR: 16.0}
_ARRAY = 64.0


def _test(name: str, scalar: Callable[[Scalar], bool], array: Callable[[Values], NDArray[np.bool_]]) -> None:
    """A question that any value can be asked, errors too."""
    register(
        Function(
            *(name, ("any",), 1, 1, scalar, lambda values: booleans(array(values))),
            sees_errors=True,
            source=_SOURCE + _ONE_VALUE,
        )
    )


def _of_kind(name: str, *kinds: int) -> None:
    _test(name, lambda value: kind_of(value) in kinds, lambda values: np.isin(values.kind_array(), kinds))


_of_kind("ISBLANK", BLANK)
_of_kind("ISERROR", ERROR)
_of_kind("ISLOGICAL", BOOLEAN)
_of_kind("ISNONTEXT", BLANK, NUMBER, BOOLEAN, ERROR)
_of_kind("ISNUMBER", NUMBER)
_of_kind("ISTEXT", TEXT)


def _not_available(values: Values) -> NDArray[np.bool_]:
    return (values.kind_array() == ERROR) & (values.numbers == ExcelError.NA)


_test("ISNA", lambda value: value is ExcelError.NA, _not_available)
_test(
    "ISERR",
    lambda value: isinstance(value, ExcelError) and value is not ExcelError.NA,
    lambda values: (values.kind_array() == ERROR) & ~_not_available(values),
)


def _parity(name: str, rest: int) -> None:
    """Whether a number, its fraction cut off, is even (`rest` 0) or odd (1)."""
    register(
        Function(
            *(name, ("strict",), 1, 1),
            lambda value: math.trunc(value) % 2 == rest,
            lambda values: booleans(np.abs(np.trunc(values.numbers)) % 2 == rest),
            source=_SOURCE + name,
        )
    )


_parity("ISEVEN", 0)
_parity("ISODD", 1)


def _n(value: Scalar) -> Scalar:
    """Numbers and booleans as numbers, errors as they are, all else 0."""
    if isinstance(value, ExcelError):
        return value
    return float(value) if isinstance(value, (bool, float)) else 0.0


def _t(value: Scalar) -> Scalar:
    """Text and errors as they are, all else ""."""
    return value if isinstance(value, (str, ExcelError)) else ""


def _type(block: Values) -> Scalar:
    return _ARRAY if block.numbers.size > 1 else _TYPES[int(block.kind_array()[0, 0])]


def _error_type(value: Scalar) -> Scalar:
    return float(value) if isinstance(value, ExcelError) else ExcelError.NA


def _register(name: str, kind: Kind, scalar: Callable[..., Scalar]) -> None:
    register(Function(name, (kind,), 1, 1, scalar, sees_errors=True, source=_SOURCE + name))


_register("N", "corner", _n)
_register("T", "corner", _t)
_register("TYPE", "range", _type)
_register("ERROR.TYPE", "any", _error_type)
register(
    Function(
        *("NA", (), 0, 0, lambda: ExcelError.NA),
        lambda: Values(np.full((1, 1, 1, 1), float(ExcelError.NA)), np.full((1, 1, 1, 1), ERROR, np.uint8)),
        source=_SOURCE + "NA",
    )
)
