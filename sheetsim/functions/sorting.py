"""Arrays made, chosen from and put in order: FILTER RANDARRAY SEQUENCE SORT SORTBY UNIQUE.

Excel's order is numbers, texts (without case), FALSE, TRUE, errors, blanks last; descending turns all but the
blanks round. Equal rows keep their order. Source: support.microsoft.com, each function's page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.formula.nodes import Missing, Node
from sheetsim.functions.coercion import to_boolean, to_booleans, to_number
from sheetsim.functions.operands import Evaluator, Operand, first_of
from sheetsim.functions.registry import Function, Kind, register
from sheetsim.functions.shaping import taken, turned, whole_number
from sheetsim.limits import room
from sheetsim.values import BLANK, BOOLEAN, ERROR, NUMBER, TEXT, ExcelError, Scalar, Values

_PAGE = "support.microsoft.com, "

# --- order -------------------------------------------------------------------------------------------------

_RANK = np.zeros(5, np.int64)
_RANK[[NUMBER, TEXT, BOOLEAN, ERROR, BLANK]] = range(5)


def _keys(line: Values, descending: bool) -> list[NDArray[np.int64]]:
    """What a row or column of cells is sorted by, the least important first."""
    kinds = line.kind_array().reshape(-1)
    ranks = _RANK[kinds]
    places = np.zeros(len(ranks), np.int64)
    for kind in (NUMBER, BOOLEAN):
        at = kinds == kind
        places[at] = np.unique(line.numbers.reshape(-1)[at], return_inverse=True)[1]
    if line.texts is not None:
        at = kinds == TEXT
        texts = line.texts.reshape(-1)[at].tolist()
        order = {text: place for place, text in enumerate(sorted({text.casefold() for text in texts}))}
        places[at] = [order[text.casefold()] for text in texts]
    if descending:
        places, ranks = -places, np.where(ranks == _RANK[BLANK], ranks, -ranks - 1)
    return [places, ranks]


def order_of_rows(keys: Sequence[tuple[Values, bool]]) -> NDArray[np.intp]:
    """The order of rows by some columns, (cells, descending), the most important first."""
    layers = [layer for line, descending in reversed(keys) for layer in _keys(line, descending)]
    return np.lexsort(layers)


def _is_descending(order: Scalar) -> bool | ExcelError:
    number = 1.0 if order is None else to_number(order)
    if isinstance(number, ExcelError):
        return number
    whole = math.trunc(number)
    return whole == -1 if whole in (1, -1) else ExcelError.VALUE


def _cells(block: Values) -> list[Scalar]:
    return [value for row in block.tolist() for value in row]


def _sort(
    values: Values, index: Values | None = None, order: Values | None = None, by_column: Scalar = None
) -> Values | ExcelError:
    """By columns that have numbers from 1, several of them in an array, each with its order."""
    sideways = to_boolean(by_column)
    if isinstance(sideways, ExcelError):
        return sideways
    table = turned(values) if sideways else values
    indexes = [1.0] if index is None else [1.0 if i is None else i for i in _cells(index)]
    orders = [1.0] if order is None else _cells(order)
    if len(orders) not in (1, len(indexes)):
        return ExcelError.VALUE
    keys = []
    for i, wanted in zip(indexes, orders * (len(indexes) // len(orders)), strict=True):
        number, descending = whole_number(i), _is_descending(wanted)
        if isinstance(number, ExcelError):
            return number
        if isinstance(descending, ExcelError):
            return descending
        if not 1 <= number <= table.shape[1]:
            return ExcelError.VALUE
        keys.append((table[:, number - 1], descending))
    found = table[order_of_rows(keys), :]
    return turned(found) if sideways else found


def _sortby(values: Values, *by: Values) -> Values | ExcelError:
    """By arrays beside it, each a column (or a row) as long as the array, each with its order."""
    keys = []
    sideways = by[0].shape[0] == 1 and by[0].shape[1] == values.shape[1] and by[0].shape[1] > 1
    axis = 1 if sideways else 0
    for place in range(0, len(by), 2):
        line = by[place]
        descending = _is_descending(first_of(by[place + 1]) if place + 1 < len(by) else None)
        if isinstance(descending, ExcelError):
            return descending
        if line.shape[axis] != values.shape[axis] or line.shape[1 - axis] != 1:
            return ExcelError.VALUE
        keys.append((line, descending))
    order = order_of_rows(keys)
    return values[:, order] if sideways else values[order, :]


# --- UNIQUE, FILTER ----------------------------------------------------------------------------------------


def same_rows(table: Values) -> NDArray[np.intp]:
    """For each row the number of the first row that is equal to it; texts without case, 1 is not TRUE."""
    codes = np.empty(table.shape, np.int64)
    for column in range(table.shape[1]):
        places, ranks = _keys(table[:, column], False)
        codes[:, column] = places * 5 + ranks
    _, first, inverse = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    found: NDArray[np.intp] = first[inverse.reshape(-1)]
    return found


def _unique(values: Values, by_column: Scalar = None, exactly_once: Scalar = None) -> Values | ExcelError:
    sideways, once = to_boolean(by_column), to_boolean(exactly_once)
    for wrong in (sideways, once):
        if isinstance(wrong, ExcelError):
            return wrong
    table = turned(values) if sideways else values
    first = same_rows(table)
    kept = first == np.arange(len(first))
    if once:
        kept &= np.bincount(first, minlength=len(first))[np.arange(len(first))] == 1
    found = taken(table, np.flatnonzero(kept), slice(None))  # type: ignore[arg-type]
    return turned(found) if sideways and isinstance(found, Values) else found


def _filter(values: Values, include: Values, instead: Values | None = None) -> Values | ExcelError:
    """The rows (or columns) beside which there is TRUE; an error there is the result."""
    rows = include.shape == (values.shape[0], 1)
    if not rows and include.shape != (1, values.shape[1]):
        return ExcelError.VALUE
    if include.texts is not None and (include.kind_array() == TEXT).any():
        return ExcelError.VALUE
    kept, codes = to_booleans(include)
    if codes is not None and codes.any():
        return ExcelError(int(codes[codes != 0][0]))
    places = np.flatnonzero(kept.reshape(-1))
    if not len(places):
        return ExcelError.CALC if instead is None else instead
    every = slice(None)
    return taken(values, places, every) if rows else taken(values, every, places)  # type: ignore[arg-type]


# --- SEQUENCE, RANDARRAY -----------------------------------------------------------------------------------


def _sequence(
    rows: Scalar, columns: Scalar = None, start: Scalar = None, step: Scalar = None
) -> Values | ExcelError:
    """start, start + step, ... in reading order. Fewer than one row or column: 0 is #CALC!, else #VALUE!."""
    numbers = [to_number(1.0 if value is None else value) for value in (rows, columns, start, step)]
    for number in numbers:
        if isinstance(number, ExcelError):
            return number
    height, width = (math.trunc(number) for number in numbers[:2])
    if height < 1 or width < 1:
        return ExcelError.CALC if min(height, width) == 0 else ExcelError.VALUE
    room(height * width)
    return Values((numbers[2] + np.arange(float(height * width)) * numbers[3]).reshape(height, width))


