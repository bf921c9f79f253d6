"""`logistic` in Excel formulas."""

from __future__ import annotations

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.nets.logistic import (
    CELLS,
    DATA,
    FIRST_DATA,
    LESSON,
    NAME,
    PICTURES,
    SUMMARY,
    VALID,
    WEIGHT0,
    LogisticPlaces,
)
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Look, Series
from sheetsim.workbook import Workbook

HIDDEN = ";;;"  # a number format that shows nothing: the colour says enough
SHOWS = """
    Which digit is on the picture? Each class has a weight for each pixel: the logit z is the sum of weights
    times pixels, plus a bias. The softmax turns the logits into probabilities p that add up to 1, the
    cross-entropy -ln(p of the right class) is the loss.

    The slope of the loss with regard to a logit is as simple as can be: p, less 1 for the right class.
    Times the pixel and added up over the mini-batch, it is the gradient of a weight. Each block of the
    sheet logistic is one step: its weights, its pictures, its gradients; the next block's weights are these
    less lr times the gradient.

    Pixels, weights and gradients are colours; click on one for its number. On the sheet logistic pictures
    they are put together as pictures: a class's weights come to look like its digit, orange where ink
    speaks for it, blue where ink speaks against it.
"""
TRIES = """
    Look at the summary: after four epochs, 16 steps, all pictures are classified correctly, and the loss of
    those never seen is 0.26. On the sheet logistic pictures, watch the weights for 0 turn blue in the middle,
    where a 0 has no ink.

    Set lr (B2) to 0.1: the loss on the validation pictures only comes to 0.78. Set it to 10: the steps
    overshoot, and the training loss jumps from epoch to epoch: 1.97, 1.37, 3.34, 0.02. The validation loss
    happens to end at 0.13, below the default's 0.26, but one of the twelve pictures is now classified wrong.

    Set weight_decay (B3) to 1: the weights are held so small that the loss stays at 0.95.

    Paint a digit of your own: type numbers from 0 to 1 over a row of pixels on the sheet logistic data. Or
    type a wrong digit into column B there, and see which slopes (dz) and which weights it changes.

    Export it with --set batch=1 --set batches=24: as many pictures, a step for each; the loss is 0.13. With
    batch=24 and batches=1 it is 0.53: fewer, surer steps.

    Export it with --set classes=10 --set batch=20 --set valid=50 for all ten digits, or with --idx
    train-images-idx3-ubyte for MNIST's own.
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build, place = SheetBuilder(LESSON, settings, data), LogisticPlaces(settings)
    build.add_sheet(PICTURES)
    build.text(NAME, "A1", "Softmax regression: one mini-batch a block", "section")
    for name in CELLS:
        build.input(name, number="General")
    pictures_and_labels(build, place)
    for step in range(1, place.steps + 1):
        one_step(build, place, step)
    the_end(build, place)
    validation(build, place)
    summary(build, place)
    pictures(build, place, int(settings["size"]))
    look = build.looks[NAME]
    look.frozen = "C5"
    for name in (NAME, DATA):
        build.looks[name].widths = {"A": 14, "B": 9, f"C:{column_name(1 + place.pixels)}": 2.3}
        build.looks[name].gridlines = False
    left = place.forward_left
    look.widths |= {
        column_name(left - 1): 3,
        f"{column_name(left)}:{column_name(left + 3 * place.classes + 1)}": 9,
    }
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "the training, a mini-batch a block",
            DATA: "all pictures, one a row, with their labels",
            VALID: "the pictures that are not trained on, after each epoch",
            PICTURES: "some pictures, and the weights as pictures after each epoch",
            SUMMARY: "losses and accuracies, charted",
        },
        keywords="softmax regression, logistic regression, digits, MNIST, spreadsheet",
        remarks="""
            The gradients are those of the mean loss of the mini-batch. Weight decay is torch's: weight_decay
            times the weight is added to the gradient, for the biases too. The largest logit of a row is taken
            off before the exponential, so that large logits do not overflow.
        """,
    )


def pictures_and_labels(build: SheetBuilder, place: LogisticPlaces) -> None:
    """The data: a picture a row."""
    look = build.looks[DATA]
    for name, words in (
        ("train", "Pictures to train on"),
        ("valid", "Pictures that the training never sees"),
    ):
        rect = build.inputs[f"{name}_x"].rect
        build.text(DATA, cell_name(rect.top - 2, 0), words, "section")
        build.text(DATA, cell_name(rect.top - 1, 0), "picture", "heading")
        build.text(DATA, cell_name(rect.top - 1, 1), "digit", "heading")
        build.text(DATA, cell_name(rect.top - 1, 2), "pixels, row by row: 0 is paper, 1 is ink", "aside")
        number = f"ROW()-{rect.top}"
        build.formula(DATA, Rect(rect.top, 0, rect.bottom, 1), number, role="helper")
        build.input(f"{name}_y", number="0")
        build.input(f"{name}_x", number=HIDDEN)
        look.heat.append(HeatMap(rect, signed=False))
    look.frozen = "C4"


def classes_beside(build: SheetBuilder, place: LogisticPlaces, rect: Rect) -> None:
    """The classes' digits, left of a row each."""
    for c in range(place.classes):
        build.book[NAME].set((rect.top + c, 0), float(c))
    build.looks[NAME].paint(Rect(rect.top, 0, rect.bottom, 1), "heading")


