"""The primitive operations, one record each; the record's `rule` on single values is its definition.

    mul        two numbers, as IEEE 754 has it: may be infinite or not a number
    finite     what is not finite becomes #NUM!; Excel's `*` is finite(mul(to_number(a), to_number(b)))
    fail       fail(x, test, code=2): #DIV/0! where the test holds, else x
    fold       fold(start, x, where, how="add"): x accumulated over h and w in reading order; what is folded
               holds no errors: `plain` takes them out, and `first_error` asks for them

Numbers are float64. In between they may be infinite or not a number (an intermediate product of ROUND);
`finite` stands where Excel would show #NUM!. Errors flow: a *strict* operation with an error among its
arguments gives the first one without its rule being called; the rules of others see errors.

The rule of an elementwise operation takes scalars (see `values`) and gives one. That of an *array* operation
takes two-dimensional `Values` where its parameters are arrays. That of an operation over a function value
takes a Python function of scalars.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sheetsim.functions import digits
from sheetsim.functions.coercion import compare, to_boolean, to_number, to_text
from sheetsim.functions.elementary import on_number, raw_power
from sheetsim.ir import array_rules as rules
from sheetsim.ir.types import (
    ANY,
    ARRAY,
    BLANKS,
    BOOLEANS,
    ERRORS,
    FUNCTIONS,
    NUMBERS,
    TEXTS,
    Type,
    together,
)
from sheetsim.values import NUMBER, ExcelError, Scalar, kind_of

Shape = Literal["elements", "fold", "array", "function", "leaf"]
"""How axes go through: elements, as far as the arguments have axes; fold, h and w disappear; array, the
result has h and w; function, a function makes it of the arguments as they are; leaf, there are none."""

Kinds = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Primitive:
    """One operation. `arity` None: any number of arguments. `kinds` says from the types of the arguments (and
    the attributes, by name) what the result can be, apart from errors that pass through."""

    name: str
    arity: int | None
    rule: Callable[..., Any]
    kinds: Kinds
    shape: Shape = "elements"
    strict: bool = True

    def type(self, arguments: tuple[Type, ...], attributes: dict[str, Any]) -> Type:
        """The result's type."""
        kinds = self.kinds(*arguments, **attributes)
        if self.strict and any(argument.fails for argument in arguments):
            kinds |= ERRORS
        axes = together(arguments)
        if self.shape == "fold":
            axes -= ARRAY
        elif self.shape == "array":
            axes |= ARRAY
        return Type(kinds, axes)


PRIMITIVES: dict[str, Primitive] = {}


def _add(name: str, arity: int | None, rule: Callable[..., Any], kinds: int | Kinds, **more: Any) -> None:
    given: Kinds = (lambda *_, **__: int(kinds)) if isinstance(kinds, int) else kinds
    PRIMITIVES[name] = Primitive(name, arity, rule, given, **more)


def divide(a: float, b: float) -> float:
    """a / b as IEEE 754 has it (Python raises where b is 0)."""
    if b:
        return a / b
    if a == 0 or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


TENS = np.array([float(f"1e{exponent}") for exponent in range(309)])
"""The powers of ten, each rounded once."""

