"""The sheet implementation of the gradient-descent lessons: what their workbooks share.

A lesson's own `sheet.py` tells its rule as a `Table` (see `table.py`). Here the tables are laid out on the
sheets that `spec.py` lists, epoch below epoch, with what they start from and the summary. What they look like
is in `dress.py`, the charts in `pictures.py`, the page that explains in `about.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect, column_index, column_name, parse_cell, quote_sheet
from sheetsim.formula.shift import moved
from sheetsim.lessons.descent._shared import about
from sheetsim.lessons.descent._shared import appearance as dress
from sheetsim.lessons.descent._shared.points import check_size
from sheetsim.lessons.descent._shared.spec import FIRST_ROW
from sheetsim.lessons.descent._shared.table import DescentBook, Implementation, StepTable, Weight, headings
from sheetsim.lessons.kit.layout.names import name_parts
from sheetsim.lessons.kit.lesson import Data, Lesson, Settings
from sheetsim.values import NUMBER
from sheetsim.workbook import Column, Sheet, Workbook


def build(
    lesson: Lesson,
    implementation: Implementation,
    settings: Settings,
    data: Data,
    more: Callable[[DescentBook], None] | None = None,
) -> Workbook:
    """The workbook of a lesson: pages, tables, summary, names and looks. Computes nothing.

    `more` writes what only this lesson has. SheetsimError when the rows do not fit into a sheet.
    """
    book = Workbook()
    plan = DescentBook(lesson, implementation, {**settings, "rows": len(data["x"])}, data, book)
    check_size(plan.settings)
    roles = ["about", "lesson", "summary", "torch"]
    roles += ["epochs"] * (plan.epochs > 1) + ["start"] * (plan.dry > 0)
    for role in roles:
        book.add_sheet(plan.name(role))
    _inputs(plan)
    for role in roles:
        if role in ("lesson", "start", "epochs", "torch"):
            _head(plan, role)
            _table(plan, role)
    _states(plan)
    _foot(plan)
    _summary(plan)
    if more:
        more(plan)
    name_parts(book, lesson, plan.settings)
    about.fill(plan)
    dress.dress(plan, roles)
    book.properties = {
        "title": f"{lesson.title}: y = a*x + b by gradient descent, one point a row",
        "subject": lesson.line,
        "author": "sheetsim",
        "keywords": "gradient descent, spreadsheet, deep learning",
    }
    return book


def _inputs(plan: DescentBook) -> None:
    """Type the data and the parameters into their cells, or link a parameter to the one it follows."""
    cells = {found.name: found for found in plan.inputs}
    for found in plan.inputs:
        sheet = plan.book[found.sheet]
        if found.name in plan.data:
            sheet.set_column(found.rect.left, _typed(FIRST_ROW, plan.data[found.name]))
        elif not found.optional:
            followed = plan.lesson.parameter(found.name).follows
            if followed and plan.settings[found.name] == plan.settings[followed]:
                source = cells[followed]
                sheet.fill(found.rect, f"{quote_sheet(source.sheet)}!{source.rect}")
            else:
                sheet.set((found.rect.top, found.rect.left), float(plan.settings[found.name]))


def _typed(top: int, numbers: NDArray[np.float64]) -> Column:
    """A column of typed numbers from row `top` on."""
    rows = np.arange(top, top + len(numbers), dtype=np.int64)
    return Column(rows, numbers, np.full(len(numbers), NUMBER, np.uint8))


def _put(sheet: Sheet, address: str, text: str) -> None:
    """A formula where the text starts with `=`, a number where it is one, else the text, if any."""
    if text.startswith("="):
        sheet.fill(address, text[1:])
    elif text:
        sheet.set(address, float(text) if text.replace(".", "").isdigit() else text)


def _head(plan: DescentBook, role: str) -> None:
    """Rows 1 to 3: labels, parameters that repeat the lesson's, states, headings, formulas spelled out."""
    sheet, table = plan.sheet(role), plan.table(role)
    for address, text in table.head.items():
        if role != "epochs" or address not in ("B1", "B2"):
            _put(sheet, address, text)
    for found in plan.inputs:
        weight = found.name in ("b", "a")
        repeats = {"lesson": False, "start": True, "epochs": not weight, "torch": weight}[role]
        if repeats and found.sheet == plan.lesson.name and found.rect.top < 2:
            sheet.fill(found.rect, plan.reference("lesson", str(found.rect)))
    for address, text in table.start.items():
        _put(sheet, address, text)
    high = {*table.state, *(address.rstrip("3") for address in table.start)}  # headings in row 2
    spelled = {weight.column: f"{weight.new}3" for weight in table.weights} | table.rule
    spelled |= table.breaks[-1][1] if table.breaks else {}
    sheet.set("A3", "x")
    sheet.set("B3", "y")
    for column, heading in headings(plan, role).items():
        if column in high:
            sheet.set(f"{column}2", f"{heading}\n={spelled[column]}")
            continue
        sheet.set(f"{column}3", heading)
        taken = any(fill.rect.contains(*parse_cell(f"{column}2")) for fill in sheet.fills)
        if not taken and sheet.value(f"{column}2") is None:
            sheet.set(f"{column}2", f"={spelled[column]}")


