"""`conv`: a small convolutional net, every activation a cell: two convolutions with ReLU, max pooling, and
one dense unit, at the addresses of the course's sheet.

The filters are chosen by a drop-down list: edges as the course has them, Sobel's, or random ones from the
seed (Park and Miller's generator, by formula), from which all other weights come too.
"""

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings
from sheetsim.lessons.vision._shared.files import SOURCES, choose_image
from sheetsim.lessons.vision._shared.images import default_image
from sheetsim.lessons.vision._shared.net import NetAddresses

NAME = "conv"
PICTURE, ONE, FILTERS, COST = (f"{NAME} {name}" for name in ("picture", "one cell", "filters", "cost"))
NET = NetAddresses(
    sheet=NAME,
    image="A2:AB29",
    conv1_weight=("AD11:AF13", "AD38:AF40"),
    conv1=("AH3:BG28", "AH32:BG57"),
    conv2_weight=("BI11:BK13", "BI15:BK17", "BI38:BK40", "BI42:BK44"),
    conv2=("BM4:CK27", "BM33:CK56"),
    pool=("CM4:DK26", "CM33:DK55"),
    dense_weight=("DN4:EL26", "DN33:EL55"),
    dense="EN4",
)
LAYERS = ("conv1", "conv2", "pool")
CHOICES = ("edges", "sobel", "random")
WEIGHTS = 366  # random ones: 18 for conv1's filters, 36 for conv2's, 2 * 12 * 13 for the dense unit
STATES = Rect.parse(f"B6:D{5 + WEIGHTS}")  # on the sheet of filters
LIBRARY = {  # what the course has, but for a stray 0.0476 in the middle of its first filter; and Sobel's
    "edges_1": ((1, 1, 1), (0, 0, 0), (-1, -1, -1)),
    "edges_2": ((1, 0, -1), (1, 0, -1), (1, 0, -1)),
    "sobel_1": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "sobel_2": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
}

PARAMETERS = (
    Parameter("filters", 0, "the filters of conv1", choices=CHOICES),
    Parameter(
        *("seed", 7, "start of the generator that makes the random weights", 1, 2147483646),
        integer=True,
        tries=(1, 2, 3, 7, 42),
    ),
    Parameter("layer", 2, "the layer of the cell that is looked at", choices=LAYERS),
    Parameter("row", 4, "the cell's row in its layer", 1, 26, integer=True, tries=(1, 4, 8, 12)),
    Parameter("column", 7, "the cell's column in its layer", 1, 26, integer=True, tries=(1, 4, 7, 10, 13)),
)
PLACES = {"filters": "AF3", "seed": "AF4", "layer": "AF6", "row": "AF7", "column": "AF8"}


def inputs(settings: Settings) -> list[Input]:
    """The image, all weights (formulas that a user may type over), the filters to choose from, parameters."""
    library = zip(LIBRARY, ("F7:H9", "F12:H14", "J7:L9", "J12:L14"), strict=True)
    return [
        *NET.inputs(),
        *(Input(name, FILTERS, Rect.parse(at), form="grid") for name, at in library),
        *(Input(name, NAME, Rect.parse(at)) for name, at in PLACES.items()),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The net, what the chosen cell sees, one cell worked out, the weights, what it costs."""
    field = ("first row", "last row", "first column", "last column")
    place = ("row", "column")
    cost = ("outputs", "taps", "multiplications", "weights", "im2col", "inputs", "matrix", "times more")
    sums = ("sum", "conv1, ReLU", "channel 1", "channel 2", "sum", "conv2, ReLU")
    patches = {
        "image": ("B7:D9", "J7:L9"),
        "conv1_1": ("B14:D16", "J14:L16"),
        "conv1_2": ("B19:D21", "J19:L21"),
    }
    return [
        *NET.convolutions(),
        *NET.ends(),
        Block("field", NAME, Rect.parse("L34:O37"), "what the chosen cell sees of each layer", field),
        Block("place", ONE, Rect.parse("B4:C5"), "the cells of conv1 and conv2 that are worked out", place),
        *(
            block
            for name, (patch, product) in patches.items()
            for block in (
                Block(f"patch_{name}", ONE, Rect.parse(patch), f"the part of {name} under the filter", ("",)),
                Block(
                    f"product_{name}",
                    ONE,
                    Rect.parse(product),
                    f"that part of {name} times the filter",
                    ("",),
                ),
            )
        ),
        Block("sums", ONE, Rect.parse("B25:G25"), "from products to activations", sums),
        Block("random", FILTERS, STATES, "numbers from the seed", ("state", "uniform", "weight")),
        Block("chosen_1", FILTERS, Rect.parse("R7:T9"), "the chosen filter 1", ("",)),
        Block("chosen_2", FILTERS, Rect.parse("R12:T14"), "the chosen filter 2", ("",)),
        Block("cost", COST, Rect.parse("B5:I6"), "what each convolution costs", cost),
    ]


def make_data(settings: Settings) -> Data:
    """Our own digit, and the filters to choose from."""
    filters = {name: np.array(filter, float) for name, filter in LIBRARY.items()}
    return {"image": default_image(), **filters}


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """All settings, and the image that was asked for."""
    full = LESSON.settings(given)
    image, notes = choose_image(sources)
    data = make_data(full)
    return full, data if image is None else data | {"image": image}, notes


LESSON = Lesson(
    name=NAME,
    title="A convolutional net, cell by cell",
    line="A digit, two convolutions with ReLU, max pooling and a dense unit, as pictures made of cells.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=(*(one.name for one in NET.inputs()), *LIBRARY),
    originals=(
        Original(
            "conv-example",
            settings=lambda sheet: {},
            inputs=lambda settings: NET.inputs(),
            blocks=lambda settings: [*NET.convolutions(), *NET.ends()],
        ),
    ),
    conventions="A convolution here is what torch.nn.functional.conv2d computes: the filter is not turned "
    "round (mathematicians call that a correlation). Sums are taken in reading order, torch takes them in "
    "another, so that the last bit of some cells differs.",
    sources=SOURCES,
    choose=choose,
)
