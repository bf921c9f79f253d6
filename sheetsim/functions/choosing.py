"""Functions that choose among their arguments: IF IFERROR IFNA IFS SWITCH.

They evaluate the condition first, and then only the branch that is taken, which may be a reference or a
function; by an array of conditions they choose element by element (`logical.where_true`, `where_wrong`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Binary, Missing, NameRef, Node
from sheetsim.functions.coercion import to_boolean
from sheetsim.functions.lifting import align, choose
from sheetsim.functions.logical import where_true, where_wrong
from sheetsim.functions.operands import Evaluator, Long, Operand, Rule, elementwise
from sheetsim.functions.registry import Function, register
from sheetsim.values import ERROR, ExcelError, Scalar, Values


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
