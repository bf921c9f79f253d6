"""Excel's operators on values, one `Operator` record each; like functions, each is implemented twice.

`scalar` takes and gives scalars; `array` takes and gives `Values` whose last two axes may differ as
`lifting.align` says and whose other axes broadcast. Operands are coerced, the first error wins, and a result
that is not finite is #NUM!. The reference operators (`:`, union, intersection, `@`) work on references and
belong to the evaluators.

    BINARY["+"].scalar("2", True)   3.0
    UNARY["%"].scalar(5.0)          0.05

Excel compares and, in a formula's last step, adds and subtracts by 15 significant digits: `0.1+0.2=0.3` is
TRUE, and a formula that ends in + or - gives 0 where its operands agree (or are opposite) in 15 digits.
`FINAL` holds these two: `1.333+1.225-1.333-1.225` is 0, in parentheses it is -2.2E-16.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions import digits
from sheetsim.functions.characters import MAX_TEXT, bounded, length, whole
from sheetsim.functions.coercion import (
    Codes,
    booleans,
    compare,
    compare_arrays,
    first_codes,
    to_number,
    to_numbers,
    to_text,
    to_texts,
    with_errors,
)
from sheetsim.functions.elementary import power, powers
from sheetsim.functions.lifting import align
from sheetsim.limits import CHARACTERS, room
from sheetsim.values import ERROR, TEXT, ExcelError, Scalar, Values

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Operator:
    symbol: str
    scalar: Callable[..., Scalar]
    array: Callable[..., Values]


def _arithmetic(
    symbol: str,
    scalar: Callable[[float, float], float | ExcelError],
    array: Callable[[Array, Array], tuple[Array, Codes]],
) -> Operator:
    def one(left: Scalar, right: Scalar) -> Scalar:
        a, b = to_number(left), to_number(right)
        if isinstance(a, ExcelError):
            return a
        if isinstance(b, ExcelError):
            return b
        result = scalar(a, b)
        if isinstance(result, ExcelError):
            return result
        return result if math.isfinite(result) else ExcelError.NUM

    def many(left: Values, right: Values) -> Values:
        left, right = align([left, right])
        a, errors_a = to_numbers(left)
        b, errors_b = to_numbers(right)
        with np.errstate(all="ignore"):
            numbers, codes = array(a, b)
        return with_errors(numbers, first_codes(errors_a, errors_b, codes))

    return Operator(symbol, one, many)


def _divide(a: float, b: float) -> float | ExcelError:
    return a / b if b else ExcelError.DIV0


def _divide_arrays(a: Array, b: Array) -> tuple[Array, Codes]:
    zero = b == 0
    codes = np.where(zero, np.uint8(ExcelError.DIV0), np.uint8(0)) if zero.any() else None
    return a / b, codes


def _comparison(symbol: str, test: Callable[..., object]) -> Operator:
    def one(left: Scalar, right: Scalar) -> Scalar:
        sign = compare(left, right)
        return sign if isinstance(sign, ExcelError) else bool(test(sign, 0))

    def many(left: Values, right: Values) -> Values:
        left, right = align([left, right])
        signs, codes = compare_arrays(left, right)
        return booleans(np.asarray(test(signs, 0)), codes)

    return Operator(symbol, one, many)


def _join(left: Scalar, right: Scalar) -> Scalar:
    a, b = to_text(left), to_text(right)
    if isinstance(a, ExcelError):
        return a
    if isinstance(b, ExcelError):
        return b
    return bounded(whole(a + b))


def _join_arrays(left: Values, right: Values) -> Values:
    left, right = align([left, right])
    a, errors_a = to_texts(left)
    b, errors_b = to_texts(right)
    room(_characters(a, b) // CHARACTERS)
    texts = np.asarray(a + b, object)
    if errors_a is None and errors_b is None and _plain(texts):
        return Values(np.zeros(texts.shape), np.full(texts.shape, TEXT, np.uint8), texts)
    texts = np.asarray(np.frompyfunc(whole, 1, 1)(texts), object)
    lengths = np.fromiter(map(length, texts.reshape(-1)), np.int64, texts.size).reshape(texts.shape)
    too_long = np.where(lengths > MAX_TEXT, np.uint8(ExcelError.VALUE), np.uint8(0))
    codes = np.broadcast_to(first_codes(errors_a, errors_b, too_long), texts.shape)  # type: ignore[arg-type]
    wrong = codes != 0
    texts = np.where(wrong, "", texts)
    return Values(codes.astype(np.float64), np.where(wrong, np.uint8(ERROR), np.uint8(TEXT)), texts)


def _plain(texts: NDArray[np.object_]) -> bool:
    """Are all texts of ASCII, so that nothing in them is in pairs, and none too long for a cell?"""
    each = texts.reshape(-1).tolist()
    return "".join(each).isascii() and max(map(len, each), default=0) <= MAX_TEXT


def _characters(a: NDArray[np.object_], b: NDArray[np.object_]) -> int:
    """How many characters all texts of a & b have together."""
    size = math.prod(np.broadcast_shapes(a.shape, b.shape))
    return sum(sum(map(len, texts.reshape(-1))) * (size // texts.size) for texts in (a, b) if texts.size)


def _negate(value: Scalar) -> Scalar:
    number = to_number(value)
    return number if isinstance(number, ExcelError) else -number


def _percent(value: Scalar) -> Scalar:
    number = to_number(value)
    return number if isinstance(number, ExcelError) else number / 100


def _negate_array(values: Values) -> Values:
    numbers, codes = to_numbers(values)
    return with_errors(-numbers, codes)


def _percent_array(values: Values) -> Values:
    numbers, codes = to_numbers(values)
    return with_errors(numbers / 100, codes)


def _same(value: Scalar) -> Scalar:
    """Prefix `+` changes nothing, not even text; a blank is shown as 0 in the end by the evaluators."""
    return value


BINARY: dict[str, Operator] = {
    record.symbol: record
    for record in (
        _arithmetic("+", operator.add, lambda a, b: (a + b, None)),
        _arithmetic("-", operator.sub, lambda a, b: (a - b, None)),
        _arithmetic("*", operator.mul, lambda a, b: (a * b, None)),
        _arithmetic("/", _divide, _divide_arrays),
        _arithmetic("^", power, powers),
        Operator("&", _join, _join_arrays),
        _comparison("=", operator.eq),
        _comparison("<>", operator.ne),
        _comparison("<", operator.lt),
        _comparison("<=", operator.le),
        _comparison(">", operator.gt),
        _comparison(">=", operator.ge),
    )
}

FINAL: dict[str, Operator] = {
    "+": _arithmetic("+", digits.add, lambda a, b: (digits.add_arrays(a, b), None)),
    "-": _arithmetic("-", digits.subtract, lambda a, b: (digits.add_arrays(a, -b), None)),
}
"""What `+` and `-` are as the last operator of a formula."""

UNARY: dict[str, Operator] = {
    "-": Operator("-", _negate, _negate_array),
    "+": Operator("+", _same, lambda values: values),
    "%": Operator("%", _percent, _percent_array),
}
