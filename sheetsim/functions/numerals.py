"""Numbers written in other ways: ARABIC ROMAN BASE DECIMAL."""

from __future__ import annotations

from sheetsim.functions.coercion import to_number
from sheetsim.functions.engineering.number_systems import to_base
from sheetsim.functions.plain import plain
from sheetsim.values import ExcelError, Scalar

_ROMAN = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_LETTERS, _SIZES = "".join(_ROMAN), list(_ROMAN.values())
_LONGEST = 255
_EXACT = 2.0**53


def _roman(number: float, form: Scalar = None) -> str | ExcelError:
    """Classic for form 0 (or TRUE); up to 4 (or FALSE) ever shorter: 499 is CDXCIX, LDVLIV, XDIX, VDIV,
    ID."""
    asked = to_number(form)
    if isinstance(asked, ExcelError):
        return asked
    shorter = 0 if form is True else 4 if form is False else int(asked)
    if not 0 <= number < 4000 or not 0 <= shorter <= 4:
        return ExcelError.VALUE
    rest, text = int(number), ""
    for place in range(0, len(_SIZES), 2):
        digit, index = rest // _SIZES[place], place
        if digit % 5 == 4:
            above = place - 1 if digit == 4 else place - 2
            for _ in range(shorter):
                if index + 1 >= len(_SIZES) or _SIZES[above] - _SIZES[index + 1] > rest:
                    break
                index += 1
            text += _LETTERS[index] + _LETTERS[above]
            rest += _SIZES[index] - _SIZES[above]
        else:
            text += (_LETTERS[place - 1] if digit > 4 else "") + _LETTERS[place] * (digit % 5)
            rest %= _SIZES[place]
    return text


def _arabic(text: str) -> float | ExcelError:
    """A letter before a larger one is taken off; a minus may stand in front."""
    letters = text.strip().upper()
    negative = letters.startswith("-")
    letters = letters[negative:]
    if len(text) > _LONGEST or any(letter not in _ROMAN for letter in letters):
        return ExcelError.VALUE
    if negative and not letters:
        return ExcelError.VALUE
    sizes = [_ROMAN[letter] for letter in letters]
    total, largest = 0, 0
    for size in reversed(sizes):
        total += size if size >= largest else -size
        largest = max(size, largest)
    return float(-total if negative else total)


def _base(number: float, base: float, length: float = 0.0) -> str | ExcelError:
    if not 0 <= number < _EXACT or not 2 <= base <= 36 or not 0 <= length <= _LONGEST:
        return ExcelError.NUM
    return to_base(int(number), int(base)).rjust(int(length), "0")


def _decimal(text: str, base: float) -> float | ExcelError:
    if not 2 <= base <= 36:
        return ExcelError.NUM
    if len(text) > _LONGEST:
        return ExcelError.VALUE
    digits = text.strip().lower()
    if base == 16:
        digits = digits.removesuffix("h").removeprefix("0x").removeprefix("x")
    elif base == 2:
        digits = digits.removesuffix("b")
    if not digits:
        return 0.0
    return float(int(digits, int(base))) if digits.isalnum() and digits.isascii() else ExcelError.NUM


plain("ROMAN", _roman, "floor [any]")
plain("ARABIC", _arabic, "text")
plain("BASE", _base, "floor floor [floor]")
plain("DECIMAL", _decimal, "text floor")