ELEMENTARY: dict[str, np.ufunc] = {
    name: getattr(np, name)
    for name in (
        *("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan"),
        *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "expm1", "log1p"),
        *("floor", "ceil", "trunc", "rint", "abs"),
    )
}
"""Functions of one number that are NumPy's, to the bit (see `functions/elementary.py`)."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}


# -- numbers

_add("add", 2, operator.add, NUMBERS)
_add("sub", 2, operator.sub, NUMBERS)
_add("mul", 2, operator.mul, NUMBERS)
_add("div", 2, divide, NUMBERS)
_add("neg", 1, operator.neg, NUMBERS)
_add("power", 2, raw_power, NUMBERS)
_add("atan2", 2, lambda y, x: float(np.arctan2(np.array([y]), np.array([x]))[0]), NUMBERS)
_add("remainder", 2, lambda x, d: x % d if d else math.nan, NUMBERS)  # exact, with the sign of d
# by 15 significant digits (see `functions/digits.py`): whether two numbers are the same; the whole number
# below; a sum of x and another number, 0 where they cancel
_add("same", 2, digits.same, BOOLEANS)
_add("floor15", 1, digits.floor, NUMBERS)
_add("settle", 2, digits.settle, NUMBERS)  # sum, x
_add("refined", 2, lambda x, y: y, NUMBERS)  # y, which is x with more digits; slopes go through x
_add("ten_to", 1, lambda n: float(TENS[int(n)]), NUMBERS)  # n whole, 0 to 308
_add("min2", 2, min, NUMBERS)
_add("max2", 2, max, NUMBERS)
for _name, _ufunc in ELEMENTARY.items():
    _add(_name, 1, lambda x, _ufunc=_ufunc: on_number(_ufunc, x), NUMBERS)
for _name, _test in COMPARISONS.items():
    _add(_name, 2, _test, BOOLEANS)
_add("is_finite", 1, math.isfinite, BOOLEANS)

# -- truth

_add("and", 2, lambda a, b: a and b, BOOLEANS)
_add("or", 2, lambda a, b: a or b, BOOLEANS)
_add("not", 1, operator.not_, BOOLEANS)
_add("number", 1, float, NUMBERS)  # of a boolean: 1 or 0


def _select(test: Scalar, yes: Scalar, no: Scalar) -> Scalar:
    if isinstance(test, ExcelError):
        return test
    return yes if test else no


_add(
    "select",
    3,
    _select,
    lambda test, yes, no: (test.kinds & ERRORS) | yes.kinds | no.kinds,
    strict=False,
)

# -- errors


def _fail(x: Scalar, test: Scalar, code: int) -> Scalar:
    return ExcelError(code) if test else x


_add("fail", 2, _fail, lambda x, test, code: x.kinds | ERRORS)


def _finite(x: Scalar) -> Scalar:
    return ExcelError.NUM if isinstance(x, float) and not math.isfinite(x) else x


_add("finite", 1, _finite, lambda x: x.kinds | (ERRORS if x.kinds & NUMBERS else 0))
_add("after", 2, lambda x, value: value, lambda x, value: value.kinds)  # value, unless x is an error
_add(
    "if_error",
    2,
    lambda x, instead: instead if isinstance(x, ExcelError) else x,
    lambda x, instead: (x.kinds & ~ERRORS) | (instead.kinds if x.fails else 0),
    strict=False,
)
_add(  # what is not asked for where it is an error: a check stands elsewhere
    "sure",
    1,
    lambda x: 0.0 if isinstance(x, ExcelError) else x,
    lambda x: x.kinds & ~ERRORS | (NUMBERS if x.kinds & ERRORS else 0),  # 0 where there is an error
    strict=False,
)
_add("error_code", 1, lambda x: float(x) if isinstance(x, ExcelError) else 0.0, NUMBERS, strict=False)

# -- kinds and conversions

_add("is_kind", 1, lambda x, kinds: bool(kinds >> kind_of(x) & 1), BOOLEANS, strict=False)
_add(
    "to_number",
    1,
    to_number,
    lambda x: NUMBERS | (ERRORS if x.kinds & TEXTS else 0),
)
_add("to_text", 1, to_text, TEXTS)
_add("to_boolean", 1, to_boolean, lambda x: BOOLEANS | (ERRORS if x.kinds & TEXTS else 0))
_add(
    "zero_if_blank",
    1,
    lambda x: 0.0 if x is None else x,
    lambda x: (x.kinds & ~BLANKS) | (NUMBERS if x.kinds & BLANKS else 0),
    strict=False,
)
_add("plain", 1, lambda x: x if kind_of(x) == NUMBER else 0.0, NUMBERS, strict=False)  # all else is 0
_add("truth", 1, lambda x: isinstance(x, (float, bool)) and x != 0, BOOLEANS, strict=False)
_add("compare", 2, lambda a, b: float(compare(a, b)), NUMBERS)  # Excel's order over kinds: -1, 0, 1

# -- arrays


def _any(*arguments: Type, **_: Any) -> int:
    return ANY


_add("fold", 3, rules.fold, NUMBERS, shape="fold")  # start, x, where; how: add, mul, min, max
_add("scan", 2, rules.scan, NUMBERS, shape="array")  # start, x; how: totals so far, in reading order
_add("first_error", 1, rules.first_error, lambda x: NUMBERS | (x.kinds & ERRORS), shape="fold", strict=False)
_add("any_of", 1, rules.any_of, BOOLEANS, shape="fold")
_add("size", 1, lambda x: float(rules.block(x).numbers.size), NUMBERS, shape="fold", strict=False)
_add("matmul", 2, rules.matmul, NUMBERS, shape="array")
_add("transpose", 1, rules.transpose, lambda x: x.kinds, shape="array", strict=False)
_add("iota", 0, rules.iota, NUMBERS, shape="array")  # length, axis: 0, 1, 2, ...
_add("position", 0, rules.position, NUMBERS, shape="leaf")  # axis: the cell's own row or column, from 0
_add("gather", 3, rules.gather, lambda x, row, column: x.kinds | ERRORS, shape="fold", strict=False)
_add("search", 2, rules.search, NUMBERS | ERRORS, shape="fold", strict=False)  # kind: 0, 1, -1
_add("group_sum", 3, rules.group_sum, NUMBERS, shape="fold", strict=False)  # keys, key, numbers
_add("sort_index", 1, rules.sort_index, NUMBERS, shape="array", strict=False)
_add("beside", 2, rules.beside, lambda a, b: a.kinds | b.kinds, shape="array", strict=False)
_add("below", 2, rules.below, lambda a, b: a.kinds | b.kinds, shape="array", strict=False)
_add("same_shape", 2, rules.same_shape, BOOLEANS, shape="fold", strict=False)
_add("meets", 2, rules.meets, BOOLEANS, shape="fold", strict=False)  # columns of a are as many as rows of b

# -- function values: the function comes last


def _function(*arguments: Type, **_: Any) -> int:
    return FUNCTIONS


_add("lambda", None, rules.no_rule, _function, shape="leaf", strict=False)  # parameters, then the result
_add("apply", None, rules.apply, _any, shape="function", strict=False)
_add("map", None, rules.map_, _any, shape="array", strict=False)
_add("reduce", 3, rules.reduce, _any, shape="fold", strict=False)  # start, array, function
_add("scan_by", 3, rules.scan_by, _any, shape="array", strict=False)
_add("by_row", 2, rules.by_row, _any, shape="array", strict=False)
_add("by_column", 2, rules.by_column, _any, shape="array", strict=False)
_add("make_array", 3, rules.make_array, _any, shape="array", strict=False)  # rows, columns, function

# -- leaves, and functions that are not made of primitives

_add("constant", 0, lambda value: value, lambda value: 1 << kind_of(value), shape="leaf")
_add("cell", 0, rules.no_rule, lambda reference, kinds, axes: kinds, shape="leaf")  # reference: the builder's
_add(
    "block", 0, rules.no_rule, lambda reference, kinds, axes, size: kinds, shape="leaf"
)  # size: (h, w), or ()
_add("parameter", 0, rules.no_rule, lambda number, kinds, axes: kinds, shape="leaf")
_add(
    "call", None, rules.no_rule, _any, shape="function", strict=False
)  # name: an intrinsic of the table of functions
