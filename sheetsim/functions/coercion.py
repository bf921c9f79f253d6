"""Excel's conversions between kinds of values, and its order of values; each for one value and for arrays.

    to_number   blank 0, TRUE 1, text that reads as a number (see `reading`), else #VALUE!
    to_text     15 significant digits, TRUE / FALSE, blank ""
    to_boolean  0 is FALSE, any other number TRUE, the texts TRUE and FALSE, else #VALUE!
    compare     numbers < text < booleans; text without case; a blank is 0, "" or FALSE as needed

An error passes through each conversion. The array forms return errors apart: an array of error codes, 0
where there is none, or None when there are none at all, so that blocks of plain numbers cost nothing.
Numbers are compared by 15 significant digits (see `digits`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.digits import near_arrays, same
from sheetsim.functions.reading import number_in
from sheetsim.values import (
    BLANK,
    BOOLEAN,
    ERROR,
    NUMBER,
    TEXT,
    ExcelError,
    Scalar,
    Values,
    in_capitals,
    kind_of,
)

Codes = NDArray[np.uint8] | None
"""Error codes of an array of results, 0 where there is no error; None: no errors."""

# order of kinds in comparisons: numbers, then text, then booleans (blanks take the other side's)
_RANK = np.zeros(5, np.int8)
_RANK[[TEXT, BOOLEAN]] = 1, 2


def to_number(value: Scalar) -> float | ExcelError:
    if isinstance(value, ExcelError):
        return value
    if value is None:
        return 0.0
    if isinstance(value, str):
        number = number_in(value)
        return ExcelError.VALUE if number is None else number
    return float(value)


def optional(value: Scalar, default: float) -> float | ExcelError:
    """`to_number` of an argument that may be left out or empty."""
    return default if value is None else to_number(value)


def to_strict_number(value: Scalar) -> float | ExcelError:
    """`to_number`, but a boolean is #VALUE! (see the kind "strict" of a parameter)."""
    return ExcelError.VALUE if isinstance(value, (bool, np.bool_)) else to_number(value)


def to_text(value: Scalar) -> str | ExcelError:
    if isinstance(value, (str, ExcelError)):
        return value
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    return number_text(value)


def to_boolean(value: Scalar) -> bool | ExcelError:
    if isinstance(value, ExcelError):
        return value
    if isinstance(value, str):
        upper = in_capitals(value)
        return upper == "TRUE" if upper in ("TRUE", "FALSE") else ExcelError.VALUE
    return bool(value)


