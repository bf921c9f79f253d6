"""Numbers as text and text as numbers: BAHTTEXT DOLLAR ENCODEURL FIXED NUMBERVALUE TEXT VALUE.

Number formats are `formats`; what a text reads as is `reading`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP
from urllib.parse import quote

from sheetsim.functions.characters import bounded
from sheetsim.functions.coercion import to_number
from sheetsim.functions.formats import shown
from sheetsim.functions.formats.numbers import decimal, rounded
from sheetsim.functions.reading import number_in
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.values import ExcelError, Scalar

_SOURCE = "support.microsoft.com, "
_MOST_DECIMALS = 127
_MONEY = "$#,##0"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _register(name: str, parameters: tuple[Kind, ...], least: int, scalar: Callable[..., Scalar]) -> None:
    register(Function(name, parameters, least, len(parameters), scalar, source=_SOURCE + name))


def _text(value: Scalar, code: str) -> Scalar:
    """A boolean is shown as text; a text that reads as a number is one."""
    if isinstance(value, bool):
        value = "TRUE" if value else "FALSE"
    number = number_in(value) if isinstance(value, str) else float(value or 0.0)
    result = shown(str(value) if number is None else number, code)
    return result if isinstance(result, ExcelError) else bounded(result)


def _value(value: Scalar) -> Scalar:
    return ExcelError.VALUE if isinstance(value, bool) else to_number(value)


def _decimals(value: float, decimals: float, code: str, negative: str) -> Scalar:
    """A number rounded to so many decimals (below 0: to tens, hundreds), shown with them."""
    places = math.trunc(decimals)
    if places > _MOST_DECIMALS:
        return ExcelError.VALUE
    number = rounded(value, places)
    code += "." + "0" * places if places > 0 else ""
    return shown(number, code + ";" + negative.format(code))


def _dollar(value: float, decimals: float = 2.0) -> Scalar:
    return _decimals(value, decimals, _MONEY, "({})")


def _fixed(value: float, decimals: float = 2.0, plain: bool = False) -> Scalar:
    return _decimals(value, decimals, "0" if plain else "#,##0", "-{}")


def _numbervalue(text: str, decimal: Scalar = None, group: Scalar = None) -> Scalar:
    """Spaces count nowhere; group separators only before the decimal one; each % divides by 100."""
    point, comma = ("." if decimal is None else decimal), ("," if group is None else group)
    if not isinstance(point, str) or not isinstance(comma, str) or not point or not comma:
        return ExcelError.VALUE
    if point[0] == comma[0]:
        return ExcelError.VALUE
    text = text.replace(" ", "")
    if not text:
        return 0.0
    whole, found, decimals = text.partition(point[0])
    if comma[0] in decimals or point[0] in decimals:
        return ExcelError.VALUE
    bare = whole.replace(comma[0], "") + ("." + decimals if found else "")
    digits = bare.rstrip("%")
    if not _PLAIN.fullmatch(digits):
        return ExcelError.VALUE
    number = float(digits) / 100.0 ** (len(bare) - len(digits))
    return number if math.isfinite(number) else ExcelError.VALUE


# --- Thai amounts of money ---------------------------------------------------------------------------------

_DIGITS = ("", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACES = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")
_MILLION, _ZERO, _MINUS = "ล้าน", "ศูนย์", "ลบ"
_BAHT, _SATANG, _EXACT = "บาท", "สตางค์", "ถ้วน"
_FINAL_ONE, _TWENTY = "เอ็ด", "ยี่"


def _thai(number: int) -> str:
    """A whole number above 0 in words."""
    if number >= 1_000_000:
        return (
            _thai(number // 1_000_000) + _MILLION + (_thai(number % 1_000_000) if number % 1_000_000 else "")
        )
    words = []
    for place, digit in reversed(list(enumerate(map(int, reversed(str(number)))))):
        if not digit:
            continue
        word = _DIGITS[digit]
        if place == 1:
            word = "" if digit == 1 else _TWENTY if digit == 2 else word
        elif place == 0 and digit == 1 and number > 10:
            word = _FINAL_ONE
        words.append(word + _PLACES[place])
    return "".join(words)


def _bahttext(value: float) -> Scalar:
    baht, satang = divmod(int(abs(decimal(value)).scaleb(2).to_integral_value(ROUND_HALF_UP)), 100)
    text = (_thai(baht) if baht else _ZERO if not satang else "") + (_BAHT if baht or not satang else "")
    text += _thai(satang) + _SATANG if satang else _EXACT
    return bounded((_MINUS if value < 0 and (baht or satang) else "") + text)


def _encodeurl(text: str) -> Scalar:
    return bounded(quote(text.encode("utf-8", "replace"), safe=""))


_register("TEXT", ("any", "text"), 2, _text)
_register("VALUE", ("any",), 1, _value)
for _name in ("DOLLAR", "USDOLLAR"):
    _register(_name, ("number", "number"), 1, _dollar)
_register("FIXED", ("number", "number", "boolean"), 1, _fixed)
_register("NUMBERVALUE", ("text", "any", "any"), 1, _numbervalue)
_register("BAHTTEXT", ("number",), 1, _bahttext)
_register("ENCODEURL", ("text",), 1, _encodeurl)
