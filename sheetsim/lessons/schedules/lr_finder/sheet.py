"""`lr_finder` in Excel formulas."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.schedules.lr_finder import (
    CELLS,
    COLUMNS,
    FIRST_ROW,
    LAST_SKIPPED,
    LESSON,
    NAME,
    POINTS,
    SUGGESTION,
)
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

TOP = FIRST_ROW + 1  # number of the first row, as an address has it
SHOWN = 15  # column P

SHOWS = """
    Which learning rate? Try all of them in one short training run: each step takes a larger one than the
    step before. As long as it is too small, next to nothing happens; then the loss falls, faster and
    faster; then the steps are too long, and the loss runs away. The picture is on the sheet lr_finder
    suggestion.

    Two learning rates are read off the curve: where it falls most steeply, and a tenth of the one where it
    is lowest. Both are guesses that are usually good. Neither is the end of the curve: there it is too
    late.
"""
TRIES = """
    Look at the picture: the steepest slope suggests 1.1E-05, a tenth of the lowest point 3.2E-05. The
    lesson sgd takes 1E-04 on the same points; with 3E-04 it goes wrong.

    Set beta (D4) to 0, so that nothing is smoothed: the lowest point moves from 3.2E-04 to 7.1E-05. An
    average shows the past, and the learning rate has grown meanwhile: that is why a tenth is taken.

    Set end_lr (D3) to 1: the same steps are further apart, 55 of them are taken instead of 79, and the
    steepest slope suggests 3.9E-05.

    Set b (G2) to 30 and a (G3) to 1.9, close to the goal: a tenth of the lowest point is 7.9E-05 now. There
    is little to learn, and the curve says little; look for a learning rate before training.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    build.text(POINTS, "A1", "The points", "section")
    for cell, name in (("A3", "x"), ("B3", "y")):
        build.text(POINTS, cell, name, "heading")
        build.input(name)
    build.looks[POINTS].frozen = "A4"
    heads(build)
    table(build)
    suggestion(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "a row a step, each with a larger learning rate",
            SUGGESTION: "the picture, and what it suggests",
            POINTS: "the points",
        },
        keywords="learning rate finder, spreadsheet",
        remarks="""
            fastai's lr_find suggests by default a third one, the valley: the middle of the longest stretch in
            which the smoothed loss falls. The loss here is that of all points; a network
            takes its mini-batch's, which is cheaper and more ragged.
        """,
    )


def heads(build: SheetBuilder) -> None:
    """The cells above the table."""
    build.text(NAME, "A1", "The learning-rate finder", "section")
    for name in CELLS:
        build.input(name, number="0E+00" if name.endswith("lr") else "General")
    last = FIRST_ROW + build.blocks["lr"].rect.rows
    helpers = {
        "steps": f"COUNT(A{TOP}:A{last})",
        "first looked at": "INT(K2/10)",
        "steps taken": f"SUM(M{TOP}:M{last})",
        "last looked at": f"K4-{LAST_SKIPPED + 1}",
    }
    for row, (label, formula) in enumerate(helpers.items(), 2):
        build.text(NAME, f"J{row}", label)
        build.formula(NAME, f"K{row}", formula, number="General")


