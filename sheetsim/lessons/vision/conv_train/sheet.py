"""`conv_train` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.lessons.vision._shared.sheet import PALE
from sheetsim.lessons.vision.conv_train import (
    CHANNELS,
    DENSE,
    FILTER_TOP,
    FILTERS,
    HEIGHT,
    IMAGE_TOP,
    KERNEL,
    LABELS,
    LESSON,
    NAME,
    OUT,
    PICTURES,
    SIZE,
    STEPS,
    SUMMARY,
    BandPlaces,
    filters,
    places_of,
    shown,
    surely,
)
from sheetsim.lessons.vision.conv_train.band import Band, add_pictures, cells_at
from sheetsim.style import SERIES_COLOURS, Chart, HeatMap, Series
from sheetsim.workbook import Workbook

SHOWS = """
    A net with 23 weights learns to tell level bars from upright ones. Two filters of 3 x 3 slide over a
    picture; of what they find the negative part is cut off (ReLU) and the mean is taken, one number a filter.
    A dense layer weighs both into a logit, the sigmoid makes it p, how surely the bar is upright.

    The sheet steps has a band of rows for each epoch. The pictures stand at its top and stay there; below
    each of them, in the same columns, is what becomes of it: both filters' results, means, logit, p, loss,
    and then, backwards, the slopes of the mean loss. On the left stand the weights, and below them their
    gradients. The next band begins with the weights after a step of SGD.

    A filter's gradient is a convolution again: each of its nine cells is the sum of the slopes that come back
    times the pixels that this cell stood over.

    Pictures on the right of the training pictures are for validation: they are judged, but nothing is learnt
    from them.
"""
TRIES = """
    Move through the epochs: set epoch (D6) to 0, 5, 10, 15 and 20. Watch the filters become a level edge and
    an upright line, and p at the bottom part into 0 and 1. From epoch 12 to 14 the loss rises: steps of 3 are
    nearly too large, and the net only just recovers.

    Set lr (D3) to 6: the loss goes up and down, then one step too far makes every activation zero. No
    gradient comes back to the filters, and the loss stays at LN(2) = 0.693 for good: the units are dead.

    Freeze the filters: lr 0 and lr_dense 3. The dense layer alone, on filters that nobody has trained, only
    gets to a loss of 0.68, where training both gets to 0.07.

    Set weight_decay (D5) to 0.1: it pulls the weights to zero faster than they can grow, and the loss ends at
    LN(2) too. 0.01 only slows the learning: 0.20 at the end.

    Draw your own pictures on the sheet steps, or type over a label in row 4: see what one wrong label does.
"""
REMARKS = """
    The sigmoid and the loss are written so that no logit, however large, gives an error; they are torch's
    BCEWithLogitsLoss. The loss is the mean over the training pictures, weight_decay is torch's (added to the
    gradient as weight_decay * weight; biases decay too).
