"""AND FALSE IF IFERROR NOT OR TRUE.

IF and IFERROR are lazy: the evaluators evaluate the condition first, and the branches as needed. Their
meaning on arrays is here: `where_true` and `where_wrong`.
"""

from __future__ import annotations

import numpy as np

from sheetsim.functions.coercion import booleans, first_codes, to_booleans
from sheetsim.functions.folding import first_error
from sheetsim.functions.lifting import align, choose, overlay
from sheetsim.functions.registry import Function, register
from sheetsim.functions.statistics import MOST, cells
from sheetsim.values import BOOLEAN, ERROR, NUMBER, ExcelError, Scalar, Values


def where_true(condition: Values, yes: Values, no: Values) -> Values:
    """IF on arrays ([..., h, w], others broadcast): `yes`, `no` or the condition's own error, cell by cell.

    An argument that is empty (`IF(a,,2)`) comes as 0, one left out altogether (`IF(a,1)`) as FALSE.
    """
    condition, yes, no = align([condition, yes, no])
    truth, codes = to_booleans(condition)
    result = choose(truth, yes, no)
    return result if codes is None else overlay(result, codes)


def where_wrong(values: Values, instead: Values) -> Values:
    """IFERROR on arrays: `instead` where `values` has an error. An empty argument comes as 0."""
    values, instead = align([values, instead])
    return values if values.kinds is None else choose(values.kinds != ERROR, values, instead)


def _junction(name: str, neutral: bool) -> None:
    """AND (`neutral` True) and OR: text and blanks in ranges are passed over; nothing at all is #VALUE!."""

    def one(*blocks: Values) -> Scalar:
        result: bool | None = None
        for value in cells(blocks):
            if isinstance(value, ExcelError):
                return value
            if isinstance(value, (bool, float)):
                truth = bool(value)
                result = truth if result is None else (result and truth) if neutral else (result or truth)
        return ExcelError.VALUE if result is None else result

    def many(*blocks: Values) -> Values:
        some, turned = np.zeros((1, 1), bool), np.zeros((1, 1), bool)
        for block in blocks:
            counts = np.ones(block.shape, bool)
            if block.kinds is not None:
                counts = (block.kinds == NUMBER) | (block.kinds == BOOLEAN)
            some = some | counts.any(axis=(-2, -1))
            turned = turned | (counts & ((block.numbers != 0) != neutral)).any(axis=(-2, -1))
        nothing = np.where(some, np.uint8(0), np.uint8(ExcelError.VALUE))
        codes = first_codes(first_error(blocks), nothing)
        assert codes is not None
        return booleans((turned != neutral)[..., None, None], codes[..., None, None])

    register(Function(name, ("range",), 1, MOST, one, many, repeats=1, sees_errors=True, direct="boolean"))


_junction("AND", True)
_junction("OR", False)

register(
    Function(
        "NOT",
        ("boolean",),
        1,
        1,
        lambda value: not value,
        lambda values: booleans(values.numbers == 0),
    )
)
for _name, _value in {"TRUE": True, "FALSE": False}.items():
    register(
        Function(
            _name,
            (),
            0,
            0,
            lambda value=_value: value,
            lambda value=_value: booleans(np.full((1, 1, 1, 1), value)),
        )
    )
register(Function("IF", ("lazy", "lazy", "lazy"), 2, 3, sees_errors=True))
register(Function("IFERROR", ("lazy", "lazy"), 2, 2, sees_errors=True))
