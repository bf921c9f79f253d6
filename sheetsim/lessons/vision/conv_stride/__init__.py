"""`conv_stride`: from a picture to a few numbers, by strides, by pooling, and by both at the end.

A convolution with stride 2 looks at every second place only and so makes a grid half as large; average and
max pooling do that without weights (pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, AvgPool2d,
MaxPool2d). At the end of a network the last grid is pooled into one number a channel; fastai joins the
largest and the mean of each (`AdaptiveConcatPool2d`, fastai 2, `layers.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings
from sheetsim.lessons.vision._shared.files import SOURCES, choose_image
from sheetsim.lessons.vision._shared.images import SIZE, default_image

NAME = "conv_stride"
POOLING, SIZES = f"{NAME} pooling", f"{NAME} sizes"
KERNEL = 3  # rows and columns of every filter
CHANNELS = 2  # of every layer
LAYERS = 3
TOP = 8  # the grids of the first sheet begin in row 9
TABLE = 4  # the tables of the last sheet in row 5

BLUR = np.outer((1, 2, 1), (1, 2, 1)) / 16
LEVEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 4
NOTHING = np.zeros((3, 3))
FILTERS = {
    "w1_1": np.array([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]]),  # upper edges
    "w1_2": np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]]),  # left edges
    "w2_1": np.vstack([BLUR, BLUR]),  # any edge
    "w2_2": np.vstack([2 * BLUR, -BLUR]),  # level edges rather than upright ones
    "w3_1": np.vstack([LEVEL, NOTHING]),  # where edges begin
    "w3_2": np.vstack([NOTHING, 2 * BLUR]),  # where there are level edges
}
"""The filters by name, w and layer and channel: one for each channel that goes in, one above the other."""

PARAMETERS = (
    Parameter("stride", 2, "by how many cells the window moves on", 1, 3, integer=True),
    Parameter("padding", 1, "how many rings of zeros stand around a grid", 0, 1, integer=True),
    Parameter(
        *("row", 2, "row of the cell of the last grid whose receptive field is framed", 1, 28),
        integer=True,
        tries=(1, 2, 3, 4),
    ),
    Parameter(
        *("column", 2, "column of the cell of the last grid whose receptive field is framed", 1, 28),
        integer=True,
        tries=(1, 2, 3, 4),
    ),
)


@dataclass(frozen=True)
class StridePlaces:
    """Where the grids stand: the picture, then for each layer its filters and what it makes, side by side;
    the second channel below the first."""

    stride: int
    padding: int

    def size(self, layer: int) -> int:
        """Rows and columns of a layer's grid; 0 is the picture."""
        return SIZE if layer == 0 else (self.size(layer - 1) + 2 * self.padding - KERNEL) // self.stride + 1

    def ring(self, layer: int) -> int:
        """Rings of zeros around a grid: there are none where no convolution follows."""
        return self.padding if layer < LAYERS else 0

    def padded(self, layer: int, channel: int = 0) -> Rect:
        """A grid with its zeros."""
        width, left = self.size(layer) + 2 * self.ring(layer), 1
        if layer:
            left = self.weights(layer).right + 1
        top = TOP + channel * self.height
        return Rect(top, left, top + width, left + width)

    def grid(self, layer: int, channel: int = 0) -> Rect:
        around, ring = self.padded(layer, channel), self.ring(layer)
        return Rect(around.top + ring, around.left + ring, around.bottom - ring, around.right - ring)

    def weights(self, layer: int, channel: int = 0) -> Rect:
        """The filters of a layer's channel, a channel that goes in below the other."""
        left = self.padded(layer - 1).right + 2
        top = TOP + channel * self.height
        rows = KERNEL if layer == 1 else KERNEL * CHANNELS
        return Rect(top, left, top + rows, left + KERNEL)

    @property
    def height(self) -> int:
        """Rows from one channel to the next."""
        return max(self.size(1) + 2 * self.padding, KERNEL * CHANNELS) + 3

    @property
    def joined(self) -> Rect:
        """The four numbers at the end."""
        left = self.padded(LAYERS).right + 2
        return Rect(TOP, left, TOP + 2 * CHANNELS, left + 1)

    def pool(self, which: int, channel: int) -> Rect:
        """On the sheet of pooling: 0 the grid that is pooled, 1 and 2 its pools, 3 the strided grid."""
        whole, half = self.size(1), self.size(1) // 2
        left, top = 1, TOP + channel * (whole + 3)
        if which:
            left += whole + 1 + (which - 1) * (half + 1)
        side = (whole, half, half, self.size(2))[which]
        return Rect(top, left, top + side, left + side)


def places_of(settings: Mapping[str, float]) -> StridePlaces:
    return StridePlaces(int(settings["stride"]), int(settings["padding"]))


def inputs(settings: Settings) -> list[Input]:
    """The picture, the filters, and the cell whose receptive field is framed."""
    places = places_of(settings)
    filters = [
        Input(f"w{layer}_{channel + 1}", NAME, places.weights(layer, channel), form="grid")
        for layer in range(1, LAYERS + 1)
        for channel in range(CHANNELS)
    ]
    return [
        Input("image", NAME, places.grid(0), form="grid"),
        *filters,
        Input("row", NAME, Rect.cell(2, 4)),
        Input("column", NAME, Rect.cell(3, 4)),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The grids of each layer, their pools, the joined numbers, and the tables of sizes."""
    places = places_of(settings)
    bottom = TABLE + LAYERS + 1
    found = [
        Block(
            f"conv{layer}_{channel + 1}",
            NAME,
            places.grid(layer, channel),
            f"layer {layer}, channel {channel + 1}",
            (f"layer {layer}",),
        )
        for layer in range(1, LAYERS + 1)
        for channel in range(CHANNELS)
    ]
    found += [
        Block(
            f"{pool}_{channel + 1}",
            POOLING,
            places.pool(which, channel),
            f"{pool} of each 2 x 2 cells, channel {channel + 1}",
            (pool,),
        )
        for which, pool in ((1, "average"), (2, "max"))
        for channel in range(CHANNELS)
    ]
    return [
        *found,
        Block("joined", NAME, places.joined, "the last grid's largest and mean, joined", ("joined",)),
        Block("sizes", SIZES, Rect(TABLE, 1, bottom, 3), "how large a grid is", ("rows", "jump")),
        Block(
            *("field", SIZES, Rect(TABLE, 3, bottom, 8), "what the framed cell sees of it"),
            ("field", "first row", "last row", "first column", "last column"),
        ),
        Block(
            *("costs", SIZES, Rect(TABLE + 1, 8, bottom, 11), "what the layer costs"),
            ("weights", "multiplications", "with stride 1 everywhere"),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Our own seven, and filters for edges."""
    return {"image": default_image(), **FILTERS}


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """All settings, the data, with a picture from a file where one is named, and notes."""
    settings = LESSON.settings(given)
    picture, notes = choose_image(sources)
    data = make_data(settings)
    return settings, data if picture is None else data | {"image": picture}, notes


LESSON = Lesson(
    name=NAME,
    title="Strides and pooling",
    line="From 28 x 28 to four numbers: stride-2 convolutions, average and max pooling, and the two joined.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("image", *FILTERS),
    structural=("stride", "padding"),
    sources=SOURCES,
    choose=choose,
)
