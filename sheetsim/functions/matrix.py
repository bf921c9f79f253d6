"""Functions of whole arrays: MMULT SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 TRANSPOSE. Sums run strictly in
reading order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.statistics import MOST
from sheetsim.values import ExcelError, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Term


def _sumproduct(b: Builder, first: Term, *others: Term) -> Term:
    """What is no number counts as 0."""
    blocks = [first, *others]
    product = b.plain(first)
    for block in others:
        product = product * b.plain(block)
    result = b.checked(blocks, b.op("fold", 0.0, product, True, how="add"))
    for block in reversed(others):
        result = b.unless(b.op("same_shape", first, block), ExcelError.VALUE, result)
    return result


def _pairwise(term: Callable[[Term, Term], Term]) -> Body:
    """The sum of a term of each pair; pairs in which one is no number are left out, and none is #DIV/0!."""

    def body(b: Builder, left: Term, right: Term) -> Term:
        both = b.is_number(left) & b.is_number(right)
        terms = term(b.plain(left), b.plain(right))
        count = b.op("fold", 0.0, 1.0, both, how="add")
        result = b.fail(b.op("fold", 0.0, terms, both, how="add"), b.eq(count, 0), ExcelError.DIV0)
        return b.unless(b.op("same_shape", left, right), ExcelError.NA, b.checked([left, right], result))

    return body


def _square(x: Term) -> Term:
    return x * x


def _mmult(b: Builder, left: Term, right: Term) -> Term:
    """All cells must be numbers, and the columns of the one as many as the rows of the other."""
    product = b.finite(b.op("matmul", b.plain(left), b.plain(right)))
    others = b.op("any_of", ~b.is_number(left)) | b.op("any_of", ~b.is_number(right))
    result = b.fail(product, others, ExcelError.VALUE)
    fitting = b.unless(b.op("meets", left, right), ExcelError.VALUE, result)
    return b.checked([left, right], fitting)


def _mmult_effort(left: Values, right: Values) -> int:
    return _products(left, right) * left.shape[-1]


def _products(left: Values, right: Values) -> int:
    """Cells of the products of all [h, w] matrices."""
    outer = (max(lengths) for lengths in zip(left.shape[:-2], right.shape[:-2], strict=True))
    return math.prod(outer) * left.shape[-2] * right.shape[-1]


def _register(name: str, count: int, body: Body, **more: Any) -> None:
    parameters: tuple[Kind, ...] = tuple("array" for _ in range(count))
    page = f"support.microsoft.com, {name}"
    register(Function(name, parameters, count, count, body=body, sees_errors=True, source=page, **more))


register(
    Function(
        "SUMPRODUCT",
        ("array",),
        1,
        MOST,
        body=_sumproduct,
        repeats=1,
        sees_errors=True,
        tail="product",
        source="support.microsoft.com, SUMPRODUCT",
    )
)
_register("SUMXMY2", 2, _pairwise(lambda x, y: _square(x - y)))
_register("SUMX2MY2", 2, _pairwise(lambda x, y: x * x - y * y))
_register("SUMX2PY2", 2, _pairwise(lambda x, y: x * x + y * y))
_register(
    "MMULT",
    2,
    _mmult,
    gives_array=True,
    effort=_mmult_effort,
    tail="all",
)
_register("TRANSPOSE", 1, lambda b, x: b.op("transpose", x), gives_array=True, tail="all")
