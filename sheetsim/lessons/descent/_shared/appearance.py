"""How the gradient-descent workbooks look: colours by role, formats, notes, limits, heat maps."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_index, column_name, parse_cell
from sheetsim.lessons.descent._shared import pictures
from sheetsim.lessons.descent._shared.spec import FIRST_ROW
from sheetsim.lessons.descent._shared.table import DescentBook, StepTable, headings, title, told
from sheetsim.lessons.kit.layout.page import limits
from sheetsim.style import HeatMap, Limits, Look
from sheetsim.workbook import Sheet

WEIGHT = "0.0000"
WIDE = "#,##0.00"
SQUARED = "[>=1000]#,##0;0.000"
PREDICTED = "0.00"
FORMATS = {
    **{"pred": PREDICTED, "y_pred": PREDICTED, "rmse": "0.000"},
    **{"lr": "General", "1-beta1^t": "0.0000", "1-beta2^t": "0.000000"},
}
WIDTHS = {WEIGHT: 9.5, PREDICTED: 9.5, SQUARED: 13.0}  # characters; others 11.5
LIMITS = {SQUARED: 1e9}  # beyond these, or a million, numbers are shown as powers of ten
GRADIENTS = {"de/db", "de/da", "est de/db", "est de/da"}

TABS = {
    **{"about": "#1F3A5F", "lesson": "#D9772B", "summary": "#5B9A5B"},
    **{"torch": "#2F6DB3", "epochs": "#F0C9A8", "start": "#C9BBDD"},
}


def dress(plan: DescentBook, roles: list[str]) -> None:
    """Give every sheet but the about page its look."""
    for role in roles:
        if role == "summary":
            plan.sheet(role).look = _summary(plan)
        elif role != "about":
            plan.sheet(role).look = _table(plan, role)


def number_format(heading: str) -> str:
    """The number format of a column with this heading."""
    if heading in FORMATS:
        return FORMATS[heading]
    if heading.startswith(("v_", "sum", "best")):
        return SQUARED
    return WIDE if heading in GRADIENTS or heading.startswith(("m_", "buf_", "err", "rmse")) else WEIGHT


def _table(plan: DescentBook, role: str) -> Look:
    """The look of a sheet with a row for each point."""
    look, table, sheet = Look(tab=TABS[role], frozen="C4", repeat=(0, 2)), plan.table(role), plan.sheet(role)
    bottom = FIRST_ROW + plan.rows(role)
    named = {"A": "x", "B": "y", **headings(plan, role)}
    high = {*table.state, *(address.rstrip("3") for address in table.start)}
    look.widths = _widths(sheet, table, named)
    look.heights = {1: _height(plan, role, look)}
    look.paint("A3:B3", "heading")
    look.paint(f"A4:B{bottom}", "data" if role == "lesson" else "linked", "General")
    for column, heading in named.items():
        if column in ("A", "B"):
            continue
        cells = f"{column}4:{column}{bottom}"
        look.paint(f"{column}2", "spelled heading" if column in high else "spelled")
        look.paint(f"{column}3", "state" if column in high else "heading")
        look.number(f"{column}3", number_format(heading))
        look.paint(cells, "formula", number_format(heading))
        look.large.append((Rect.parse(cells), _limit(heading)))
        if heading in GRADIENTS or heading.startswith(("m_", "buf_")):
            look.heat.append(HeatMap(Rect.parse(cells)))
        elif heading == "err^2":
            look.heat.append(HeatMap(Rect.parse(cells), signed=False))
        if column in table.rule:
            lines = "\n".join(told(table, column))
            note = f"{heading}: {title(plan, role, column)}\nIn row 4: {lines}"
            look.notes[f"{column}{2 if column in high else 3}"] = note
    for weight in table.weights:
        look.notes[f"{weight.column}3"] = (
            f"{named[weight.column]}: {title(plan, role, weight.column)}\n"
            f"Each row goes on from the row above: ={weight.new}4 in row 5"
        )
    for address, text in table.head.items():
        if text.startswith("="):
            look.paint(address, "formula", WEIGHT)
        else:
            look.paint(address, _words(text))
    _bands(plan, role, look)
    if role != "lesson":
        counters = [plan.helper(role)]
        if role == "torch":
            counters.append(column_name(Rect.parse(counters[0] + "1").right))
        for column in counters:
            look.widths[column] = 7.0
            look.paint(f"{column}3", "heading")
            look.paint(f"{column}4:{column}{bottom}", "helper", "0")
        right = column_name(Rect.parse(counters[-1] + "1").left)
        if plan.rows(role) > plan.n:
            look.dividers.append((Rect.parse(f"A5:{right}{bottom}"), f"${right}5<>${right}4"))
    else:
        _lesson(plan, look)
        look.charts = pictures.lesson_charts(plan)
    _inputs(plan, look, sheet.name)
    if pictures.several(plan):
        look.pages_wide, look.repeat_columns = 2, (0, 1)
    return look


def _widths(sheet: Sheet, table: StepTable, named: dict[str, str]) -> dict[str, float]:
    """How wide each column is, in characters: as its numbers, or as a label that has no room on its left."""
    found = {
        column: max(WIDTHS.get(number_format(heading), 11.5), 1.3 * len(heading))
        for column, heading in named.items()
    }
    for address, text in table.head.items():
        row, column = parse_cell(address)
        tight = column > 0 and _taken(sheet, row, column - 1)
        if _words(text) == "label" and not text.startswith("=") and tight:
            letters = column_name(column)
            found[letters] = max(found[letters], len(text) + 1.5)
    return found | {"A": 8.0, "B": 9.5}


def _taken(sheet: Sheet, row: int, column: int) -> bool:
    address = cell_name(row, column)
    return sheet.value(address) is not None or any(fill.rect.contains(row, column) for fill in sheet.fills)


def _height(plan: DescentBook, role: str, look: Look) -> float:
    """The height of row 2, in points: as many lines as the longest formula in it takes in its column."""
    sheet, most = plan.sheet(role), 2
    for column, width in look.widths.items():
        text = sheet.value(f"{column}2")
        if isinstance(text, str) and "=" in text:
            most = max(most, sum(1 + int(len(line) / (1.15 * width)) for line in text.split("\n")))
    return 4 + 11.0 * most


def _limit(heading: str) -> float:
    return LIMITS.get(number_format(heading), 1e6)


def _bands(plan: DescentBook, role: str, look: Look) -> None:
    """Where several tables stand side by side, a colour for each: its name in row 1, headings in row 3."""
    if not pictures.several(plan):
        return
    table, prefix = plan.table(role), {"start": "dry"}.get(role, role) + "."
    for place, (weight, name) in enumerate(zip(table.weights[::2], plan.implementation.words, strict=True)):
        left, band = column_index(weight.column), f"band {place + 1}"
        rect = next(b.rect for b in plan.blocks if b.name.startswith(prefix) and b.rect.left == left)
        look.paint(next(address for address, text in table.head.items() if text == name), band)
        for column in map(column_name, range(rect.left, rect.right)):
            if column not in table.state:
                look.paint(f"{column}3", band)


def _words(text: str) -> str:
    """The role of a label: beside its cell; a formula in words; or a title that runs on to the right."""
    if text.startswith("←"):
        return "aside"
    if "=" in text:
        return "spelled"
    return "label" if len(text) < 13 else "strong"


def _lesson(plan: DescentBook, look: Look) -> None:
    """The cells below the lesson's table and the lesson's own."""
    named = headings(plan, "lesson")
    for column in plan.implementation.lesson.state:
        look.paint(f"{column}{plan.last + 1}", "state", number_format(named[column]))
    rows = {"last": plan.last, "end": plan.last + 1, "after": plan.last + 2}
    for address, text in plan.implementation.foot.items():
        cell, column = address.format(**rows), address.partition("{")[0]
        look.widths.setdefault(column, 12.5)
        if not text.startswith("="):
            look.paint(cell, _words(text))
        elif column not in plan.implementation.lesson.state:
            look.paint(cell, "result", SQUARED)
        elif address.endswith("{after}"):
            look.paint(cell, "helper", "0.00E+00")
    for block in plan.blocks:
        if block.name.startswith("lesson.") and block.rect.top != FIRST_ROW:
            look.notes.setdefault(
                cell_name(block.rect.top, block.rect.left), f"{block.name[7:]}: {block.title}"
            )
    for cell, role in plan.paints:
        look.paint(cell, role, SQUARED if role in ("result", "state") else None)


def _inputs(plan: DescentBook, look: Look, sheet: str) -> None:
    """Colour, note and limits of each parameter's cell; links where it repeats another."""
    book_sheet = plan.book[sheet]
    linked = {fill.rect for fill in book_sheet.fills if fill.rect.top < 3 and "!" in fill.formula}
    for rect in sorted(linked):
        if rect.top < 2 or (rect.size == 1 and sheet == plan.name("start")):
            look.paint(rect, "linked", "General")
    for found in plan.inputs:
        if found.sheet != sheet or found.name in plan.data:
            continue
        cell = cell_name(found.rect.top, found.rect.left)
        if found.optional:
            if found.rect not in {fill.rect for fill in book_sheet.fills}:
                look.paint(found.rect, "input")
            continue
        parameter = plan.lesson.parameter(found.name)
        look.paint(found.rect, "linked" if found.rect in linked else "input", "General")
        follows = (
            f"\nFollows {parameter.follows} until you type a number over it." if parameter.follows else ""
        )
        look.notes[cell] = f"{found.name}: {parameter.help}\nLimits: {limits(parameter)}{follows}"
        look.limits.append(
            Limits(
                found.rect,
                found.name,
                f"{parameter.help}. Limits: {limits(parameter)}.",
                parameter.low,
                parameter.high,
                parameter.open,
                parameter.integer,
                (plan.name("about"), plan.lists[found.name]),
            )
        )


