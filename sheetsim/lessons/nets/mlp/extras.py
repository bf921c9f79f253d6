"""What stands beside the epochs in `mlp`'s workbook: learning rates, validation, the single layer, the
picture, the summary. Only sheet.py uses it."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.nets.mlp import (
    DATA,
    FIRST_DATA,
    MOST_GROUPS,
    NAME,
    ONE,
    PICTURE,
    SLICE,
    SUMMARY,
    VALID,
    MlpPlaces,
)
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series

GRID = 17  # points of the picture along a side
BLUE, ORANGE = SERIES_COLOURS[:2]


def slices(build: SheetBuilder) -> None:
    """The learning rates of 2 groups of layers and more."""
    build.text(SLICE, "A1", "slice(lr_first, lr_last), spread over the groups of layers", "section")
    build.text(SLICE, "A3", "groups", "heading")
    for row in range(MOST_GROUPS - 1):
        build.book[SLICE].set((3 + row, 0), float(row + 2))
    build.looks[SLICE].paint(Rect(3, 0, 2 + MOST_GROUPS, 1), "heading")
    formula = f'IF(COLUMN()-1>$A4,"",{NAME}!$C$2*(({NAME}!$C$3/{NAME}!$C$2)^(1/($A4-1)))^(COLUMN()-2))'
    build.block("slice", formula, number="0.0000", headings=True, spell="B9")
    build.text(SLICE, "A10", "The net here has two groups, a layer each: the first row counts. Each", "aside")
    build.text(SLICE, "A11", "learning rate is the same multiple of the one before.", "aside")
    look = build.looks[SLICE]
    look.widths = {"A": 9, "B:F": 14}
    look.marks = [(Rect(3, 1, 4, 3), "TRUE", "result")]


def net(place: MlpPlaces, epoch: int, x1: str, x2: str, *, sheet: str = NAME) -> str:
    """The logit at a point, in one formula, with the weights before an epoch."""
    layer1, layer2 = place.layer1(epoch), place.layer2(epoch)

    def row(number: int, left: int, right: int) -> str:
        return f"{sheet}!${column_name(left)}${number}:${column_name(right - 1)}${number}"

    bias, w1, w2 = (row(layer1.top + k, layer1.left, layer1.right) for k in (1, 2, 3))
    z = f"({x1}*{w1}+{x2}*{w2}+{bias})"
    out = row(layer2.top + 1, layer2.left, layer2.right - 1)
    last = f"{sheet}!${column_name(layer2.right - 1)}${layer2.top + 1}"
    return f"SUMPRODUCT({z}*(({z}>0)+{sheet}!$C$6*({z}<=0)),{out})+{last}"


def validation(build: SheetBuilder, place: MlpPlaces) -> None:
    """The points that are not trained on, after each epoch."""
    look, rows = build.looks[VALID], build.inputs["valid_x"].rect
    build.text(VALID, "A1", "Points that the training never sees", "section")
    for column, heading in enumerate(("point", "x1", "x2", "class")):
        build.text(VALID, cell_name(FIRST_DATA - 1, column), heading, "heading")
        cells = Rect(FIRST_DATA, column, FIRST_DATA + place.valid, column + 1)
        formula = f"'{DATA}'!{column_name(column)}{rows.top + 1}"
        build.formula(VALID, cells, formula, role="linked" if column else "helper")
    row = FIRST_DATA + 1
    for epoch in range(1, place.epochs + 1):
        rect, band = place.validation(epoch), f"band {(epoch - 1) % 4 + 1}"
        build.text(VALID, cell_name(1, rect.left + 1), f"after epoch {epoch}", band)
        look.paint(Rect(1, rect.left, 2, rect.right), band)
        logit = f"${column_name(rect.left)}{row}"
        formulas = (
            net(place, epoch + 1, f"$B{row}", f"$C{row}"),
            f"MAX({logit},0)-{logit}*$D{row}+LN(1+EXP(-ABS({logit})))",
            f"IF(IF({logit}>0,1,0)=IF($D{row}>0.5,1,0),1,0)",
        )
        for offset, (heading, formula) in enumerate(
            zip(build.blocks[f"valid{epoch}"].columns, formulas, strict=True)
        ):
            cells = Rect(rect.top, rect.left + offset, rect.bottom, rect.left + offset + 1)
            build.formula(VALID, cells, formula, number="0" if offset == 2 else "0.000")
            build.text(VALID, cell_name(FIRST_DATA - 1, rect.left + offset), heading, "heading")
            if epoch == 1:
                build.tell(f"'{VALID}'!{cell_name(rect.top, rect.left + offset)}", heading, f"={formula}")
        look.heat.append(HeatMap(Rect(rect.top, rect.left, rect.bottom, rect.left + 1)))
        look.widths[column_name(rect.right)] = 3
    look.frozen, look.pages_wide = "E4", max(1, place.epochs // 6)
    look.repeat_columns = (0, 3)


def one_layer(build: SheetBuilder, place: MlpPlaces) -> None:
    """Two layers without an activation, and the one layer that they are."""
    end = place.epochs + 1
    layer1, layer2 = place.layer1(end), place.layer2(end)

    def strip(row: int, left: int, right: int) -> str:
        return f"{NAME}!${column_name(left)}${row}:${column_name(right)}${row}"

    out = strip(layer2.top + 1, layer2.left, layer2.right - 2)
    bias = f"{NAME}!${column_name(layer2.right - 1)}${layer2.top + 1}"

    def products(line: int) -> str:
        return f"SUMPRODUCT({out},{strip(layer1.top + 1 + line, layer1.left, layer1.right - 1)})"

    build.text(ONE, "A1", "Two layers with nothing between them are one layer", "section")
    build.text(ONE, "A4", "the one layer")
    formulas = (f"{products(0)}+{bias}", products(1), products(2))
    build.block("one.layer", *formulas, number="0.000", role="result", headings=False)
    for column, heading in enumerate(build.blocks["one.layer"].columns, 1):
        build.text(ONE, cell_name(2, column), heading, "heading")
    build.text(ONE, "F4", f"weight of x1   ={formulas[1]}", "code")
    build.text(ONE, "A6", "Below, the two layers and the one give each point the same logit:", "aside")
    for column, heading in enumerate(("point", "x1", "x2")):
        build.text(ONE, cell_name(6, column), heading, "heading")
        formula = f"'{DATA}'!{column_name(column)}{FIRST_DATA + 1}"
        cells = Rect(7, column, 7 + place.points, column + 1)
        build.formula(ONE, cells, formula, role="linked" if column else "helper")
    z = "+".join(
        f"{factor}{strip(row, layer1.left, layer1.right - 1)}"
        for factor, row in (("$B8*", layer1.top + 2), ("$C8*", layer1.top + 3), ("", layer1.top + 1))
    )
    formulas = (f"SUMPRODUCT({z},{out})+{bias}", "$B8*$C$4+$C8*$D$4+$B$4", net(place, end, "$B8", "$C8"))
    build.block("one.logits", *formulas, number="0.000", headings=False)
    for column, heading in enumerate((*build.blocks["one.logits"].columns, "difference"), 3):
        build.text(ONE, cell_name(6, column), heading, "heading")
    told = {"two layers": formulas[0], "one layer": formulas[1], "difference": "ROUND(D8-E8,12)"}
    for line, (heading, formula) in enumerate(told.items()):
        build.text(ONE, cell_name(7 + line, 8), f"{heading}   ={formula}", "code")
    build.formula(ONE, Rect(7, 6, 7 + place.points, 7), "ROUND(D8-E8,12)", role="helper", number="0.000")
    look = build.looks[ONE]
    look.widths, look.frozen = {"A": 14, "B:G": 17}, "A8"


def picture(build: SheetBuilder, place: MlpPlaces) -> None:
    """The probability of class 1, less 0.5, on a grid: before training, half way and at the end."""
    look = build.looks[PICTURE]
    build.text(
        PICTURE, "A1", "What the net says: class 1 is orange, class 0 is blue, white is undecided", "section"
    )
    epochs = sorted({1, place.epochs // 2 + 1, place.epochs + 1})
    for number, epoch in enumerate(epochs):
        left = 1 + number * (GRID + 2)
        words = "before training" if epoch == 1 else f"after epoch {epoch - 1}"
        build.text(PICTURE, cell_name(1, left), words, "strong")
        step = 2 / (GRID - 1)
        across = Rect(2, left, 3, left + GRID)
        build.formula(PICTURE, across, f"(COLUMN()-{left + 1})*{step:g}-1", role="helper", number=";;;")
        down = Rect(3, left - 1, 3 + GRID, left)
        build.formula(PICTURE, down, f"1-(ROW()-4)*{step:g}", role="helper", number="0.0")
        x1, x2 = f"{column_name(left)}$3", f"${column_name(left - 1)}4"
        grid = Rect(3, left, 3 + GRID, left + GRID)
        formula = f"1/(1+EXP(MIN(700,-({net(place, epoch, x1, x2)}))))-0.5"
        build.formula(PICTURE, grid, formula, number=";;;")
        look.heat.append(HeatMap(grid))
        look.widths[column_name(left - 1)] = 5
        look.widths[f"{column_name(left)}:{column_name(left + GRID - 1)}"] = 2.3
        if number == 0:
            build.tell(
                f"'{PICTURE}'!{cell_name(3, left)}",
                "probability at x1 (above), x2 (left), less 0.5",
                f"={formula}",
            )
    values = Rect(FIRST_DATA, 1, FIRST_DATA + place.points, 2)
    classes = tuple(
        Series(
            f"class {k}",
            DATA,
            Rect(values.top, 5 + k, values.bottom, 6 + k),
            values,
            colour,
            points=True,
            line=False,
        )
        for k, colour in enumerate((BLUE, ORANGE))
    )
    row = GRID + 6
    look.charts = [Chart("scatter", "The points to train on", classes, f"B{row}", "x1", "x2", height=420)]
    look.gridlines = False


def summary(build: SheetBuilder, place: MlpPlaces) -> None:
    """A row an epoch: the learning rates that it uses, and what has come of it."""
    look = build.looks[SUMMARY]
    build.text(SUMMARY, "A1", "Epoch by epoch", "section")
    build.text(SUMMARY, "A3", "epoch", "heading")
    top, bottom = FIRST_DATA, FIRST_DATA + place.epochs
    build.formula(SUMMARY, Rect(top, 0, bottom, 1), f"ROW()-{top}", role="helper")
    for offset, heading in enumerate(build.blocks["summary"].columns):
        build.text(SUMMARY, cell_name(top - 1, 1 + offset), heading, "heading")
    rates = (f"IF(A{top + 1}<={NAME}!$C$4,0,'{SLICE}'!$B$4)", f"'{SLICE}'!$C$4")
    for offset, formula in enumerate(rates):
        build.formula(SUMMARY, Rect(top, 1 + offset, bottom, 2 + offset), formula, number="General")
        build.tell(f"'{SUMMARY}'!{cell_name(top, 1 + offset)}", f"lr {offset + 1}", f"={formula}")
    for epoch in range(1, place.epochs + 1):
        told, valid = place.rows(epoch, place.logit, 5), place.validation(epoch)
        formulas = []
        for offset in (2, 3):  # loss, right
            formulas.append(f"AVERAGE({NAME}!{column_of(told, told.left + offset)})")
            formulas.append(f"AVERAGE('{VALID}'!{column_of(valid, valid.left + offset - 1)})")
        for offset, formula in enumerate(formulas):
            number = "0.000" if offset < 2 else "0%"
            where = Rect.cell(top + epoch - 1, 3 + offset)
            build.formula(SUMMARY, where, formula, role="result", number=number)
            if epoch == 1:
                heading = build.blocks["summary"].columns[2 + offset]
                build.tell(f"'{SUMMARY}'!{cell_name(top, 3 + offset)}", heading, f"={formula}")
    epochs = Rect(top, 0, bottom, 1)

    def curves(first: int) -> tuple[Series, ...]:
        both = (("training", BLUE), ("validation", ORANGE))
        return tuple(
            Series(words, SUMMARY, Rect(top, first + k, bottom, first + k + 1), epochs, colour)
            for k, (words, colour) in enumerate(both)
        )

    look.charts = [
        Chart("scatter", "Loss", curves(3), "I3", "epoch", "loss"),
        Chart("scatter", "Share that is right", curves(5), "I19", "epoch", "accuracy"),
    ]
    look.widths, look.frozen = {"A": 9, "B:C": 10, "D:G": 18}, "B4"


def column_of(rect: Rect, column: int) -> str:
    """One column of a rectangle."""
    return str(Rect(rect.top, column, rect.bottom, column + 1))
