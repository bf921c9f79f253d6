"""The steps of `collab_nn`'s training: one block of rows each, the same formulas in all after the first.

From left to right a step is read as the net is: weights, the batch, forward, backward, gradients.
"""

from sheetsim.address import Rect, column_name
from sheetsim.lessons.collab import DISCARDED, RANDOM_TOP
from sheetsim.lessons.collab.collab_nn import (
    COLUMNS,
    LAYERS,
    RANDOM,
    RATINGS,
    RATINGS_TOP,
    STEPS,
    STEPS_TOP,
    TITLES,
    NetSizes,
    sizes,
)
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.layout.spans import at, column_of, first, row_of, span
from sheetsim.style import HeatMap


def part(name: str, step: int, size: NetSizes) -> Rect:
    """Where a block of one step stands."""
    rows, columns = size.shape(name)
    top, left = STEPS_TOP + step * size.pitch, size.left(name)
    return Rect(top, left, top + rows, left + columns)


class StepWriter:
    """Fills one step after the other. The about page gets the formulas of the first, and how weights move."""

    def __init__(self, build: SheetBuilder) -> None:
        self.build, self.size = build, sizes(build.settings)
        self.sheet = build.book[STEPS]
        self.step = 0

    def run(self) -> None:
        n = self.size
        for step in range(n.steps + 1):
            self.step = step
            if step:
                self.move()
            else:
                self.start()
            self.sheet.set((STEPS_TOP + step * n.pitch, 0), f"step {step + 1}" if step < n.steps else "end")
            self.build.looks[STEPS].paint(Rect.cell(STEPS_TOP + step * n.pitch, 0), "strong")
            if step < n.steps:
                self.look_up()
                self.forward()
                self.backward()
                self.gradients()
            for layer in LAYERS:
                self.build.looks[STEPS].paint(part(layer, step, n), "state")

    def block(self, name: str) -> Rect:
        return part(name, self.step, self.size)

    def fill(self, rect: Rect, formula: str, meaning: str = "") -> None:
        self.sheet.fill(rect, formula)
        if meaning:
            self.build.tell(f"'{STEPS}'!{first(rect)}", meaning, f"={formula}")

    def told(self, words: str) -> str:
        """Words for the about page, in the first step."""
        return "" if self.step else words

    def value(self, name: str) -> str:
        """A choice of the front sheet."""
        return self.build.ref(name, STEPS)

    def start(self) -> None:
        """Weights from random numbers, one block after the other."""
        top = RANDOM_TOP + DISCARDED
        for layer in LAYERS:
            rect = self.block(layer)
            own, bottom = first(rect), top + rect.size
            row, column = (first(rect, fixed=fixed) for fixed in ("row", "column"))
            numbers = f"'{RANDOM}'!$C${top + 1}:$C${bottom}"
            drawn = f"(2*INDEX({numbers},(ROWS({row}:{own})-1)*{rect.columns}+COLUMNS({column}:{own}))-1)"
            if layer in ("user_emb", "movie_emb"):
                self.fill(rect, f"{self.value('spread')}*{drawn}", f"{TITLES[layer]}, at the start")
            else:
                self.fill(rect, f"{drawn}/SQRT({rect.columns - 1})", f"{TITLES[layer]}, at the start")
            top = bottom

    def move(self) -> None:
        """The last weights, less the last gradients with weight decay."""
        for layer in LAYERS:
            last, slope = (part(name, self.step - 1, self.size) for name in (layer, f"{layer}_slope"))
            decayed = f"({first(slope)}+{self.value('weight_decay')}*{first(last)})"
            formula = f"{first(last)}-{self.value('lr')}*{decayed}"
            told = f"{TITLES[layer]}, after a step" if self.step == 1 and layer == "user_emb" else ""
            self.fill(self.block(layer), formula, told)

    def look_up(self) -> None:
        """The batch's users, movies and ratings, and their embeddings side by side."""
        n, batch, x = self.size, self.block("looked_up"), self.block("x")
        top = RATINGS_TOP + self.step % n.batches * n.batch + 1
        lists = (("E", "the user's place"), ("F", "the movie's place"), ("D", "the rating"))
        for place, (letter, words) in enumerate(lists):
            self.fill(column_of(batch, place), f"'{RATINGS}'!{letter}{top}", self.told(words))
        left = x.left
        for place, layer in enumerate(LAYERS[:2]):
            table = self.block(layer)
            rect = Rect(x.top, left, x.bottom, left + table.columns)
            row = at(batch.top, batch.left + place, fixed="column")
            column = f"COLUMNS({first(rect, fixed='column')}:{first(rect)})"
            formula = f"INDEX({span(table, fixed='both')},{row},{column})"
            self.fill(rect, formula, self.told(f"x: {('user', 'movie')[place]}'s embedding, looked up"))
            left = rect.right

    def forward(self) -> None:
        """Layer 1, ReLU, layer 2, the guess within its range, the error and its slope."""
        n, x, before, after = self.size, self.block("x"), self.block("before"), self.block("after")
        layer1, layer2, out = self.block("layer1"), self.block("layer2"), self.block("out")
        row = span(row_of(x, 0), fixed="column")
        for unit in range(n.hidden):
            weights = row_of(layer1, unit)
            used = Rect(weights.top, weights.left, weights.bottom, weights.right - 1)
            linear = f"SUMPRODUCT({row},{span(used, fixed='both')})"
            bias = at(weights.top, weights.right - 1, fixed="both")
            told = self.told("layer 1, a unit") if not unit else ""
            self.fill(column_of(before, unit), f"{linear}+{bias}", told)
        self.fill(after, f"MAX(0,{first(before)})", self.told("ReLU"))
        weights = Rect(layer2.top, layer2.left, layer2.bottom, layer2.right - 1)
        bias = at(layer2.top, layer2.right - 1, fixed="both")
        z, pred, error, slope = (column_of(out, place) for place in range(4))
        low, high = self.value("y_low"), self.value("y_high")
        linear = f"SUMPRODUCT({span(row_of(after, 0), fixed='column')},{span(weights, fixed='both')})"
        batch = self.block("looked_up")
        self.fill(z, f"{linear}+{bias}", self.told("layer 2"))
        self.fill(
            pred, f"{low}+({high}-{low})/(1+EXP(MIN(700,-{first(z)})))", self.told("the guess, in its range")
        )
        self.fill(error, f"{first(pred)}-{at(batch.top, batch.left + 2)}", self.told("its error"))
        own = first(pred)
        sigmoid = f"({own}-{low})*({high}-{own})/({high}-{low})"
        self.fill(
            slope,
            f"2/{n.batch}*{first(error)}*{sigmoid}",
            self.told("slope of the loss, by layer 2's output"),
        )

    def backward(self) -> None:
        """Slopes of what goes through the net, from its end to the embeddings."""
        n, before, slope1 = self.size, self.block("before"), self.block("after_slope")
        layer1, layer2, out, x = (self.block(name) for name in ("layer1", "layer2", "out", "x_slope"))
        output = at(out.top, out.left + 3, fixed="column")
        formula = f"IF({first(before)}>0,{output}*{first(layer2, fixed='row')},0)"
        self.fill(slope1, formula, self.told("slopes of layer 1, through ReLU"))
        terms = [
            f"{at(slope1.top, slope1.left + unit, fixed='column')}"
            f"*{at(layer1.top + unit, layer1.left, fixed='row')}"
            for unit in range(n.hidden)
        ]
        self.fill(x, "+".join(terms), self.told("slopes of x"))

    def gradients(self) -> None:
        """What each weight's slope is, added up over the batch."""
        batch, x_slope = self.block("looked_up"), self.block("x_slope")
        left = x_slope.left
        for place, layer in enumerate(LAYERS[:2]):
            rect = self.block(f"{layer}_slope")
            looked_up = span(column_of(batch, place), fixed="both")
            summed = f"{at(x_slope.top, left, fixed='row')}:{at(x_slope.bottom - 1, left, fixed='row')}"
            own = f"ROWS({first(rect, fixed='row')}:{first(rect)})"
            self.fill(rect, f"SUMIF({looked_up},{own},{summed})", self.told(TITLES[f"{layer}_slope"]))
            left += rect.columns
        layers = (
            ("layer1_slope", self.block("after_slope"), 0, "x"),
            ("layer2_slope", self.block("out"), 3, "after"),
        )
        for name, slopes, column, coming in layers:
            rect, inputs = self.block(name), span(column_of(self.block(coming), 0), fixed="row")
            for unit in range(rect.rows):
                slope = span(column_of(slopes, column + unit), fixed="both")
                row = row_of(rect, unit)
                weights = Rect(row.top, row.left, row.bottom, row.right - 1)
                told = self.told(TITLES[name]) if not unit else ""
                self.fill(weights, f"SUMPRODUCT({slope},{inputs})", told)
                told = self.told(f"{TITLES[name]}, its bias") if not unit else ""
                self.fill(Rect.cell(row.top, row.right - 1), f"SUM({slope})", told)


