"""`entity_embeddings` in Excel formulas."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.nets.entity_embeddings import (
    CELLS,
    DATA,
    FIRST_DATA,
    LESSON,
    NAME,
    NUMBERS,
    STARTS,
    SUMMARY,
    EntityPlaces,
)
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

BLUE, ORANGE = SERIES_COLOURS[:2]
PARTS = ("day", "stall", "layer1", "layer2")
SHOWS = """
    Four ice-cream stalls, seven days: how much is sold? (The numbers are made up, in hundreds of cones
    above or below the mean; the temperature is in tens of degrees above or below 20.) A net can only
    calculate with numbers, and a day is none. So each day has a few numbers of its own, its embedding, and
    each stall too: they are looked up, joined with the temperature and the offer, and given to a hidden
    layer with a ReLU.

    The embeddings are weights like others: the slope of the loss goes back through both layers to each
    number that was looked up. The gradient of a day's line is the sum of the slopes of all rows of that
    day; a day that does not occur keeps its line, unless weight decay shrinks it.

    Each block of the sheet entity_embeddings is a step on all rows: the embeddings stand above the columns
    that look them up, layer 1 below them, a row a unit. The gradients stand below. On the summary, the days
    are drawn as points: those that sell alike come to lie near one another.
"""
TRIES = """
    Look at the summary: the loss comes to 0.05 in training, to 0.11 in validation. Among the days, Sat has
    moved far from the working days; Sun stands in a single row to train on and has hardly moved.

    Type Sat for Sun, or another day, into column B of the sheet entity_embeddings data, and follow the row:
    its place, what is looked up, the prediction, and which line of the gradients changes.

    Set lr (C2) to 0.1: the loss only comes to 0.28. Set it to 1: the steps are too long, it ends at 4.6.

    Set weight_decay (C3) to 0.1: the loss in training comes to 0.11, and all embeddings shrink a little
    each step.

    Export it with --set day_size=1 --set stall_size=1: one number for each day and stall is too little
    here, 0.17. With --set hidden=1 a single unit has to tell everything: 0.89.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build, place = SheetBuilder(LESSON, settings, data), EntityPlaces(settings)
    build.text(NAME, "A1", "Embeddings in a table: one epoch a block", "section")
    for name in CELLS:
        build.input(name, number="General")
    table(build, place)
    for epoch in range(1, place.epochs + 1):
        one_epoch(build, place, epoch)
    top = place.tables(place.epochs + 1)
    build.text(NAME, cell_name(top - 2, 0), "After the last epoch", "section")
    weights(build, place, place.epochs + 1)
    summary(build, place)
    look = build.looks[NAME]
    look.frozen = "A6"
    look.widths = {f"A:{column_name(place.dx + place.looked - 1)}": 10, column_name(place.z - 1): 3}
    look.widths[f"{column_name(place.x + place.looked)}:{column_name(place.x + place.inputs - 1)}"] = 12
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "the training, an epoch a block",
            DATA: "the table, and the lists of days and stalls",
            SUMMARY: "the losses and the embeddings, charted",
        },
        keywords="embeddings, tabular data, categories, spreadsheet",
        remarks="""
            The last rows are for validation: they are predicted, and left out of the slopes and gradients.
            Both losses are those before the epoch's step. Weight decay is torch's: weight_decay times the
            weight is added to the gradient, also for lines of an embedding that no row looks up.
        """,
    )


def table(build: SheetBuilder, place: EntityPlaces) -> None:
    """The data sheet: the table, the places of its categories, the lists of these."""
    build.text(DATA, "A1", "What the stalls sold", "section")
    headings = ("row", "day", "stall", *NUMBERS, "sold")
    for column, heading in enumerate(headings):
        build.text(DATA, cell_name(FIRST_DATA - 1, column), heading, "heading")
    top, bottom = FIRST_DATA, FIRST_DATA + place.all
    build.formula(DATA, Rect(top, 0, bottom, 1), f"ROW()-{top}", role="helper")
    for name in ("category", "days", "stalls"):
        build.input(name)
    build.input("number", number="0.00")
    build.input("sold", number="0.00")
    formulas = (
        f"MATCH(B{top + 1},{build.ref('days', DATA)},0)",
        f"MATCH(C{top + 1},{build.ref('stalls', DATA)},0)",
    )
    build.block("place", *formulas, number="0")
    build.text(DATA, cell_name(top - 1, 10), "days", "heading")
    build.text(DATA, cell_name(top - 1, 12), "stalls", "heading")
    first = top + place.rows
    build.text(DATA, cell_name(first, 14), "from here on for validation: not trained on", "aside")
    look = build.looks[DATA]
    look.dividers.append((Rect(first, 0, first + 1, 9), "TRUE"))
    look.widths = {"A:F": 12, "G": 3, "H:I": 16, "J": 3, "K": 12, "L": 3, "M": 12, "N": 3}
    look.frozen, look.heights = "A4", {FIRST_DATA - 2: 30}


