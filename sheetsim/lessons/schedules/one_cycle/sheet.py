"""`one_cycle` in Excel formulas."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_index, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.schedules.one_cycle import (
    AVERAGES,
    CELLS,
    COLUMNS,
    FIRST_ROW,
    LESSON,
    NAME,
    POINTS,
    SHEETS,
    SUMMARY,
    optimizer_of,
)
from sheetsim.style import SERIES_COLOURS, Chart, Series
from sheetsim.workbook import Workbook

TOP = FIRST_ROW + 1  # number of the first row, as an address has it
COLOURS = dict(zip(SHEETS, SERIES_COLOURS, strict=False))
WORDS = {"fastai": "fastai's fit_one_cycle", "torch": "torch's OneCycleLR", "constant": "constant"}

SHOWS = """
    A large learning rate gets far quickly and then jumps about the goal; a small one is exact and slow. One
    cycle is both: the learning rate starts low, rises to the highest that can be borne, and falls to almost
    nothing. The momentum goes the other way round: while steps are long, old gradients should count for less.

    Three tables fit the same points, a point a row: by fastai's schedule, by torch's, and with a learning
    rate that stays at the top. The pictures of the schedules and the errors of all three are on the summary.
"""
TRIES = """
    Look at the errors on the summary: the learning rate that stays is first ahead, then it jumps about; the
    RMSE of epoch 10 is 7.5. The cycles come down smoothly at the end, to 2.8 (fastai) and 3.2 (torch).

    Set lr_max (C2) to 3, and all three sheets follow: 0.33, 1.64 and 48.1. A cycle can bear a higher top.

    Set lr_max to 0.1: now 13.5 with fastai's cycle and 10.6 with the learning rate that stays. A cycle is
    worth its slow start only where a large learning rate does harm.

    Set div_final (C4) to 1, so that the learning rate stays up after its rise: 6.0 instead of 2.8. Set
    mom_low (F3) to 0.95, so that the momentum stays up: 6.5.

    Set anneal (C6) to linear and look at the pictures; torch's sheet follows. The errors are 2.5 and 2.2.

    Export it with --set optimizer=sgd --set lr_max=0.0001: the learning rate that stays runs away to an
    RMSE of 2.7E+07, while the cycles, which are that high for a short time, come back to 15.1 and 14.7.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    points(build)
    for role in SHEETS:
        heads(build, role)
        table(build, role, optimizer_of(settings))
    summary(build)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "fastai's fit_one_cycle: a row a step",
            SHEETS["torch"]: "torch's OneCycleLR: the same steps",
            SHEETS["constant"]: "a learning rate and a momentum that stay as they are",
            POINTS: "the points",
            SUMMARY: "a row an epoch, and the pictures",
        },
        keywords="one cycle, learning rate, momentum, schedule, spreadsheet",
    )


def points(build: SheetBuilder) -> None:
    build.text(POINTS, "A1", "The points", "section")
    for cell, name in (("A3", "x"), ("B3", "y")):
        build.text(POINTS, cell, name, "heading")
        build.input(name)
    build.looks[POINTS].frozen = "A4"


def heads(build: SheetBuilder, role: str) -> None:
    """The cells above a table."""
    sheet = SHEETS[role]
    build.text(sheet, "A1", f"One cycle: {WORDS[role]}" if role != "constant" else "No cycle", "section")
    for name in CELLS[sheet]:
        if name in build.inputs:
            number = {"anneal": None, "torch_anneal": None, "eps": "0E+00"}.get(name, "General")
            build.input(name, number=number)
    if role == "constant":
        return
    final = "C2/C4" if role == "fastai" else "I5/C4"
    last = FIRST_ROW + build.blocks[f"{role}.pred"].rect.rows
    helpers = {"steps": f"COUNT(A{TOP}:A{last})", "first lr": "C2/C3", "final lr": final}
    for row, (label, formula) in enumerate(helpers.items(), 4):
        build.text(sheet, f"H{row}", label)
        build.formula(sheet, f"I{row}", formula, number="General")


def phase(role: str) -> tuple[str, str, str]:
    """The phase, the part of it that is gone, and the share of the way: fastai's that is gone, torch's that
    is left."""
    if role == "fastai":
        return (
            f"IF(A{TOP}/$I$4<$C$5,1,2)",
            f"IF(D{TOP}=1,A{TOP}/$I$4/$C$5,(A{TOP}/$I$4-$C$5)/(1-$C$5))",
            f'IF($C$6="cos",(1+COS(PI()*(1-E{TOP})))/2,E{TOP})',
        )
    return (
        f"IF(A{TOP}<=$C$5*$I$4-1,1,2)",
        f"IF(D{TOP}=1,A{TOP}/($C$5*$I$4-1),(A{TOP}-($C$5*$I$4-1))/($I$4-1-($C$5*$I$4-1)))",
        f'IF($C$6="cos",(1+COS(PI()*E{TOP}))/2,1-E{TOP})',
    )


