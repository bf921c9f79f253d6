"""Where the small convolutional net of `conv` and `dropout` stands on its sheet.

An image is seen by two 3x3 filters (conv1), their two pictures by two filters of 3x3x2 (conv2), each second
cell of conv2 by max pooling, and all that remains by one dense unit. Filters have the place of torch's
weights: `conv2_weight_21` leads from channel 1 of conv1 to channel 2 of conv2.

Two quirks of the course's sheets are kept: conv2 is a column wider than it should be (25, not 24), as its
last column reads the blank column beside conv1; pooled values stand in every second cell, so that they lie
where their windows begin.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Input

KERNEL = 3  # rows and columns of a filter
CHANNELS = (1, 2)


@dataclass(frozen=True, slots=True)
class NetAddresses:
    """Addresses on the sheet; a tuple has channel 1, channel 2; conv2's weights are by output and input
    channel: 11, 12, 21, 22."""

    sheet: str
    image: str
    conv1_weight: tuple[str, str]
    conv1: tuple[str, str]
    conv2_weight: tuple[str, str, str, str]
    conv2: tuple[str, str]
    pool: tuple[str, str]
    dense_weight: tuple[str, str]
    dense: str

    def inputs(self) -> list[Input]:
        """The image and all weights."""
        places = {"image": self.image}
        places |= {f"conv1_weight_{n}": at for n, at in zip(CHANNELS, self.conv1_weight, strict=True)}
        pairs = [f"{out}{into}" for out in CHANNELS for into in CHANNELS]
        places |= {f"conv2_weight_{n}": at for n, at in zip(pairs, self.conv2_weight, strict=True)}
        found = [Input(name, self.sheet, Rect.parse(at), form="grid") for name, at in places.items()]
        dense = zip(CHANNELS, self.dense_weight, strict=True)
        return found + [
            Input(f"dense_weight_{n}", self.sheet, Rect.parse(at), form="grid", blank=True) for n, at in dense
        ]

    def convolutions(self) -> list[Block]:
        """conv1 and conv2, with their ReLU."""
        layers = {
            "conv1": (self.conv1, "convolution of the image and ReLU"),
            "conv2": (self.conv2, "convolution of both channels of conv1 and ReLU"),
        }
        return [
            Block(
                f"{name}_{n}", self.sheet, Rect.parse(at), f"{title}, channel {n}", (f"{name}, channel {n}",)
            )
            for name, (places, title) in layers.items()
            for n, at in zip(CHANNELS, places, strict=True)
        ]

    def ends(self) -> list[Block]:
        """Max pooling and the dense unit."""
        title = "largest of each 2 x 2 window, in every second cell"
        pool = [
            Block(f"pool_{n}", self.sheet, Rect.parse(at), f"{title}, channel {n}", (f"pool, channel {n}",))
            for n, at in zip(CHANNELS, self.pool, strict=True)
        ]
        dense = Rect.parse(self.dense)
        return [*pool, Block("dense", self.sheet, dense, "all pooled values times their weights", ("dense",))]
