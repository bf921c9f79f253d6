"""AND FALSE NOT OR TRUE XOR; and what IF, IFS and IFERROR do with arrays (the functions: `choosing`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Call, Error, Node
from sheetsim.functions.coercion import to_booleans
from sheetsim.functions.lifting import align, choose, overlay
from sheetsim.functions.registry import Function, Tail, register
from sheetsim.functions.statistics import MOST
from sheetsim.values import BOOLEAN, ERROR, NUMBER, ExcelError, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Term

NUMBERS, BOOLEANS = 1 << NUMBER, 1 << BOOLEAN
_SOURCE = "support.microsoft.com, "

Caught = ExcelError | None
"""The one error that is caught; None: all are."""


def where_true(condition: Values, yes: Values, no: Values) -> Values:
    """IF on arrays ([..., h, w], others broadcast): `yes`, `no` or the condition's own error, cell by cell.

    An argument that is empty (`IF(a,,2)`) comes as 0, one left out altogether (`IF(a,1)`) as FALSE.
    """
    condition, yes, no = align([condition, yes, no])
    truth, codes = to_booleans(condition)
    result = choose(truth, yes, no)
    return result if codes is None else overlay(result, codes)


def where_wrong(values: Values, instead: Values, caught: Caught = None) -> Values:
    """IFERROR and IFNA on arrays: `instead` where `values` has an error that is caught. An empty argument
    comes as 0."""
    values, instead = align([values, instead])
    if values.kinds is None:
        return values
    wrong = values.kinds == ERROR
    if caught is not None:
        wrong = wrong & (values.numbers == caught)
    return choose(~wrong, values, instead)


def nested_ifs(arguments: Sequence[Node]) -> Node:
    """IFS(a,b,c,d) as IF(a,b,IF(c,d,#N/A))."""
    if len(arguments) % 2:
        raise Unsupported(f"IFS with {len(arguments)} arguments")
    result: Node = Error(ExcelError.NA)
    for position in reversed(range(0, len(arguments), 2)):
        result = Call("IF", (arguments[position], arguments[position + 1], result))
    return result


def _junction(name: str, neutral: bool) -> None:
    """AND (`neutral` True) and OR. Text is passed over, but for a direct TRUE or FALSE; so are blanks in
    ranges; nothing at all is #VALUE!."""

    def body(b: Builder, *blocks: Term) -> Term:
        some = turned = b.constant(False)
        for block in blocks:
            counts = b.is_kind(block, NUMBERS | BOOLEANS)
            truth = b.op("truth", block)
            some = some | b.op("any_of", counts)
            turned = turned | b.op("any_of", counts & ~truth if neutral else truth)
        result = b.fail(~turned if neutral else turned, ~some, ExcelError.VALUE)
        return b.checked(blocks, result)

    _fold(name, body, "once")


def _fold(name: str, body: Body, tail: Tail) -> None:
    register(
        Function(
            *(name, ("range",), 1, MOST),
            body=body,
            repeats=1,
            sees_errors=True,
            direct="boolean",
            tail=tail,
            source=_SOURCE + name,
        )
    )


def _xor(b: Builder, *blocks: Term) -> Term:
    """Whether an odd number of them are true."""
    some, true = b.constant(False), b.constant(0.0)
    for block in blocks:
        counts = b.is_kind(block, NUMBERS | BOOLEANS)
        some = some | b.op("any_of", counts)
        true = b.op("fold", true, b.number(b.op("truth", block)), counts, how="add")
    odd = b.eq(true - 2 * b.floor(true / 2), 1)
    return b.checked(blocks, b.fail(odd, ~some, ExcelError.VALUE))


_junction("AND", True)
_junction("OR", False)
_fold("XOR", _xor, "blank")

register(Function("NOT", ("boolean",), 1, 1, body=lambda b, x: ~x, source=_SOURCE + "NOT"))
for _name, _value in {"TRUE": True, "FALSE": False}.items():
    register(
        Function(_name, (), 0, 0, body=lambda b, _value=_value: b.constant(_value), source=_SOURCE + _name)
    )