def schedule(role: str) -> tuple[str, str]:
    """Learning rate and momentum, from the phase and the way."""

    def going(start: str, end: str) -> str:
        return f"{start}+F{TOP}*({end}-{start})" if role == "fastai" else f"{end}+F{TOP}*({start}-{end})"

    if role == "constant":
        return "$C$2", "$F$2"
    lr = f"IF(D{TOP}=1,{going('$I$5', '$C$2')},{going('$C$2', '$I$6')})"
    return lr, f"IF(D{TOP}=1,{going('$F$2', '$F$3')},{going('$F$3', '$F$2')})"


def steps(build: SheetBuilder, role: str, optimizer: str) -> dict[str, tuple[str, ...]]:
    """The optimizer's columns. Each average is that of the row above, moved on."""
    row, above = TOP, TOP - 1
    if optimizer == "sgd":
        return {
            "buf": (f"$H{row}*N{above}+L{row}",),
            "step": (f"I{row}-$G{row}*N{row}",),
        }
    beta2, eps = build.ref("beta2", SHEETS[role]), build.ref("eps", SHEETS[role])
    return {
        "m": (f"N{above}+(L{row}-N{above})*(1-$H{row})",),
        "v": (f"{beta2}*P{above}+(1-{beta2})*L{row}^2",),
        "correction": (f"1-H{row}^(A{row}+1)", f"1-{beta2}^(A{row}+1)"),
        "step": (f"I{row}-$G{row}/$R{row}*N{row}/(SQRT(P{row})/SQRT($S{row})+{eps})",),
    }


def table(build: SheetBuilder, role: str, optimizer: str) -> None:
    """A row a step; the row above the first holds the state at the start."""
    sheet, row, groups = SHEETS[role], TOP, {**COLUMNS, **AVERAGES[optimizer]}
    after = column_index(groups["step"][0])
    new_b = column_name(after)
    count = len(build.data["x"])
    formulas: dict[str, tuple[str, ...]] = {
        "phase": phase(role),
        "schedule": schedule(role),
        "param": (f"{new_b}{row - 1}",),
        "pred": (f"I{row}+J{row}*B{row}",),
        "grad": (f"2*(J{row}*B{row}+I{row}-C{row})", f"L{row}*B{row}"),
        **steps(build, role, optimizer),
    }
    rect = build.blocks[f"{role}.pred"].rect
    which = f"MOD(A{row},{count})+1"
    lookup = {"t": f"ROW()-{row}", "x": f"INDEX({build.ref('x', sheet)},{which})"}
    lookup["y"] = f"INDEX({build.ref('y', sheet)},{which})"
    for column, (heading, formula) in enumerate(lookup.items()):
        cells = Rect(rect.top, column, rect.bottom, column + 1)
        build.formula(sheet, cells, formula, role="helper" if heading == "t" else "linked")
        build.text(sheet, cell_name(FIRST_ROW - 2, column), heading, "heading")
    numbers = {"schedule": "0.000000", "phase": "0.000", "correction": "0.0000"}
    for name, (letter, headings, _) in groups.items():
        if f"{role}.{name}" not in build.blocks:
            continue
        left = column_index(letter)
        given = formulas[name]
        build.block(f"{role}.{name}", *given, number=numbers.get(name, "0.0000"), headings=False)
        for place, heading in enumerate(headings):
            build.text(sheet, cell_name(FIRST_ROW - 2, left + place), heading, "heading")
            if place < len(given):
                build.text(sheet, cell_name(FIRST_ROW - 3, left + place), f"={given[place]}", "spelled")
    start = FIRST_ROW - 1
    build.text(sheet, cell_name(start, 0), "start", "helper")
    for name in ("b", "a"):
        build.formula(sheet, Rect.cell(start, after + (name == "a")), build.ref(name, sheet), role="state")
    for column in range(column_index("N"), column_index("R" if optimizer == "adam" else "P")):
        build.book[sheet].set((start, column), 0)
        build.looks[sheet].paint(Rect.cell(start, column), "state")
    look = build.looks[sheet]
    look.numbers.append((Rect(rect.top, 3, rect.bottom, 4), "0"))
    look.widths = {"A": 9, "B:C": 10, "D": 9, "E:F": 14, "G:H": 18, "I:K": 11, "L:U": 13}
    look.heights[FIRST_ROW - 3] = 58
    look.large = [(Rect(rect.top, column_index("I"), rect.bottom, column_index("V")), 1e6)]
    look.frozen, look.repeat = f"B{FIRST_ROW}", (FIRST_ROW - 2, FIRST_ROW - 2)