def one_step(build: SheetBuilder, place: LogisticPlaces, step: int) -> None:
    """Weights, pictures with what follows from them, gradients."""
    weight, rows, forward, grad = (
        find(step) for find in (place.weight, place.pictures, place.forward, place.grad)
    )
    epoch, batch = divmod(step - 1, place.batches)
    first = batch * place.batch
    words = f"Step {step} of {place.steps}: epoch {epoch + 1}, pictures {first + 1} to {first + place.batch}"
    build.text(NAME, cell_name(weight.top - 2, 0), words, "section")
    weights(build, place, step)
    look = build.looks[NAME]
    build.text(NAME, cell_name(rows.top - 1, 0), "picture", "heading")
    build.text(NAME, cell_name(rows.top - 1, 1), "digit", "heading")
    build.text(NAME, cell_name(rows.top - 1, 2), "pixels", "aside")
    top = FIRST_DATA + first + 1
    build.formula(NAME, Rect(rows.top, 0, rows.bottom, 1), f"'{DATA}'!A{top}", role="helper")
    build.formula(NAME, Rect(rows.top, 1, rows.bottom, 2), f"'{DATA}'!B{top}", role="linked", number="0")
    pixels = Rect(rows.top, 2, rows.bottom, rows.right)
    build.formula(NAME, pixels, f"'{DATA}'!C{top}", role="linked", number=HIDDEN)
    look.heat.append(HeatMap(pixels, signed=False))
    passing_forward(build, place, step)
    build.text(NAME, cell_name(grad.top - 1, 0), "gradients", "heading")
    build.text(NAME, cell_name(grad.top - 1, 1), "bias", "heading")
    classes_beside(build, place, grad)
    gradients(build, place, step)
    look.heat.append(HeatMap(Rect(grad.top, 2, grad.bottom, grad.right)))
    look.dividers.append((Rect(weight.top - 2, 0, weight.top - 1, forward.right), "TRUE"))


def weights(build: SheetBuilder, place: LogisticPlaces, step: int) -> None:
    """The weights that a step begins with; step 1's are typed."""
    rect, look = place.weight(step), build.looks[NAME]
    build.text(NAME, cell_name(rect.top - 1, 0), "weights", "heading")
    build.text(NAME, cell_name(rect.top - 1, 1), "bias", "heading")
    classes_beside(build, place, rect)
    if step == 1:
        build.input(WEIGHT0, number="0.000")
        build.text(NAME, cell_name(rect.top - 1, 2), "typed: what training starts from", "aside")
    else:
        before, grad = place.weight(step - 1), place.grad(step - 1)
        old, slope = f"B{before.top + 1}", f"B{grad.top + 1}"
        formula = f"{old}-$B$2*({slope}+$B$3*{old})"
        if step == 2:
            build.block("step2.weight", formula, number="0.000", role="state", headings=False)
        else:
            build.formula(NAME, rect, formula, number="0.000", role="state")
        build.text(NAME, cell_name(rect.top - 1, 2), f"={formula}", "code")
    colours = Rect(rect.top, 2, rect.bottom, rect.right)
    look.numbers.append((colours, HIDDEN))
    look.heat.append(HeatMap(colours))


