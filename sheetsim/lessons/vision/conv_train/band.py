"""The steps of `conv_train` in Excel formulas: the pictures, and below them a band of rows for each epoch."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.vision._shared.sheet import PALE, fixed
from sheetsim.lessons.vision.conv_train import (
    CHANNELS,
    DENSE,
    FILTERS,
    FIRST_BAND,
    HEIGHT,
    KERNEL,
    LABELS,
    LEFT,
    OUT,
    PICTURES,
    ROWS,
    SIZE,
    SLOPES,
    STEPS,
    BandPlaces,
)
from sheetsim.style import HeatMap

NUMBER, GRADIENT = "0.00;-0.00;0", "0.000;-0.000;0"


def cells_at(top: int, left: int, rows: int, columns: int) -> Rect:
    """A rectangle by its first cell and its size."""
    return Rect(top, left, top + rows, left + columns)


def add_pictures(build: SheetBuilder, places: BandPlaces) -> None:
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
        look.paint(cells_at(LABELS - 1, left, 1, SIZE), f"band {1 if own else 4} left")
        build.book[STEPS].set((LABELS - 1, left), words)
        picture = cells_at(PICTURES, left, SIZE, SIZE)
        look.paint(picture, "data", "0.0;-0.0;")
        look.paint(Rect.cell(LABELS, left), "data", "0")
        look.heat.append(HeatMap(picture, signed=False, colour=PALE))
    look.widths = {"A": 22, "B:E": 7, "F": 2, f"{column_name(LEFT)}:{column_name(right - 1)}": 4.8}
    look.frozen, look.gridlines = cell_name(FIRST_BAND - 1, LEFT), False
    look.repeat, look.repeat_columns, look.pages_wide = (LABELS - 1, PICTURES + SIZE - 1), (0, LEFT - 1), 2


class Band:
    """The rows of what there is after some epochs, and the gradients there."""

    def __init__(self, build: SheetBuilder, places: BandPlaces, epoch: int) -> None:
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
        return fixed(cells_at(self.top + row, column, 1, 1)).partition(":")[0]

    def _labels(self) -> None:
        right = self.places.picture(self.places.images - 1) + SIZE
        self.look.paint(cells_at(self.top, 0, 1, right), "band 3 left")
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
        parts = [(cells_at(self.top + row, 1, KERNEL, KERNEL), "lr") for row in FILTERS]
        parts += [(cells_at(self.top + row + 1, 4, 1, 1), "lr") for row in FILTERS]
        parts.append((cells_at(self.top + DENSE, 1, CHANNELS + 1, 1), "lr_dense"))
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
        weights = fixed(cells_at(top, 1, KERNEL, KERNEL))
        bias = self.one(FILTERS[channel] + 1, 4)
        for number in range(self.places.images):
            left = self.places.picture(number)
            seen = cells_at(PICTURES, left, KERNEL, KERNEL)
            meaning = f"filter {channel + 1}: window * filter + bias" if number == 0 else ""
            cells = cells_at(top, left, OUT, OUT)
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
                    f'SUMIF({cells_at(top + FILTERS[channel], left, OUT, OUT)},">0")/{OUT * OUT}'
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
                    cell = cells_at(top + DENSE + place, left, 1, 1)
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
                cell = cells_at(top + row, at, 1, 1)
                self.formula(cell, f"AVERAGE({rect})", NUMBER, meaning, role="result")

    def _backwards(self, channel: int) -> None:
        """Slopes of the loss for a filter's results, then for its weights: a convolution again."""
        places, top = self.places, self.top + SLOPES[channel]
        for number in range(places.train):
            left = places.picture(number)
            slope = self.one(DENSE + len(ROWS) - 1, left)
            result = cell_name(self.top + FILTERS[channel], left)
            formula = f"IF({result}>0,{slope}*{self.one(DENSE + channel)}/{OUT * OUT},0)"
            cells = cells_at(top, left, OUT, OUT)
            meaning = f"slope for what filter {channel + 1} found" if number == 0 else ""
            self.formula(cells, formula, GRADIENT, meaning)
        maps = self.span(SLOPES[channel], places.train, OUT, OUT)
        self.look.heat.append(HeatMap(maps))
        left, right = places.columns(places.train, OUT)
        seen = Rect(PICTURES, left, PICTURES + OUT, right)
        cells = cells_at(top, 1, KERNEL, KERNEL)
        meaning = f"gradient of filter {channel + 1}: pictures * slopes"
        self.formula(cells, f"SUMPRODUCT({seen},{fixed(maps)})", GRADIENT, meaning)
        self.look.heat.append(HeatMap(cells))
        self.formula(cells_at(top + 1, 4, 1, 1), f"SUM({maps})", GRADIENT, f"gradient of bias {channel + 1}")

    def _dense_gradients(self) -> None:
        slope = self.span(DENSE + 6, self.places.train)
        for channel in range(CHANNELS):
            means = self.span(DENSE + channel, self.places.train)
            cell = cells_at(self.top + DENSE + channel, 3, 1, 1)
            meaning = f"gradient of the weight of mean {channel + 1}"
            self.formula(cell, f"SUMPRODUCT({slope},{means})", GRADIENT, meaning)
        cell = cells_at(self.top + DENSE + CHANNELS, 3, 1, 1)
        self.formula(cell, f"SUM({slope})", GRADIENT, "gradient of the dense bias")
        for place in range(CHANNELS + 1):
            self.build.text(STEPS, cell_name(self.top + DENSE + place, 2), "grad.", "label")
