"""`conv_train`: two filters of 3 x 3 and a small dense layer learn to tell level bars from upright ones.

Convolution, ReLU, the mean of each channel, a dense layer, the sigmoid, the binary cross-entropy: every
number of every epoch is a formula, forwards and backwards, and so is each step of gradient descent
(pytorch.org/docs/stable/generated/torch.optim.SGD.html). A filter's gradient is itself a convolution: of the
picture with the gradient that comes back (LeCun and others, "Gradient-based learning applied to document
recognition", 1998, for the layers).

The sheet of steps has a band of rows for each epoch; each picture has the same columns in all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block, Data, Input, Inputs, Lesson, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

Array = NDArray[np.float64]

NAME = "conv_train"
STEPS, SUMMARY = f"{NAME} steps", f"{NAME} summary"
SIZE, KERNEL, CHANNELS = 6, 3, 2  # a picture's rows and columns, a filter's, how many filters
OUT = SIZE - KERNEL + 1
PITCH = SIZE + 1  # columns from one picture to the next
LEFT = 6  # the first picture's column, G
LABELS, PICTURES = 3, 4  # rows of the labels and of the pictures, from 0
FIRST_BAND = PICTURES + SIZE + 1

PARAMETERS = (
    Parameter("train", 6, "pictures to train with", 1, 20, integer=True),
    Parameter("valid", 4, "further pictures, which the training never sees", 1, 20, integer=True),
    Parameter("epochs", 20, "how many steps; each takes all training pictures", 1, 100, integer=True),
    Parameter("seed", 1, "start of the generator of pictures and start weights", 1, 2147483646, integer=True),
    Parameter("lr", 3, "learning rate of the filters; 0 freezes them", 0, 1000, tries=(0, 0.3, 1, 3, 6)),
    Parameter(
        *("lr_dense", 3, "learning rate of the dense layer", 0, 1000),
        follows="lr",
        tries=(0, 0.3, 1, 3, 6),
    ),
    Parameter(
        "weight_decay", 0, "added to the gradient, times the weight", 0, 1, tries=(0, 0.001, 0.01, 0.1)
    ),
    Parameter(
        "epoch",
        10,
        "after how many epochs the first sheet shows the net",
        0,
        100,
        tries=(0, 5, 10, 15, 20),
    ),
)

# The rows of a band, from its first: what a picture has in its columns.
FILTERS = (1, 6)  # where each channel's filter and activations begin
DENSE = 10  # means of both channels, then logit, p, loss, right, slope
ROWS = ("mean 1", "mean 2", "logit", "p", "loss", "right", "slope")
SLOPES = (18, 23)  # where each channel's gradients begin
HEIGHT = 28


@dataclass(frozen=True)
class BandPlaces:
    """Where the parts of the bands stand."""

    train: int
    valid: int
    epochs: int

    @property
    def images(self) -> int:
        return self.train + self.valid

    def picture(self, number: int) -> int:
        """The first column of a picture, and of all that is made of it."""
        return LEFT + number * PITCH

    def columns(self, images: int, width: int) -> tuple[int, int]:
        """From the first column of the first of some pictures to the last of the last."""
        return LEFT, self.picture(images - 1) + width

    def top(self, epoch: int) -> int:
        """The first row of the band of what there is after some epochs."""
        return FIRST_BAND + epoch * HEIGHT

    def weights(self, epoch: int) -> Rect:
        """Both filters, each with its bias on the right of its second row."""
        top = self.top(epoch) + FILTERS[0]
        return Rect(top, 1, top + FILTERS[1] - FILTERS[0] + KERNEL, 5)

    def dense(self, epoch: int) -> Rect:
        """The dense layer's two weights and its bias."""
        top = self.top(epoch) + DENSE
        return Rect(top, 1, top + CHANNELS + 1, 2)

    def conv(self, epoch: int) -> Rect:
        """What the filters make of all pictures."""
        left, right = self.columns(self.images, OUT)
        top = self.top(epoch) + FILTERS[0]
        return Rect(top, left, top + FILTERS[1] - FILTERS[0] + OUT, right)

    def forward(self, epoch: int) -> Rect:
        """Means, logit, p, loss, right or not, slope of each picture; no slope after the last epoch."""
        left, right = self.columns(self.images, 1)
        top = self.top(epoch) + DENSE
        return Rect(top, left, top + len(ROWS) - (epoch == self.epochs), right)

    def means(self, epoch: int) -> Rect:
        """Loss and, below, accuracy; of training on the left, of validation two columns further."""
        top = self.top(epoch) + DENSE + 4
        return Rect(top, 1, top + 2, 4)

    def conv_grad(self, epoch: int) -> Rect:
        """What comes back to the filters' results, of the training pictures."""
        left, right = self.columns(self.train, OUT)
        top = self.top(epoch) + SLOPES[0]
        return Rect(top, left, top + SLOPES[1] - SLOPES[0] + OUT, right)

    def weights_grad(self, epoch: int) -> Rect:
        """The gradients of filters and their biases."""
        return self.weights(epoch).shift(SLOPES[0] - FILTERS[0], 0)

    def dense_grad(self, epoch: int) -> Rect:
        """The gradients of the dense layer, beside its weights."""
        return self.dense(epoch).shift(0, 2)


def places_of(settings: Mapping[str, float]) -> BandPlaces:
    return BandPlaces(*(int(settings[name]) for name in ("train", "valid", "epochs")))


# Of the first sheet: what it shows after the chosen epoch.
CELLS = ("lr", "lr_dense", "weight_decay", "epoch")
FILTER_TOP, IMAGE_TOP, SHOWN_TOP = 8, 20, 27