def summary(build: SheetBuilder) -> None:
    """A row an epoch, the schedules' pictures, the errors."""
    rows = len(build.data["x"])
    epochs = build.blocks["summary.torch"].rect.rows
    build.text(SUMMARY, "A1", "Epoch by epoch", "section")
    build.text(SUMMARY, "A3", "epoch", "heading")
    build.formula(SUMMARY, Rect(3, 0, 3 + epochs, 1), "ROW()-3", role="helper")
    for place, role in enumerate(SHEETS):
        block, sheet = build.blocks[f"summary.{role}"].rect, SHEETS[role]
        build.text(SUMMARY, cell_name(1, block.left + 1), WORDS[role], f"band {place + 1}")
        build.looks[SUMMARY].paint(Rect(1, block.left, 2, block.right), f"band {place + 1}")
        for offset, heading in enumerate(build.blocks[f"summary.{role}"].columns):
            build.text(SUMMARY, cell_name(2, block.left + offset), heading, "heading")
        step = build.blocks[f"{role}.step"].rect
        b, a = column_name(step.left), column_name(step.left + 1)
        for epoch in range(epochs):
            first, last = TOP + epoch * rows, TOP + (epoch + 1) * rows - 1
            error = f"SQRT(SUMXMY2('{sheet}'!C{first}:C{last},'{sheet}'!K{first}:K{last})/{rows})"
            error = error if " " in sheet else error.replace("'", "")
            other = sheet if " " not in sheet else f"'{sheet}'"
            cells = (error, f"{other}!{b}{last}", f"{other}!{a}{last}", f"MAX({other}!G{first}:G{last})")
            for offset, formula in enumerate(cells):
                where = Rect.cell(block.top + epoch, block.left + offset)
                build.formula(SUMMARY, where, formula, role="formula" if offset else "result")
            if epoch == 0:
                build.tell(
                    f"{SUMMARY}!{cell_name(block.top, block.left)}", f"RMSE of {WORDS[role]}", f"={error}"
                )
        build.looks[SUMMARY].numbers.append(
            (Rect(block.top, block.left, block.bottom, block.right - 1), "0.000")
        )
        build.looks[SUMMARY].numbers.append(
            (Rect(block.top, block.right - 1, block.bottom, block.right), "0.000000")
        )
        build.looks[SUMMARY].large.append((block, 1e6))
    look = build.looks[SUMMARY]
    look.widths, look.frozen = {"A": 8, "B:M": 11}, "B4"
    look.charts = pictures(build, epochs)


def pictures(build: SheetBuilder, epochs: int) -> list[Chart]:
    """Learning rate and momentum over the steps, the errors over the epochs, b and a."""

    def curves(block: str, column: int) -> tuple[Series, ...]:
        found = []
        for role, sheet in SHEETS.items():
            rect = build.blocks[f"{role}.{block}"].rect
            values = Rect(rect.top, rect.left + column, rect.bottom, rect.left + column + 1)
            t = Rect(rect.top, 0, rect.bottom, 1)
            found.append(Series(WORDS[role], sheet, values, t, COLOURS[role], dashed=role == "constant"))
        return tuple(found)

    errors = tuple(
        Series(
            *(
                WORDS[role],
                SUMMARY,
                Rect(3, 1 + 4 * place, 3 + epochs, 2 + 4 * place),
                Rect(3, 0, 3 + epochs, 1),
            ),
            *(COLOURS[role], role == "constant", True),
        )
        for place, role in enumerate(SHEETS)
    )
    row = epochs + 6
    return [
        Chart("scatter", "Learning rate", curves("schedule", 0), f"B{row}", "step", "lr", width=560),
        Chart("scatter", "Momentum", curves("schedule", 1), f"I{row}", "step", "momentum", width=560),
        Chart(
            *("scatter", "Error of each epoch", errors, f"B{row + 17}", "epoch", "RMSE"),
            width=560,
            logarithmic=True,
        ),
        Chart(
            "scatter",
            "The intercept, on its way to 30",
            curves("step", 0),
            f"I{row + 17}",
            "step",
            "b",
            width=560,
        ),
    ]
