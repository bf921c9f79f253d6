"""GROUPBY: values summed up by groups; PERCENTOF: the share of a sum.

    GROUPBY({"a";"b";"a"},{1;2;5},SUM)        a 6
                                              b 2
                                              Total 8

What Microsoft's page describes is done; subtotals, generated headings, several functions and a sort by values
within several levels of groups, whose layout it only shows in pictures, are reported.
Source: support.microsoft.com, GROUPBY.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Missing, Node
from sheetsim.functions.coercion import to_booleans, to_number
from sheetsim.functions.operands import Evaluator, Lambda, Operand, block_of, failed, first_of
from sheetsim.functions.registry import Function, register
from sheetsim.functions.shaping import joined
from sheetsim.functions.sorting import order_of_rows, same_rows
from sheetsim.values import NUMBER, TEXT, ExcelError, Scalar, Values

_PAGE = "support.microsoft.com, "


def _groupby(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    given = [None if isinstance(node, Missing) else node for node in arguments]
    given += [None] * (8 - len(given))
    fields, values = (evaluator.value(node, True) for node in arguments[:2])
    function = evaluator.operand(arguments[2], True)
    headers, depth, relation = (number_of(evaluator, given[place]) for place in (3, 4, 7))
    wrong = failed([fields, values, function, headers, depth, relation])
    if wrong is not None:
        return wrong
    rows, summed = block_of(fields), block_of(values)
    if not isinstance(function, Lambda) or rows.shape[0] != summed.shape[0]:
        return ExcelError.VALUE
    if headers not in (None, 0, 1, 3) or relation not in (None, 0):
        raise Unsupported("GROUPBY with generated headings, or with fields side by side")
    levels = rows.shape[1]
    if depth not in (0, 1, -1) and (levels > 1 or depth is not None):
        raise Unsupported("GROUPBY with subtotals")
    titled = has_headings(summed) if headers is None else headers != 0
    shown = titled and (levels > 1 if headers is None else headers == 3)
    title = joined([rows[:1, :], summed[:1, :]], 1) if shown else None
    if titled:
        rows, summed = rows[1:, :], summed[1:, :]
    if given[6] is not None:
        kept = kept_rows(evaluator, given[6], len(rows.numbers) + titled, titled)
        if isinstance(kept, ExcelError):
            return kept
        rows, summed = rows[kept, :], summed[kept, :]
    if not rows.numbers.size:
        return ExcelError.CALC
    keys, results = _summed_up(evaluator, function, rows, summed)
    order = order_of_groups(evaluator, given[5], keys, results)
    if isinstance(order, ExcelError):
        return order
    table = joined([keys, results], 1)[order, :]
    parts = [table]
    if depth != 0:
        label: list[Scalar] = ["Total" if levels == 1 else "Grand Total", *[""] * (levels - 1)]
        total = Values.of([[*label, *aggregated(evaluator, function, summed, summed)]])
        parts = [table, total] if depth is None or depth > 0 else [total, table]
    return joined(parts if title is None else [title, *parts], 0)


def number_of(evaluator: Evaluator, node: Node | None) -> float | ExcelError | None:
    if node is None:
        return None
    number = to_number(first_of(evaluator.value(node, True)))
    return number if isinstance(number, ExcelError) else float(math.trunc(number))


def has_headings(values: Values) -> bool:
    """A text above a number is a heading."""
    kinds = values.kind_array()[:2, 0].tolist()
    return kinds == [TEXT, NUMBER]


def kept_rows(evaluator: Evaluator, node: Node, rows: int, titled: bool) -> NDArray[np.intp] | ExcelError:
    """The rows that a filter keeps; it may be as long as the data with headings or without."""
    value = evaluator.value(node, True)
    if isinstance(value, ExcelError):
        return value
    truth, codes = to_booleans(block_of(value))
    if codes is not None and codes.any():
        return ExcelError.VALUE
    line = truth.reshape(-1)
    if len(line) == rows and titled:
        line = line[1:]
    return np.flatnonzero(line) if len(line) == rows - titled else ExcelError.VALUE


def _summed_up(evaluator: Evaluator, function: Lambda, rows: Values, values: Values) -> tuple[Values, Values]:
    """Each group once, in the order in which they come, and what the function makes of its values."""
    first = same_rows(rows)
    starts, group = np.unique(first, return_inverse=True)
    by_group = np.argsort(group.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(group.reshape(-1)))
    results = [
        aggregated(evaluator, function, values[members, :], values)
        for members in np.split(by_group, ends[:-1])
    ]
    return rows[starts, :], Values.of(results)


def aggregated(evaluator: Evaluator, function: Lambda, part: Values, whole: Values) -> list[Scalar]:
    """The function of each column; one that takes two arguments (PERCENTOF) is given all values too."""
    found = []
    for column in range(part.shape[1]):
        handed: list[Operand] = [part[:, column : column + 1]]
        if function.least >= 2:
            handed.append(whole[:, column : column + 1])
        value = evaluator.values_of(evaluator.apply(function, handed))
        found.append(
            ExcelError.CALC if isinstance(value, Values) and value.numbers.size > 1 else first_of(value)
        )
    return found


def order_of_groups(
    evaluator: Evaluator, node: Node | None, keys: Values, results: Values
) -> NDArray[np.intp] | ExcelError:
    """By the fields, or first by the columns that are asked for: fields, then values; negative ones down."""
    levels = keys.shape[1]
    first: list[tuple[Values, bool]] = []
    if node is not None:
        for value in (value for row in block_of(evaluator.value(node, True)).tolist() for value in row):
            number = to_number(value)
            if isinstance(number, ExcelError):
                return number
            column = abs(math.trunc(number))
            if not 1 <= column <= levels + results.shape[1]:
                return ExcelError.VALUE
            if column > levels and levels > 1:
                raise Unsupported("GROUPBY sorted by values within several levels")
            line = keys[:, column - 1] if column <= levels else results[:, column - levels - 1]
            first.append((line, number < 0))
    return order_of_rows([*first, *((keys[:, level], False) for level in range(levels))])


def _percentof(part: Values, whole: Values) -> Scalar:
    sums = []
    for block in (part, whole):
        total = 0.0
        for value in (value for row in block.tolist() for value in row):
            if isinstance(value, ExcelError):
                return value
            if isinstance(value, float):
                total += value
        sums.append(total)
    return sums[0] / sums[1] if sums[1] else ExcelError.DIV0


register(
    Function(
        "GROUPBY",
        ("lazy",),
        3,
        8,
        repeats=1,
        rule=_groupby,
        gives_array=True,
        takes_functions=True,
        source=_PAGE + "GROUPBY",
    )
)
register(
    Function("PERCENTOF", ("range", "range"), 2, 2, _percentof, sees_errors=True, source=_PAGE + "PERCENTOF")
)