def _randarray(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    """Numbers between two others (0 and 1), whole ones where that is asked for."""
    given: list[Scalar] = [
        None if isinstance(node, Missing) else first_of(evaluator.value(node, array)) for node in arguments
    ]
    given += [None] * (5 - len(given))
    usual = (1.0, 1.0, 0.0, 1.0)
    numbers = [to_number(one if value is None else value) for value, one in zip(given, usual, strict=False)]
    whole = to_boolean(given[4])
    for wrong in (*numbers, whole):
        if isinstance(wrong, ExcelError):
            return wrong
    rows, columns, low, high = numbers
    height, width = math.trunc(rows), math.trunc(columns)
    if height < 1 or width < 1:
        return ExcelError.CALC if min(height, width) == 0 else ExcelError.VALUE
    if low > high or (whole and (low % 1 or high % 1)):
        return ExcelError.VALUE
    evaluator.take(height * width)
    drawn = np.array([evaluator.lookup.random() for _ in range(height * width)]).reshape(height, width)
    return Values(low + np.floor(drawn * (high - low + 1)) if whole else low + drawn * (high - low))


def _register(
    name: str,
    parameters: Sequence[Kind],
    least: int,
    scalar: Callable[..., object],
    most: int = 0,
    repeats: int = 0,
) -> None:
    register(
        Function(
            name,
            tuple(parameters),
            least,
            most or len(parameters),
            scalar,
            repeats=repeats,
            sees_errors=True,
            gives_array=True,
            tail="all",
            source=_PAGE + name,
        )
    )


_register("SORT", ("array", "array", "array", "given"), 1, _sort)
_register("SORTBY", ("array", "array", "array"), 2, _sortby, most=253, repeats=2)
_register("UNIQUE", ("array", "given", "given"), 1, _unique)
_register("FILTER", ("array", "array", "array"), 2, _filter)
_register("SEQUENCE", ("given", "given", "given", "given"), 1, _sequence)
register(
    Function(
        "RANDARRAY",
        ("number", "number", "number", "number", "boolean"),
        0,
        5,
        rule=_randarray,
        volatile=True,
        gives_array=True,
        source=_PAGE + "RANDARRAY",
    )
)