def number_text(value: float) -> str:
    """A number as text: 15 significant digits, scientific only where the plain form passes 20 characters.

    Source: values observed in Excel, listed in Apache POI's NumberToTextConverter.
    """
    if value % 1 == 0 and abs(value) < 1e15:
        return str(int(value))
    digits, exponent = f"{abs(value):.14e}".split("e")
    if abs(int(exponent)) >= 99:
        digits, exponent = f"{abs(value):.13e}".split("e")
    digits, power = digits.replace(".", "").rstrip("0"), int(exponent)
    sign = "-" if value < 0 else ""
    if not digits or abs(value) < 2.2250738585072014e-308:
        return "0"
    if power > 19 or (power < 0 and 1 - power + len(digits) > 20):
        point = "." if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{point}{digits[1:]}E{'-' if power < 0 else '+'}{abs(power):02d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole, fraction = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def compare(left: Scalar, right: Scalar) -> int | ExcelError:
    """-1, 0 or 1 as `left` is below, equal to or above `right`; the first error where there is one."""
    if isinstance(left, ExcelError):
        return left
    if isinstance(right, ExcelError):
        return right
    if left is None:
        left = _blank_like(right)
    if right is None:
        right = _blank_like(left)
    ranks = int(_RANK[kind_of(left)]), int(_RANK[kind_of(right)])
    if ranks[0] != ranks[1]:
        return 1 if ranks[0] > ranks[1] else -1
    if ranks[0] == 0 and same(left, right):  # type: ignore[arg-type]
        return 0
    a, b = (left.casefold(), right.casefold()) if isinstance(left, str) else (left, right)  # type: ignore[union-attr]
    return (a > b) - (a < b)  # type: ignore[operator]


def _blank_like(value: Scalar) -> Scalar:
    """What a blank counts as beside `value`."""
    if isinstance(value, str):
        return ""
    return False if isinstance(value, (bool, np.bool_)) else 0.0


# --- whole arrays ----------------------------------------------------------------------------------------


def error_codes(values: Values) -> Codes:
    """The errors among the cells."""
    if values.kinds is None:
        return None
    errors = values.kinds == ERROR
    return np.where(errors, values.numbers, 0).astype(np.uint8) if errors.any() else None


def to_numbers(values: Values) -> tuple[NDArray[np.float64], Codes]:
    """The cells as numbers (where there is an error the number means nothing), and the errors."""
    if values.kinds is None:
        return values.numbers, None
    codes = error_codes(values)
    texts = values.kinds == TEXT
    if not texts.any():
        return values.numbers, codes
    numbers = values.numbers.copy()
    codes = np.zeros(values.shape, np.uint8) if codes is None else codes
    for index in zip(*np.nonzero(texts), strict=True):
        number = number_in(values.texts[index] if values.texts is not None else "")
        if number is None:
            codes[index] = ExcelError.VALUE
        else:
            numbers[index] = number
    return numbers, codes if codes.any() else None


def to_strict_numbers(values: Values) -> tuple[NDArray[np.float64], Codes]:
    """`to_strict_number` on an array."""
    numbers, codes = to_numbers(values)
    if values.kinds is None or not (booleans := values.kinds == BOOLEAN).any():
        return numbers, codes
    return numbers, first_codes(codes, np.where(booleans, np.uint8(ExcelError.VALUE), np.uint8(0)))


def to_booleans(values: Values) -> tuple[NDArray[np.bool_], Codes]:
    """The cells as booleans, and the errors."""
    truth = values.numbers != 0
    codes = error_codes(values)
    if values.kinds is None or not (texts := values.kinds == TEXT).any():
        return truth, codes
    codes = np.zeros(values.shape, np.uint8) if codes is None else codes
    for index in zip(*np.nonzero(texts), strict=True):
        boolean = to_boolean(values.texts[index] if values.texts is not None else "")
        if isinstance(boolean, ExcelError):
            codes[index] = boolean
        else:
            truth[index] = boolean
    return truth, codes if codes.any() else None


def to_texts(values: Values) -> tuple[NDArray[np.object_], Codes]:
    """The cells as text, and the errors; each different number is written once."""
    kinds = values.kind_array()
    if values.texts is not None and bool((kinds == TEXT).all()):
        return values.texts, None
    texts = np.full(values.shape, "", object)
    if values.texts is not None:
        texts[kinds == TEXT] = values.texts[kinds == TEXT]
    texts[kinds == BOOLEAN] = np.where(values.numbers[kinds == BOOLEAN] != 0, "TRUE", "FALSE").astype(object)
    numbers, places = np.unique(values.numbers[kinds == NUMBER], return_inverse=True)
    if numbers.size:
        written = np.empty(numbers.shape, object)
        written[:] = [number_text(number) for number in numbers.tolist()]
        texts[kinds == NUMBER] = written[places]
    return texts, error_codes(values)


def compare_arrays(left: Values, right: Values) -> tuple[NDArray[np.int8], Codes]:
    """`compare`, cell by cell, of arrays that broadcast."""
    signs = np.subtract(left.numbers > right.numbers, left.numbers < right.numbers, dtype=np.int8)
    near = near_arrays(left.numbers, right.numbers)
    if near is not None:
        signs[near] = 0
    if left.kinds is None and right.kinds is None:
        return signs, None
    kinds_l, kinds_r = np.broadcast_arrays(left.kind_array(), right.kind_array())
    ranks_l, ranks_r = _RANK[kinds_l], _RANK[kinds_r]
    ranks_l, ranks_r = (
        np.where(kinds_l == BLANK, ranks_r, ranks_l),
        np.where(kinds_r == BLANK, ranks_l, ranks_r),
    )
    both_text = (ranks_l == 1) & (ranks_r == 1)
    if both_text.any():
        texts_l, texts_r = _folded(left, signs.shape), _folded(right, signs.shape)
        a, b = texts_l[both_text], texts_r[both_text]
        signs[both_text] = np.subtract((a > b).astype(np.int8), (a < b).astype(np.int8))
    differ = ranks_l != ranks_r
    signs = np.where(differ, np.where(ranks_l > ranks_r, np.int8(1), np.int8(-1)), signs)
    return signs, first_codes(error_codes(left), error_codes(right))


def _folded(values: Values, shape: tuple[int, ...]) -> NDArray[np.object_]:
    """The texts without case, broadcast to `shape`."""
    if values.texts is None:
        return np.broadcast_to(np.array("", object), shape)
    folded = np.empty(values.shape, object)
    folded.reshape(-1)[:] = [text.casefold() for text in values.texts.reshape(-1)]
    return np.broadcast_to(folded, shape)


def first_codes(*all_codes: Codes) -> Codes:
    """The first error of each cell among several arrays of codes, which broadcast."""
    found: Codes = None
    for codes in all_codes:
        if codes is not None:
            found = codes if found is None else np.where(found != 0, found, codes)
    return found


def with_errors(numbers: NDArray[np.float64], codes: Codes = None, kind: int = NUMBER) -> Values:
    """Results as values: #NUM! where a number is not finite, errors where `codes` say so, else of `kind`.

    numbers and codes broadcast against each other.
    """
    finite = np.isfinite(numbers)
    if not finite.all():
        codes = first_codes(codes, np.where(finite, 0, int(ExcelError.NUM)).astype(np.uint8))
    if codes is None:
        kinds = None if kind == NUMBER else np.full(numbers.shape, kind, np.uint8)
        return Values(numbers, kinds)
    numbers, codes = np.broadcast_arrays(numbers, codes)
    wrong = codes != 0
    return Values(np.where(wrong, codes, numbers), np.where(wrong, np.uint8(ERROR), np.uint8(kind)))


def booleans(truth: NDArray[np.bool_], codes: Codes = None) -> Values:
    """Truth values as values, with errors where `codes` say so."""
    return with_errors(truth.astype(np.float64), codes, BOOLEAN)
