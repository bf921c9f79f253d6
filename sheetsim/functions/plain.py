"""Records of functions that are told once, on scalars, in one line each.

    plain("EFFECT", _effect, "strict strict")
    plain("PMT", _pmt, "number number number [number number]")
    plain("GCD", _gcd, "range...", direct="number")

A parameter is named by its kind (see `registry.Kind`); those in brackets may be left off, and the last one
goes on when three dots follow it. `whole` is the kind `strict` (a number that a boolean is not taken for, as
the functions that were once the Analysis ToolPak's have it), without its fraction; `floor` is a number
brought down to a whole one: POISSON.DIST(-0.1,5,TRUE) is out of bounds.

Results that are not finite are #NUM!, and so are arguments outside a function's domain, which Python's `math`
tells by OverflowError and ValueError; a division by zero is #DIV/0!.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, cast, get_args

from sheetsim.functions.coercion import to_strict_number
from sheetsim.functions.registry import Function, Kind, OneValue, register
from sheetsim.values import ExcelError, Scalar, Values

SOURCE = "support.microsoft.com, "
MOST = 255  # arguments that a function takes

_CUT: dict[str, tuple[Kind, Callable[[float], float]]] = {
    "whole": ("strict", lambda x: float(math.trunc(x))),
    "floor": ("number", lambda x: float(math.floor(x))),
}
_PARAMETER = re.compile(r"(\[?)(\w+)(\.\.\.)?\]?")


def plain(name: str, scalar: Callable[..., Any], parameters: str = "", **more: Any) -> Function:
    """Register a function by its scalar telling; `more` are further fields of its record."""
    found = _PARAMETER.findall(parameters)
    inside, least = False, 0
    for bracket, _, _ in found:
        inside = inside or bool(bracket)
        least += not inside
    kinds = [kind for _, kind, _ in found]
    if not {*kinds} <= {*_CUT, *get_args(OneValue), "range", "array", "sized"}:
        raise ValueError(f"{name}: {parameters}")
    repeats = 1 if found and found[-1][2] else 0
    fields: dict[str, Any] = {"repeats": repeats, "source": SOURCE + name} | more
    record = Function(
        name,
        tuple(_CUT[kind][0] if kind in _CUT else cast(Kind, kind) for kind in kinds),
        least,
        MOST if repeats else len(kinds),
        _guarded(scalar, {i: _CUT[kind][1] for i, kind in enumerate(kinds) if kind in _CUT}),
        **fields,
    )
    return register(record)


def _guarded(scalar: Callable[..., Any], cuts: dict[int, Callable[[float], float]]) -> Callable[..., Any]:
    """`scalar` with the arguments at some positions cut, and with its result checked."""

    def told(*arguments: Any) -> Any:
        ready = list(arguments)
        for i, cut in cuts.items():
            if i < len(ready):
                ready[i] = cut(ready[i])
        try:
            result = scalar(*ready)
        except ZeroDivisionError:
            return ExcelError.DIV0
        except (OverflowError, ValueError):
            return ExcelError.NUM
        return checked(result)

    return told


def checked(result: Any) -> Any:
    """A function's result as a `Scalar`: numbers as floats, #NUM! for what is not finite or not real."""
    if isinstance(result, complex):
        return ExcelError.NUM
    if isinstance(result, (bool, ExcelError, str, Values)):
        return result
    number = float(result)
    return number if math.isfinite(number) else ExcelError.NUM


# --- cells of ranges -------------------------------------------------------------------------------------


def numbers_of(*blocks: Values) -> list[float] | ExcelError:
    """The numbers among the cells, in reading order, or the first error."""
    found: list[float] = []
    for block in blocks:
        if block.kinds is None:
            found.extend(block.numbers.ravel().tolist())
            continue
        for row in block.tolist():
            for value in row:
                if isinstance(value, ExcelError):
                    return value
                if isinstance(value, float):
                    found.append(value)
    return found


def scalars_of(*blocks: Values) -> list[Scalar]:
    """All cells in reading order."""
    return [value for block in blocks for row in block.tolist() for value in row]


def first_error_of(*values: Any) -> ExcelError | None:
    return next((value for value in values if isinstance(value, ExcelError)), None)


def strict_numbers_of(block: Values) -> list[float] | ExcelError:
    """Cells that must be numbers by the ToolPak's rules: text that reads as one counts, blanks are left out,
    booleans and other text are #VALUE!."""
    found = []
    for value in scalars_of(block):
        if value is None:
            continue
        number = to_strict_number(value)
        if isinstance(number, ExcelError):
            return number
        found.append(number)
    return found


def paired(left: Values, right: Values) -> tuple[list[float], list[float]] | ExcelError:
    """Two ranges' numbers side by side: #N/A where they hold different numbers of cells; a pair in which
    one is no number is left out."""
    if left.numbers.size != right.numbers.size:
        return ExcelError.NA
    first, second = scalars_of(left), scalars_of(right)
    wrong = first_error_of(*first, *second)
    if wrong is not None:
        return wrong
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if _number(a) and _number(b)]
    return [cast(float, a) for a, _ in pairs], [cast(float, b) for _, b in pairs]


def _number(value: Scalar) -> bool:
    return isinstance(value, float)


def by_a(blocks: Sequence[Values]) -> list[float] | ExcelError:
    """Numbers as AVERAGEA, MAXA, VARA take them: TRUE is 1, FALSE and text are 0, blanks are left out.
    Direct values come as numbers already."""
    found = []
    for value in scalars_of(*blocks):
        if isinstance(value, ExcelError):
            return value
        if value is not None:
            found.append(0.0 if isinstance(value, str) else float(value))
    return found
