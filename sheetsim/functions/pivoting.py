"""PIVOTBY: values summed up by groups of rows and of columns.

    PIVOTBY({"a";"b";"a"},{1;1;2},{5;6;7},SUM)            1   2   Total
                                                      a   5   7   12
                                                      b   6       6
                                                  Total   11  7   18

A group of rows that has nothing in a group of columns is an empty text there. One field down, one across and
one column of values are done; more of them, subtotals and headings that are shown, whose layout Microsoft's
page only shows in pictures, are reported. Source: support.microsoft.com, PIVOTBY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import Unsupported
from sheetsim.formula.nodes import Missing, Node
from sheetsim.functions.grouping import aggregated, has_headings, kept_rows, number_of, order_of_groups
from sheetsim.functions.operands import Evaluator, Lambda, Operand, block_of, failed
from sheetsim.functions.registry import Function, register
from sheetsim.functions.sorting import same_rows
from sheetsim.limits import room
from sheetsim.values import ExcelError, Scalar, Values

_MOST = 11  # arguments
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups of a field [rows, 1]: `keys` [groups, 1] in the order in which they come, and the group of
    each row."""

    keys: Values
    group: Places

    @classmethod
    def of(cls, field: Values) -> _Groups:
        starts, group = np.unique(same_rows(field), return_inverse=True)
        return cls(field[starts, :], group.reshape(-1))

    def __len__(self) -> int:
        return self.keys.shape[0]

    def members(self) -> list[Places]:
        return _members(self.group, len(self))


def _members(group: Places, count: int) -> list[Places]:
    """The rows of each group, in their order."""
    ends = np.cumsum(np.bincount(group, minlength=count))
    return np.split(np.argsort(group, kind="stable"), ends[:-1])


def _pivotby(evaluator: Evaluator, arguments: Sequence[Node], array: bool) -> Operand:
    given = [None if isinstance(node, Missing) else node for node in arguments]
    given += [None] * (_MOST - len(given))
    if None in given[:4]:
        raise Unsupported("PIVOTBY without fields on one side")
    operands = [evaluator.value(node, True) for node in arguments[:3]]
    function = evaluator.operand(arguments[3], True)
    headers, down, across, relative = (number_of(evaluator, given[place]) for place in (4, 5, 7, 10))
    wrong = failed([*operands, function, headers, down, across, relative])
    if wrong is not None:
        return wrong
    blocks = [block_of(operand) for operand in operands]
    if not isinstance(function, Lambda) or len({block.shape[0] for block in blocks}) > 1:
        return ExcelError.VALUE
    if any(block.shape[1] > 1 for block in blocks):
        raise Unsupported("PIVOTBY of several fields or columns of values")
    if headers not in (None, 0, 1):
        raise Unsupported("PIVOTBY with headings that are shown")
    if not {down, across} <= {None, 0, 1, -1} or relative not in (None, 0, 1, 2):
        raise Unsupported("PIVOTBY with subtotals")
    titled = has_headings(blocks[2]) if headers is None else headers != 0
    if titled:
        blocks = [block[1:, :] for block in blocks]
    if given[9] is not None:
        kept = kept_rows(evaluator, given[9], blocks[2].shape[0] + titled, titled)
        if isinstance(kept, ExcelError):
            return kept
        blocks = [block[kept, :] for block in blocks]
    if not blocks[2].numbers.size:
        return ExcelError.CALC

    rows, columns, values = _Groups.of(blocks[0]), _Groups.of(blocks[1]), blocks[2]
    room(len(rows) * len(columns))

    def value(part: Places | slice, in_row: Places | slice, in_column: Places | slice) -> Scalar:
        whole = (in_column, in_row, slice(None))[int(relative or 0)]
        return aggregated(evaluator, function, values[part, :], values[whole, :])[0]

    every = slice(None)
    in_rows, in_columns = rows.members(), columns.members()
    row_totals = [value(part, part, every) for part in in_rows]
    column_totals = [value(part, every, part) for part in in_columns]
    orders = [
        order_of_groups(evaluator, node, groups.keys, Values.of([[total] for total in totals]))
        for node, groups, totals in ((given[6], rows, row_totals), (given[8], columns, column_totals))
    ]
    wrong = failed(orders)
    if wrong is not None:
        return wrong
    order, sideways = (list(one) for one in orders)  # type: ignore[arg-type] # no errors
    cells = _members(rows.group * len(columns) + columns.group, len(rows) * len(columns))
    lines: list[list[Scalar]] = []
    for r in order:
        parts = [(cells[r * len(columns) + c], c) for c in sideways]
        found = [value(part, in_rows[r], in_columns[c]) if part.size else "" for part, c in parts]
        lines.append(_with_total(rows.keys.get((r, 0)), found, row_totals[r], across))
    head = _with_total("", [columns.keys.get((c, 0)) for c in sideways], "Total", across)
    if down != 0:
        totals = [column_totals[c] for c in sideways]
        total = _with_total("Total", totals, value(every, every, every), across)
        lines = [*lines, total] if down is None or down > 0 else [total, *lines]
    return Values.of([head, *lines])


def _with_total(label: Scalar, cells: list[Scalar], total: Scalar, depth: float | None) -> list[Scalar]:
    """A line of the table; its total stands as `depth` says: at the end, in front (negative), or not (0)."""
    if depth == 0:
        return [label, *cells]
    return [label, *cells, total] if depth is None or depth > 0 else [label, total, *cells]


register(
    Function(
        "PIVOTBY",
        ("lazy",),
        4,
        _MOST,
        repeats=1,
        rule=_pivotby,
        gives_array=True,
        takes_functions=True,
        source="support.microsoft.com, PIVOTBY",
    )
)
