"""AND FALSE IF IFERROR IFNA IFS NOT OR SWITCH TRUE XOR.

Those that choose evaluate the condition first, and then only the branch that is taken, which may be a
reference or a function; by an array of conditions they choose element by element (`where_true`,
`where_wrong`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Binary, Missing, NameRef, Node
from sheetsim.functions.coercion import booleans, first_codes, to_boolean, to_booleans
from sheetsim.functions.folding import first_error
from sheetsim.functions.lifting import align, choose, overlay
from sheetsim.functions.operands import Evaluator, Long, Operand, Rule, elementwise
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

    register(
        Function(
            name, ("range",), 1, MOST, one, many, repeats=1, sees_errors=True, direct="boolean", tail="once"
        )
    )


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


# --- choosing ----------------------------------------------------------------------------------------------


def _if(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    def branch(position: int) -> Operand:
        """Absent altogether it is FALSE, empty it is 0."""
        if position >= len(arguments):
            return False
        return _given(evaluator, arguments[position], array)

    return _chosen(evaluator, [(arguments[0], lambda: branch(1))], lambda: branch(2), array)


def _ifs(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    if len(arguments) % 2:
        raise Unsupported(f"IFS with {len(arguments)} arguments")
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    cases = [(test, lambda result=result: _given(evaluator, result, array)) for test, result in pairs]
    return _chosen(evaluator, cases, lambda: ExcelError.NA, array)


def _switch(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """The value is worked out once; it is compared as `=` does."""
    value = evaluator.value(arguments[0], array)
    if isinstance(value, ExcelError):
        return value
    rest = arguments[1:]
    scope = {**evaluator.scope, _VALUE: value}
    cases = [
        (Binary("=", NameRef(_VALUE), case), lambda result=result: _given(evaluator, result, array))
        for case, result in zip(rest[::2], rest[1::2], strict=False)
    ]

    def otherwise() -> Operand:
        return _given(evaluator, rest[-1], array) if len(rest) % 2 else ExcelError.NA

    return _chosen(evaluator, cases, otherwise, array, scope)


_VALUE = "value of switch"  # no name that can be written


def _chosen(
    evaluator: Evaluator,
    cases: Sequence[tuple[Node, Callable[[], Operand]]],
    otherwise: Callable[[], Operand],
    array: bool,
    scope: Mapping[str, Operand] | None = None,
) -> Operand:
    """What stands beside the first condition that is true."""
    for place, (test, result) in enumerate(cases):
        tested = evaluator.within(evaluator.scope if scope is None else scope, test, array)
        condition = evaluator.one_long(tested, array)
        if isinstance(condition, (Values, Long)):
            rest = evaluator.long_of(_chosen(evaluator, cases[place + 1 :], otherwise, array, scope))
            return elementwise(where_true, condition, evaluator.long_of(result()), rest)
        truth = to_boolean(condition)
        if isinstance(truth, ExcelError):
            return truth
        if truth:
            return result()
    return otherwise()


def _given(evaluator: Evaluator, node: Node, array: bool) -> Operand:
    """An argument that is empty is 0."""
    return 0.0 if isinstance(node, Missing) else evaluator.operand(node, array)


def _replacing(wrong: Callable[[Scalar], bool], where: Callable[[Values, Values], Values]) -> Rule:
    """IFERROR and IFNA: the second argument in the place of errors."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        operand = evaluator.operand(arguments[0], array)
        value = evaluator.one_long(operand, array)
        if isinstance(value, (Values, Long)):
            return elementwise(where, value, evaluator.long_value(arguments[1], array))
        if not wrong(value):
            return value
        return _given(evaluator, arguments[1], array)

    return rule


def _where_lacking(values: Values, instead: Values) -> Values:
    """IFNA on arrays."""
    values, instead = align([values, instead])
    if values.kinds is None:
        return values
    return choose((values.kinds != ERROR) | (values.numbers != ExcelError.NA), values, instead)


register(Function("IF", ("lazy", "lazy", "lazy"), 2, 3, sees_errors=True, rule=_if))
register(Function("IFS", ("lazy",), 2, 254, repeats=1, sees_errors=True, rule=_ifs))
register(Function("SWITCH", ("lazy",), 3, 254, repeats=1, sees_errors=True, rule=_switch))
register(
    Function(
        "IFERROR",
        ("lazy", "lazy"),
        2,
        2,
        sees_errors=True,
        rule=_replacing(lambda value: isinstance(value, ExcelError), where_wrong),
    )
)
register(
    Function(
        "IFNA",
        ("lazy", "lazy"),
        2,
        2,
        sees_errors=True,
        rule=_replacing(lambda value: value is ExcelError.NA, _where_lacking),
    )
)
