"""SUBTOTAL and AGGREGATE: other functions, of cells some of which are left out.

Both leave out cells whose own formula is a SUBTOTAL or an AGGREGATE, so that a column may hold subtotals of
its parts and a total of all. What else is left out:

    SUBTOTAL      1 to 11    rows that a filter hides
                101 to 111   all hidden rows
    AGGREGATE    options     0 nothing else      1 hidden rows      2 errors      3 hidden rows and errors
                             4 to 7              the same, but with subtotals

A file does not tell whether a filter or a hand has hidden a row; where that matters the formula is reported
as unsupported. They are rules (see `operands`), as they ask for the places and the formulas of cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sheetsim.address import Rect
from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Missing, Node
from sheetsim.functions.coercion import to_number
from sheetsim.functions.lifting import lift
from sheetsim.functions.operands import Evaluator, Operand, Reference, block_of
from sheetsim.functions.registry import FUNCTIONS, Function, register
from sheetsim.values import ExcelError, Scalar, Values

_FOLDS = (
    "AVERAGE",
    "COUNT",
    "COUNTA",
    "MAX",
    "MIN",
    "PRODUCT",
    "STDEV.S",
    "STDEV.P",
    "SUM",
    "VAR.S",
    "VAR.P",
)
_MORE = ("MEDIAN", "MODE.SNGL")
_PLACES = ("LARGE", "SMALL", "PERCENTILE.INC", "QUARTILE.INC", "PERCENTILE.EXC", "QUARTILE.EXC")
_ALL = _FOLDS + _MORE + _PLACES
_SUBTOTAL = re.compile(r"\b(?:SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)
_HIDDEN = 100  # added to SUBTOTAL's function: without hidden rows


def is_subtotal(formula: str) -> bool:
    """Whether a formula calls one of them, so that others leave its cell out."""
    return _SUBTOTAL.search(formula) is not None


def _number(evaluator: Evaluator, node: Node, array: bool) -> float | ExcelError:
    value = evaluator.value(node, array)
    return to_number(value.get((0, 0)) if isinstance(value, Values) else value)


def _kept(
    evaluator: Evaluator, reference: Reference, nested: bool, hidden: bool, errors: bool, name: str
) -> list[Scalar]:
    """The cells that count: `nested` subtotals, cells of `hidden` rows and `errors` only where so asked."""
    found: list[Scalar] = []
    for sheet, rect in reference.areas:
        used = evaluator.lookup.sheet_used(sheet)
        common = rect.intersect(used) if used is not None else None
        if common is None:
            continue
        out = set() if nested else _cells(evaluator.lookup.subtotals(sheet, common))
        rows = {row for row in evaluator.lookup.hidden(sheet) if common.top <= row < common.bottom}
        if hidden and rows:
            raise Unsupported(f"{name} of rows hidden by a filter or by hand, which is not known")
        block = evaluator.values_of(Reference(((sheet, common),)))
        for r, cells in enumerate(block_of(block).tolist(), common.top):
            if r not in rows:
                found += [v for c, v in enumerate(cells, common.left) if (r, c) not in out]
    return found if errors else [value for value in found if not isinstance(value, ExcelError)]


def _cells(rects: Sequence[Rect]) -> set[tuple[int, int]]:
    return {
        (r, c) for rect in rects for r in range(rect.top, rect.bottom) for c in range(rect.left, rect.right)
    }


def _of(name: str, values: Sequence[Scalar], *more: Scalar) -> Scalar:
    """The function of these cells; None of them is a blank cell."""
    from sheetsim.functions.calling import call_scalar  # which needs the table of functions to be full

    result = call_scalar(FUNCTIONS[name], [Values.of([list(values) or [None]]), *more])
    assert not isinstance(result, Values)
    return result


def _references(evaluator: Evaluator, nodes: Sequence[Node]) -> list[Reference] | ExcelError:
    found = []
    for node in nodes:
        operand = evaluator.operand(node, True)
        if isinstance(operand, ExcelError):
            return operand
        if not isinstance(operand, Reference):
            return ExcelError.VALUE
        found.append(operand)
    return found


def _subtotal(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    number = _number(evaluator, arguments[0], array)
    references = _references(evaluator, arguments[1:])
    if isinstance(number, ExcelError):
        return number
    if isinstance(references, ExcelError):
        return references
    without = int(number) > _HIDDEN
    place = int(number) - (_HIDDEN if without else 0)
    if not 1 <= place <= len(_FOLDS):
        return ExcelError.VALUE
    name = f"SUBTOTAL({int(number)})"
    values = [v for one in references for v in _kept(evaluator, one, False, not without, True, name)]
    return _of(_FOLDS[place - 1], values)


def _aggregate(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    number, option = _number(evaluator, arguments[0], array), _number(evaluator, arguments[1], array)
    if isinstance(number, ExcelError):
        return number
    if isinstance(option, ExcelError):
        return option
    place, choice = int(number), int(option)
    if not 1 <= place <= len(_ALL) or not 0 <= choice <= 7:
        return ExcelError.VALUE
    name = _ALL[place - 1]
    hidden, errors = choice % 2 == 0, choice % 4 < 2
    if name not in _PLACES:
        references = _references(evaluator, arguments[2:])
        if isinstance(references, ExcelError):
            return references
        parts = [_kept(evaluator, r, choice >= 4, hidden, errors, "AGGREGATE") for r in references]
        return _of(name, [value for part in parts for value in part])
    if len(arguments) != 4 or isinstance(arguments[3], Missing):
        return ExcelError.VALUE
    operand = evaluator.operand(arguments[2], True)
    if isinstance(operand, Reference):
        values = _kept(evaluator, operand, choice >= 4, hidden, errors, "AGGREGATE")
    else:
        cells = block_of(evaluator.values_of(operand)).tolist()
        values = [v for row in cells for v in row if errors or not isinstance(v, ExcelError)]
    k = evaluator.value(arguments[3], array)
    if isinstance(k, Values):
        return lift(lambda one: _of(name, values, one), [k])
    return _of(name, values, k)


_PAGE = "support.microsoft.com, "
register(
    Function(
        *("SUBTOTAL", ("number", "reference"), 2, 255),
        repeats=1,
        rule=_subtotal,
        source=_PAGE + "SUBTOTAL",
    )
)
register(
    Function(
        *("AGGREGATE", ("number", "number", "reference"), 3, 255),
        repeats=1,
        rule=_aggregate,
        gives_array=True,
        source=_PAGE + "AGGREGATE",
    )
)
