"""`conv_train` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.conv_train import (
    CHANNELS,
    DENSE,
    FILTER_TOP,
    FILTERS,
    FIRST_BAND,
    HEIGHT,
    IMAGE_TOP,
    KERNEL,
    LABELS,
    LEFT,
    LESSON,
    NAME,
    OUT,
    PICTURES,
    ROWS,
    SIZE,
    SLOPES,
    STEPS,
    SUMMARY,
    Places,
    filters,
    places_of,
    shown,
    surely,
)
from sheetsim.lessons.layout.builder import Builder
from sheetsim.lessons.lesson import Data, Settings
from sheetsim.lessons.vision.sheet import fixed
from sheetsim.look import SERIES_COLOURS, Chart, HeatMap, Series
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
    Move through the epochs: set epoch (D6) to 0, 5, 10, 20 and 30. Watch the filters become a level edge and
    an upright line, and p at the bottom part into 0 and 1.

    Set lr (D3) to 4: learning is faster (a loss of 0.30 after 10 epochs, 0.52 with 2), but soon a step too
    far makes every activation zero. No gradient comes back then, and the loss stays at LN(2) = 0.693 for
    good: the units are dead.

    Freeze the filters: lr 0 and lr_dense 2. The dense layer alone, on filters that nobody has trained, gets
    to a loss of 0.64 in the same 30 epochs.

    Set weight_decay (D5) to 0.1: it pulls the weights to zero faster than they can grow, and the loss rises
    to LN(2). With 0.01 it only slows the learning: 0.21 at the end, 0.08 without.

    Draw your own pictures on the sheet steps, or type over a label in row 4: see what one wrong label does.
"""
REMARKS = """
    The sigmoid and the loss are written so that no logit, however large, gives an error; they are torch's
    BCEWithLogitsLoss. The loss is the mean over the training pictures, weight_decay is torch's (added to the
    gradient as weight_decay * weight; biases decay too).
"""
INK = "#8896A8"
NUMBER, GRADIENT = "0.00;-0.00;0", "0.000;-0.000;0"


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = Builder(LESSON, settings, data)
    places = places_of(settings)
    build.book[NAME].set("A1", "Two filters learn level from upright")
    for name in ("lr", "lr_dense", "weight_decay", "epoch"):
        build.input(name)
    _pictures(build, places)
    for epoch in range(places.epochs + 1):
        _Band(build, places, epoch).fill()
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


def _cells(top: int, left: int, rows: int, columns: int) -> Rect:
    return Rect(top, left, top + rows, left + columns)


# -- the steps


def _pictures(build: Builder, places: Places) -> None:
    """Pictures and labels, at the top of the steps; they stay there when one scrolls."""
    look = build.looks[STEPS]
    right = places.picture(places.images - 1) + SIZE
    look.paint(Rect(0, 0, 1, right), "section")
    build.text(STEPS, "A1", "Forwards, backwards, step", "section")
    build.text(STEPS, "A2", "Below each picture stands what becomes of it; on the left the weights", "aside")
    build.input("images", number="0.0", role="formula")
    build.input("labels", number="0", role="formula")
    build.text(STEPS, cell_name(LABELS, 0), "label: 1 upright, 0 level", "aside")
    for number in range(places.images):
        left = places.picture(number)
        own = number < places.train
        words = f"training {number + 1}" if own else f"validation {number + 1 - places.train}"
        look.paint(_cells(LABELS - 1, left, 1, SIZE), f"band {1 if own else 4} left")
        build.book[STEPS].set((LABELS - 1, left), words)
        picture = _cells(PICTURES, left, SIZE, SIZE)
        look.paint(picture, "data", "0.0;-0.0;")
        look.paint(Rect.cell(LABELS, left), "data", "0")
        look.heat.append(HeatMap(picture, signed=False, colour=INK))
    look.widths = {"A": 22, "B:E": 7, "F": 2, f"{column_name(LEFT)}:{column_name(right - 1)}": 4.8}
    look.frozen, look.gridlines = cell_name(FIRST_BAND - 1, LEFT), False
    look.repeat, look.repeat_columns, look.pages_wide = (LABELS - 1, PICTURES + SIZE - 1), (0, LEFT - 1), 2


