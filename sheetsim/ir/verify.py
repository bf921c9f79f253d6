"""What holds for every program; `verify` says where it does not.

Arguments come before the steps that use them, the numbers of arguments and the types are those that the
primitives' records give, no two steps are alike, and operations that need a kind get it: arithmetic numbers,
junctions truth values.
"""

from __future__ import annotations

from sheetsim.ir.build import Program, Step
from sheetsim.ir.ops import COMPARISONS, ELEMENTARY, PRIMITIVES
from sheetsim.ir.types import BOOLEANS, ERRORS, FUNCTIONS, NUMBERS, Type

_NUMBERS = {
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "power",
    "atan2",
    "ten_to",
    "remainder",
    "floor15",
    "same",
    "settle",
    "refined",
    "min2",
    "max2",
    "is_finite",
}
_NUMBERS |= ELEMENTARY.keys() | COMPARISONS.keys()
_TRUTHS = {"and", "or", "not", "number", "any_of"}
_LAST_IS_FUNCTION = {"apply", "map", "reduce", "scan_by", "by_row", "by_column", "make_array"}


def verify(program: Program) -> None:
    """AssertionError, naming the step, where something does not hold."""
    seen: set[object] = set()
    for number, step in enumerate(program.steps):
        where = f"%{step.number} {step.name}"
        assert step.number == number, f"{where} stands at {number}"
        assert all(a.number < number for a in step.arguments), f"{where} comes before an argument"
        assert all(program.steps[a.number] is a for a in step.arguments), (
            f"{where}: an argument from elsewhere"
        )
        primitive = PRIMITIVES[step.name]
        assert primitive.arity in (None, len(step.arguments)), f"{where}: {len(step.arguments)} arguments"
        key = (step.name, step.arguments, repr(step.attributes))
        assert key not in seen, f"{where} is there twice"
        seen.add(key)
        _kinds(step, where)
        if primitive.shape != "leaf":
            given = tuple(a.type for a in step.arguments)
            wanted = primitive.type(given, dict(step.attributes))
            assert step.type == wanted, f"{where}: {step.type}, not {wanted}"


def _kinds(step: Step, where: str) -> None:
    if step.name in _NUMBERS:
        _only(step.arguments, NUMBERS | ERRORS, where)
    elif step.name in _TRUTHS:
        _only(step.arguments, BOOLEANS | ERRORS, where)
    elif step.name in ("select", "fail"):
        _only(step.arguments[step.name == "fail" : 1 + (step.name == "fail")], BOOLEANS | ERRORS, where)
    elif step.name == "fold":
        _only(step.arguments[:1], NUMBERS | ERRORS, where)
        _only(step.arguments[1:2], NUMBERS, where)
        _only(step.arguments[2:], BOOLEANS, where)
    elif step.name in _LAST_IS_FUNCTION:
        assert step.arguments[-1].type == Type(FUNCTIONS), f"{where}: the last argument is no function"


def _only(arguments: tuple[Step, ...], kinds: int, where: str) -> None:
    for argument in arguments:
        assert argument.type.only(kinds), f"{where} of {argument.type}"