def _summary(plan: DescentBook) -> Look:
    """The look of the sheet with a row for each epoch."""
    look, sheet = Look(tab=TABS["summary"], frozen="B4", repeat=(0, 2)), plan.sheet("summary")
    bottom, goal = FIRST_ROW + plan.epochs, plan.goal
    sheet.set("A1", "Epoch by epoch")
    look.paint("A1", "section")
    look.paint("A3", "heading")
    look.paint(f"A4:A{bottom}", "helper", "0")
    look.widths = {"A": 7.0} | {column_name(place): 9.5 for place in range(1, goal.right)}
    for role, band in (("lesson", "band 2"), ("torch", "band 1")):  # as their curves
        rect = next(block.rect for block in plan.blocks if block.name == f"summary.{role}")
        width = rect.columns // len(plan.implementation.words)
        for place, word in enumerate(plan.implementation.words):
            left = rect.left + place * width
            text, colour = (f"{role}: {word}", f"band {place + 1}") if word else (f"{role}'s rule", band)
            sheet.set((1, left + 1), text)
            look.paint(Rect(1, left, 2, left + width), colour)
            for column in range(left, left + width):
                heading = str(sheet.value((2, column)))
                look.paint(Rect.cell(2, column), "heading")
                cells = Rect(FIRST_ROW, column, bottom, column + 1)
                number = FORMATS.get(heading, WEIGHT)
                look.paint(cells, "result" if heading == "rmse" else "formula", number)
    look.paint(Rect(1, goal.left, 2, goal.right), "heading")
    sheet.set((1, goal.left), "best line")
    look.paint(Rect(2, goal.left, 3, goal.right), "heading")
    look.paint(goal, "formula", WEIGHT)
    look.notes[cell_name(2, goal.left)] = (
        "The line with the smallest RMSE over all points, by least squares: where training is going to"
    )
    look.large.append((Rect(FIRST_ROW, 1, bottom, goal.right), 1e5))
    look.charts = pictures.summary_charts(plan)
    return look