class _Band:
    """The rows of what there is after some epochs, and the gradients there."""

    def __init__(self, build: Builder, places: Places, epoch: int) -> None:
        self.build, self.places, self.epoch = build, places, epoch
        self.top, self.look = places.top(epoch), build.looks[STEPS]
        self.last = epoch == places.epochs

    def fill(self) -> None:
        self._labels()
        self._weights()
        for channel in range(CHANNELS):
            self._convolution(channel)
        self._head()
        if not self.last:
            for channel in range(CHANNELS):
                self._backwards(channel)
            self._dense_gradients()

    def formula(self, rect: Rect, formula: str, number: str, meaning: str, role: str = "formula") -> None:
        """Fill cells; what has a meaning is noted, and told on the about page."""
        self.build.formula(STEPS, rect, formula, role=role, number=number)
        first = cell_name(rect.top, rect.left)
        if self.epoch == 0 and meaning:
            self.build.tell(f"'{STEPS}'!{first}", meaning, f"={formula}")
        if meaning:
            self.look.notes[first] = f"{meaning}\n={formula}"

    def span(self, row: int, images: int, rows: int = 1, columns: int = 1) -> Rect:
        """Rows of the band, from the first picture to some columns of the last."""
        left, right = self.places.columns(images, columns)
        return Rect(self.top + row, left, self.top + row + rows, right)

    def one(self, row: int, column: int = 1) -> str:
        """A cell of the band, absolute."""
        return fixed(_cells(self.top + row, column, 1, 1)).partition(":")[0]

    def _labels(self) -> None:
        right = self.places.picture(self.places.images - 1) + SIZE
        self.look.paint(_cells(self.top, 0, 1, right), "band 3 left")
        words = f"after {self.epoch} epochs" if self.epoch != 1 else "after 1 epoch"
        sheet = self.build.book[STEPS]
        sheet.set((self.top, 0), words if self.epoch else "at the start")
        for column, name in ((1, "weights"), (4, "bias")):
            sheet.set((self.top, column), name)
        titles = {FILTERS[0]: "filter 1", FILTERS[1]: "filter 2", DENSE: "mean 1, its weight"}
        titles |= {DENSE + 1: "mean 2, its weight", DENSE + 2: "logit, its bias", DENSE + 3: "p, upright"}
        titles |= {DENSE + 4: "loss: training, valid.", DENSE + 5: "right: training, valid."}
        if not self.last:
            titles |= {DENSE + 6: "slope for the logit"}
            titles |= {row: f"gradients, filter {place}" for place, row in enumerate(SLOPES, 1)}
        for row, words in titles.items():
            self.build.text(STEPS, cell_name(self.top + row, 0), words, "label")

    def _weights(self) -> None:
        """Typed at the start; then the weights of the band above after a step."""
        if self.epoch == 0:
            self.build.input("weights0", role="formula")
            self.build.input("dense0", number=NUMBER)
        parts = [(_cells(self.top + row, 1, KERNEL, KERNEL), "lr") for row in FILTERS]
        parts += [(_cells(self.top + row + 1, 4, 1, 1), "lr") for row in FILTERS]
        parts.append((_cells(self.top + DENSE, 1, CHANNELS + 1, 1), "lr_dense"))
        decay = self.build.ref("weight_decay", STEPS)
        for rect, rate in parts:
            self.look.heat.append(HeatMap(rect, limit=2))
            if self.epoch == 0:
                self.look.paint(rect, "data", NUMBER)
                continue
            old = cell_name(rect.top - HEIGHT, rect.left)
            down, right = (0, 2) if rate == "lr_dense" else (SLOPES[0] - FILTERS[0], 0)
            slope = cell_name(rect.top - HEIGHT + down, rect.left + right)
            formula = f"{old}-{self.build.ref(rate, STEPS)}*({slope}+{decay}*{old})"
            meaning = f"a step of SGD with {rate}" if rect.size > 1 else ""
            self.formula(rect, formula, NUMBER, meaning)
            if self.epoch == 1 and meaning:
                self.build.tell(f"'{STEPS}'!{cell_name(rect.top, rect.left)}", meaning, f"={formula}")

    def _convolution(self, channel: int) -> None:
        """What a filter finds in each picture."""
        top = self.top + FILTERS[channel]
        weights = fixed(_cells(top, 1, KERNEL, KERNEL))
        bias = self.one(FILTERS[channel] + 1, 4)
        for number in range(self.places.images):
            left = self.places.picture(number)
            seen = _cells(PICTURES, left, KERNEL, KERNEL)
            meaning = f"filter {channel + 1}: window * filter + bias" if number == 0 else ""
            cells = _cells(top, left, OUT, OUT)
            self.formula(cells, f"SUMPRODUCT({seen},{weights})+{bias}", "0.0;-0.0;0", meaning)
            self.look.heat.append(HeatMap(cells, limit=2))

    def _head(self) -> None:
        """From the means to loss and slope, in each picture's first column."""
        places, top = self.places, self.top
        for number in range(places.images):
            left = places.picture(number)
            column = column_name(left)
            names = {name: f"{column}{top + DENSE + place + 1}" for place, name in enumerate(ROWS)}
            label = f"{column}${LABELS + 1}"
            z = names["logit"]
            weights = [self.one(DENSE + place) for place in range(CHANNELS + 1)]
            formulas = {
                f"mean {channel + 1}": (
                    f'SUMIF({_cells(top + FILTERS[channel], left, OUT, OUT)},">0")/{OUT * OUT}'
                )
                for channel in range(CHANNELS)
            }
            formulas |= {
                "logit": f"{names['mean 1']}*{weights[0]}+{names['mean 2']}*{weights[1]}+{weights[2]}",
                "p": f"IF({z}>=0,1/(1+EXP(-{z})),EXP({z})/(1+EXP({z})))",
                "loss": f"MAX({z},0)-{z}*{label}+LN(1+EXP(-ABS({z})))",
                "right": f"IF(IF({z}>0,1,0)=IF({label}>0.5,1,0),1,0)",
            }
            if number < places.train and not self.last:
                formulas["slope"] = f"({names['p']}-{label})/{places.train}"
            for place, name in enumerate(ROWS):
                if name in formulas:
                    cell = _cells(top + DENSE + place, left, 1, 1)
                    meaning = f"{name} of a picture" if number == 0 else ""
                    number_format = GRADIENT if name == "slope" else "0" if name == "right" else NUMBER
                    self.formula(cell, formulas[name], number_format, meaning)
        self.look.heat.append(HeatMap(self.span(DENSE + 3, places.images), signed=False))
        first, own, all_ = places.picture(places.train), places.train, places.images
        for row in (DENSE + 4, DENSE + 5):
            training = self.span(row, own)
            others = Rect(training.top, first, training.bottom, places.columns(all_, 1)[1])
            for at, rect in ((1, training), (3, others)):
                what = "mean loss" if row == DENSE + 4 else "share that is right"
                meaning = f"{what}, {'training' if at == 1 else 'validation'}"
                cell = _cells(top + row, at, 1, 1)
                self.formula(cell, f"AVERAGE({rect})", NUMBER, meaning, role="result")

    def _backwards(self, channel: int) -> None:
        """Slopes of the loss for a filter's results, then for its weights: a convolution again."""
        places, top = self.places, self.top + SLOPES[channel]
        for number in range(places.train):
            left = places.picture(number)
            slope = self.one(DENSE + len(ROWS) - 1, left)
            result = cell_name(self.top + FILTERS[channel], left)
            formula = f"IF({result}>0,{slope}*{self.one(DENSE + channel)}/{OUT * OUT},0)"
            cells = _cells(top, left, OUT, OUT)
            meaning = f"slope for what filter {channel + 1} found" if number == 0 else ""
            self.formula(cells, formula, GRADIENT, meaning)
        maps = self.span(SLOPES[channel], places.train, OUT, OUT)
        self.look.heat.append(HeatMap(maps))
        left, right = places.columns(places.train, OUT)
        seen = Rect(PICTURES, left, PICTURES + OUT, right)
        cells = _cells(top, 1, KERNEL, KERNEL)
        meaning = f"gradient of filter {channel + 1}: pictures * slopes"
        self.formula(cells, f"SUMPRODUCT({seen},{fixed(maps)})", GRADIENT, meaning)
        self.look.heat.append(HeatMap(cells))
        self.formula(_cells(top + 1, 4, 1, 1), f"SUM({maps})", GRADIENT, f"gradient of bias {channel + 1}")

    def _dense_gradients(self) -> None:
        slope = self.span(DENSE + 6, self.places.train)
        for channel in range(CHANNELS):
            means = self.span(DENSE + channel, self.places.train)
            cell = _cells(self.top + DENSE + channel, 3, 1, 1)
            meaning = f"gradient of the weight of mean {channel + 1}"
            self.formula(cell, f"SUMPRODUCT({slope},{means})", GRADIENT, meaning)
        cell = _cells(self.top + DENSE + CHANNELS, 3, 1, 1)
        self.formula(cell, f"SUM({slope})", GRADIENT, "gradient of the dense bias")
        for place in range(CHANNELS + 1):
            self.build.text(STEPS, cell_name(self.top + DENSE + place, 2), "grad.", "label")