def shown(places: BandPlaces) -> Rect:
    """The activations of the chosen epoch, below the pictures."""
    left, right = places.columns(places.images, OUT)
    return Rect(SHOWN_TOP, left, SHOWN_TOP + FILTERS[1] - FILTERS[0] + OUT, right)


def surely(places: BandPlaces) -> Rect:
    """p of the chosen epoch, below the activations."""
    left, right = places.columns(places.images, 1)
    bottom = shown(places).bottom
    return Rect(bottom + 1, left, bottom + 2, right)


def filters(which: int) -> Rect:
    """The filters at the start (0), after the chosen epoch (1) and at the end (2)."""
    left = 1 + 5 * which
    return Rect(FILTER_TOP, left, FILTER_TOP + FILTERS[1] - FILTERS[0] + KERNEL, left + KERNEL)


def inputs(settings: Settings) -> list[Input]:
    """The pictures with their labels; the start weights are those of the first band."""
    places = places_of(settings)
    left, right = places.columns(places.images, SIZE)
    return [
        *(Input(name, NAME, Rect.cell(2 + place, 3)) for place, name in enumerate(CELLS)),
        Input("images", STEPS, Rect(PICTURES, left, PICTURES + SIZE, right), form="grid", blank=True),
        Input("labels", STEPS, Rect(LABELS, left, LABELS + 1, right), form="grid", blank=True),
        Input("weights0", STEPS, places.weights(0), form="grid", blank=True),
        Input("dense0", STEPS, places.dense(0), form="column"),
    ]


def blocks(settings: Settings) -> list[Block]:
    """What stands in each band, the summary, and what the first sheet shows."""
    places = places_of(settings)
    found = []
    for epoch in range(places.epochs + 1):
        parts = [
            ("conv", places.conv(epoch), "window * filter + bias"),
            ("forward", places.forward(epoch), "means, logit, p, loss, right, slope"),
            ("means", places.means(epoch), "loss and accuracy: training, validation"),
        ]
        if epoch:
            parts += [
                ("weights", places.weights(epoch), "filters and biases after the step"),
                ("dense", places.dense(epoch), "weights and bias after the step"),
            ]
        if epoch < places.epochs:
            parts += [
                ("conv_grad", places.conv_grad(epoch), "slope of the loss for each result of a filter"),
                ("weights_grad", places.weights_grad(epoch), "gradients of filters and biases"),
                ("dense_grad", places.dense_grad(epoch), "gradients of the dense layer"),
            ]
        found += [Block(f"after{epoch}.{name}", STEPS, rect, title, (title,)) for name, rect, title in parts]
    headings = ("training loss", "validation loss", "training accuracy", "validation accuracy")
    return [
        *found,
        Block("summary", SUMMARY, Rect(3, 1, 4 + places.epochs, 5), "after each epoch", headings),
        Block("filters.start", NAME, filters(0), "filters at the start", ("start",)),
        Block("filters.shown", NAME, filters(1), "filters after the chosen epoch", ("shown",)),
        Block("filters.end", NAME, filters(2), "filters at the end", ("end",)),
        Block("activations", NAME, shown(places), "activations after the chosen epoch", ("activations",)),
        Block("p", NAME, surely(places), "how surely a picture is upright", ("p",)),
    ]


def make_data(settings: Settings) -> Data:
    """Level bars and upright ones in turn, on noise; small start weights."""
    places = places_of(settings)
    draws = Draws(int(settings["seed"]))
    left, right = places.columns(places.images, SIZE)
    images, labels = np.full((SIZE, right - left), np.nan), np.full((1, right - left), np.nan)
    for number in range(places.images):
        upright = number % 2
        at = 1 + int(draws.below(SIZE - 2, 1)[0])
        picture = 0.3 * draws.uniform(SIZE * SIZE).reshape(SIZE, SIZE)
        bar = (slice(None), at) if upright else at
        picture[bar] = 1 - picture[bar]
        start = number * PITCH
        images[:, start : start + SIZE] = np.round(picture, 2)
        labels[0, start] = upright
    weights = np.full(places.weights(0).shape, np.nan)
    for channel in range(CHANNELS):
        row = FILTERS[channel] - FILTERS[0]
        weights[row : row + KERNEL, :KERNEL] = np.round(draws.uniform(9) - 0.5, 2).reshape(KERNEL, KERNEL)
        weights[row + 1, KERNEL] = 0
    dense = np.append(np.round(2 * draws.uniform(CHANNELS) - 1, 2), 0)
    return {"images": images, "labels": labels, "weights0": weights, "dense0": dense}


def pictures_of(inputs: Inputs, places: BandPlaces) -> tuple[Array, Array]:
    """The pictures [number, row, column] and their labels, from the cells; between pictures these are blank.
    SheetsimError when a pixel, a label or a start weight is missing."""
    cells = np.asarray(inputs["images"], np.float64)
    starts = range(0, places.images * PITCH, PITCH)
    images = np.array([cells[:, start : start + SIZE] for start in starts])
    labels = np.asarray(inputs["labels"], np.float64)[0, ::PITCH]
    weights = np.asarray(inputs["weights0"], np.float64)
    rows = [row - FILTERS[0] for row in FILTERS]
    typed = [weights[row : row + KERNEL, :KERNEL] for row in rows]
    parts = {"pixel": images, "label": labels, "start weight": np.array(typed)}
    parts["bias"] = weights[[row + 1 for row in rows], KERNEL]
    for word, part in parts.items():
        if np.isnan(part).any():
            raise SheetsimError(f"conv_train steps: a {word} is blank; a number is needed")
    return images, labels


LESSON = Lesson(
    name=NAME,
    title="Training filters",
    line="Two filters and a dense layer learn level from upright: every gradient and step a formula.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("images", "labels", "weights0", "dense0"),
    structural=("train", "valid", "epochs", "seed"),
)
