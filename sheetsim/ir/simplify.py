"""Rules by which a step becomes a simpler one, the same to the bit for all values. No arithmetic law that
rounding breaks is among them: x + 0 is not x (where x is -0), x * 0 not 0.

    constants          add(2, 3) is 5
    what cannot fail   finite of a truth value, if_error of what is never an error, fail by FALSE
    known kinds        is_kind of what is always or never so; to_number of a number
    known tests        select(TRUE, x, y) is x
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sheetsim.ir.ops import PRIMITIVES
from sheetsim.ir.types import BLANKS, BOOLEANS, ERRORS, NUMBERS, TEXTS
from sheetsim.values import ExcelError

if TYPE_CHECKING:
    from sheetsim.ir.build import Program, Step

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
    if name == "finite" and (first.name == "finite" or not kinds & NUMBERS):
        return first
    if name == "fail" and arguments[1].name == "constant" and arguments[1].constant is False:
        return first
    if name == "if_error" and not kinds & ERRORS:
        return first
    if name == "error_code" and not kinds & ERRORS:
        return program.step("constant", value=0.0)
    if name == "first_error" and not kinds & ERRORS:
        return program.step("constant", value=0.0)
    if name == "after" and not kinds & ERRORS:
        return arguments[1]
    if name == "is_kind":
        return _is_kind(program, kinds, dict(attributes)["kinds"])
    if name in ("and", "or"):
        return _junction(name, arguments)
    return None


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
    """TRUE of AND and FALSE of OR are left out."""
    for one, other in (arguments, arguments[::-1]):
        if one.name == "constant" and one.constant is (name == "and"):
            return other
    return None