def headings(name: str, size: NetSizes) -> list[str]:
    """The columns of a block, in words."""
    shown = name.removesuffix("_slope")
    wide = [f"u{k + 1}" for k in range(size.user_factors)] + [f"m{k + 1}" for k in range(size.movie_factors)]
    units = [f"unit {h + 1}" for h in range(size.hidden)]
    words = {
        "user_emb": wide[: size.user_factors],
        "movie_emb": wide[size.user_factors :],
        "layer1": [*wide, "bias"],
        "layer2": [*units, "bias"],
        "looked_up": ["user", "movie", "rating"],
        "x": wide,
        "out": ["z", "guess", "error", "slope"],
    }
    return words.get(shown, units)


def lay_out(build: SheetBuilder) -> None:
    """Fill the sheet of the steps."""
    n, look = sizes(build.settings), build.looks[STEPS]
    build.text(
        STEPS, "A1", "Training, step below step: weights, batch, forward, backward, gradients", "section"
    )
    look.widths = {"A": 9}
    for place, name in enumerate(COLUMNS):
        rect = build.blocks[name].rect
        band = 1 if name in LAYERS else 4 if name in COLUMNS[-4:] else 2 if "slope" not in name else 3
        look.paint(Rect(2, rect.left, 3, rect.right), f"band {band}")
        middle = column_name(rect.left + (rect.columns - 1) // 2)
        build.text(STEPS, f"{middle}3", TITLES[name], f"band {band}")
        for column, words in enumerate(headings(name, n), rect.left):
            build.text(STEPS, f"{column_name(column)}4", words, "heading")
        signed = name != "looked_up"
        look.paint(rect, "formula", "0.000;-0.000;0" if signed else "0.0")
        if name in LAYERS or name in ("after", "after_slope", "x_slope"):
            look.heat.append(HeatMap(rect, signed=name != "after"))
        look.widths[f"{column_name(rect.left)}:{column_name(rect.right - 1)}"] = 7.5
        if place:
            look.widths[column_name(rect.left - 1)] = 2.5
    StepWriter(build).run()
    batch = build.blocks["looked_up"].rect
    look.number(Rect(batch.top, batch.left, batch.bottom, batch.left + 2), "0")
    look.frozen, look.repeat = "B5", (2, 3)