def one_epoch(build: SheetBuilder, place: EntityPlaces, epoch: int) -> None:
    """Weights, the table's rows, slopes, gradients."""
    look, title = build.looks[NAME], place.tables(epoch) - 2
    build.text(NAME, cell_name(title, 0), f"Epoch {epoch} of {place.epochs}", "section")
    weights(build, place, epoch)
    cells = place.cells(epoch, 0, 4)
    sources = (("row", "A"), ("day no.", "H"), ("stall no.", "I"), ("sold", "F"))
    for column, (heading, source) in enumerate(sources):
        build.text(NAME, cell_name(cells.top - 1, column), heading, "heading")
        rect = Rect(cells.top, column, cells.bottom, column + 1)
        role, number = "linked" if column else "helper", "0.00" if heading == "sold" else "0"
        build.formula(NAME, rect, f"'{DATA}'!{source}{FIRST_DATA + 1}", role=role, number=number)
    numbers = Rect(cells.top, place.x + place.looked, cells.bottom, place.x + place.inputs)
    build.formula(NAME, numbers, f"'{DATA}'!D{FIRST_DATA + 1}", role="linked", number="0.00")
    for offset, heading in enumerate(NUMBERS):
        build.text(NAME, cell_name(cells.top - 1, numbers.left + offset), heading, "heading")
    passing(build, place, epoch)
    gradients(build, place, epoch)
    last = cells.top + place.rows
    look.dividers.append((Rect(title, 0, title + 1, place.dx + place.looked), "TRUE"))
    look.dividers.append((Rect(last, 0, last + 1, place.dpred), "TRUE"))
    build.text(NAME, cell_name(last, place.dpred), "for validation", "aside")


def weights(build: SheetBuilder, place: EntityPlaces, epoch: int) -> None:
    """The weights before an epoch; those of epoch 1 are typed."""
    rects = place.weights(epoch)
    day, stall, layer1 = (rects[name] for name in PARTS[:3])
    for rect, column, source in ((day, place.x - 1, "K"), (stall, place.x + place.looked, "M")):
        names = Rect(rect.top, column, rect.bottom, column + 1)
        build.formula(NAME, names, f"'{DATA}'!{source}{FIRST_DATA + 1}", role="heading")
    headings = build.blocks["epoch2.layer1"].columns
    for offset, heading in enumerate(headings[1 : 1 + place.looked]):
        build.text(NAME, cell_name(day.top - 1, place.x + offset), heading, "heading")
    for offset, heading in enumerate(headings):
        build.text(NAME, cell_name(layer1.top - 1, layer1.left + offset), heading, "heading")
    units(build, layer1, "layer 1")
    second = rects["layer2"]
    build.text(NAME, cell_name(second.top - 1, second.left), "weights and bias of layer 2", "aside")
    for start, (name, rect) in zip(STARTS, rects.items(), strict=True):
        if epoch == 1:
            build.input(start, number="0.000")
        else:
            before, grad = place.weights(epoch - 1)[name], place.grads(epoch - 1)[name]
            old, rise = (cell_name(one.top, one.left) for one in (before, grad))
            formula = f"{old}-$C$2*({rise}+$C$3*{old})"
            build.formula(NAME, rect, formula, number="0.000", role="state")
            if epoch == 2:
                title = build.blocks[f"epoch2.{name}"].title
                build.tell(f"{NAME}!{cell_name(rect.top, rect.left)}", title, f"={formula}")
        build.looks[NAME].heat.append(HeatMap(rect))


def units(build: SheetBuilder, rect: Rect, words: str) -> None:
    """The units' numbers, left of a row each."""
    column = rect.left - 1
    build.text(NAME, cell_name(rect.top - 1, column), words, "heading")
    rows = Rect(rect.top, column, rect.bottom, column + 1)
    build.formula(NAME, rows, f"ROW()-{rect.top}", role="helper")


