"""Functions that choose among their arguments: IF IFERROR IFNA IFS SWITCH.

They evaluate the condition first, and then only the branch that is taken, which may be a reference or a
function; by an array of conditions they choose element by element (`logical.where_true`, `where_wrong`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sheetsim.formula.nodes import Binary, Missing, NameRef, Node
from sheetsim.functions.coercion import to_boolean
from sheetsim.functions.logical import Caught, nested_ifs, where_true, where_wrong
from sheetsim.functions.operands import Evaluator, Long, Operand, Rule, elementwise
from sheetsim.functions.registry import Function, register
from sheetsim.values import ExcelError, Values


def _if(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    def branch(position: int) -> Operand:
        """Absent altogether it is FALSE, empty it is 0."""
        if position >= len(arguments):
            return False
        return _given(evaluator, arguments[position], array)

    return _chosen(evaluator, [(arguments[0], lambda: branch(1))], lambda: branch(2), array)


def _ifs(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    return evaluator.operand(nested_ifs(arguments), array)


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


def _replacing(caught: Caught) -> Rule:
    """IFERROR and IFNA: the second argument in the place of errors."""

    def rule(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
        value = evaluator.long_value(arguments[0], array)
        if isinstance(value, (Values, Long)):
            instead = evaluator.long_value(arguments[1], array)
            return elementwise(lambda values, other: where_wrong(values, other, caught), value, instead)
        if not isinstance(value, ExcelError) or (caught is not None and value is not caught):
            return value
        return 0.0 if isinstance(arguments[1], Missing) else evaluator.value(arguments[1], array)

    return rule


_SOURCE = "support.microsoft.com, "
for _name, _least, _most, _rule in (
    ("IF", 2, 3, _if),
    ("IFS", 2, 254, _ifs),
    ("SWITCH", 3, 254, _switch),
    ("IFERROR", 2, 2, _replacing(None)),
    ("IFNA", 2, 2, _replacing(ExcelError.NA)),
):
    register(
        Function(
            _name,
            ("lazy",),
            _least,
            _most,
            repeats=1,
            sees_errors=True,
            rule=_rule,
            source=_SOURCE + _name,
        )
    )