def passing_forward(build: SheetBuilder, place: LogisticPlaces, step: int) -> None:
    """Logits, softmax, loss, whether it is right, slopes; their formulas are spelled above."""
    rect, rows, weight, count = place.forward(step), place.pictures(step), place.weight(step), place.classes
    row = rows.top + 1

    def at(place_: int, *, fixed: bool = False) -> str:
        return ("$" if fixed else "") + column_name(rect.left + place_)

    last = column_name(rows.right - 1)
    logits = [
        f"SUMPRODUCT($C{row}:${last}{row},$C${w}:${last}${w})+$B${w}"
        for w in range(weight.top + 1, weight.bottom + 1)
    ]
    z = f"${at(0)}{row}:${at(count - 1)}{row}"
    powers = [f"EXP({at(c)}{row}-MAX({z}))/SUMPRODUCT(EXP({z}-MAX({z})))" for c in range(count)]
    loss = f"LN(SUMPRODUCT(EXP({z}-MAX({z}))))-(INDEX({z},1,$B{row}+1)-MAX({z}))"
    right = f"IF(MATCH(MAX({z}),{z},0)=$B{row}+1,1,0)"
    slopes = [f"({at(count + c)}{row}-IF($B{row}={c},1,0))/{place.batch}" for c in range(count)]
    formulas = [*logits, *powers, loss, right, *slopes]
    name = f"step{step}.forward"
    for offset, formula in enumerate(formulas):
        cells = Rect(rect.top, rect.left + offset, rect.bottom, rect.left + offset + 1)
        shown = "0" if formula == right else "0.000"
        build.formula(NAME, cells, formula, number=shown, role="result" if formula == loss else "formula")
        heading = build.blocks[name].columns[offset]
        build.text(NAME, cell_name(rect.top - 1, rect.left + offset), heading, "heading")
    told = {"z 0": logits[0], "p 0": powers[0], "loss": loss, "dz 0": slopes[0]}
    for line, (heading, formula) in enumerate(told.items()):
        cell = cell_name(weight.top - 2 + line, rect.left)
        build.text(NAME, cell, f"{heading}   ={formula}", "code")
        if step == 1:
            column = build.blocks[name].columns.index(heading)
            build.tell(f"{NAME}!{cell_name(rect.top, rect.left + column)}", heading, f"={formula}")
    left = rect.left + count
    build.looks[NAME].heat.append(HeatMap(Rect(rect.top, left, rect.bottom, left + count), signed=False))
    left = rect.left + 2 * count + 2
    build.looks[NAME].heat.append(HeatMap(Rect(rect.top, left, rect.bottom, left + count)))


def gradients(build: SheetBuilder, place: LogisticPlaces, step: int) -> None:
    """The bias's gradient is the sum of its class's slopes, a weight's that of slopes times pixels."""
    grad, rows, forward = place.grad(step), place.pictures(step), place.forward(step)
    first, last = rows.top + 1, rows.bottom
    left = forward.left + 2 * place.classes + 2
    slopes = f"${column_name(left)}${first}:${column_name(left + place.classes - 1)}${last}"
    mine = f"INDEX({slopes},0,$A{grad.top + 1}+1)"
    bias, weight = f"SUM({mine})", f"SUMPRODUCT({mine},C${first}:C${last})"
    build.formula(NAME, Rect(grad.top, 1, grad.bottom, 2), bias, number="0.000")
    build.formula(NAME, Rect(grad.top, 2, grad.bottom, grad.right), weight, number=HIDDEN)
    build.text(NAME, cell_name(grad.top - 1, 2), f"={weight}", "code")
    if step == 1:
        build.tell(f"{NAME}!{cell_name(grad.top, 1)}", "gradient of a bias", f"={bias}")
        build.tell(f"{NAME}!{cell_name(grad.top, 2)}", "gradient of a weight", f"={weight}")


def the_end(build: SheetBuilder, place: LogisticPlaces) -> None:
    """The weights after the last step."""
    rect = place.weight(place.steps + 1)
    build.text(NAME, cell_name(rect.top - 2, 0), "After the last step", "section")
    weights(build, place, place.steps + 1)