def passing(build: SheetBuilder, place: EntityPlaces, epoch: int) -> None:
    """The rows of the table: looked up, forward to the loss, and back to what was looked up."""
    rects = place.weights(epoch)
    top = place.cells(epoch, 0, 1).top
    row = top + 1
    x, last = column_name(place.x), column_name(place.x + place.inputs - 1)
    first1, second = rects["layer1"].top + 1, rects["layer2"].top + 1
    stall = column_name(place.x + place.day)
    z, h = (column_name(column) for column in (place.z, place.h))
    one, pred, dpred = (f"${column_name(column)}" for column in (place.pred - 1, place.pred, place.dpred))

    def listed(name: str, letter: str) -> str:
        rect = rects[name]
        return f"{letter}${rect.top + 1}:{letter}${rect.bottom}"

    back = "+".join(f"${column_name(place.dpred + 1 + k)}{row}*{x}${first1 + k}" for k in range(place.hidden))
    parts: list[tuple[str, int, int, str, bool]] = [  # what, first column, how many, formula, training only
        ("day", place.x, place.day, f"INDEX({listed('day', x)},$B{row})", False),
        ("stall", place.x + place.day, place.stall, f"INDEX({listed('stall', stall)},$C{row})", False),
        ("h", place.h, place.hidden, f"MAX(0,{z}{row})", False),
        ("1", place.pred - 1, 1, "1", False),
        (
            "prediction",
            place.pred,
            1,
            f"SUMPRODUCT(${h}{row}:{one}{row},${h}${second}:{one}${second})",
            False,
        ),
        ("loss", place.pred + 1, 1, f"({pred}{row}-$D{row})^2", False),
        ("dpred", place.dpred, 1, f"2*({pred}{row}-$D{row})/{place.rows}", True),
        ("dz", place.dpred + 1, place.hidden, f"{dpred}{row}*{h}${second}*IF({z}{row}>0,1,0)", True),
        ("dday", place.dx, place.looked, back, True),
    ]
    parts += [
        (
            f"z{k + 1}",
            place.z + k,
            1,
            f"SUMPRODUCT(${x}{row}:${last}{row},${x}${w}:${last}${w})+${bias}${w}",
            False,
        )
        for k in range(place.hidden)
        for w, bias in ((first1 + k, column_name(place.x - 1)),)
    ]
    for heading, left, count, formula, training in parts:
        rect = place.cells(epoch, left, count, training=training)
        role = "result" if heading == "loss" else "formula"
        build.formula(NAME, rect, formula, role=role, number="0" if heading == "1" else "0.000")
        if epoch == 1 and not (heading.startswith("z") and heading != "z1"):
            build.tell(f"{NAME}!{cell_name(top, left)}", heading, f"={formula}")
    for name in ("looked", "hidden", "out", "slopes"):
        block = build.blocks[f"epoch{epoch}.{name}"]
        for offset, heading in enumerate(block.columns):
            build.text(NAME, cell_name(block.rect.top - 1, block.rect.left + offset), heading, "heading")
        hidden = place.cells(epoch, place.h, place.hidden)
        heat = HeatMap(hidden, signed=False) if name == "out" else HeatMap(block.rect)
        build.looks[NAME].heat.append(heat)
    told = {heading: formula for heading, _, _, formula, _ in parts}
    words = {"day": "day 1", "z1": "z1", "h": "h1", "loss": "loss", "dz": "dz1", "dday": "dday 1"}
    for line, (heading, shown) in enumerate(words.items()):
        cell = cell_name(place.tables(epoch) - 2 + line, place.z)
        build.text(NAME, cell, f"{shown}   ={told[heading]}", "code")


