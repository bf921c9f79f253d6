"""`entity_embeddings`: a table of categories and numbers, each category looked up in an embedding of its own.

The idea is Guo and Berkhahn's (Entity Embeddings of Categorical Variables, arXiv:1604.06737); fastai's
`TabularModel` is built so: embeddings and numbers joined, a linear layer, a ReLU, a linear layer. The table
here is made up: what four ice-cream stalls sell, by the day of the week, the temperature, and whether there
is an offer. The loss is the mean squared error, the steps are torch.optim.SGD's on all rows together.

Sheets: `entity_embeddings`, the epochs one below another: the two embeddings stand above the columns that
look them up, layer 1 below them; `entity_embeddings data`; `entity_embeddings summary`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block, Data, Input, Inputs, Lesson, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

NAME = "entity_embeddings"
DATA, SUMMARY = f"{NAME} data", f"{NAME} summary"
FIRST_EPOCH = 6  # row 7, counted from 0
FIRST_DATA = 3
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STALLS = ("beach", "station", "park", "office")
NUMBERS = ("temperature", "offer")
LARGEST_START = 0.1  # of an embedding
STARTS = ("day_0", "stall_0", "layer1_0", "layer2_0")  # the weights that training starts from

PARAMETERS = (
    Parameter("rows", 28, "rows of the table to train on", 2, 1000, integer=True),
    Parameter("valid", 12, "further rows, that the training never sees", 1, 1000, integer=True),
    Parameter("day_size", 2, "numbers that stand for a day", 1, 6, integer=True),
    Parameter("stall_size", 2, "numbers that stand for a stall", 1, 6, integer=True),
    Parameter("hidden", 6, "units of the hidden layer", 1, 30, integer=True),
    Parameter("epochs", 25, "steps, each on all rows", 1, 1000, integer=True),
    Parameter("seed", 4, "start of the generator of table and weights", 1, 2147483646, integer=True),
    Parameter("lr", 0.3, "learning rate", 0, 1e6, open=True, tries=(0.03, 0.1, 0.3, 0.5, 1)),
    Parameter("weight_decay", 0, "added to the gradient, times the weight", 0, 10, tries=(0, 0.01, 0.1)),
)
CELLS = {"lr": "C2", "weight_decay": "C3"}


class EntityPlaces:
    """Where the parts of the sheets stand, for some settings. A row has: its number, the places of its day
    and its stall, what was sold, layer 1's biases, the joined inputs, a gap, the units before the ReLU, those
    after it and a one, the prediction, its squared error, the slopes of prediction, units and embeddings."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        names = ("rows", "valid", "day_size", "stall_size", "hidden", "epochs")
        self.rows, self.valid, self.day, self.stall, self.hidden, self.epochs = (
            int(settings[n]) for n in names
        )
        self.all = self.rows + self.valid
        self.looked = self.day + self.stall
        self.inputs = self.looked + len(NUMBERS)
        self.x = 5
        self.z = self.x + self.inputs + 1
        self.h = self.z + self.hidden
        self.pred = self.h + self.hidden + 1
        self.dpred = self.pred + 2
        self.dx = self.dpred + 1 + self.hidden
        self.below = max(len(DAYS), self.hidden)  # rows of gradients
        self.height = 2 + len(DAYS) + 1 + self.hidden + 1 + self.all + 1 + self.below + 1

    def tables(self, epoch: int) -> int:
        """The row where the embeddings begin."""
        return FIRST_EPOCH + (epoch - 1) * self.height + 2

    def embedding(self, epoch: int, which: str) -> Rect:
        top, days = self.tables(epoch), which == "day"
        left, right = (self.x, self.x + self.day) if days else (self.x + self.day, self.x + self.looked)
        return Rect(top, left, top + len(DAYS if days else STALLS), right)

    def layer1(self, epoch: int) -> Rect:
        """A row a unit: its bias, then a weight for each joined input."""
        top = self.tables(epoch) + len(DAYS) + 1
        return Rect(top, self.x - 1, top + self.hidden, self.x + self.inputs)

    def layer2(self, epoch: int) -> Rect:
        """The units' weights, then the bias: one row, the last of layer 1's."""
        bottom = self.layer1(epoch).bottom
        return Rect(bottom - 1, self.h, bottom, self.pred)

    def cells(self, epoch: int, left: int, columns: int, *, training: bool = False) -> Rect:
        """Columns of the table's rows, or of those that are trained on."""
        top = self.layer1(epoch).bottom + 1
        return Rect(top, left, top + (self.rows if training else self.all), left + columns)

    def grads(self, epoch: int) -> dict[str, Rect]:
        top = self.layer1(epoch).bottom + 1 + self.all + 1
        return {
            "day": Rect(top, self.dx, top + len(DAYS), self.dx + self.day),
            "stall": Rect(top, self.dx + self.day, top + len(STALLS), self.dx + self.looked),
            "layer1": Rect(top, self.x - 1, top + self.hidden, self.x + self.inputs),
            "layer2": Rect(top, self.h, top + 1, self.pred),
        }

    def weights(self, epoch: int) -> dict[str, Rect]:
        """The rectangles of all weights before an epoch, from 1; one more epoch has those at the end."""
        found = {which: self.embedding(epoch, which) for which in ("day", "stall")}
        return found | {"layer1": self.layer1(epoch), "layer2": self.layer2(epoch)}