def validation(build: SheetBuilder, place: LogisticPlaces) -> None:
    """The other pictures, after each epoch."""
    look = build.looks[VALID]
    build.text(VALID, "A1", "Pictures that the training never sees", "section")
    rows = build.inputs["valid_x"].rect
    for column, heading in enumerate(("picture", "digit")):
        build.text(VALID, cell_name(FIRST_DATA - 1, column), heading, "heading")
        cells = Rect(FIRST_DATA, column, FIRST_DATA + place.valid, column + 1)
        role = "linked" if column else "helper"
        build.formula(VALID, cells, f"'{DATA}'!{column_name(column)}{rows.top + 1}", role=role)
    last = column_name(rows.right - 1)
    for epoch in range(1, place.epochs + 1):
        rect, weight = place.validation(epoch), place.weight(1 + epoch * place.batches)
        row, left = FIRST_DATA + 1, column_name(rect.left)
        z = f"${left}{row}:${column_name(rect.left + place.classes - 1)}{row}"
        pixels = f"'{DATA}'!$C{rows.top + 1}:${last}{rows.top + 1}"
        formulas = [
            f"SUMPRODUCT({pixels},{NAME}!$C${w}:${last}${w})+{NAME}!$B${w}"
            for w in range(weight.top + 1, weight.bottom + 1)
        ]
        powers = f"SUMPRODUCT(EXP({z}-MAX({z})))"
        formulas.append(f"LN({powers})-(INDEX({z},1,$B{row}+1)-MAX({z}))")
        formulas.append(f"IF(MATCH(MAX({z}),{z},0)=$B{row}+1,1,0)")
        band = f"band {(epoch - 1) % 4 + 1}"
        build.text(VALID, cell_name(1, rect.left), f"after epoch {epoch}", band)
        look.paint(Rect(1, rect.left, 2, rect.right), band)
        for offset, formula in enumerate(formulas):
            cells = Rect(rect.top, rect.left + offset, rect.bottom, rect.left + offset + 1)
            number = "0" if offset == place.classes + 1 else "0.000"
            build.formula(VALID, cells, formula, number=number)
            heading = build.blocks[f"valid{epoch}"].columns[offset]
            build.text(VALID, cell_name(FIRST_DATA - 1, rect.left + offset), heading, "heading")
            if epoch == 1 and offset in (0, place.classes):
                build.tell(f"'{VALID}'!{cell_name(rect.top, rect.left + offset)}", heading, f"={formula}")
        look.heat.append(HeatMap(Rect(rect.top, rect.left, rect.bottom, rect.left + place.classes)))
        look.widths[column_name(rect.right)] = 3
    look.frozen = "C4"


def summary(build: SheetBuilder, place: LogisticPlaces) -> None:
    """Means of each epoch and of each mini-batch, charted."""
    look, count = build.looks[SUMMARY], place.classes
    build.text(SUMMARY, "A1", "Epoch by epoch, step by step", "section")
    for cell, words in (("A3", "epoch"), ("G3", "step"), ("H3", "loss")):
        build.text(SUMMARY, cell, words, "heading")
    for offset, heading in enumerate(build.blocks["summary"].columns):
        build.text(SUMMARY, cell_name(2, 1 + offset), heading, "heading")
    for epoch in range(1, place.epochs + 1):
        row = FIRST_DATA + epoch - 1
        steps = range((epoch - 1) * place.batches + 1, epoch * place.batches + 1)
        told = place.validation(epoch)
        parts = []
        for offset in (0, 1):  # loss, right
            left = place.forward_left + 2 * count + offset
            ranges = [column_of(place.forward(step), left) for step in steps]
            seen = f"'{VALID}'!{column_of(told, told.left + count + offset)}"
            training = ",".join(f"{NAME}!{cells}" for cells in ranges)
            parts += [f"AVERAGE({training})", f"AVERAGE({seen})"]
        build.book[SUMMARY].set((row, 0), float(epoch))
        for offset, formula in enumerate(parts):
            number = "0.000" if offset < 2 else "0%"
            build.formula(SUMMARY, Rect.cell(row, 1 + offset), formula, number=number, role="result")
            if epoch == 1:
                heading = build.blocks["summary"].columns[offset]
                build.tell(f"'{SUMMARY}'!{cell_name(row, 1 + offset)}", heading, f"={formula}")
    for step in range(1, place.steps + 1):
        row = FIRST_DATA + step - 1
        cells = column_of(place.forward(step), place.forward_left + 2 * count)
        build.book[SUMMARY].set((row, 6), float(step))
        build.formula(SUMMARY, Rect.cell(row, 7), f"AVERAGE({NAME}!{cells})", number="0.000")
    look.paint(Rect(FIRST_DATA, 0, FIRST_DATA + place.epochs, 1), "helper")
    look.paint(Rect(FIRST_DATA, 6, FIRST_DATA + place.steps, 7), "helper")
    look.charts = charts(place)
    look.widths, look.frozen = {"A": 9, "B:E": 18, "F": 3, "G:H": 9, "I": 3}, "A4"


