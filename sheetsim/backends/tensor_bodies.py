"""Bodies of functions worked out on torch tensors: what has no row in `tensor_operations` is differentiated
through the primitives that its body is made of.

    run_body(FUNCTIONS["COSH"].body, [tensor])

Numbers are tensors [R, C, h, w], truth values bool tensors, ranges `Numbers`; an error is NaN. A body that
jumps (it rounds) is not told so: `smooth_body` says which are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from sheetsim.backends.tensor_operations import Numbers, divide, power, total
from sheetsim.errors import Unsupported
from sheetsim.functions.registry import Function
from sheetsim.ir.build import Body, Builder, Operand, Program, Term
from sheetsim.ir.types import ANY, ARRAY, ERRORS, NUMBERS
from sheetsim.values import ExcelError

_JUMPS = {"floor", "ceil", "trunc", "rint", "floor15", "number", "remainder", "scan", "any_of"}

_OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": divide,
    "neg": torch.neg,
    "power": power,
    "atan2": torch.atan2,
    "min2": torch.minimum,
    "max2": torch.maximum,
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
    "eq": torch.eq,
    "ne": torch.ne,
    "and": torch.logical_and,
    "or": torch.logical_or,
    "not": torch.logical_not,
    "select": torch.where,
    "is_finite": torch.isfinite,
    "settle": lambda sum_, x: sum_,
    **{name: getattr(torch, name) for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "abs")},
    **{name: getattr(torch, name) for name in ("sinh", "cosh", "tanh", "expm1", "log1p")},
    **{
        name: getattr(torch, name) for name in ("arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh")
    },
}
_FOLDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda start, x: start + total(x),
    "mul": lambda start, x: start * x.flatten(-2).prod(-1)[..., None, None],
    "min": lambda start, x: torch.minimum(start, torch.amin(x, (-2, -1), keepdim=True)),
    "max": lambda start, x: torch.maximum(start, torch.amax(x, (-2, -1), keepdim=True)),
}
_NEUTRAL = {"add": 0.0, "mul": 1.0, "min": torch.inf, "max": -torch.inf}


def smooth_body(record: Function, count: int) -> bool:
    """Can a call with so many arguments be differentiated through the record's body?"""
    if record.body is None or record.draws or record.gives_array:
        return False
    program = Program()
    arguments = []
    for position in range(count):
        kind = record.kind(position)
        if kind in ("range", "array"):
            axes = ARRAY | {"r"}
            arguments.append(program.op("block", reference=position, kinds=ANY, axes=axes, size=(2, 2)))
        elif kind in ("number", "strict"):
            kinds = NUMBERS | ERRORS
            arguments.append(program.op("cell", reference=position, kinds=kinds, axes=frozenset("r")))
        else:
            return False
    root = program.result(record.body, arguments).value
    return all(step.name in _TOLD and step.name not in _JUMPS for step in program.needed(root))


def run_body(body: Body, arguments: Sequence[Tensor | Numbers]) -> Tensor:
    """What a body makes of tensors."""
    result = _TENSORS.result(body, [Term(_TENSORS, argument) for argument in arguments]).value
    assert isinstance(result, Tensor)
    return result.double()


class _Tensors(Builder):
    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        values = [self.term(argument).value for argument in arguments]
        rule = _RULES.get(name)
        if rule is not None:
            return Term(self, rule(*values, **attributes))
        if name not in _OPERATIONS:
            raise Unsupported(f"the slope of {name}")
        return Term(self, _OPERATIONS[name](*values))

    def constant(self, value: Any) -> Term:
        number = torch.nan if isinstance(value, ExcelError) else value
        kind = torch.bool if isinstance(value, bool) else torch.float64
        return Term(self, torch.tensor(number, dtype=kind).reshape(1, 1, 1, 1))

    def function(self, count: int, body: Callable[..., Term]) -> Term:
        raise Unsupported("the slope of a function value")


_TENSORS = _Tensors()


def _fold(start: Tensor, x: Tensor, where: Tensor, how: str) -> Tensor:
    return _FOLDS[how](start, torch.where(where, x, _NEUTRAL[how]))


def _is_kind(x: Any, kinds: int) -> Tensor:
    if isinstance(x, Numbers) and x.counts is not None:
        return x.counts if kinds & NUMBERS else ~x.counts
    values = x.values if isinstance(x, Numbers) else x
    return torch.full(values.shape, bool(kinds & NUMBERS))


def _plain(x: Any) -> Tensor:
    return x.values if isinstance(x, Numbers) else x


_RULES: dict[str, Callable[..., Tensor]] = {
    "fold": _fold,
    "is_kind": _is_kind,
    "plain": _plain,
    "fail": lambda x, test, code: torch.where(test, torch.nan, x),
    "finite": lambda x: torch.where(torch.isfinite(x), x, torch.nan),
    "first_error": lambda x: torch.zeros((1, 1, 1, 1), dtype=torch.float64),  # errors are NaN, and flow
    "after": lambda x, value: value,
    "same_shape": lambda a, b: torch.tensor(_plain(a).shape[-2:] == _plain(b).shape[-2:]),
}
_TOLD = _OPERATIONS.keys() | _RULES.keys() | {"constant", "cell", "block"}
