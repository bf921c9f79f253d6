"""Where the scanners of a sheet's XML put what they find: columns of values, runs of formulas.

`Cells` is told of one cell after another in the file's own terms ("type n, text 0.5"; "shared formula 3") and
keeps arrays, not objects: 17 bytes a value, and for a filled-down column of formulas one `Run` that grows.

    cells = Cells(report)
    cells.value(3, 4, "n", "0.5")            # row 3, column 4 (E4), counted from 0
    cells.formula(3, 4, "C4+D4*A4")          # a new run
    cells.formula(4, 4, "C5+D5*A5")          # its next row: the run grows
    cells.finish(sheet)

Everything bad raises, through `report(text, row, column)`, the error that names file, sheet and cell.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import isfinite

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import Cut, cut, moved, stays_inside
from sheetsim.values import BOOLEAN, ERROR, ERRORS_BY_LABEL, NUMBER, TEXT, ExcelError
from sheetsim.workbook import Column, Fill, Sheet

Report = Callable[[str, int, int], SheetsimError]

BUDGET = 1 << 27  # cells of a sheet; a text counts as 8 cells, a formula of its own as 64
TEXT_COST, FORMULA_COST = 8, 64
SHORT, LONG_COST, MOVED_COST = 64, 4, 20  # a long formula's further characters, and one's that is moved
MOST_ARRAY_CELLS = 1 << 24  # cells of all array formulas of a sheet together

_NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]+)?")
_DAY_ZERO = datetime(1899, 12, 30)
_XML_SPACE = " \t\r\n"


@dataclass(slots=True)
class ColumnCells:
    """A column while it is read; rows as they come."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[float] = field(default_factory=lambda: array("d"))
    kinds: array[int] = field(default_factory=lambda: array("B"))
    texts: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """A formula and the rows of one column that it fills, `top` up to `bottom`.

    `cut` None: what the next row would read cannot be said with certainty.
    """

    column: int
    top: int
    bottom: int
    text: str
    cut: Cut | None


@dataclass(slots=True)
class SharedGroup:
    """A shared formula: its text and the cell where that stands, and the cells that point to it."""

    text: str | None = None
    row: int = 0
    column: int = 0
    members: dict[int, list[list[int]]] = field(default_factory=dict)  # column -> [[top, bottom], ...]