# -- summary and first sheet


def _of_band(places: Places, row: int, column: int, epoch: str, mark: str = "") -> str:
    """What stands in a row of the band of some epoch; the reference moves with the cell, without `mark` $."""
    letters, first = column_name(column), places.top(0) + row + 1
    last = places.top(places.epochs) + HEIGHT
    cells = f"{mark}{letters}{mark}{first}:{mark}{letters}{mark}{last}"
    return f"INDEX('{STEPS}'!{cells},{epoch}*{HEIGHT}+1)"


def _summary(build: Builder, places: Places) -> None:
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


def _curves(places: Places, column: int, title: str, at: str) -> Chart:
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


def _front(build: Builder, places: Places) -> None:
    """The filters at three times, and the net at work after the chosen epoch."""
    look = build.looks[NAME]
    right = places.picture(places.images - 1) + SIZE
    look.paint(Rect(0, 0, 1, right), "section")
    build.text(NAME, "A2", "Choose an epoch: below stand the filters and what they find then", "aside")
    chosen = f"MIN({build.ref('epoch', NAME)},{places.epochs})"
    for which, (name, words) in enumerate((("start", "at the start"), ("shown", ""), ("end", "at the end"))):
        rect = filters(which)
        look.paint(_cells(FILTER_TOP - 2, rect.left, 1, KERNEL + 1), f"band {which + 1} left")
        heading = cell_name(FILTER_TOP - 2, rect.left)
        if words:
            build.book[NAME].set(heading, words)
        else:
            build.book[NAME].fill(heading, f'"after "&{chosen}')
        for channel in range(CHANNELS):
            row = FILTERS[channel]
            cells = _cells(FILTER_TOP + row - FILTERS[0], rect.left, KERNEL, KERNEL)
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


