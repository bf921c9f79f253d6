"""`conv_matmul`: one convolution computed three ways, by a sliding window and by two matrix products.

Unfolding every window of the picture into a row (im2col) makes the convolution one product with the flattened
filter, which is how most libraries compute it (Chellapilla, Puri and Simard, "High Performance Convolutional
Neural Networks for Document Processing", 2006; pytorch.org/docs/stable/generated/torch.nn.Unfold.html). A
convolution is linear, and so it is also one matrix, mostly zeros, times the flattened picture: a banded
matrix whose bands hold the filter's weights (a doubly blocked Toeplitz matrix).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings
from sheetsim.lessons.vision._shared.files import SOURCES, choose_image
from sheetsim.lessons.vision._shared.images import default_image

Array = NDArray[np.float64]

NAME = "conv_matmul"
UNFOLDED, BANDED, COUNTS = (f"{NAME} {sheet}" for sheet in ("im2col", "banded", "counts"))
KERNEL = 3  # rows and columns of the filter
WEIGHTS = KERNEL * KERNEL
INNER = slice(3, 24)  # where a digit stands in a picture of 28 x 28
LEVELS = 8  # of grey: eighths, so that every sum below is exact

FILTERS: Mapping[str, tuple[float, ...]] = {
    "top": (1, 1, 1, 0, 0, 0, -1, -1, -1),
    "left": (1, 0, -1, 1, 0, -1, 1, 0, -1),
    "diag": (0, 1, 2, -1, 0, 1, -2, -1, 0),
    "sharp": (0, -1, 0, -1, 5, -1, 0, -1, 0),
    "blur": (0.0625, 0.125, 0.0625, 0.125, 0.25, 0.125, 0.0625, 0.125, 0.0625),
    "mine": (0, 0, 0, 0, 1, 0, 0, 0, 0),
}
SIZES = (7, 14, 28, 56, 112, 224)

PARAMETERS = (
    Parameter("size", 7, "rows and columns of the picture", 5, 14, integer=True),
    Parameter("filter", 0, "which filter of the list below slides over the picture", choices=tuple(FILTERS)),
    Parameter(
        "patch",
        8,
        "the window to look at, counted row by row; its cells are marked on every sheet",
        1,
        144,
        integer=True,
        tries=(1, 2, 8, 13, 25),
    ),
)


@dataclass(frozen=True)
class MatmulPlaces:
    """Where the grids of the first sheet stand, left to right, and below them."""

    size: int

    @property
    def out(self) -> int:
        """Rows and columns of the result."""
        return self.size - KERNEL + 1

    @property
    def image(self) -> Rect:
        return Rect(TOP, 1, TOP + self.size, 1 + self.size)

    @property
    def weights(self) -> Rect:
        return self._after(self.image, KERNEL)

    @property
    def results(self) -> tuple[Rect, Rect, Rect]:
        """The three results, a column between one and the next for the numbers of their rows."""
        sliding = self._after(self.weights, self.out)
        product = self._after(sliding, self.out)
        return sliding, product, self._after(product, self.out)

    def below(self, rect: Rect, rows: int) -> Rect:
        """A grid of some rows under another, in the lower half of the sheet."""
        top = TOP + self.size + 3
        return Rect(top, rect.left, top + rows, rect.right)

    @property
    def patch(self) -> Rect:
        under = self.below(self.image, KERNEL)
        return Rect(under.top, under.left, under.bottom, under.left + KERNEL)

    @property
    def count(self) -> int:
        """The row of the counts of multiplications, below everything else of the lower half."""
        return self.below(self.image, max(self.out, KERNEL)).bottom + 1

    @property
    def filters(self) -> Rect:
        return Rect(self.count + 4, 1, self.count + 4 + len(FILTERS), 1 + WEIGHTS)

    @staticmethod
    def _after(rect: Rect, columns: int) -> Rect:
        rows = rect.rows if columns == rect.columns else columns
        return Rect(TOP, rect.right + 1, TOP + rows, rect.right + 1 + columns)


TOP = 8  # the grids of the first sheet begin in row 9
TABLE_TOP = 6  # the matrices of the other sheets in row 7
TABLE_LEFT = 3  # and in column D


def inputs(settings: Settings) -> list[Input]:
    """The picture, the list of filters, which filter, which window."""
    places = MatmulPlaces(int(settings["size"]))
    return [
        Input("image", NAME, places.image, form="grid"),
        Input("filters", NAME, places.filters, form="grid"),
        Input("filter", NAME, Rect.cell(2, 3)),
        Input("patch", NAME, Rect.cell(3, 3)),
        Input("count_n", COUNTS, Rect(4, 0, 4 + len(SIZES), 1), form="column"),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The filter in use, the three results and their differences, both matrices and products, the counts."""
    places = MatmulPlaces(int(settings["size"]))
    patches, pixels = places.out**2, places.size**2
    sliding, product, banded = places.results
    patch = places.patch

    def table(name: str, sheet: str, left: int, rows: int, columns: int, title: str) -> Block:
        return Block(name, sheet, Rect(TABLE_TOP, left, TABLE_TOP + rows, left + columns), title, (title,))

    weights_left = TABLE_LEFT + WEIGHTS + 1
    image_left = TABLE_LEFT + pixels + 1
    return [
        Block("weights", NAME, places.weights, "the filter's weights", ("filter",)),
        Block("sliding", NAME, sliding, "the window slides over the picture", ("sliding window",)),
        Block("folded", NAME, product, "im2col's product, folded into a grid", ("im2col",)),
        Block("banded_folded", NAME, banded, "the banded product, folded into a grid", ("banded",)),
        Block("off_im2col", NAME, places.below(product, places.out), "im2col - sliding", ("difference",)),
        Block("off_banded", NAME, places.below(banded, places.out), "banded - sliding", ("difference",)),
        Block("window", NAME, patch, "the marked window's pixels", ("window",)),
        Block("products", NAME, places.below(places.weights, KERNEL), "pixel * weight", ("products",)),
        Block("sum", NAME, Rect.cell(patch.top + 1, sliding.left), "the sum of the nine products", ("sum",)),
        table("unfolded", UNFOLDED, TABLE_LEFT, patches, WEIGHTS, "a window a row"),
        table("weight_column", UNFOLDED, weights_left, WEIGHTS, 1, "weights"),
        table("product", UNFOLDED, weights_left + 2, patches, 1, "product"),
        table("banded", BANDED, TABLE_LEFT, patches, pixels, "the convolution as one matrix"),
        table("image_column", BANDED, image_left, pixels, 1, "picture"),
        table("banded_product", BANDED, image_left + 2, patches, 1, "product"),
        Block(
            *("counts", COUNTS, Rect(4, 1, 4 + len(SIZES), 6), "what each way costs"),
            (
                *("outputs", "multiplications: sliding, im2col", "numbers im2col stores"),
                *("multiplications: banded", "of these not by zero"),
            ),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Our own seven, made small."""
    return data_of(settings, default_image())


def data_of(settings: Settings, picture: Array) -> Data:
    """The data with a picture of 28 x 28, which is made as small as `size` says."""
    small = shrink(picture[INNER, INNER], int(settings["size"]))
    return {
        "image": np.round(small * LEVELS) / LEVELS,
        "filters": np.array(list(FILTERS.values()), float),
        "count_n": np.array(SIZES, float),
    }


def shrink(picture: Array, size: int) -> Array:
    """The means of size x size parts, as equal as can be."""
    rows = np.array_split(picture, size, axis=0)
    return np.array([[part.mean() for part in np.array_split(row, size, axis=1)] for row in rows])


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """All settings, the data, with a picture from a file where one is named, and notes."""
    settings = LESSON.settings(given)
    picture, notes = choose_image(sources)
    return settings, data_of(settings, default_image() if picture is None else picture), notes


LESSON = Lesson(
    name=NAME,
    title="A convolution is a matrix product",
    line="The same convolution three ways: sliding window, im2col's matrix product, one banded matrix.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("image", "filters", "count_n"),
    structural=("size",),
    sources=SOURCES,
    choose=choose,
)