def _table(plan: DescentBook, role: str) -> None:
    """The rows of points: one formula a column, and what differs in the first row of an epoch or pass."""
    sheet, table, n, rows = plan.sheet(role), plan.table(role), plan.n, plan.rows(role)
    first = 2 if role == "epochs" else 1  # number of the first epoch on the sheet

    def fill(column: str, formula: str, start: int, count: int, *, as_in_row_4: bool = True) -> None:
        """Fill `count` cells from `start` rows below row 4 on, with what the formula would read there."""
        top, left = FIRST_ROW + start, column_index(column)
        if count > 0:
            text = moved(formula, start, 0) if as_in_row_4 else formula
            sheet.fill(Rect(top, left, top + count, left + 1), text)

    if role != "lesson":
        for column in "AB":
            fill(column, plan.reference("lesson", f"{column}4"), 0, n)
            fill(column, f"{column}4", n, rows - n, as_in_row_4=False)
        _count(plan, role)
    for weight in table.weights:
        fill(weight.column, _start(plan, role, weight), 0, 1)
        again = rows if role in ("lesson", "torch") else n
        for top in range(0, rows, again):
            if top:  # the averages go on; the weights start again, or are carried from before the last step
                fill(
                    weight.column,
                    _start(plan, role, weight) if role == "start" else f"{weight.column}3",
                    top,
                    1,
                )
            fill(weight.column, f"{weight.new}3", top + 1, again - 1)
    broken = {column for _, formulas in table.breaks for column in formulas}
    for column, formula in table.rule.items():
        done = 0
        for epoch in range(first, first + rows // n) if column in broken else ():
            other = _first_row(table, epoch).get(column)
            if other is not None:
                at = (epoch - first) * n
                fill(column, formula, done, at - done)
                fill(column, other, at, 1)
                done = at + 1
        fill(column, formula, done, rows - done)


def _start(plan: DescentBook, role: str, weight: Weight) -> str:
    """What a weight's cell in row 4 reads."""
    if role == "epochs":
        return plan.reference("lesson", f"{weight.column}{plan.last}")
    row, column = parse_cell(weight.start)
    return f"${column_name(column)}${row + 1}" if role == "start" else weight.start


def _first_row(table: StepTable, epoch: int) -> dict[str, str]:
    """The formulas of an epoch's first row that differ from the rule."""
    found: dict[str, str] = {}
    for since, formulas in table.breaks:
        if epoch >= since:
            found = formulas
    return found


def _count(plan: DescentBook, role: str) -> None:
    """The helper columns: the step on the torch sheet, then the number of the epoch or pass."""
    sheet, n, rows = plan.sheet(role), plan.n, plan.rows(role)
    left = column_index(plan.helper(role))
    if role == "torch":
        sheet.set((2, left), "step t")
        sheet.set((FIRST_ROW, left), 1.0)
        step = column_name(left)
        sheet.fill(Rect(FIRST_ROW + 1, left, FIRST_ROW + rows, left + 1), f"{step}4+1")
        left += 1
    first = 2 if role == "epochs" else 1
    sheet.set_column(
        left, _typed(FIRST_ROW, np.repeat(np.arange(first, first + rows // n, dtype=np.float64), n))
    )
    sheet.set((2, left), "pass" if role == "start" else "epoch")


def _states(plan: DescentBook) -> None:
    """Row 3 of each table, and the row after the lesson's last: what the averages start from."""
    state, lesson, end = plan.implementation.lesson.state, plan.sheet("lesson"), plan.last + 1
    for place, column in enumerate(state):
        lesson.fill(f"{column}3", f"{column}{end}")
        if plan.dry:
            start = plan.sheet("start")
            lesson.fill(
                f"{column}{end}", plan.reference("start", f"{column}{FIRST_ROW + plan.rows('start')}")
            )
            if start.value(f"{column}3") is None:
                start.fill(f"{column}3", f"{state[place - 1]}3")
        if plan.epochs > 1:
            plan.sheet("epochs").fill(f"{column}3", plan.reference("lesson", f"{column}{plan.last}"))
    for found in plan.inputs if not plan.dry else ():
        if found.optional and found.rect.top == plan.last:
            lesson.set((plan.last, found.rect.left), float(plan.settings[found.name[0] + "0"]))
    for column in plan.implementation.torch.state:
        if f"{column}3" not in plan.implementation.torch.start:
            plan.sheet("torch").set(f"{column}3", 0.0)


def _foot(plan: DescentBook) -> None:
    """What stands below and around the lesson's table."""
    rows = {"last": plan.last, "end": plan.last + 1, "after": plan.last + 2}
    for address, text in plan.implementation.foot.items():
        _put(plan.sheet("lesson"), address.format(**rows), text.format(**rows))


def _summary(plan: DescentBook) -> None:
    """A row an epoch: RMSE of its predictions, the weights that the next epoch starts from, its lr."""
    sheet = plan.sheet("summary")
    sheet.set_column(0, _typed(FIRST_ROW, np.arange(1, plan.epochs + 1, dtype=np.float64)))
    sheet.set("A3", "epoch")
    blocks = {block.name: block for block in plan.blocks}
    for role in ("lesson", "torch"):
        block = blocks[f"summary.{role}"]
        for place, heading in enumerate(block.columns):
            sheet.set((2, block.rect.left + place), heading.partition(" ")[0])
        for epoch in range(1, plan.epochs + 1):
            for place, formula in enumerate(_epoch_formulas(plan, role, epoch)):
                sheet.fill(Rect.cell(FIRST_ROW + epoch - 1, block.rect.left + place), formula)
    _goal(plan)


def _goal(plan: DescentBook) -> None:
    """The line that training is on its way to, by least squares, once and repeated for each epoch. Rounded
    to 6 digits, so that no program's way to sum shows."""
    sheet, rect = plan.sheet("summary"), plan.goal
    x, y = (plan.reference("lesson", f"${column}$4:${column}${plan.last}") for column in "AB")
    b, a = column_name(rect.left), column_name(rect.left + 1)
    first = {
        b: f"ROUND(AVERAGE({y})-{a}4*AVERAGE({x}),6)",
        a: f"ROUND(SUMPRODUCT({x}-AVERAGE({x}),{y}-AVERAGE({y}))"
        f"/SUMPRODUCT({x}-AVERAGE({x}),{x}-AVERAGE({x})),6)",
    }
    for column, formula in first.items():
        sheet.set(f"{column}3", f"best {'b' if column == b else 'a'}")
        sheet.fill(f"{column}4", formula)
        if plan.epochs > 1:
            sheet.fill(f"{column}5:{column}{FIRST_ROW + plan.epochs}", f"{column}4")


def _epoch_formulas(plan: DescentBook, role: str, epoch: int) -> list[str]:
    """The summary's formulas for one epoch by the lesson's rule or by torch's."""
    implementation, torch = plan.implementation, role == "torch"
    table = implementation.torch if torch else implementation.lesson
    where, place = ("torch", epoch - 1) if torch else ("lesson", 0) if epoch == 1 else ("epochs", epoch - 2)
    first = FIRST_ROW + 1 + place * plan.n
    last = first + plan.n - 1
    y = plan.reference(where, f"$B${first}:$B${last}")
    found = []
    for place, pred in enumerate(implementation.torch_pred if torch else implementation.pred):
        made = plan.reference(where, f"${pred}${first}:${pred}${last}")
        found.append(f"SQRT(SUMXMY2({y},{made})/COUNT({y}))")
        for weight in table.weights[2 * place : 2 * place + 2]:
            found.append(plan.reference(where, f"${weight.new if torch else weight.column}${last}"))
    if len(found) == 3:
        column = implementation.torch_lr if torch else implementation.lr if epoch > 1 else None
        cell = next(each.rect for each in plan.inputs if each.name == ("torch_lr" if torch else "lr"))
        fixed = f"${column_name(cell.left)}${cell.top + 1}"
        found.append(plan.reference(where, f"${column}${first}") if column else plan.reference(role, fixed))
    return found
