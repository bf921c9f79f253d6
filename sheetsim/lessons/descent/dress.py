"""How the gradient-descent workbooks look: colours by role, formats, notes, limits, heat maps."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.descent import pictures
from sheetsim.lessons.descent.about import limits
from sheetsim.lessons.descent.spec import FIRST_ROW
from sheetsim.lessons.descent.table import Plan, headings, title, told
from sheetsim.look import HeatMap, Limits, Look

WEIGHT = "0.0000"
WIDE = "#,##0.00"
SQUARED = "#,##0.000"
FORMATS = {
    **{"pred": "0.00", "y_pred": "0.00", "rmse": "0.000"},
    **{"lr": "General", "1-beta1^t": "0.0000", "1-beta2^t": "0.000000"},
}
GRADIENTS = {"de/db", "de/da", "est de/db", "est de/da"}

TABS = {
    **{"about": "#1F3A5F", "lesson": "#D9772B", "summary": "#5B9A5B"},
    **{"torch": "#2F6DB3", "epochs": "#F0C9A8", "start": "#C9BBDD"},
}


def dress(plan: Plan, roles: list[str]) -> None:
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


def _table(plan: Plan, role: str) -> Look:
    """The look of a sheet with a row for each point."""
    look, table, sheet = Look(tab=TABS[role], frozen="C4", repeat=(0, 2)), plan.table(role), plan.sheet(role)
    bottom = FIRST_ROW + plan.rows(role)
    named = {"A": "x", "B": "y", **headings(plan, role)}
    high = {*table.state, *(address.rstrip("3") for address in table.start)}
    look.widths = {column: _width(column, heading) for column, heading in named.items()}
    longest = max(len(formula) for formula in table.rule.values())
    look.heights = {1: max(36.0, 12.0 * (2 + longest // 16))}
    look.paint("A3:B3", "heading")
    look.paint(f"A4:B{bottom}", "data" if role == "lesson" else "linked", "General")
    for column, heading in named.items():
        if column in "AB":
            continue
        cells = f"{column}4:{column}{bottom}"
        look.paint(f"{column}2", "spelled heading" if column in high else "spelled")
        look.paint(f"{column}3", "state" if column in high else "heading")
        look.number(f"{column}3", number_format(heading))
        look.paint(cells, "formula", number_format(heading))
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
    if role != "lesson":
        counters = [plan.helper(role)]
        if role == "torch":
            counters.append(column_name(Rect.parse(counters[0] + "1").right))
        for column in counters:
            look.widths[column] = 7
            look.paint(f"{column}3", "heading")
            look.paint(f"{column}4:{column}{bottom}", "helper", "0")
        right = column_name(Rect.parse(counters[-1] + "1").left)
        if plan.rows(role) > plan.n:
            look.dividers.append((Rect.parse(f"A5:{right}{bottom}"), f"${right}5<>${right}4"))
    else:
        _lesson(plan, look)
        look.charts = pictures.lesson_charts(plan)
    _inputs(plan, look, sheet.name)
    look.pages_wide = 1 + len(named) // 20
    return look


def _width(column: str, heading: str) -> float:
    """How wide a column is, in characters."""
    return 9.5 if column in "ABCD" else 15 if number_format(heading) == SQUARED else 12.5


def _words(text: str) -> str:
    """The role of a label: beside its cell; a formula in words; or a title that runs on to the right."""
    if text.startswith("←"):
        return "aside"
    if "=" in text:
        return "spelled"
    return "label" if len(text) < 13 else "strong"


def _lesson(plan: Plan, look: Look) -> None:
    """The cells below the lesson's table and the lesson's own."""
    for column in plan.telling.lesson.state:
        look.paint(f"{column}{plan.last + 1}", "state", WIDE)
    rows = {"last": plan.last, "end": plan.last + 1, "after": plan.last + 2}
    for address, text in plan.telling.foot.items():
        cell, column = address.format(**rows), address.partition("{")[0]
        look.widths.setdefault(column, 12.5)
        if not text.startswith("="):
            look.paint(cell, _words(text))
        elif column not in plan.telling.lesson.state:
            look.paint(cell, "result", SQUARED)
        elif address.endswith("{after}"):
            look.paint(cell, "helper", "0.00E+00")
    for cell, role in plan.paints:
        look.paint(cell, role, SQUARED if role in ("result", "state") else None)


def _inputs(plan: Plan, look: Look, sheet: str) -> None:
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
                look.paint(found.rect, "input", WIDE)
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


def _summary(plan: Plan) -> Look:
    """The look of the sheet with a row for each epoch."""
    look = Look(tab=TABS["summary"], frozen="B4", repeat=(0, 2))
    bottom = FIRST_ROW + plan.epochs
    look.paint("A3", "heading")
    look.paint(f"A4:A{bottom}", "helper", "0")
    look.widths["A"] = 7
    for block in plan.blocks:
        if block.name.startswith("summary."):
            rect = block.rect
            first = cell_name(1, rect.left)
            plan.sheet("summary").set(first, block.title)
            look.paint(first, "strong")
            for place, heading in enumerate(block.columns):
                column = column_name(rect.left + place)
                look.widths[column] = 9.5 if len(block.columns) < 5 else 11
                look.paint(f"{column}3", "heading" if len(heading) < 8 else "spelled heading")
                number = number_format(heading) if heading in FORMATS or heading[:4] == "rmse" else WEIGHT
                look.paint(
                    f"{column}4:{column}{bottom}", "result" if heading[:4] == "rmse" else "formula", number
                )
    plan.sheet("summary").set("A1", "Epoch by epoch")
    look.paint("A1", "section")
    look.charts = pictures.summary_charts(plan)
    look.pages_wide = 1 + len(look.widths) // 20
    return look