def column_of(rect: Rect, column: int) -> str:
    """One column of a rectangle."""
    return str(Rect(rect.top, column, rect.bottom, column + 1))


def charts(place: LogisticPlaces) -> list[Chart]:
    """Losses and accuracies over the epochs, the loss over the steps."""
    blue, orange = SERIES_COLOURS[:2]
    bottom = FIRST_DATA + place.epochs
    epochs = Rect(FIRST_DATA, 0, bottom, 1)

    def curves(first: int) -> tuple[Series, ...]:
        both = (("training", blue), ("validation", orange))
        return tuple(
            Series(
                words,
                SUMMARY,
                Rect(FIRST_DATA, first + k, bottom, first + k + 1),
                epochs,
                colour,
                points=True,
            )
            for k, (words, colour) in enumerate(both)
        )

    steps = Rect(FIRST_DATA, 6, FIRST_DATA + place.steps, 7)
    loss = Series("loss", SUMMARY, Rect(FIRST_DATA, 7, steps.bottom, 8), steps, blue, points=True)
    return [
        Chart("scatter", "Loss of each epoch", curves(1), "J3", "epoch", "loss"),
        Chart("scatter", "Share that is right", curves(3), "J19", "epoch", "accuracy"),
        Chart("scatter", "Loss of each mini-batch", (loss,), "R3", "step", "loss"),
    ]


def pictures(build: SheetBuilder, place: LogisticPlaces, size: int) -> None:
    """Some of the pictures, and each class's weights after each epoch, a square each."""
    look, step = build.looks[PICTURES], size + 1
    build.text(PICTURES, "A1", "What the net sees, and what it has learnt", "section")
    shown = min(4 * place.classes, place.train, 20)
    words = f"the first {shown} pictures"
    rects = [Rect(FIRST_DATA + k, 2, FIRST_DATA + k + 1, 2 + place.pixels) for k in range(shown)]
    row = a_row(build, look, 2, words, f"'{DATA}'", rects, size, signed=False)
    for epoch in range(place.epochs + 1):
        weight = place.weight(1 + epoch * place.batches)
        rects = [Rect(weight.top + c, 2, weight.top + c + 1, weight.right) for c in range(place.classes)]
        words = f"weights after epoch {epoch}" if epoch else "weights at the start"
        row = a_row(build, look, row, words, NAME, rects, size, signed=True)
    look.widths = {"A": 22, f"B:{column_name(1 + step * shown)}": 2.3}
    look.gridlines = False


def a_row(
    build: SheetBuilder,
    look: Look,
    top: int,
    words: str,
    sheet: str,
    rects: list[Rect],
    size: int,
    *,
    signed: bool,
) -> int:
    """Squares beside one another from row `top` on, each of a strip of cells; returns the next free row."""
    build.text(PICTURES, cell_name(top, 0), words, "strong")
    for place, rect in enumerate(rects):
        left = 1 + place * (size + 1)
        corners = [cell_name(rect.top, column) for column in (rect.left, rect.right - 1)]
        strip = ":".join(
            f"${c.rstrip('0123456789')}${c.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}" for c in corners
        )
        formula = f"INDEX({sheet}!{strip},1,{size}*(ROW()-{top + 1})+COLUMN()-{left})"
        build.formula(PICTURES, Rect(top, left, top + size, left + size), formula, number=HIDDEN)
    area = Rect(top, 1, top + size, len(rects) * (size + 1))
    look.heat.append(HeatMap(area, signed=signed))
    return top + size + 1
