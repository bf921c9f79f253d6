"""What kind of value there is: ERROR.TYPE ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER
ISODD ISTEXT N NA T TYPE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetsim.functions.registry import Function, OneValue, register
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

if TYPE_CHECKING:
    from sheetsim.ir.build import Body, Builder, Term

_SOURCE = "support.microsoft.com, "
_TYPES = {BLANK: 1.0, NUMBER: 1.0, TEXT: 2.0, BOOLEAN: 4.0, ERROR: 16.0}
_ARRAY = 64.0


def _ask(name: str, body: Body, kind: OneValue = "any") -> None:
    """A function of any value, errors too."""
    register(Function(name, (kind,), 1, 1, body=body, sees_errors=True, source=_SOURCE + name))


def _kinds(*kinds: int) -> int:
    return sum(1 << kind for kind in kinds)


for _name, _set in {
    "ISBLANK": _kinds(BLANK),
    "ISERROR": _kinds(ERROR),
    "ISLOGICAL": _kinds(BOOLEAN),
    "ISNONTEXT": _kinds(BLANK, NUMBER, BOOLEAN, ERROR),
    "ISNUMBER": _kinds(NUMBER),
    "ISTEXT": _kinds(TEXT),
}.items():
    _ask(_name, lambda b, x, _set=_set: b.is_kind(x, _set))


def _not_available(b: Builder, x: Term) -> Term:
    return b.eq(b.op("error_code", x), float(ExcelError.NA))


_ask("ISNA", _not_available)
_ask("ISERR", lambda b, x: b.is_kind(x, _kinds(ERROR)) & ~_not_available(b, x))


def _parity(name: str, rest: float) -> None:
    """Whether a number, its fraction cut off, is even (`rest` 0) or odd (1)."""

    def body(b: Builder, x: Term) -> Term:
        whole = abs(b.trunc(x))
        return b.eq(whole - 2 * b.floor(whole / 2), rest)

    register(Function(name, ("strict",), 1, 1, body=body, source=_SOURCE + name))


_parity("ISEVEN", 0.0)
_parity("ISODD", 1.0)


def _type(block: Values) -> Scalar:
    return _ARRAY if block.numbers.size > 1 else _TYPES[int(block.kind_array()[0, 0])]


def _n(value: Scalar) -> Scalar:
    """Numbers and booleans as numbers, errors as they are, all else 0."""
    if isinstance(value, ExcelError):
        return value
    return float(value) if isinstance(value, (bool, float)) else 0.0


def _t(value: Scalar) -> Scalar:
    """Text and errors as they are, all else ""."""
    return value if isinstance(value, (str, ExcelError)) else ""


register(Function("N", ("corner",), 1, 1, _n, sees_errors=True, source=_SOURCE + "N"))
register(Function("T", ("corner",), 1, 1, _t, sees_errors=True, source=_SOURCE + "T"))
register(Function("TYPE", ("range",), 1, 1, _type, sees_errors=True, source=_SOURCE + "TYPE"))
_ask(
    "ERROR.TYPE",
    lambda b, x: b.fail(b.op("error_code", x), ~b.is_kind(x, _kinds(ERROR)), ExcelError.NA),
)
register(Function("NA", (), 0, 0, body=lambda b: b.constant(ExcelError.NA), source=_SOURCE + "NA"))
