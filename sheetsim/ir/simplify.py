"""Rules by which a step becomes a simpler one, the same to the bit for all values. No arithmetic law that
rounding breaks is among them: x + 0 is not x (where x is -0), x * 0 not 0.

    constants          add(2, 3) is 5
    what cannot fail   finite of a truth value, if_error of what is never an error, fail by FALSE
    known kinds        is_kind of what is always or never so; to_number of a number
    known tests        select(TRUE, x, y) is x
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sheetsim.ir.ops import PRIMITIVES
from sheetsim.ir.types import ARRAY, BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import ExcelError

if TYPE_CHECKING:
    from sheetsim.ir.build import Program, Step

_FINITE = {"cell", "block", "finite", "number", "compare", "first_error"}
_AS_ARGUMENTS = {
    "neg",
    "abs",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "min2",
    "max2",
    "sin",
    "cos",
    "tanh",
    "arctan",
}
_AS_ARGUMENTS |= {
    "sure",
    "if_error",
    "to_number",
    "zero_if_blank",
    "plain",
}  # finite where their arguments are

_LEAVES = ("constant", "cell", "block", "parameter", "position", "lambda", "call", "iota")
_CONVERTED = {"to_number": NUMBERS, "to_text": TEXTS, "to_boolean": BOOLEANS, "plain": NUMBERS}


def simpler(
    program: Program, name: str, arguments: tuple[Step, ...], attributes: tuple[tuple[str, Any], ...]
) -> Step | None:
    """The simpler step, or None where there is none."""
    if name in _LEAVES:
        return None
    primitive = PRIMITIVES[name]
    if primitive.shape == "elements" and arguments and all(a.name == "constant" for a in arguments):
        values = [a.constant for a in arguments]
        wrong = next((v for v in values if isinstance(v, ExcelError)), None) if primitive.strict else None
        value = wrong if wrong is not None else primitive.rule(*values, **dict(attributes))
        return program.step("constant", value=value)
    first = arguments[0] if arguments else None
    if name == "select":
        return _select(arguments)
    if first is None:
        return None
    kinds = first.type.kinds
    if name in _CONVERTED and not kinds & ~(_CONVERTED[name] | (0 if name == "plain" else ERRORS)):
        return first
    if name == "zero_if_blank" and not kinds & BLANKS:
        return first
    if name == "finite" and (not kinds & NUMBERS or _is_finite(first)):
        return first
    if name == "fail" and arguments[1].name == "constant" and arguments[1].constant is False:
        return first
    if name == "if_error" and not kinds & ERRORS:
        return first
    if name == "sure" and not kinds & ERRORS:
        return first
    if name in ("same_shape", "meets", "size"):
        return _sizes(program, name, arguments)
    if name == "error_code" and not kinds & ERRORS:
        return program.step("constant", value=0.0)
    if name == "first_error" and not kinds & ERRORS:
        return program.step("constant", value=0.0)
    if name == "after" and not kinds & ERRORS:
        return arguments[1]
    if (
        name == "is_kind" and not first.type.axes & ARRAY
    ):  # a fold goes through the cells of an array all the same
        return _is_kind(program, kinds, dict(attributes)["kinds"])
    if name in ("and", "or"):
        return _junction(name, arguments)
    return None


def _sizes(program: Program, name: str, arguments: tuple[Step, ...]) -> Step | None:
    """Questions about the sizes of blocks that do not grow."""
    sizes = []
    for argument in arguments:
        given = dict(argument.attributes).get(
            "size", () if argument.name == "block" or argument.type.axes & ARRAY else (1, 1)
        )
        if not given:
            return None
        sizes.append(given)
    if name == "size":
        return program.step("constant", value=float(sizes[0][0] * sizes[0][1]))
    same = sizes[0] == sizes[1] if name == "same_shape" else sizes[0][1] == sizes[1][0]
    return program.step("constant", value=same)


def _is_finite(step: Step) -> bool:
    """Is it surely finite, where it is a number?"""
    if step.name in _FINITE:
        return True
    if step.name == "constant":
        return not isinstance(step.constant, float) or math.isfinite(step.constant)
    if step.name in ("after", "select"):
        return all(map(_is_finite, step.arguments[1:]))
    if step.name == "fail":
        return _is_finite(step.arguments[0])
    return step.name in _AS_ARGUMENTS and all(map(_is_finite, step.arguments))


def _select(arguments: tuple[Step, ...]) -> Step | None:
    test, yes, no = arguments
    if test.name == "constant":
        return test if isinstance(test.constant, ExcelError) else yes if test.constant else no
    return yes if yes is no and not test.type.fails else None


def _is_kind(program: Program, kinds: int, asked: int) -> Step | None:
    if not kinds & ~asked:
        return program.step("constant", value=True)
    return program.step("constant", value=False) if not kinds & asked else None


def _junction(name: str, arguments: tuple[Step, ...]) -> Step | None:
    """TRUE of AND and FALSE of OR are left out; what decides alone stays alone, unless the other may fail."""
    for one, other in (arguments, arguments[::-1]):
        if one.name == "constant" and isinstance(one.constant, bool):
            if one.constant is (name == "and"):
                return other
            if not other.type.fails:
                return one
    return None
