"""`activations`: what stands between the layers of a network, each function with its slope.

ReLU; leaky ReLU (Maas et al. 2013); sigmoid; tanh; SiLU or swish (Elfwing et al., arXiv 1702.03118); GELU
(Hendrycks and Gimpel, arXiv 1606.08415), by tanh as their section 2 has it, exactly beside it; mish
(Misra, arXiv 1908.08681). PyTorch: torch.nn.functional, and autograd for the slopes.
"""

from dataclasses import replace

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME = "activations"
POINT, DEPTH = f"{NAME} point", f"{NAME} depth"
FUNCTIONS = ("relu", "leaky relu", "sigmoid", "tanh", "silu", "gelu", "mish")
DEEP = ("relu", "leaky relu", "sigmoid", "tanh", "silu")  # those whose slope is a short formula
FIRST = 9  # row 10, counted from 0, of the table's first x
LAYERS = 10
CANCELLED = 1e-13  # what rounding leaves of 1+TANH(u), times |x| up to 50, and of 1-TANH(u)^2, far below 0
ROUNDING = {
    **dict.fromkeys(("values", "inner", "slopes", "at", "slope", "chosen", "passed"), CANCELLED),
    "estimate": CANCELLED / 0.002,  # over twice the smallest h
    "tangent": 500 * CANCELLED,  # times the farthest x from x0
}
EXACT_DIGITS = 5  # of the exact GELU: IronCalc's NORM.S.DIST is right to ten digits, no more

PARAMETERS = (
    Parameter("low", -4, "the smallest x", -50, 0, tries=(-10, -5, -3, -1)),
    Parameter("step", 0.25, "from one x to the next", 0.001, 1, tries=(0.05, 0.1, 0.25, 0.5)),
    Parameter("negative_slope", 0.01, "leaky ReLU's slope below 0", 0, 1, tries=(0, 0.01, 0.1, 0.3, 1)),
    Parameter("function", 5, "which function to look at", choices=FUNCTIONS),
    Parameter("x0", -1, "where to look", -50, 50, tries=(-3, -1, -0.5, 0, 0.5, 2)),
    Parameter("h", 0.01, "how far to both sides the estimate goes", 0.001, 1, tries=(0.001, 0.01, 0.1, 1)),
    Parameter("signal", 1, "what goes into the first layer", -50, 50, tries=(-1, 0.5, 1, 3)),
    Parameter("rows", 33, "how many x there are", 5, 400, integer=True),
)


def inputs(settings: Settings) -> list[Input]:
    """What is chosen on each sheet; there are no data."""
    places = {
        NAME: {"low": "B2", "step": "B3", "negative_slope": "B4"},
        POINT: {"function": "B2", "x0": "B3", "h": "B4"},
        DEPTH: {"signal": "B2"},
    }
    return [
        Input(name, sheet, Rect.parse(cell), exact=name == "function")
        for sheet, cells in places.items()
        for name, cell in cells.items()
    ]


def blocks(settings: Settings) -> list[Block]:
    """The functions and their slopes over x, at one point, and through layer after layer."""
    last = FIRST + int(settings["rows"])
    names = ("ReLU", "leaky ReLU", "sigmoid", "tanh", "SiLU", "GELU", "mish")
    slopes = tuple(f"{name}'" for name in names)
    deep = ("ReLU", "leaky ReLU", "sigmoid", "tanh", "SiLU")
    parts = [
        Block("x", NAME, Rect.parse(f"A10:A{last}"), "x", ("x",)),
        Block("values", NAME, Rect.parse(f"B10:H{last}"), "the functions", names),
        Block(
            *("inner", NAME, Rect.parse(f"J10:K{last}"), "the tanh inside GELU and mish"),
            ("GELU's tanh", "mish's tanh"),
        ),
        Block("slopes", NAME, Rect.parse(f"M10:S{last}"), "their slopes", slopes),
        Block(
            *("exact", NAME, Rect.parse(f"U10:V{last}"), "GELU with the normal distribution, to 5 decimals"),
            ("exact GELU", "GELU - exact"),
        ),
        Block("at", POINT, Rect.parse("B8:D14"), "the functions around x0", ("x0 - h", "x0", "x0 + h")),
        Block("slope", POINT, Rect.parse("E8:E14"), "the slope at x0", ("slope",)),
        Block("estimate", POINT, Rect.parse("F8:F14"), "the slope from the two neighbours", ("estimate",)),
        Block("apart", POINT, Rect.parse("G8:G14"), "estimate - slope, to 6 decimals", ("apart",)),
        Block("chosen", POINT, Rect.parse("B16:D16"), "the function chosen", ("place", "value", "slope")),
        Block(
            *("tangent", POINT, Rect.parse(f"A20:C{10 + last}"), "the function and its tangent at x0"),
            ("x", "function", "tangent"),
        ),
        Block("signals", DEPTH, Rect(6, 1, 7 + LAYERS, 6), "what comes out of each layer", deep),
        Block("passed", DEPTH, Rect(6, 7, 7 + LAYERS, 12), "the product of the slopes so far", deep),
    ]
    return [replace(one, rounding=ROUNDING.get(one.name, 0)) for one in parts]


def make_data(settings: Settings) -> Data:
    """None: x is computed."""
    return {}


LESSON = Lesson(
    name=NAME,
    title="Activation functions",
    line="ReLU, leaky ReLU, sigmoid, tanh, SiLU, GELU and mish with their slopes, and what ten layers do.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    conventions=(
        "GELU is the form with tanh, F.gelu(x, approximate='tanh'); torch's default is the exact one, x by "
        "the normal distribution, which stands beside it to 5 decimals."
    ),
    structural=("rows",),
)