"""


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    places = places_of(settings)
    build.book[NAME].set("A1", "Two filters learn level from upright")
    for name in ("lr", "lr_dense", "weight_decay", "epoch"):
        build.input(name)
    add_pictures(build, places)
    for epoch in range(places.epochs + 1):
        Band(build, places, epoch).fill()
    _summary(build, places)
    _front(build, places)
    return build.finish(
        shows=SHOWS,
        tries=TRIES,
        sheets={
            NAME: "settings, the filters at the start, after some epochs and at the end, the net at work",
            STEPS: "a band for each epoch: forwards, backwards, step",
            SUMMARY: "losses and accuracies after each epoch",
        },
        remarks=REMARKS,
        keywords="convolution, backpropagation, gradient descent, deep learning, spreadsheet",
    )


def _of_band(places: BandPlaces, row: int, column: int, epoch: str, mark: str = "") -> str:
    """What stands in a row of the band of some epoch; the reference moves with the cell, without `mark` $."""
    letters, first = column_name(column), places.top(0) + row + 1
    last = places.top(places.epochs) + HEIGHT
    cells = f"{mark}{letters}{mark}{first}:{mark}{letters}{mark}{last}"
    return f"INDEX('{STEPS}'!{cells},{epoch}*{HEIGHT}+1)"


def _summary(build: SheetBuilder, places: BandPlaces) -> None:
    look = build.looks[SUMMARY]
    build.text(SUMMARY, "A1", "After each epoch", "section")
    build.text(SUMMARY, "A3", "epoch", "heading")
    bottom = 4 + places.epochs
    for epoch in range(places.epochs + 1):
        build.book[SUMMARY].set((3 + epoch, 0), float(epoch))
    look.paint(Rect(3, 0, bottom, 1), "helper", "0")
    formulas = [_of_band(places, DENSE + row, column, "$A4", "$") for row in (4, 5) for column in (1, 3)]
    build.block("summary", *formulas, number="0.000")
    look.number(Rect(3, 3, bottom, 5), "0%")
    look.charts = [
        _curves(places, 1, "Loss after each epoch", "G3"),
        _curves(places, 3, "Share that is right after each epoch", "G19"),
    ]
    look.widths, look.frozen = {"A": 8, "B:E": 20}, "B4"


def _curves(places: BandPlaces, column: int, title: str, at: str) -> Chart:
    """Two columns of the summary, training and validation, over the epochs."""
    bottom = 4 + places.epochs
    curves = tuple(
        Series(
            *(name, SUMMARY, Rect(3, column + place, bottom, column + place + 1), Rect(3, 0, bottom, 1)),
            SERIES_COLOURS[place],
        )
        for place, name in enumerate(("training", "validation"))
    )
    return Chart("scatter", title, curves, at, "epoch")


def _front(build: SheetBuilder, places: BandPlaces) -> None:
    """The filters at three times, and the net at work after the chosen epoch."""
    look = build.looks[NAME]
    right = places.picture(places.images - 1) + SIZE
    look.paint(Rect(0, 0, 1, right), "section")
    build.text(NAME, "A2", "Choose an epoch: below stand the filters and what they find then", "aside")
    chosen = f"MIN({build.ref('epoch', NAME)},{places.epochs})"
    for which, (name, words) in enumerate((("start", "at the start"), ("shown", ""), ("end", "at the end"))):
        rect = filters(which)
        look.paint(cells_at(FILTER_TOP - 2, rect.left, 1, KERNEL + 1), f"band {which + 1} left")
        heading = cell_name(FILTER_TOP - 2, rect.left)
        if words:
            build.book[NAME].set(heading, words)
        else:
            build.book[NAME].fill(heading, f'"after "&{chosen}')
        for channel in range(CHANNELS):
            row = FILTERS[channel]
            cells = cells_at(FILTER_TOP + row - FILTERS[0], rect.left, KERNEL, KERNEL)
            epoch = {"start": 0, "end": places.epochs}.get(name)
            formula = _of_band(places, row, 1, chosen)
            if epoch is not None:
                formula = f"'{STEPS}'!{cell_name(places.top(epoch) + row, 1)}"
            build.formula(NAME, cells, formula, number="0.0;-0.0;0")
            look.heat.append(HeatMap(cells, limit=2))
            if which == 0:
                words = f"filter {channel + 1}"
                build.text(NAME, cell_name(cells.top, 0), words, "label")
    look.charts = [_curves(places, 1, "Loss after each epoch", cell_name(2, 18))]
    _at_work(build, places, chosen)
    look.widths = {"A": 14, f"B:{column_name(right - 1)}": 4.0}
    look.heights = dict.fromkeys(range(FILTER_TOP, surely(places).bottom), 22)
    look.frozen, look.gridlines = "A7", False


def _at_work(build: SheetBuilder, places: BandPlaces, chosen: str) -> None:
    """The pictures, both filters' activations, p."""
    look, sheet = build.looks[NAME], build.book[NAME]
    activations, p = shown(places), surely(places)
    for row, words in (
        (IMAGE_TOP - 1, "label"),
        (activations.top, "filter 1 finds"),
        (activations.top + FILTERS[1] - FILTERS[0], "filter 2 finds"),
        (p.top, "p, upright"),
    ):
        build.text(NAME, cell_name(row, 0), words, "label")
    for number in range(places.images):
        left = places.picture(number)
        own = number < places.train
        look.paint(cells_at(IMAGE_TOP - 2, left, 1, SIZE), f"band {1 if own else 4} left")
        heading = cell_name(LABELS - 1, left)
        sheet.fill(Rect.cell(IMAGE_TOP - 2, left), f"'{STEPS}'!{heading}")
        label = f"'{STEPS}'!{cell_name(LABELS, left)}"
        build.formula(NAME, cells_at(IMAGE_TOP - 1, left, 1, 1), label, number="0")
        picture = cells_at(IMAGE_TOP, left, SIZE, SIZE)
        build.formula(NAME, picture, f"'{STEPS}'!{cell_name(PICTURES, left)}", number="0.0;-0.0;")
        look.heat.append(HeatMap(picture, signed=False, colour=PALE))
        for channel in range(CHANNELS):
            cells = cells_at(activations.top + FILTERS[channel] - FILTERS[0], left, OUT, OUT)
            found = _of_band(places, FILTERS[channel], left, chosen)
            build.formula(NAME, cells, f"MAX(0,{found})", number="0.0;-0.0;")
            look.heat.append(HeatMap(cells, limit=2))
        cell = cells_at(p.top, left, 1, 1)
        build.formula(NAME, cell, _of_band(places, DENSE + 3, left, chosen), number="0.00", role="result")
    look.heat.append(HeatMap(p, signed=False))
