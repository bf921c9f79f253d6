"""`dropout`: the net of `conv`, in which a share p of conv2's activations is switched off at random.

Which ones is decided by numbers from the seed (Park and Miller's generator, by formula): the same seed gives
the same mask in Excel, NumPy, PyTorch and CUDA. The course's convention leaves the others as they are;
torch's divides them by 1 - p, so that their mean stays.
Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014.
"""

from collections.abc import Mapping

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws
from sheetsim.lessons.vision._shared.files import SOURCES, choose_image
from sheetsim.lessons.vision._shared.images import default_image
from sheetsim.lessons.vision._shared.net import CHANNELS, NetAddresses

NAME = "dropout"
MASKS, COUNTS, RANDOM = (f"{NAME} {name}" for name in ("masks", "counts", "random"))
NET = NetAddresses(
    sheet=NAME,
    image="A2:AB29",
    conv1_weight=("AD11:AF13", "AD42:AF44"),
    conv1=("AI3:BH28", "AI36:BH61"),
    conv2_weight=("BK11:BM13", "BK15:BM17", "BK42:BM44", "BK46:BM48"),
    conv2=("BQ4:CO27", "BQ37:CO60"),
    pool=("GH4:HF26", "GH37:HF59"),
    dense_weight=("HI4:IG26", "HI37:IG59"),
    dense="II4",
)
UNIFORM = ("CU4:DS27", "CU37:DS60")
MASK = ("DZ4:EX27", "DZ37:EX60")
OUT = ("FE4:GC27", "FE37:GC60")
COUNT = ("FA30:FA32", "FA63:FA65")
CONVENTIONS = ("lesson", "torch")
STRIP = 5  # masks over the same picture
SHAPE = (24, 25)  # of a mask
STATES = Rect(4, 1, 4 + (len(CHANNELS) + STRIP) * SHAPE[0], 1 + SHAPE[1])  # on the sheet of random numbers
WEIGHTS_SEED = 7  # the weights that `conv` shows

PARAMETERS = (
    Parameter(
        *("p", 0.5, "the share of activations that is switched off", 0, 0.99),
        tries=(0, 0.1, 0.2, 0.3, 0.5, 0.9),
    ),
    Parameter(
        "convention",
        0,
        "what is kept stays as it is (lesson), or is times 1/(1-p) (torch)",
        choices=CONVENTIONS,
    ),
    Parameter(
        *("seed", 1, "start of the generator that makes the masks", 1, 2147483646),
        integer=True,
        tries=(1, 2, 3, 7, 42),
    ),
)
PLACES = {"p": "GD1", "convention": "GD2", "seed": "GD3"}


def inputs(settings: Settings) -> list[Input]:
    """The image, all weights, and the parameters."""
    return [*NET.inputs(), *(Input(name, NAME, Rect.parse(at)) for name, at in PLACES.items())]


def net_blocks() -> list[Block]:
    """What the course's sheet has, too; its random numbers are inputs there."""
    found = NET.convolutions()
    for name, places, title in (
        ("mask", MASK, "the random number where the activation is kept, else 0"),
        ("out", OUT, "the activations that are kept"),
        ("count", COUNT, "cells (as the course has it), zeros, their share"),
    ):
        found += [
            Block(f"{name}_{n}", NAME, Rect.parse(at), f"{title}, channel {n}", (f"{name}, channel {n}",))
            for n, at in zip(CHANNELS, places, strict=True)
        ]
    return found + NET.ends()


def blocks(settings: Settings) -> list[Block]:
    """The net with dropout, the numbers behind it, the strip of masks, what is expected and found."""
    columns = (
        "cells",
        "expected off",
        "off",
        "share",
        "standard deviation",
        "apart",
        "mean before",
        "mean after",
    )
    rows = len(CHANNELS) + STRIP
    return [
        *net_blocks(),
        *(
            Block(f"uniform_{n}", NAME, Rect.parse(at), f"random numbers, channel {n}", ("uniform",))
            for n, at in zip(CHANNELS, UNIFORM, strict=True)
        ),
        Block("rule", NAME, Rect.parse("FA28:FA29"), "where a number is kept, and times what", ("rule",)),
        Block("states", RANDOM, STATES, "the generator's states, row by row", ("state",)),
        *(
            Block(f"strip_{n}", MASKS, strip_place(n), f"conv2, channel 1, under mask {n}", (f"mask {n}",))
            for n in range(1, STRIP + 1)
        ),
        Block("counts", COUNTS, Rect(4, 1, 4 + rows, 9), "what is expected and what is found", columns),
    ]


def strip_place(n: int) -> Rect:
    """Where mask n's picture stands; 0: the picture without a mask."""
    left = 1 + n * (SHAPE[1] + 2)
    return Rect(4, left, 4 + SHAPE[0], left + SHAPE[1])


def make_data(settings: Settings) -> Data:
    """Our own digit, the filters of edges, and the other weights that `conv` shows."""
    random = 2 * Draws(WEIGHTS_SEED).uniform(366) - 1
    data = {"image": default_image(), "conv1_weight_1": np.repeat([1.0, 0.0, -1.0], 3).reshape(3, 3)}
    data["conv1_weight_2"] = data["conv1_weight_1"].T
    for place, name in enumerate(("11", "12", "21", "22"), 2):
        data[f"conv2_weight_{name}"] = random[9 * place : 9 * place + 9].reshape(3, 3)
    for n in CHANNELS:
        weights = np.full((23, 25), np.nan)
        weights[::2, ::2] = random[54 + 156 * (n - 1) :][:156].reshape(12, 13)
        data[f"dense_weight_{n}"] = weights
    return data


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """All settings, and the image that was asked for."""
    full = LESSON.settings(given)
    image, notes = choose_image(sources)
    data = make_data(full)
    return full, data if image is None else data | {"image": image}, notes


def original_inputs(settings: Settings) -> list[Input]:
    """The course's random numbers are volatile: what is stored of them is an input."""
    numbers = [
        Input(f"uniform_{n}", NAME, Rect.parse(at), form="grid")
        for n, at in zip(CHANNELS, UNIFORM, strict=True)
    ]
    return [*NET.inputs(), Input("p", NAME, Rect.parse(PLACES["p"])), *numbers]


LESSON = Lesson(
    name=NAME,
    title="Dropout: activations switched off at random",
    line="A share p of activations switched off at random, the same mask from the same seed everywhere.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=tuple(one.name for one in NET.inputs()),
    originals=(
        Original(
            "conv-example (dropout)",
            settings=lambda sheet: {},
            inputs=original_inputs,
            blocks=lambda settings: net_blocks(),
            constants={"convention": 0},
        ),
    ),
    conventions="The course leaves the activations that are kept as they are, so that their mean falls to "
    "about 1 - p of what it was, and what follows must cope with that when dropout is turned off. "
    "torch.nn.functional.dropout divides them by 1 - p while it trains, so that the mean stays and nothing "
    "need be done afterwards.",
    sources=SOURCES,
    choose=choose,
)