def inputs(settings: Settings) -> list[Input]:
    """The table and the lists of categories on the data sheet; the start weights are those of epoch 1."""
    place = EntityPlaces(settings)
    top, bottom = FIRST_DATA, FIRST_DATA + place.all
    found = [Input(name, NAME, Rect.parse(cell)) for name, cell in CELLS.items()]
    found.append(Input("category", DATA, Rect(top, 1, bottom, 3), form="texts"))
    found.append(Input("number", DATA, Rect(top, 3, bottom, 5), form="grid"))
    found.append(Input("sold", DATA, Rect(top, 5, bottom, 6), form="column"))
    found.append(Input("days", DATA, Rect(top, 10, top + len(DAYS), 11), form="texts"))
    found.append(Input("stalls", DATA, Rect(top, 12, top + len(STALLS), 13), form="texts"))
    rects = place.weights(1).values()
    return [*found, *(Input(name, NAME, rect, form="grid") for name, rect in zip(STARTS, rects, strict=True))]


def blocks(settings: Settings) -> list[Block]:
    """The places of the categories, the parts of each epoch, the summary."""
    place = EntityPlaces(settings)
    places = Rect(FIRST_DATA, 7, FIRST_DATA + place.all, 9)
    found = [Block("place", DATA, places, "place of day and stall in their lists", ("day no.", "stall no."))]

    def each(letter: str, count: int) -> tuple[str, ...]:
        return tuple(f"{letter}{k}" for k in range(1, count + 1))

    days, stalls = each("day ", place.day), each("stall ", place.stall)
    units = each("h", place.hidden)
    columns = {
        "day": ("embedding of the days", days),
        "stall": ("embedding of the stalls", stalls),
        "layer1": ("biases and weights of layer 1", ("bias", *days, *stalls, *NUMBERS)),
        "layer2": ("weights and bias of layer 2", (*units, "bias")),
    }
    for epoch in range(1, place.epochs + 2):
        name = f"epoch{epoch}"
        for which, rect in place.weights(epoch).items() if epoch > 1 else ():
            found.append(Block(f"{name}.{which}", NAME, rect, *columns[which]))
        if epoch > place.epochs:
            continue
        parts = {
            "looked": (place.x, (*days, *stalls), "the embeddings of the row's day and stall"),
            "hidden": (place.z, each("z", place.hidden), "hidden layer before its ReLU"),
            "out": (place.h, (*units, "1", "prediction", "loss"), "hidden layer, prediction, squared error"),
        }
        for part, (left, headings, title) in parts.items():
            found.append(
                Block(f"{name}.{part}", NAME, place.cells(epoch, left, len(headings)), title, headings)
            )
        headings = ("dpred", *each("dz", place.hidden), *(f"d{one}" for one in (*days, *stalls)))
        rect = place.cells(epoch, place.dpred, len(headings), training=True)
        found.append(Block(f"{name}.slopes", NAME, rect, "slopes of the loss", headings))
        for which, rect in place.grads(epoch).items():
            title, headings = columns[which]
            found.append(Block(f"{name}.grad_{which}", NAME, rect, f"gradients: {title}", headings))
    rect = Rect(FIRST_DATA, 1, FIRST_DATA + place.epochs, 3)
    headings = ("training loss", "validation loss")
    return [*found, Block("summary", SUMMARY, rect, "mean squared errors before each epoch's step", headings)]


def make_data(settings: Settings) -> Data:
    """A table with visible habits: weekends sell well but at the office, warmth counts most at the beach."""
    place, draws = EntityPlaces(settings), Draws(int(settings["seed"]))
    day, stall = draws.below(len(DAYS), place.all), draws.below(len(STALLS), place.all)
    temperature = np.round(2 * draws.uniform(place.all) - 1, 2)
    offer = draws.below(2, place.all).astype(float)
    weekend = np.array([0, 0, 0, 0, 0.3, 1, 0.8])[day]
    weekend = np.where(stall == STALLS.index("office"), -0.4, 0.8) * weekend
    level, warmth = np.array([0.2, 0, -0.3, -0.6])[stall], np.array([1.2, 0.3, 0.6, 0])[stall]
    sold = np.round(level + weekend + warmth * temperature + 0.4 * offer - 0.3, 2)

    def even(shape: tuple[int, int], largest: float) -> NDArray[np.float64]:
        return largest * (2 * draws.uniform(shape[0] * shape[1]).reshape(shape) - 1)

    rects = place.weights(1)
    largest = (LARGEST_START, LARGEST_START, 1 / np.sqrt(place.inputs), 1 / np.sqrt(place.hidden))
    starts = [even(rect.shape, size) for rect, size in zip(rects.values(), largest, strict=True)]
    texts = [[DAYS[d], STALLS[s]] for d, s in zip(day, stall, strict=True)]
    return {
        "category": np.array(texts, object),
        "number": np.column_stack([temperature, offer]),
        "sold": sold,
        "days": np.array(DAYS, object)[:, None],
        "stalls": np.array(STALLS, object)[:, None],
        **dict(zip(STARTS, starts, strict=True)),
    }


def places(inputs: Inputs) -> NDArray[np.int64]:
    """Where each row's day and stall stand in their lists, from 0: [rows, 2]. Upper and lower case are the
    same, as MATCH has it. SheetsimError when a category is in no list."""
    found = []
    for column, name in enumerate(("days", "stalls")):
        known = [str(text).casefold() for text in np.asarray(inputs[name]).ravel()]
        for text in np.asarray(inputs["category"])[:, column]:
            if str(text).casefold() not in known:
                raise SheetsimError(
                    f"category: {str(text)[:40]!r} is none of the {name} ({', '.join(known)})"
                )
            found.append(known.index(str(text).casefold()))
    return np.array(found, np.int64).reshape(2, -1).T


LESSON = Lesson(
    name=NAME,
    title="Embeddings of categories in a table",
    line="Days and stalls looked up in embeddings of their own, joined with numbers, and trained.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("category", "number", "sold", "days", "stalls", *STARTS),
    structural=("rows", "valid", "day_size", "stall_size", "hidden", "epochs", "seed"),
)