def _at_work(build: Builder, places: Places, chosen: str) -> None:
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
        look.paint(_cells(IMAGE_TOP - 2, left, 1, SIZE), f"band {1 if own else 4} left")
        heading = cell_name(LABELS - 1, left)
        sheet.fill(Rect.cell(IMAGE_TOP - 2, left), f"'{STEPS}'!{heading}")
        label = f"'{STEPS}'!{cell_name(LABELS, left)}"
        build.formula(NAME, _cells(IMAGE_TOP - 1, left, 1, 1), label, number="0")
        picture = _cells(IMAGE_TOP, left, SIZE, SIZE)
        build.formula(NAME, picture, f"'{STEPS}'!{cell_name(PICTURES, left)}", number="0.0;-0.0;")
        look.heat.append(HeatMap(picture, signed=False, colour=INK))
        for channel in range(CHANNELS):
            cells = _cells(activations.top + FILTERS[channel] - FILTERS[0], left, OUT, OUT)
            found = _of_band(places, FILTERS[channel], left, chosen)
            build.formula(NAME, cells, f"MAX(0,{found})", number="0.0;-0.0;")
            look.heat.append(HeatMap(cells, limit=2))
        cell = _cells(p.top, left, 1, 1)
        build.formula(NAME, cell, _of_band(places, DENSE + 3, left, chosen), number="0.00", role="result")
    look.heat.append(HeatMap(p, signed=False))
