"""AND FALSE IF IFERROR IFNA IFS NOT OR SWITCH TRUE XOR.

IF, IFERROR, IFNA and SWITCH are lazy: the evaluators evaluate the condition first, and the branches as
needed. Their meaning on arrays is here: `where_true` and `where_wrong`. IFS is IFs within each other:
`nested_ifs`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Call, Error, Node
from sheetsim.functions.coercion import booleans, first_codes, to_booleans
from sheetsim.functions.folding import first_error
from sheetsim.functions.lifting import align, choose, overlay
from sheetsim.functions.registry import Function, register
from sheetsim.functions.statistics import MOST, cells
from sheetsim.values import BOOLEAN, ERROR, NUMBER, ExcelError, Scalar, Values

_SOURCE = "support.microsoft.com, "

Caught = ExcelError | None
"""The one error that is caught; None: all are."""


def where_true(condition: Values, yes: Values, no: Values) -> Values:
    """IF on arrays ([..., h, w], others broadcast): `yes`, `no` or the condition's own error, cell by cell.

    An argument that is empty (`IF(a,,2)`) comes as 0, one left out altogether (`IF(a,1)`) as FALSE.
    """
    condition, yes, no = align([condition, yes, no])
    truth, codes = to_booleans(condition)
    result = choose(truth, yes, no)
    return result if codes is None else overlay(result, codes)


def where_wrong(values: Values, instead: Values, caught: Caught = None) -> Values:
    """IFERROR and IFNA on arrays: `instead` where `values` has an error that is caught. An empty argument
    comes as 0."""
    values, instead = align([values, instead])
    if values.kinds is None:
        return values
    wrong = values.kinds == ERROR
    if caught is not None:
        wrong &= values.numbers == caught
    return choose(~wrong, values, instead)


def nested_ifs(arguments: Sequence[Node]) -> Node:
    """IFS(a,b,c,d) as IF(a,b,IF(c,d,#N/A))."""
    if len(arguments) % 2:
        raise Unsupported(f"IFS with {len(arguments)} arguments")
    result: Node = Error(ExcelError.NA)
    for position in reversed(range(0, len(arguments), 2)):
        result = Call("IF", (arguments[position], arguments[position + 1], result))
    return result


def _junction(
    name: str,
    scalar: Callable[..., Any],
    neutral: bool,
    array: Callable[[NDArray[np.bool_]], Any],
) -> None:
    """A fold of truth values. Text is passed over, but for a direct TRUE or FALSE; so are blanks in ranges;
    nothing at all is #VALUE!. `scalar` takes two booleans or two arrays of them, `array` folds the last two
    axes of one."""

    def one(*blocks: Values) -> Scalar:
        result: bool | None = None
        for value in cells(blocks):
            if isinstance(value, ExcelError):
                return value
            if isinstance(value, (bool, float)):
                result = bool(value) if result is None else scalar(result, bool(value))
        return ExcelError.VALUE if result is None else result

    def many(*blocks: Values) -> Values:
        some, result = np.zeros((1, 1), bool), np.full((1, 1), neutral)
        for block in blocks:
            counts = np.ones(block.shape, bool)
            if block.kinds is not None:
                counts = (block.kinds == NUMBER) | (block.kinds == BOOLEAN)
            some = some | counts.any(axis=(-2, -1))
            truth = np.where(counts, block.numbers != 0, neutral)
            result = scalar(result, array(truth))
        nothing = np.where(some, np.uint8(0), np.uint8(ExcelError.VALUE))
        codes = first_codes(first_error(blocks), nothing)
        assert codes is not None
        return booleans(result[..., None, None], codes[..., None, None])

    register(
        Function(
            *(name, ("range",), 1, MOST, one, many),
            repeats=1,
            sees_errors=True,
            direct="boolean",
            source=_SOURCE + name,
        )
    )


_junction("AND", operator.and_, True, lambda truth: truth.all(axis=(-2, -1)))
_junction("OR", operator.or_, False, lambda truth: truth.any(axis=(-2, -1)))
_junction("XOR", operator.xor, False, lambda truth: truth.sum(axis=(-2, -1)) % 2 == 1)

register(
    Function(
        *("NOT", ("boolean",), 1, 1, lambda value: not value, lambda values: booleans(values.numbers == 0)),
        source=_SOURCE + "NOT",
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
            source=_SOURCE + _name,
        )
    )
register(Function("IF", ("lazy", "lazy", "lazy"), 2, 3, sees_errors=True, source=_SOURCE + "IF"))
register(Function("IFERROR", ("lazy", "lazy"), 2, 2, sees_errors=True, source=_SOURCE + "IFERROR"))
register(Function("IFNA", ("lazy", "lazy"), 2, 2, sees_errors=True, source=_SOURCE + "IFNA"))
register(Function("IFS", ("lazy",), 2, MOST - 1, repeats=1, sees_errors=True, source=_SOURCE + "IFS"))
register(Function("SWITCH", ("lazy",), 3, MOST - 1, repeats=1, sees_errors=True, source=_SOURCE + "SWITCH"))
