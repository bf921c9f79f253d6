"""Functions of whole arrays: MMULT SUMPRODUCT SUMXMY2 TRANSPOSE. Sums run strictly in reading order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.functions.coercion import Codes, first_codes, with_errors
from sheetsim.functions.folding import first_error, fold
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.statistics import MOST, cells, total
from sheetsim.limits import room
from sheetsim.values import NUMBER, ExcelError, Scalar, Values

_ALL = (1, 1, 1, 1)


def _number(result: float) -> Scalar:
    return result if math.isfinite(result) else ExcelError.NUM


def _failed(error: ExcelError) -> Values:
    """One error for the whole region: shapes do not depend on the cell."""
    return with_errors(np.zeros(_ALL), np.full(_ALL, error, np.uint8))


def _folded(numbers: NDArray[np.float64], codes: Codes) -> Values:
    return with_errors(numbers[..., None, None], None if codes is None else codes[..., None, None])


def _first_wrong(blocks: tuple[Values, ...]) -> ExcelError | None:
    return next((value for value in cells(blocks) if isinstance(value, ExcelError)), None)


# --- SUMPRODUCT --------------------------------------------------------------------------------------------


def _sumproduct(*blocks: Values) -> Scalar:
    if len({block.shape for block in blocks}) > 1:
        return ExcelError.VALUE
    wrong = _first_wrong(blocks)
    if wrong is not None:
        return wrong
    terms = []
    for values in zip(*(cells([block]) for block in blocks), strict=True):
        product = 1.0
        for value in values:
            product *= value if isinstance(value, float) else 0.0
        terms.append(product)
    return _number(total(terms))


def _sumproducts(*blocks: Values) -> Values:
    if len({block.shape[-2:] for block in blocks}) > 1:
        return _failed(ExcelError.VALUE)
    arrays = [array for block in blocks for array in (block.numbers, block.kind_array())]

    def term(*arrays: NDArray[Any]) -> NDArray[Any]:
        product: Any = 1.0
        for numbers, kinds in zip(arrays[::2], arrays[1::2], strict=True):
            product = product * np.where(kinds == NUMBER, numbers, 0.0)
        return np.asarray(product)

    def plain(*arrays: NDArray[Any]) -> NDArray[Any]:
        product = arrays[0]
        for numbers in arrays[1:]:
            product = product * numbers
        return product

    with np.errstate(all="ignore"):
        if all(block.kinds is None for block in blocks):
            sums = fold(np.add, plain, [block.numbers for block in blocks], 0.0)
        else:
            sums = fold(np.add, term, arrays, 0.0)
    return _folded(sums, first_error(blocks))


# --- SUMXMY2 -----------------------------------------------------------------------------------------------


def _sumxmy2(left: Values, right: Values) -> Scalar:
    if left.shape != right.shape:
        return ExcelError.NA
    wrong = _first_wrong((left, right))
    if wrong is not None:
        return wrong
    pairs = zip(cells([left]), cells([right]), strict=True)
    differences = [a - b for a, b in pairs if isinstance(a, float) and isinstance(b, float)]
    return _number(total([difference * difference for difference in differences]))


def _squared(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    difference = a - b
    return difference * difference


def _sumxmy2s(left: Values, right: Values) -> Values:
    if left.shape[-2:] != right.shape[-2:]:
        return _failed(ExcelError.NA)
    with np.errstate(all="ignore"):
        if left.kinds is None and right.kinds is None:
            sums = fold(np.add, _squared, [left.numbers, right.numbers], 0.0)
        else:
            sums = fold(
                np.add,
                lambda a, b, kinds_a, kinds_b: np.where(
                    (kinds_a == NUMBER) & (kinds_b == NUMBER), _squared(a, b), 0.0
                ),
                [left.numbers, right.numbers, left.kind_array(), right.kind_array()],
                0.0,
            )
    return _folded(sums, first_error([left, right]))


# --- MMULT, TRANSPOSE --------------------------------------------------------------------------------------


def _mmult(left: Values, right: Values) -> Scalar | Values:
    wrong = _first_wrong((left, right))
    if wrong is not None:
        return wrong
    if left.shape[1] != right.shape[0] or not _numeric(left) or not _numeric(right):
        return ExcelError.VALUE
    room(_products(left, right))
    rows, columns = left.tolist(), list(zip(*right.tolist(), strict=True))
    return Values.of(
        [_number(total([a * b for a, b in zip(row, column, strict=True)])) for column in columns]
        for row in rows
    )


def _numeric(block: Values) -> bool:
    return bool((block.kind_array() == NUMBER).all())


def _mmult_effort(left: Values, right: Values) -> int:
    return _products(left, right) * left.shape[-1]


def _products(left: Values, right: Values) -> int:
    """Cells of the products of all [h, w] matrices."""
    outer = (max(lengths) for lengths in zip(left.shape[:-2], right.shape[:-2], strict=True))
    return math.prod(outer) * left.shape[-2] * right.shape[-1]


def _mmults(left: Values, right: Values) -> Values:
    if left.shape[-1] != right.shape[-2]:
        wrong = first_codes(first_error([left, right]), np.full((1, 1), ExcelError.VALUE, np.uint8))
        assert wrong is not None
        return with_errors(np.zeros(_ALL), wrong[..., None, None])
    room(_products(left, right))
    rows = left.numbers[..., :, None, None, :]  # [R, C, i, 1, 1, k]
    columns = np.swapaxes(right.numbers, -1, -2)[..., None, :, None, :]  # [R, C, 1, j, 1, k]
    with np.errstate(all="ignore"):
        products = fold(np.add, np.multiply, [rows, columns], 0.0)
    codes = first_error([left, right])
    if left.kinds is not None or right.kinds is not None:
        others = [(block.kind_array() != NUMBER).any(axis=(-2, -1)) for block in (left, right)]
        codes = first_codes(codes, np.where(others[0] | others[1], np.uint8(ExcelError.VALUE), np.uint8(0)))
    return with_errors(products, None if codes is None else codes[..., None, None])


def _transposed(values: Values) -> Values:
    return Values(
        np.swapaxes(values.numbers, -1, -2),
        None if values.kinds is None else np.swapaxes(values.kinds, -1, -2),
        None if values.texts is None else np.swapaxes(values.texts, -1, -2),
    )


def _register(
    name: str, count: int, scalar: Callable[..., object], array: Callable[..., object], **more: Any
) -> None:
    parameters: tuple[Kind, ...] = tuple("array" for _ in range(count))
    register(Function(name, parameters, count, count, scalar, array, sees_errors=True, **more))


register(Function("SUMPRODUCT", ("array",), 1, MOST, _sumproduct, _sumproducts, repeats=1, sees_errors=True))
_register("SUMXMY2", 2, _sumxmy2, _sumxmy2s, source="support.microsoft.com, SUMXMY2")
_register(
    "MMULT",
    2,
    _mmult,
    _mmults,
    gives_array=True,
    effort=_mmult_effort,
    source="support.microsoft.com, MMULT",
)
_register("TRANSPOSE", 1, _transposed, _transposed, gives_array=True)
