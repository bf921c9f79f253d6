"""The builder that works everything out at once, on single values, by the scalar rules: the definition.

    EAGER.result(body, [EAGER.constant(2.675), EAGER.constant(2.0)]).value      2.68

A term's value is a `Scalar`, a two-dimensional `Values`, or a Python function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheetsim.functions.lifting import lift, single
from sheetsim.ir.build import Builder, Operand, Term
from sheetsim.ir.ops import PRIMITIVES, Primitive
from sheetsim.values import ExcelError, Scalar, Values


class Eager(Builder):
    def op(self, name: str, *arguments: Operand, **attributes: Any) -> Term:
        primitive = PRIMITIVES[name]
        values = [a.value if isinstance(a, Term) else self.term(a).value for a in arguments]
        if primitive.shape == "elements" and any(isinstance(value, Values) for value in values):
            blocks = [value if isinstance(value, Values) else single(value) for value in values]
            return Term(self, lift(lambda *cells: _called(primitive, cells, attributes), blocks))
        return Term(self, _called(primitive, values, attributes))

    def constant(self, value: Any) -> Term:
        return Term(self, value)

    def function(self, count: int, body: Callable[..., Term]) -> Term:
        def called(*values: Scalar | Values) -> Any:
            return body(*(Term(self, value) for value in values)).value

        return Term(self, called)


def _called(primitive: Primitive, values: Any, attributes: dict[str, Any]) -> Any:
    if primitive.strict:
        for value in values:
            if isinstance(value, ExcelError):
                return value
    return primitive.rule(*values, **attributes)


EAGER = Eager()
