"""Whole numbers below 2^48, bit by bit: BITAND BITOR BITXOR BITLSHIFT BITRSHIFT."""

from __future__ import annotations

import operator
from collections.abc import Callable

from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError

_END = 1 << 48
_MOST_SHIFT = 53


def _whole(number: float) -> bool:
    return 0 <= number < _END and number == int(number)


def _bitwise(name: str, operation: Callable[[int, int], int]) -> None:
    def told(a: float, b: float) -> float | ExcelError:
        return float(operation(int(a), int(b))) if _whole(a) and _whole(b) else ExcelError.NUM

    plain(name, told, "number number")


def _shift(number: float, left: float) -> float | ExcelError:
    if not _whole(number) or not abs(left) <= _MOST_SHIFT:
        return ExcelError.NUM
    places = int(left)
    result = int(number) << places if places >= 0 else int(number) >> -places
    return float(result) if result < _END else ExcelError.NUM


_bitwise("BITAND", operator.and_)
_bitwise("BITOR", operator.or_)
_bitwise("BITXOR", operator.xor)
plain("BITLSHIFT", _shift, "number number")
plain("BITRSHIFT", lambda number, right: _shift(number, -right), "number number")