class Cells:
    """The cells of one sheet, collected."""

    def __init__(
        self, report: Report, strings: Sequence[str] = (), dynamic_marks: frozenset[str] = frozenset()
    ):
        self.report = report
        self.columns: dict[int, ColumnCells] = {}
        self.runs: dict[int, Run] = {}  # the last of each column
        self.notices: list[str] = []
        self._finished_runs: list[Run] = []
        self._shared: dict[str, SharedGroup] = {}
        self._all_shared: list[SharedGroup] = []
        self._arrays: list[Fill] = []
        self._array_cells = 0
        self._strings = strings
        self._dynamic_marks = dynamic_marks
        self._left = BUDGET

    # -- values

    def column(self, column: int) -> ColumnCells:
        found = self.columns.get(column)
        if found is None:
            found = self.columns[column] = ColumnCells()
        return found

    def spend(self, cost: int) -> None:
        """Count against what one sheet may hold."""
        self._left -= cost
        if self._left < 0:
            raise self.report("the sheet holds more cells, texts or different formulas than are read", -1, -1)

    def value(self, row: int, column: int, kind: str, text: str | None) -> None:
        """A cell's stored value: its type (`t`) and the text of `<v>` (or of `<is>`), None without one."""
        if text is None or (not text and kind not in ("str", "inlineStr")):
            return
        if kind == "n":
            self._put(row, column, NUMBER, self._number(text, row, column))
        elif kind == "s":
            self._put_text(row, column, self._string(text, row, column))
        elif kind in ("str", "inlineStr"):
            self._put_text(row, column, text)
        elif kind == "b":
            self._put(row, column, BOOLEAN, self._boolean(text, row, column))
        elif kind == "e":
            self._put(row, column, ERROR, float(self._error(text, row, column)))
        elif kind == "d":
            self._put(row, column, NUMBER, self._date(text, row, column))
        else:
            raise self.report(f"a cell's type cannot be {shown(kind)}", row, column)

    def _put(self, row: int, column: int, kind: int, number: float) -> None:
        cells = self.column(column)
        self.spend(1)
        cells.rows.append(row)
        cells.numbers.append(number)
        cells.kinds.append(kind)

    def _put_text(self, row: int, column: int, text: str) -> None:
        self.spend(TEXT_COST)
        self._put(row, column, TEXT, 0.0)
        self.columns[column].texts[row] = text

    def _number(self, text: str, row: int, column: int) -> float:
        if _NUMBER.fullmatch(text.strip(_XML_SPACE)):
            number = float(text)
            if isfinite(number):
                return number
        raise self.report(f"{shown(text)} is not a number", row, column)

    def _string(self, text: str, row: int, column: int) -> str:
        text = text.strip(_XML_SPACE)
        if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) < len(self._strings):
            return self._strings[int(text)]
        raise self.report(f"there is no shared text number {shown(text)}", row, column)

    def _boolean(self, text: str, row: int, column: int) -> float:
        text = text.strip(_XML_SPACE)
        if text not in ("0", "1", "true", "false"):
            raise self.report(f"{shown(text)} is neither TRUE nor FALSE", row, column)
        return float(text in ("1", "true"))

    def _error(self, text: str, row: int, column: int) -> ExcelError:
        text = text.strip(_XML_SPACE)
        found = ERRORS_BY_LABEL.get(text)
        if found is None:
            if not text.startswith("#"):
                raise self.report(f"{shown(text)} is not an error value", row, column)
            notice = (
                f"error values that only newer versions of Excel know, such as {shown(text)}, read as #VALUE!"
            )
            if not self.notices:
                self.notices.append(notice)
            found = ExcelError.VALUE
        return found

    def _date(self, text: str, row: int, column: int) -> float:
        try:
            moment = datetime.fromisoformat(text.strip(_XML_SPACE)).replace(tzinfo=None)
        except ValueError:
            raise self.report(f"{shown(text)} is not a date", row, column) from None
        gap = moment - _DAY_ZERO
        return gap.days + (gap.seconds + gap.microseconds / 1e6) / 86400

    # -- formulas

    def formula(self, row: int, column: int, text: str) -> bool:
        """A formula written out in full. True when it only continued the run above."""
        run = self.runs.get(column)
        if run is not None:
            if run.bottom == row and run.cut is not None and run.cut.at(row + 1) == text:
                run.bottom += 1
                return True
            self._finished_runs.append(run)
        self.spend(FORMULA_COST + LONG_COST * max(len(text) - SHORT, 0))
        self.runs[column] = Run(column, row, row + 1, text, cut(text, row + 1))
        return False

    def shared(self, row: int, column: int, index: str, text: str | None, defines: bool) -> bool:
        """A cell of shared formula `index`; with `text`, and `defines` or as the first, the one that says it.

        True when it only continued the cells above.
        """
        group = self._shared.get(index)
        if group is None or (text and defines and group.text is not None):
            self.spend(FORMULA_COST)
            group = self._shared[index] = SharedGroup()
            self._all_shared.append(group)
        if text and group.text is None:
            group.text, group.row, group.column = text, row, column
        parts = group.members.setdefault(column, [])
        if parts and parts[-1][1] == row:
            parts[-1][1] += 1
            return True
        self.spend(FORMULA_COST)
        parts.append([row, row + 1])
        return False

    def extend_shared(self, index: str, column: int, rows: int) -> None:
        """The next `rows` cells below the last one are of the same shared formula."""
        self._shared[index].members[column][-1][1] += rows

    def shared_continues(self, index: str, row: int, column: int) -> bool:
        """Does the shared formula's last part in that column end just above `row`?"""
        group = self._shared.get(index)
        return group is not None and column in group.members and group.members[column][-1][1] == row

    def array(self, row: int, column: int, ref: str | None, text: str, mark: str | None = None) -> None:
        """An array formula over `ref`; `mark`: the cell's `cm` attribute, which may say that it spills."""
        rect = self._range(row, column, ref)
        if rect.top != row or rect.left != column:
            raise self.report(f"an array formula over {rect} does not begin in its own cell", row, column)
        dynamic = mark is not None and mark in self._dynamic_marks
        self._arrays.append(Fill(rect, text, array=True, dynamic=dynamic))

    def data_table(self, row: int, column: int, attributes: dict[str, str]) -> None:
        """A what-if table, which Excel shows as {=TABLE(row input, column input)}."""
        rect = self._range(row, column, attributes.get("ref"))
        first, second = attributes.get("r1", ""), attributes.get("r2", "")
        if attributes.get("dt2D") in ("1", "true"):
            text = f"TABLE({first},{second})"
        elif attributes.get("dtr") in ("1", "true"):
            text = f"TABLE({first},)"
        else:
            text = f"TABLE(,{first})"
        self._arrays.append(Fill(rect, text, array=True))

    def _range(self, row: int, column: int, ref: str | None) -> Rect:
        try:
            rect = Rect.parse(ref or "")
        except ValueError:
            raise self.report(
                f"an array formula over {shown(ref or '')} is not possible", row, column
            ) from None
        self._array_cells += rect.size
        if self._array_cells > MOST_ARRAY_CELLS:
            raise self.report(
                f"array formulas over more than {MOST_ARRAY_CELLS} cells are not read", row, column
            )
        self.spend(FORMULA_COST)
        return rect

    # -- the result

    def finish(self, sheet: Sheet) -> None:
        """Move everything into `sheet`: columns in order, fills in reading order."""
        for column in sorted(self.columns):
            sheet.set_column(column, self._ordered(column, self.columns.pop(column)))
        self._check_formulas()
        fills = self._arrays
        for run in [*self._finished_runs, *self.runs.values()]:
            fills.append(Fill(Rect(run.top, run.column, run.bottom, run.column + 1), run.text))
        for group in self._all_shared:
            fills += self._expanded(group)
        fills.sort(key=lambda fill: (fill.rect.top, fill.rect.left))
        sheet.fills = fills

    def _ordered(self, column: int, cells: ColumnCells) -> Column:
        rows = np.frombuffer(cells.rows, np.int64)
        numbers, kinds = np.frombuffer(cells.numbers, np.float64), np.frombuffer(cells.kinds, np.uint8)
        steps = np.diff(rows)
        if (steps <= 0).any():
            order = np.argsort(rows, kind="stable")
            rows, numbers, kinds = rows[order], numbers[order], kinds[order]
            twice = np.flatnonzero(np.diff(rows) == 0)
            if len(twice):
                raise self.report("the sheet holds this cell twice", int(rows[twice[0]]), column)
        return Column(rows, numbers, kinds, cells.texts)

    def _check_formulas(self) -> None:
        """Refuse a sheet in which a cell has two formulas."""
        spans = [(run.column, run.top, run.bottom) for run in [*self._finished_runs, *self.runs.values()]]
        for group in self._all_shared:
            spans += (
                (column, top, bottom) for column, parts in group.members.items() for top, bottom in parts
            )
        spans.sort()
        for above, below in pairwise(spans):
            if above[0] == below[0] and below[1] < above[2]:
                raise self.report("the sheet holds two formulas for this cell", below[1], below[0])

    def _expanded(self, group: SharedGroup) -> list[Fill]:
        """A shared formula as fills: neighbouring columns with the same rows together."""
        if group.text is None:
            column, parts = next(iter(group.members.items()))
            raise self.report(
                "its shared formula is nowhere in the sheet: open the file in Excel and save it again",
                parts[0][0],
                column,
            )
        fills: list[Fill] = []
        wide: dict[tuple[int, int], int] = {}  # rows -> the fill that ends in the column before
        for column in sorted(group.members):
            here: dict[tuple[int, int], int] = {}
            for top, bottom in group.members[column]:
                at = wide.get((top, bottom))
                steps = (top - group.row, bottom - 1 - group.row)
                side = column - group.column
                if not stays_inside(group.text, steps, (side, side)):
                    self.spend((FORMULA_COST + MOVED_COST * len(group.text)) * (bottom - top))
                    fills += (
                        Fill(Rect.cell(row, column), moved(group.text, row - group.row, side))
                        for row in range(top, bottom)
                    )
                    continue
                if at is not None:
                    old = fills[at]
                    fills[at] = Fill(Rect(top, old.rect.left, bottom, column + 1), old.formula)
                else:
                    at = len(fills)
                    self.spend(MOVED_COST * len(group.text))
                    fills.append(
                        Fill(Rect(top, column, bottom, column + 1), moved(group.text, steps[0], side))
                    )
                here[top, bottom] = at
            wide = here if column + 1 in group.members else {}
        return fills


def check_position(row: int, column: int, report: Report) -> None:
    """Refuse a cell outside the limits of a sheet."""
    if not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
        raise report("a cell lies outside the limits of a sheet (XFD1048576)", -1, -1)


def shown(text: str) -> str:
    """Text out of the file, quoted and short, safe to print in one line."""
    return ascii(text if len(text) <= 40 else text[:37] + "...")
