"""`logistic`: softmax regression on pictures of digits, one mini-batch a block, every number a formula.

The model is one linear layer: a weight for each pixel and class, and a bias for each class. The loss is the
cross-entropy of the softmax, its slope with regard to the logits is p - y (Bishop, Pattern Recognition and
Machine Learning, 4.3.4); the step is torch.optim.SGD's, with its weight decay.

Sheets: `logistic`, the steps one below another, each with its weights, its pictures and its gradients;
`logistic data`, `logistic valid` (the other pictures, judged after each epoch), `logistic pictures` and
`logistic summary`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block, Data, Input, Inputs, Lesson, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws
from sheetsim.lessons.vision._shared.files import labels_beside, read_idx, read_labels
from sheetsim.lessons.vision._shared.images import digits, smaller

NAME = "logistic"
DATA, VALID, PICTURES, SUMMARY = (f"{NAME} {word}" for word in ("data", "valid", "pictures", "summary"))
FIRST_STEP = 5  # row 6, counted from 0, where the first step's block begins
FIRST_DATA = 3
CHUNK = 50  # pictures of an IDX file looked at together
WEIGHT0 = "weight0"
LARGEST_START = 0.05

PARAMETERS = (
    Parameter("classes", 3, "how many digits there are to tell apart, from 0 on", 2, 10, integer=True),
    Parameter("size", 7, "pixels along a side of a picture", 4, 28, integer=True),
    Parameter("batch", 6, "pictures in a mini-batch", 1, 64, integer=True),
    Parameter("batches", 4, "mini-batches in an epoch", 1, 100, integer=True),
    Parameter("epochs", 4, "how many passes over the pictures", 1, 100, integer=True),
    Parameter("valid", 12, "further pictures, that the training never sees", 1, 1000, integer=True),
    Parameter("seed", 1, "start of the generator that draws the digits", 1, 2147483646, integer=True),
    Parameter("lr", 1, "learning rate", 0, 1e6, open=True, tries=(0.01, 0.1, 1, 3, 10)),
    Parameter(
        "weight_decay", 0.01, "added to the gradient, times the weight", 0, 10, tries=(0, 0.01, 0.1, 1)
    ),
)
CELLS = {"lr": "B2", "weight_decay": "B3"}


class LogisticPlaces:
    """Where the parts of the sheets stand, for some settings."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        self.classes, self.batch, self.valid = (int(settings[name]) for name in ("classes", "batch", "valid"))
        self.pixels = int(settings["size"]) ** 2
        self.batches, self.epochs = int(settings["batches"]), int(settings["epochs"])
        self.steps, self.train = self.batches * self.epochs, self.batch * self.batches
        self.forward_left = 2 + self.pixels + 1
        self.height = self.batch + 2 * self.classes + 5

    def weight(self, step: int) -> Rect:
        """Bias and weights that step `step`, from 1, begins with; after the last step those at the end."""
        top = FIRST_STEP + (step - 1) * self.height + 2
        return Rect(top, 1, top + self.classes, 2 + self.pixels)

    def pictures(self, step: int) -> Rect:
        """Labels and pixels of the step's mini-batch."""
        top = self.weight(step).bottom + 1
        return Rect(top, 1, top + self.batch, 2 + self.pixels)

    def forward(self, step: int) -> Rect:
        """Logits, softmax, loss, whether it is right, slopes: beside the pictures."""
        rows = self.pictures(step)
        return Rect(rows.top, self.forward_left, rows.bottom, self.forward_left + 3 * self.classes + 2)

    def grad(self, step: int) -> Rect:
        top = self.pictures(step).bottom + 1
        return Rect(top, 1, top + self.classes, 2 + self.pixels)

    def validation(self, epoch: int) -> Rect:
        """Logits, loss, whether it is right, after epoch `epoch`, from 1."""
        left = 2 + (epoch - 1) * (self.classes + 3)
        return Rect(FIRST_DATA, left, FIRST_DATA + self.valid, left + self.classes + 2)


def inputs(settings: Settings) -> list[Input]:
    """Pictures and labels on the data sheet, training first; the start weights are those of step 1."""
    place = LogisticPlaces(settings)
    found = [Input(name, NAME, Rect.parse(cell)) for name, cell in CELLS.items()]
    top = FIRST_DATA
    for name, count in (("train", place.train), ("valid", place.valid)):
        found.append(Input(f"{name}_y", DATA, Rect(top, 1, top + count, 2), form="column"))
        found.append(Input(f"{name}_x", DATA, Rect(top, 2, top + count, 2 + place.pixels), form="grid"))
        top += count + 3
    return [*found, Input(WEIGHT0, NAME, place.weight(1), form="grid")]


