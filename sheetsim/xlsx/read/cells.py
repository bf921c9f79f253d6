"""Where the scanners of a sheet's XML put what they find: columns of values, runs of formulas.

`Cells` is told of one cell after another in the file's own terms ("type n, text 0.5"; "shared formula 3") and
keeps arrays, not objects: 17 bytes a value, and for a filled-down column of formulas one `Run` that grows.

    cells = Cells(report)
    cells.value(3, 4, "n", "0.5")            # row 3, column 4 (E4), counted from 0
    cells.formula(3, 4, "C4+D4*A4")          # a new run
    cells.formula(4, 4, "C5+D5*A5")          # its next row: the run grows
    cells.finish(sheet)

What makes no sense is noted (`odd`) and left out; what is beyond the limits of a sheet raises, through
`report(text, row, column)`, the error that names file, sheet and cell, and what is beyond the workbook's
budget raises Forbidden.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np

from sheetsim.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetsim.errors import SheetsimError
from sheetsim.formula.shift import Cut, cut, moved, stays_inside
from sheetsim.values import BOOLEAN, ERROR, ERRORS_BY_LABEL, NUMBER, TEXT, ExcelError
from sheetsim.workbook import Column, Fill, Sheet
from sheetsim.xlsx.read.budget import Budget
from sheetsim.xlsx.read.cell_values import XML_SPACE, boolean, index, moment, number
from sheetsim.xlsx.read.marks import NO_MARKS, Marks
from sheetsim.xlsx.read.oddities import Oddities
from sheetsim.xlsx.read.safe_xml import Forbidden

Report = Callable[[str, int, int], SheetsimError]

TEXT_COST, FORMULA_COST = 8, 64
SHORT, LONG_COST, MOVED_COST = 64, 4, 20  # a long formula's further characters, and one's that is moved

_NO_NUMBER = "{} is not a number: its value was left out"
_NO_TEXT = "there is no shared text number {}: its value was left out"
_NO_BOOLEAN = "{} is neither TRUE nor FALSE: its value was left out"
_NO_DATE = "{} is not a date: its value was left out"
_NO_TYPE = "a cell's type cannot be {}: its value was left out"
_NO_ERROR = "{} is not an error value that is known here, read as #VALUE!"
_ORPHAN = "its shared formula is nowhere in the sheet: its stored value is read as typed"
_RICHER = "a data type or a picture, of which only the #VALUE! for older programs is read"


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
        self,
        report: Report,
        strings: Sequence[str] = (),
        marks: Marks = NO_MARKS,
        *,
        date1904: bool = False,
        budget: Budget | None = None,
    ) -> None:
        self.report = report
        self.odd = Oddities()
        self.columns: dict[int, ColumnCells] = {}
        self.runs: dict[int, Run] = {}  # the last of each column
        self._finished_runs: list[Run] = []
        self._shared: dict[str, SharedGroup] = {}
        self._all_shared: list[SharedGroup] = []
        self._arrays: list[Fill] = []
        self._strings = strings
        self._marks = marks
        self._date1904 = date1904
        self.budget = budget or Budget()
        self.spend = self.budget.spend

    # -- values

    def column(self, column: int) -> ColumnCells:
        found = self.columns.get(column)
        if found is None:
            found = self.columns[column] = ColumnCells()
        return found

    def value(self, row: int, column: int, kind: str, text: str | None, mark: str | None = None) -> None:
        """A cell's stored value: its type (`t`) and the text of `<v>` (or of `<is>`), None without one.

        `mark`: the cell's `vm` attribute, by which an error may be one that #VALUE! only stands for.
        """
        if text is None or (not text and kind not in ("str", "inlineStr")):
            return
        if kind in ("str", "inlineStr"):
            self.budget.keep(text)
            self._put_text(row, column, text)
        elif kind == "n":
            self._put_if(row, column, NUMBER, number, text, _NO_NUMBER)
        elif kind == "s":
            try:
                self._put_text(row, column, self._strings[index(text, len(self._strings))])
            except ValueError:
                self.odd.note(_NO_TEXT, row, column, text)
        elif kind == "b":
            self._put_if(row, column, BOOLEAN, boolean, text, _NO_BOOLEAN)
        elif kind == "e":
            self._put(row, column, ERROR, float(self._error(text.strip(XML_SPACE), row, column, mark)))
        elif kind == "d":
            self._put_if(row, column, NUMBER, self._moment, text, _NO_DATE)
        else:
            self.odd.note(_NO_TYPE, row, column, kind)

    def _put_if(
        self, row: int, column: int, kind: int, rule: Callable[[str], float], text: str, problem: str
    ) -> None:
        """A value, where the text stands for one."""
        try:
            found = rule(text)
        except ValueError:
            self.odd.note(problem, row, column, text)
        else:
            self._put(row, column, kind, found)

    def _put(self, row: int, column: int, kind: int, value: float) -> None:
        cells = self.column(column)
        self.spend(1)
        cells.rows.append(row)
        cells.numbers.append(value)
        cells.kinds.append(kind)

    def _put_text(self, row: int, column: int, text: str) -> None:
        self.spend(TEXT_COST)
        self._put(row, column, TEXT, 0.0)
        self.columns[column].texts[row] = text

    def _moment(self, text: str) -> float:
        return moment(text, date1904=self._date1904)

    def _error(self, text: str, row: int, column: int, mark: str | None) -> ExcelError:
        if mark is not None:
            if found := self._marks.errors.get(mark):
                return found
            if text == "#VALUE!":
                self.odd.note(_RICHER, row, column)
        if (found := ERRORS_BY_LABEL.get(text.upper())) is None:
            self.odd.note(_NO_ERROR, row, column, text)
            return ExcelError.VALUE
        return found

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
        dynamic = mark is not None and mark in self._marks.dynamic
        self._arrays.append(Fill(rect, text, array=True, dynamic=dynamic))

    def data_table(self, row: int, column: int, attributes: dict[str, str]) -> None:
        """A what-if table, which Excel shows as {=TABLE(row input, column input)}."""
        rect = self._range(row, column, attributes.get("ref"))
        first, second = (
            "#REF!" if attributes.get(f"del{n}") in ("1", "true") else attributes.get(f"r{n}", "")
            for n in "12"
        )
        if attributes.get("dt2D") in ("1", "true"):
            text = f"TABLE({first},{second})"
        elif attributes.get("dtr") in ("1", "true"):
            text = f"TABLE({first},)"
        else:
            text = f"TABLE(,{first})"
        self._arrays.append(Fill(rect, text, array=True))

    def _range(self, row: int, column: int, ref: str | None) -> Rect:
        """The cells of an array formula; its own cell where `ref` makes no sense."""
        self.spend(FORMULA_COST)
        ref = ref or ""
        try:
            rect = Rect.parse(ref)
        except ValueError:
            self.odd.note("an array formula over {} is not possible, read as of one cell", row, column, ref)
            return Rect.cell(row, column)
        if (rect.top, rect.left) != (row, column):
            self.odd.note(
                "an array formula over {} does not begin in its own cell, read as of one cell",
                row,
                column,
                ref,
            )
            return Rect.cell(row, column)
        try:
            self.budget.spread(rect.size)
        except Forbidden as problem:
            raise self.report(str(problem), row, column) from None
        return rect

    # -- the result

    def finish(self, sheet: Sheet) -> None:
        """Move everything into `sheet`: columns in order, fills in reading order."""
        for column in sorted(self.columns):
            sheet.set_column(column, self._ordered(column, self.columns.pop(column)))
        self._finished_runs += self.runs.values()
        self.runs.clear()
        self._drop_doubled()
        fills = self._arrays
        for run in self._finished_runs:
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
            last = np.append(np.diff(rows) != 0, True)
            for row in rows[~last].tolist():
                self.odd.note("the sheet holds this cell twice: the last value was read", row, column)
            rows, numbers, kinds = rows[last], numbers[last], kinds[last]
        return Column(rows, numbers, kinds, cells.texts)

    def _drop_doubled(self) -> None:
        """Of two formulas for a cell the one whose run of cells begins further down is left out."""
        spans: list[tuple[int, int, int, Run | list[int]]] = [
            (run.column, run.top, run.bottom, run) for run in self._finished_runs
        ]
        for group in self._all_shared:
            for column, parts in group.members.items():
                spans += ((column, part[0], part[1], part) for part in parts)
        spans.sort(key=itemgetter(0, 1, 2))
        last, end = -1, 0
        doubled: set[int] = set()
        for column, top, bottom, owner in spans:
            if column == last and top < end:
                self.odd.note("the sheet holds two formulas for this cell: one was left out", top, column)
                doubled.add(id(owner))
            else:
                last, end = column, bottom
        if doubled:
            self._finished_runs = [run for run in self._finished_runs if id(run) not in doubled]
            for group in self._all_shared:
                for column, parts in group.members.items():
                    group.members[column] = [part for part in parts if id(part) not in doubled]

    def _expanded(self, group: SharedGroup) -> list[Fill]:
        """A shared formula as fills: neighbouring columns with the same rows together."""
        if group.text is None:
            for column, parts in group.members.items():
                for top, bottom in parts:
                    for row in range(top, bottom):
                        self.odd.note(_ORPHAN, row, column)
            return []
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


def inside(row: int, column: int) -> bool:
    """Whether a sheet has that cell."""
    return 0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS
