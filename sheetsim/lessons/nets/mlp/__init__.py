"""`mlp`: a network with one hidden layer of ReLUs tells two kinds of points apart, by formulas.

The points are of one kind where x1 and x2 have the same sign (the XOR problem of Minsky and Papert's
Perceptrons, 1969): no straight line parts them, so a single layer cannot. The loss is the binary
cross-entropy of the sigmoid, the steps are torch.optim.SGD's on all points together. Each layer is a
parameter group with a learning rate of its own, spread by fastai 2's rule for slice(first, last) (learner.py,
`lr_range`; optimizer.py, `even_mults`); for the first epochs layer 1 may be frozen.

Sheets: `mlp`, the epochs one below another; `mlp data`; `mlp valid`, further points after each epoch; `mlp
slice`, the learning rates; `mlp one layer`, two layers with nothing between; `mlp picture`; `mlp summary`.

A hidden unit is a column: its bias and weights stand above its values, its weight in layer 2 likewise.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

NAME = "mlp"
DATA, VALID, SLICE, ONE, PICTURE, SUMMARY = (
    f"{NAME} {word}" for word in ("data", "valid", "slice", "one layer", "picture", "summary")
)
FIRST_EPOCH = 8  # row 9, counted from 0, where the first epoch's block begins
FIRST_DATA = 3
MOST_GROUPS = 5  # on the sheet of learning rates; the net has two groups
GROUPS = 2
LAYER1, LAYER2 = "layer1_0", "layer2_0"  # the weights that training starts from

_LR = (0.1, 0.3, 1, 3, 10)
PARAMETERS = (
    Parameter("points", 24, "points to train on", 2, 1000, integer=True),
    Parameter("valid", 24, "further points, that the training never sees", 1, 1000, integer=True),
    Parameter("hidden", 5, "units of the hidden layer", 1, 50, integer=True),
    Parameter("epochs", 30, "steps, each on all points", 1, 1000, integer=True),
    Parameter("seed", 4, "start of the generator of points and weights", 1, 2147483646, integer=True),
    Parameter("lr_first", 1, "learning rate of layer 1", 0, 1e6, open=True, tries=_LR),
    Parameter("lr_last", 3, "learning rate of layer 2", 0, 1e6, open=True, tries=_LR),
    Parameter("freeze_epochs", 0, "for so many epochs layer 1 stays as it is", 0, 1e6, tries=(0, 5, 10, 30)),
    Parameter("weight_decay", 0, "added to the gradient, times the weight", 0, 10, tries=(0, 0.01, 0.1)),
    Parameter(
        *("negative_slope", 0, "slope of the activation below 0: 0 is ReLU, 1 is none at all", 0, 1),
        tries=(0, 0.01, 0.2, 1),
    ),
)
CELLS = {
    **{"lr_first": "C2", "lr_last": "C3", "freeze_epochs": "C4", "weight_decay": "C5"},
    **{"negative_slope": "C6"},
}


class MlpPlaces:
    """Where the parts of the sheets stand, for some settings."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        self.points, self.valid = int(settings["points"]), int(settings["valid"])
        self.hidden, self.epochs = int(settings["hidden"]), int(settings["epochs"])
        self.height = self.points + 10
        self.z = 4  # columns: units, a gap, their values, the output's six, a gap, the units' slopes
        self.h = self.z + self.hidden + 1
        self.logit = self.h + self.hidden + 1  # after a column of ones, which the bias weighs
        self.dz = self.logit + 6

    def top(self, epoch: int) -> int:
        """The row of the epoch's title, from 1; one more epoch has the weights at the end."""
        return FIRST_EPOCH + (epoch - 1) * self.height

    def layer1(self, epoch: int) -> Rect:
        """Bias and two weights of each unit, before the epoch."""
        return Rect(self.top(epoch) + 2, self.z, self.top(epoch) + 5, self.z + self.hidden)

    def layer2(self, epoch: int) -> Rect:
        """The units' weights in the output, then its bias."""
        return Rect(self.top(epoch) + 4, self.h, self.top(epoch) + 5, self.logit)

    def rows(self, epoch: int, left: int, count: int) -> Rect:
        """Columns of the points' rows."""
        top = self.top(epoch) + 6
        return Rect(top, left, top + self.points, left + count)

    def grad1(self, epoch: int) -> Rect:
        top = self.top(epoch) + 6 + self.points
        return Rect(top, self.dz, top + 3, self.dz + self.hidden)

    def grad2(self, epoch: int) -> Rect:
        top = self.top(epoch) + 6 + self.points
        return Rect(top, self.h, top + 1, self.logit)

    def validation(self, epoch: int) -> Rect:
        left = 4 + (epoch - 1) * 4
        return Rect(FIRST_DATA, left, FIRST_DATA + self.valid, left + 3)


def inputs(settings: Settings) -> list[Input]:
    """Points on the data sheet, training first; the start weights are those of epoch 1."""
    place = MlpPlaces(settings)
    found = [Input(name, NAME, Rect.parse(cell)) for name, cell in CELLS.items()]
    top = FIRST_DATA
    for name, count in (("train", place.points), ("valid", place.valid)):
        found.append(Input(f"{name}_x", DATA, Rect(top, 1, top + count, 3), form="grid"))
        found.append(Input(f"{name}_y", DATA, Rect(top, 3, top + count, 4), form="column"))
        top += count + 3
    found.append(Input(LAYER1, NAME, place.layer1(1), form="grid"))
    return [*found, Input(LAYER2, NAME, place.layer2(1), form="grid")]


def blocks(settings: Settings) -> list[Block]:
    """The parts of each epoch, the validation after it, learning rates, the single layer, the summary."""
    place = MlpPlaces(settings)
    units = range(1, place.hidden + 1)

    def each(letter: str) -> tuple[str, ...]:
        return tuple(f"{letter}{unit}" for unit in units)

    found: list[Block] = []
    for epoch in range(1, place.epochs + 2):
        name = f"epoch{epoch}"
        if epoch > 1:
            found.append(
                Block(f"{name}.layer1", NAME, place.layer1(epoch), "bias, weights of layer 1", each("w"))
            )
            names = (*each("w"), "bias")
            found.append(
                Block(f"{name}.layer2", NAME, place.layer2(epoch), "weights, bias of layer 2", names)
            )
        if epoch > place.epochs:
            continue
        z, dz = (place.rows(epoch, left, place.hidden) for left in (place.z, place.dz))
        out = place.rows(epoch, place.h, place.hidden + 6)
        names = (*each("h"), "1", "logit", "p", "loss", "right", "dlogit")
        title = "activations, output, loss, whether it is right, slope of the output"
        found.append(Block(f"{name}.hidden", NAME, z, "hidden layer before its activation", each("z")))
        found.append(Block(f"{name}.out", NAME, out, title, names))
        found.append(Block(f"{name}.slopes", NAME, dz, "slopes of the hidden layer", each("dz")))
        found.append(Block(f"{name}.grad1", NAME, place.grad1(epoch), "gradients of layer 1", each("dw")))
        found.append(
            Block(f"{name}.grad2", NAME, place.grad2(epoch), "gradients of layer 2", (*each("dw"), "dbias"))
        )
        names = ("logit", "loss", "right")
        found.append(Block(f"valid{epoch}", VALID, place.validation(epoch), "points not trained on", names))
    rates = tuple(f"lr of group {group}" for group in range(1, MOST_GROUPS + 1))
    found.append(
        Block("slice", SLICE, Rect(3, 1, 2 + MOST_GROUPS, 1 + MOST_GROUPS), "spread over groups", rates)
    )
    names = ("bias", "weight of x1", "weight of x2")
    found.append(Block("one.layer", ONE, Rect(3, 1, 4, 4), "the single layer", names))
    names = ("two layers", "one layer", "with activation")
    found.append(Block("one.logits", ONE, Rect(7, 3, 7 + place.points, 6), "logits", names))
    names = ("lr 1", "lr 2", "training loss", "validation loss", "training accuracy", "validation accuracy")
    summary = Rect(FIRST_DATA, 1, FIRST_DATA + place.epochs, 7)
    return [*found, Block("summary", SUMMARY, summary, "a row an epoch", names)]


def make_data(settings: Settings) -> Data:
    """Points with two decimals in a square, 1 where x1*x2 > 0; weights as torch.nn.Linear draws them, evenly
    up to 1 over the root of the layer's inputs."""
    place, draws = MlpPlaces(settings), Draws(int(settings["seed"]))
    x = np.round(2 * draws.uniform(2 * (place.points + place.valid)).reshape(-1, 2) - 1, 2)
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    layer1 = (2 * draws.uniform(3 * place.hidden).reshape(3, -1) - 1) / np.sqrt(2)
    layer2 = (2 * draws.uniform(place.hidden + 1).reshape(1, -1) - 1) / np.sqrt(place.hidden)
    return {
        **{"train_x": x[: place.points], "train_y": y[: place.points]},
        **{"valid_x": x[place.points :], "valid_y": y[place.points :]},
        **{LAYER1: layer1, LAYER2: layer2},
    }


LESSON = Lesson(
    name=NAME,
    title="A network with a hidden layer",
    line="Two layers and a ReLU between them, with every gradient; frozen layers, a learning rate for each.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("train_x", "train_y", "valid_x", "valid_y", LAYER1, LAYER2),
    structural=("points", "valid", "hidden", "epochs", "seed"),
)