def blocks(settings: Settings) -> list[Block]:
    """The parts of each step, the validation after each epoch, and the summary."""
    place = LogisticPlaces(settings)
    classes = range(place.classes)
    pixels = ("bias", *(f"w{pixel}" for pixel in range(1, place.pixels + 1)))
    logits = tuple(f"z {c}" for c in classes)
    forward = (*logits, *(f"p {c}" for c in classes), "loss", "right", *(f"dz {c}" for c in classes))
    found: list[Block] = []
    for step in range(1, place.steps + 2):
        if step > 1:
            found.append(
                Block(f"step{step}.weight", NAME, place.weight(step), "weights before the step", pixels)
            )
        if step <= place.steps:
            title = "logits, softmax, loss, right, slopes of the loss"
            found.append(Block(f"step{step}.forward", NAME, place.forward(step), title, forward))
            found.append(
                Block(f"step{step}.grad", NAME, place.grad(step), "gradients of the mean loss", pixels)
            )
    for epoch in range(1, place.epochs + 1):
        headings = (*logits, "loss", "right")
        title = "logits, loss and right, of pictures not trained on"
        found.append(Block(f"valid{epoch}", VALID, place.validation(epoch), title, headings))
    headings = ("training loss", "validation loss", "training accuracy", "validation accuracy")
    epochs = Rect(FIRST_DATA, 1, FIRST_DATA + place.epochs, 5)
    steps = Rect(FIRST_DATA, 7, FIRST_DATA + place.steps, 8)
    found.append(Block("summary", SUMMARY, epochs, "means of each epoch", headings))
    return [*found, Block("summary.steps", SUMMARY, steps, "mean loss of each mini-batch", ("loss",))]


def make_data(settings: Settings) -> Data:
    """Drawn digits, the classes in turn; weights that start near 0."""
    place = LogisticPlaces(settings)
    images, labels = digits(int(settings["seed"]), place.train + place.valid, range(place.classes))
    return split(settings, images, labels)


def split(settings: Settings, images: NDArray[np.float64], labels: NDArray[np.int64]) -> Data:
    """Pictures [count, 28, 28] made small, in a row each, divided into training and validation."""
    place = LogisticPlaces(settings)
    draws = Draws(int(settings["seed"])).uniform(place.classes * (1 + place.pixels))
    x, y = smaller(images, int(settings["size"])).reshape(-1, place.pixels), labels.astype(float)
    return {
        **{"train_x": x[: place.train], "train_y": y[: place.train]},
        **{"valid_x": x[place.train :], "valid_y": y[place.train :]},
        WEIGHT0: LARGEST_START * (2 * draws.reshape(place.classes, -1) - 1),
    }


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """The digits from MNIST's own files, where one is given: those of the first `classes` classes."""
    if "index" in sources and "idx" not in sources:
        raise SheetsimError(
            f"--index {sources['index']}: it says where to begin in --idx FILE; give that too"
        )
    full = LESSON.settings(given)
    if "idx" not in sources:
        return full, make_data(full), []
    text = sources.get("index", "0").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise SheetsimError(f"--index {text}: it is a whole number from 0 (the first picture) up")
    wanted, first = LogisticPlaces(full).train + LogisticPlaces(full).valid, int(text)
    file, beside = sources["idx"], labels_beside(sources["idx"])
    found: list[int] = []
    labels: list[int] = []
    while len(found) < wanted:
        chunk = read_labels(beside, first, min(CHUNK, wanted - len(found)))
        fitting = np.flatnonzero(chunk < full["classes"])
        found += (first + fitting).tolist()
        labels += chunk[fitting].tolist()
        first += len(chunk)
    images = read_idx(file, found[0], found[-1] + 1 - found[0])[np.array(found) - found[0]]
    return full, split(full, images, np.array(labels)), []


def labels_of(inputs: Inputs, name: str) -> NDArray[np.int64]:
    """The labels as whole numbers. SheetsimError when one of them is no class."""
    typed = np.asarray(inputs[name], np.float64)
    whole = np.rint(typed)
    wrong = (np.abs(typed - whole) > 1e-9) | (whole < 0) | (whole >= int(inputs["classes"]))
    if wrong.any():
        last = int(inputs["classes"]) - 1
        raise SheetsimError(
            f"{name}: {typed[wrong][0]:g} is no label; labels are whole numbers from 0 to {last}"
        )
    return whole.astype(np.int64)


LESSON = Lesson(
    name=NAME,
    title="Softmax regression on digits",
    line="Logits, softmax, cross-entropy, gradients and steps of SGD, a mini-batch of pictures a block.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("train_x", "train_y", "valid_x", "valid_y", WEIGHT0),
    structural=("classes", "size", "batch", "batches", "epochs", "valid", "seed"),
    sources=("idx", "index"),
    choose=choose,
)