def table(build: SheetBuilder) -> None:
    """A row a step; the row above the first holds the state at the start."""
    rows = len(build.data["x"])
    row, above = TOP, TOP - 1
    x, y = build.ref("x", NAME), build.ref("y", NAME)
    which = f"MOD(A{row},{rows})+1"
    last = FIRST_ROW + build.blocks["lr"].rect.rows
    formulas = {
        "lr": (f"$D$2*($D$3/$D$2)^(A{row}/$K$2)",),
        "param": (f"N{above}",),
        "loss": (f"SUMPRODUCT((E{row}+F{row}*{x}-{y})^2)/{rows}",),
        "grad": (f"2*(F{row}*B{row}+E{row}-C{row})", f"H{row}*B{row}"),
        "smooth": (
            f"$D$4*J{above}+(1-$D$4)*G{row}",
            f"J{row}/(1-$D$4^(A{row}+1))",
            f"MIN(K${row}:K{row})",
        ),
        "running": (f"IF(AND(M{above}=1,K{above}<=$D$5*L{above}),1,0)",),
        "step": (f"IF($M{row}=1,E{row}-$D{row}*H{row},E{row})",),
        "slope": (f'IF(AND(A{row}>=$K$3,A{row}<$K$5),(K{row + 1}-K{row})/(LN(D{row + 1})-LN(D{row})),"")',),
        "looked": (f'IF(AND(A{row}>=$K$3,A{row}<=$K$5),K{row},"")',),
    }
    lookup = {"step": f"ROW()-{row}", "x": f"INDEX({x},{which})", "y": f"INDEX({y},{which})"}
    for column, (heading, formula) in enumerate(lookup.items()):
        rect = Rect(FIRST_ROW, column, last, column + 1)
        build.formula(NAME, rect, formula, role="helper" if heading == "step" else "linked")
        build.text(NAME, cell_name(FIRST_ROW - 2, column), heading, "heading")
    numbers = {"lr": "0.00E+00", "param": "0.000", "step": "0.000", "running": "0"}
    for name, (left, headings, _) in COLUMNS.items():
        given = formulas[name]
        build.block(name, *given, number=numbers.get(name, "0.0"), headings=False)
        for place, heading in enumerate(headings):
            build.text(NAME, cell_name(FIRST_ROW - 2, left + place), heading, "heading")
            if place < len(given):
                build.text(NAME, cell_name(FIRST_ROW - 3, left + place), f"={given[place]}", "spelled")
    shown = f"IF(M{row}=1,K{row},NA())"
    build.formula(NAME, Rect(FIRST_ROW, SHOWN, last, SHOWN + 1), shown, role="helper", number="0.0")
    build.text(NAME, cell_name(FIRST_ROW - 2, SHOWN), "for the picture", "heading")
    build.text(NAME, cell_name(FIRST_ROW - 3, SHOWN), f"={shown}", "spelled")
    build.text(NAME, cell_name(FIRST_ROW - 1, 0), "start", "helper")
    for name, column in (("b", 13), ("a", 14)):
        cell = Rect.cell(FIRST_ROW - 1, column)
        build.formula(NAME, cell, build.ref(name, NAME), role="state", number="0.000")
    for column, value in ((9, 0), (10, 0), (11, 0), (12, 1)):
        build.book[NAME].set((FIRST_ROW - 1, column), value)
        build.looks[NAME].paint(Rect.cell(FIRST_ROW - 1, column), "state")
    look = build.looks[NAME]
    look.widths = {"A:C": 8, "D": 12, "E:F": 9, "G": 13, "H:L": 13, "M": 12, "N:O": 12, "P": 14, "Q:R": 17}
    look.heights[FIRST_ROW - 3] = 58
    look.large = [(Rect(FIRST_ROW, 4, last, 18), 1e7)]
    look.frozen, look.repeat = f"B{FIRST_ROW}", (FIRST_ROW - 2, FIRST_ROW - 2)
    look.marks = [(Rect(FIRST_ROW, 1, last, 18), f"$M{row}=0", "aside")]


def suggestion(build: SheetBuilder) -> None:
    """The learning rates read off the curve, and the curve."""
    last = FIRST_ROW + build.blocks["lr"].rect.rows

    def column(letter: str) -> str:
        return f"{NAME}!${letter}${TOP}:${letter}${last}"

    build.text(SUGGESTION, "A1", "What the curve suggests", "section")
    for cell, words in (("B3", "lr"), ("C3", "smoothed loss there")):
        build.text(SUGGESTION, cell, words, "heading")
    places = (
        ("steepest slope", "Q", ""),
        ("lowest point", "R", ""),
        ("a tenth of the lowest point's", "R", "/10"),
    )
    for row, (words, letter, tenth) in enumerate(places, 4):
        found = f"MATCH(MIN({column(letter)}),{column(letter)},0)"
        cells = (f"INDEX({column('D')},{found}){tenth}", f"INDEX({column('K')},{found})")
        build.text(SUGGESTION, f"A{row}", words)
        for letter_, formula, number in zip("BC", cells, ("0.0E+00", "0.0"), strict=True):
            build.formula(SUGGESTION, f"{letter_}{row}", formula, role="result", number=number)
        build.tell(f"'{SUGGESTION}'!B{row}", words, f"={cells[0]}")
    lr, shown = Rect(FIRST_ROW, 3, last, 4), Rect(FIRST_ROW, SHOWN, last, SHOWN + 1)
    blue, orange, green = SERIES_COLOURS[:3]

    def point(words: str, row: int, colour: str) -> Series:
        cells = Rect(row, 2, row + 1, 3), Rect(row, 1, row + 1, 2)
        return Series(words, SUGGESTION, *cells, colour, points=True, line=False)

    curve = (
        Series("smoothed loss", NAME, shown, lr, blue),
        point("steepest slope", 3, orange),
        point("lowest point", 4, green),
    )
    raw = Series("loss of all points", NAME, Rect(FIRST_ROW, 6, last, 7), lr, SERIES_COLOURS[5])
    look = build.looks[SUGGESTION]
    look.charts = [
        Chart(
            *("scatter", "Loss over learning rate", curve, "A9", "lr, in powers of ten", "loss"),
            width=640,
            height=340,
            logarithmic_x=True,
        ),
        Chart(
            *("scatter", "Not smoothed, both axes in powers of ten", (raw,), "F9", "lr", "loss"),
            width=560,
            height=340,
            logarithmic=True,
            logarithmic_x=True,
        ),
    ]
    look.widths = {"A": 30, "B:C": 22}
