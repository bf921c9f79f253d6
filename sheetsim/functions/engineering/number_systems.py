"""Numbers in base 2, 8, 10 and 16: BIN2DEC BIN2HEX BIN2OCT, DEC2..., HEX2..., OCT2....

Ten digits at most; a number whose tenth digit has its highest bit set is negative (two's complement of 10, 30
and 40 bits). Negative results have all ten digits whatever `places` says.

    HEX2DEC("FFFFFFFFBB")  -69          DEC2BIN(5, 8)  "00000101"
"""

from __future__ import annotations

import string

from sheetsim.functions.coercion import to_strict_number, to_text
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError, Scalar

_BASES = {"BIN": 2, "OCT": 8, "DEC": 10, "HEX": 16}
_BITS = {2: 10, 8: 30, 16: 40}
_PLACES = 10
_DIGITS = string.digits + string.ascii_uppercase


def to_base(number: int, base: int) -> str:
    """The digits of a number that is not negative."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, base)
        digits = _DIGITS[digit] + digits
    return digits


def _read(value: Scalar, base: int) -> int | ExcelError:
    if base == 10:
        number = to_strict_number(value)
        return number if isinstance(number, ExcelError) else int(number)
    if isinstance(value, bool):
        return ExcelError.VALUE
    text = "0" if value is None else to_text(value)
    if isinstance(text, ExcelError):
        return text
    digits = text.upper()
    if len(digits) > _PLACES or not all(digit in _DIGITS[:base] for digit in digits):
        return ExcelError.NUM
    number = int(digits or "0", base)
    bits = _BITS[base]
    return number - (1 << bits) if number >> (bits - 1) else number


def _write(number: int, base: int, places: int | None) -> str | float | ExcelError:
    if base == 10:
        return float(number)
    bits = _BITS[base]
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1) or (
        places is not None and not 1 <= places <= _PLACES
    ):
        return ExcelError.NUM
    if number < 0:
        return to_base(number + (1 << bits), base)
    digits = to_base(number, base)
    if places is not None and len(digits) > places:
        return ExcelError.NUM
    return digits.rjust(places or 0, "0")


def _convert(value: Scalar, start: int, end: int, places: float | None = None) -> object:
    number = _read(value, start)
    return (
        number
        if isinstance(number, ExcelError)
        else _write(number, end, None if places is None else int(places))
    )


for _from, _start in _BASES.items():
    for _to, _end in _BASES.items():
        if _from != _to:
            plain(
                f"{_from}2{_to}",
                lambda value, places=None, start=_start, end=_end: _convert(value, start, end, places),
                "any" if _to == "DEC" else "any [whole]",
            )
