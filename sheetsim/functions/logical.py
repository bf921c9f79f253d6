"""AND FALSE IF IFERROR NOT OR TRUE.

IF and IFERROR are lazy: the evaluators evaluate the condition first, and the branches as needed. Their
meaning on arrays is here: `where_true` and `where_wrong`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetsim.functions.coercion import to_booleans
from sheetsim.functions.lifting import align, choose, overlay
from sheetsim.functions.registry import Function, register
from sheetsim.functions.statistics import MOST
from sheetsim.values import BOOLEAN, ERROR, NUMBER, ExcelError, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Builder, Term

NUMBERS, BOOLEANS = 1 << NUMBER, 1 << BOOLEAN


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

    def body(b: Builder, *blocks: Term) -> Term:
        some = turned = b.constant(False)
        for block in blocks:
            counts = b.is_kind(block, NUMBERS | BOOLEANS)
            truth = b.op("truth", block)
            some = some | b.op("any_of", counts)
            turned = turned | b.op("any_of", counts & ~truth if neutral else truth)
        result = b.fail(~turned if neutral else turned, ~some, ExcelError.VALUE)
        return b.checked(blocks, result)

    register(
        Function(
            name, ("range",), 1, MOST, body=body, repeats=1, sees_errors=True, direct="boolean", tail="once"
        )
    )


_junction("AND", True)
_junction("OR", False)

register(Function("NOT", ("boolean",), 1, 1, body=lambda b, x: ~x))
for _name, _value in {"TRUE": True, "FALSE": False}.items():
    register(Function(_name, (), 0, 0, body=lambda b, _value=_value: b.constant(_value)))