def gradients(build: SheetBuilder, place: EntityPlaces, epoch: int) -> None:
    """The gradient of each weight, from the rows that are trained on."""
    rects, look = place.grads(epoch), build.looks[NAME]
    rows = place.cells(epoch, 0, 1, training=True)
    first, last = rows.top + 1, rows.bottom

    def down(column: int, right: int | None = None, *, fixed: bool = True) -> str:
        mark = "$" if fixed else ""
        letters = [f"{mark}{column_name(one)}$" for one in (column, column if right is None else right)]
        return f"{letters[0]}{first}:{letters[1]}{last}"

    layer1, layer2, day, stall = (rects[name] for name in ("layer1", "layer2", "day", "stall"))
    build.text(NAME, cell_name(layer1.top - 1, 0), "gradients", "strong")
    units(build, layer1, "layer 1")
    mine = f"INDEX({down(place.dpred + 1, place.dpred + place.hidden)},0,$D{layer1.top + 1})"
    keys = Rect(day.top, place.dx - 1, day.bottom, place.dx)
    build.text(NAME, cell_name(day.top - 1, place.dx - 1), "no.", "heading")
    build.formula(NAME, keys, f"ROW()-{day.top}", role="helper")
    key = f"${column_name(place.dx - 1)}{day.top + 1}"
    formulas = {
        "gradient of layer 1's biases": (Rect(layer1.top, 4, layer1.bottom, 5), f"SUM({mine})"),
        "gradient of layer 1's weights": (
            Rect(layer1.top, 5, layer1.bottom, layer1.right),
            f"SUMPRODUCT({mine},{down(place.x, fixed=False)})",
        ),
        "gradient of layer 2": (layer2, f"SUMPRODUCT({down(place.h, fixed=False)},{down(place.dpred)})"),
        "gradient of the days": (day, f"SUMIF({down(1)},{key},{down(place.dx, fixed=False)})"),
        "gradient of the stalls": (
            stall,
            f"SUMIF({down(2)},{key},{down(place.dx + place.day, fixed=False)})",
        ),
    }
    for words, (rect, formula) in formulas.items():
        build.formula(NAME, rect, formula, number="0.0000")
        if epoch == 1:
            build.tell(f"{NAME}!{cell_name(rect.top, rect.left)}", words, f"={formula}")
    for name, rect in rects.items():
        for offset, heading in enumerate(build.blocks[f"epoch{epoch}.grad_{name}"].columns):
            build.text(NAME, cell_name(rect.top - 1, rect.left + offset), heading, "heading")
        look.heat.append(HeatMap(rect))
    for line, words in enumerate(
        ("gradient of layer 1's weights", "gradient of layer 2", "gradient of the days")
    ):
        cell = cell_name(layer2.top + 2 + line, layer2.left)
        build.text(NAME, cell, f"{words}   ={formulas[words][1]}", "code")


def summary(build: SheetBuilder, place: EntityPlaces) -> None:
    """The losses, and the embeddings as points of a plane."""
    look, top = build.looks[SUMMARY], FIRST_DATA
    build.text(SUMMARY, "A1", "Epoch by epoch", "section")
    build.text(SUMMARY, "A3", "epoch", "heading")
    epochs = Rect(top, 0, top + place.epochs, 1)
    build.formula(SUMMARY, epochs, f"ROW()-{top}", role="helper")
    for offset, heading in enumerate(build.blocks["summary"].columns):
        build.text(SUMMARY, cell_name(top - 1, 1 + offset), heading, "heading")
    for epoch in range(1, place.epochs + 1):
        loss = place.cells(epoch, place.pred + 1, 1)
        middle = loss.top + place.rows
        for offset, (first, last) in enumerate(((loss.top, middle), (middle, loss.bottom))):
            formula = f"AVERAGE({NAME}!{Rect(first, loss.left, last, loss.right)})"
            cell = Rect.cell(top + epoch - 1, 1 + offset)
            build.formula(SUMMARY, cell, formula, role="result", number="0.000")
            if epoch == 1:
                heading = build.blocks["summary"].columns[offset]
                build.tell(f"'{SUMMARY}'!{cell_name(top, 1 + offset)}", heading, f"={formula}")
    curves = tuple(
        Series(words, SUMMARY, Rect(top, 1 + k, epochs.bottom, 2 + k), epochs, colour)
        for k, (words, colour) in enumerate((("training", BLUE), ("validation", ORANGE)))
    )
    look.charts = [Chart("scatter", "Mean squared error", curves, "E3", "epoch", "loss")]
    ends = place.weights(place.epochs + 1)
    names = {"day": ("The days", place.x - 1, "E19"), "stall": ("The stalls", place.x + place.looked, "M19")}
    for name, (words, column, at) in names.items():
        rect = ends[name]
        if rect.columns < 2:
            continue
        x, y = (Rect(rect.top, rect.left + k, rect.bottom, rect.left + k + 1) for k in (0, 1))
        labels = Rect(rect.top, column, rect.bottom, column + 1)
        dots = Series(words, NAME, y, x, BLUE, points=True, line=False, labels=labels)
        title = f"{words}: first two numbers of each"
        look.charts.append(Chart("scatter", title, (dots,), at, f"{name} 1", f"{name} 2", height=340))
    look.widths, look.frozen = {"A": 9, "B:C": 17, "D": 3}, "A4"
