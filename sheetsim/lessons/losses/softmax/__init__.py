"""`softmax`: outputs of a network as probabilities, of one class among many, or of each by itself.

The course's sheets: entropy_example.xlsx, "softmax", in two versions. Beside them the form that survives
large outputs (the largest is subtracted first, as every library does it), pictures with several things in
them, and the gradient of the loss with respect to the outputs. PyTorch: nn.Softmax, nn.Sigmoid,
nn.CrossEntropyLoss, nn.BCEWithLogitsLoss.
"""

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings

NAME = "softmax"
STABLE, SEVERAL, GRADIENT = f"{NAME} stable", f"{NAME} several", f"{NAME} gradient"
CLASSES = ("cat", "dog", "plane", "fish", "building")
OUTPUTS = (1.2, 0.4, -1.8, 2.3, -0.6)
LESS = 2.0  # the second image's outputs are so much less
PICTURES: dict[str, tuple[tuple[float, ...], tuple[int, ...]]] = {  # outputs; what is in the picture
    "a cat": ((4.1, -0.3, -3.2, -1.5, -2.4), (1, 0, 0, 0, 0)),
    "a fish": ((-2.2, -1.9, -3.0, 3.4, -2.8), (0, 0, 0, 1, 0)),
    "a cat and a dog": ((3.6, 3.1, -4.0, -2.1, -1.2), (1, 1, 0, 0, 0)),
    "a dog before a building": ((-0.9, 2.2, -1.7, -3.3, 2.8), (0, 1, 0, 0, 1)),
    "planes over a building": ((-4.2, -3.1, 2.4, -2.9, 2.1), (0, 0, 1, 0, 1)),
    "an empty beach": ((-3.9, -2.7, -2.2, -1.1, -3.0), (0, 0, 0, 0, 0)),
}
COUNT = len(CLASSES)

PARAMETERS = (
    Parameter("scale", 1, "what the outputs are multiplied by", -100, 100, tries=(0.1, 0.5, 1, 2, 10)),
    Parameter(
        *("shift", 1000, "what is added to all outputs", -100_000, 100_000),
        tries=(-1000, 0, 10, 700, 710, 1000),
    ),
    Parameter(
        *("threshold", 0.5, "from which sigmoid on a thing counts as seen", 0, 1),
        tries=(0.05, 0.1, 0.5, 0.9, 0.95),
    ),
    Parameter(
        *("target", 1, "which class is right, counted from 1", 1, COUNT),
        integer=True,
        tries=(1, 2, 3, 4, 5),
    ),
)


def _column(name: str, cells: str) -> Input:
    return Input(name, NAME, Rect.parse(cells), form="column")


def inputs(settings: Settings) -> list[Input]:
    """The outputs of two images; of pictures with several things in them; what is chosen on each sheet."""
    return [
        Input("class", NAME, Rect.parse("A3:A7"), form="texts"),
        _column("logits1", "B3:B7"),
        _column("logits2", "G3:G7"),
        Input("scale", STABLE, Rect.parse("B2")),
        Input("shift", STABLE, Rect.parse("B3")),
        Input("threshold", SEVERAL, Rect.parse("B2")),
        Input("picture", SEVERAL, Rect.parse("A6:A11"), form="texts"),
        Input("scores", SEVERAL, Rect.parse("B6:F11"), form="grid"),
        Input("present", SEVERAL, Rect.parse("I6:M11"), form="grid", exact=True),
        Input("target", GRADIENT, Rect.parse("B2")),
    ]


def _image(number: int, cells: str, totals: str) -> list[Block]:
    """One image's columns exp and softmax, and their sums."""
    return [
        Block(
            *(f"image{number}", NAME, Rect.parse(cells), f"e to the outputs of image {number}, and shares"),
            ("exp", "softmax"),
        ),
        Block(f"total{number}", NAME, Rect.parse(totals), "their sums", ("sum of exp", "sum of softmax")),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks, and ours on sheets of their own."""
    return [
        *_image(1, "C3:D7", "C8:D8"),
        *_image(2, "H3:I7", "H8:I8"),
        Block(
            *("binary", NAME, Rect.parse("K3:L7"), "the sigmoid: each class by itself"),
            ("Image 1", "Image 2"),
        ),
        Block("offset", NAME, Rect.parse("B10"), "how far the two images' outputs are apart", ("apart",)),
        Block("difference", NAME, Rect.parse("B11"), "squared differences of the two softmax", ("sum",)),
        Block("shifted", STABLE, Rect.parse("B7:B11"), "Image 1's outputs, scaled and shifted", ("output",)),
        Block(
            *("plain", STABLE, Rect.parse("C7:E11"), "by the plain formula"),
            ("exp", "softmax", "log of it"),
        ),
        Block("plain_total", STABLE, Rect.parse("C12:D12"), "sums", ("sum of exp", "sum of softmax")),
        Block(
            *("stable", STABLE, Rect.parse("G7:J11"), "with the largest subtracted first"),
            ("less the largest", "exp", "softmax", "log-softmax"),
        ),
        Block("stable_total", STABLE, Rect.parse("H12:I12"), "sums", ("sum of exp", "sum of softmax")),
        Block("exp", SEVERAL, Rect.parse("B15:F20"), "e to the outputs less their largest", ("exp",)),
        Block("exp_sum", SEVERAL, Rect.parse("G15:G20"), "their sum", ("sum",)),
        Block("softmax", SEVERAL, Rect.parse("B24:F29"), "softmax", ("softmax",)),
        Block("softmax_sum", SEVERAL, Rect.parse("G24:G29"), "its sum", ("sum",)),
        Block("sigmoid", SEVERAL, Rect.parse("I24:M29"), "sigmoid", ("sigmoid",)),
        Block("sigmoid_sum", SEVERAL, Rect.parse("N24:N29"), "its sum", ("sum",)),
        Block("one", SEVERAL, Rect.parse("B33:F38"), "softmax picks its largest", ("one of many",)),
        Block("one_wrong", SEVERAL, Rect.parse("G33:G38"), "classes that it has wrong", ("wrong",)),
        Block("many", SEVERAL, Rect.parse("I33:M38"), "sigmoid picks all above threshold", ("many of many",)),
        Block("many_wrong", SEVERAL, Rect.parse("N33:N38"), "classes that it has wrong", ("wrong",)),
        Block("one_total", SEVERAL, Rect.parse("G39"), "all that softmax has wrong", ("wrong",)),
        Block("many_total", SEVERAL, Rect.parse("N39"), "all that sigmoid has wrong", ("wrong",)),
        Block(
            *("of_softmax", GRADIENT, Rect.parse("C6:H10"), "one of many: cross-entropy of the softmax p"),
            ("exp", "p", "y", "loss", "dloss/dp", "p - y"),
        ),
        Block(
            *("of_sigmoid", GRADIENT, Rect.parse("J6:L10"), "each by itself: binary cross-entropy of s"),
            ("s", "loss", "s - y"),
        ),
        Block("loss_softmax", GRADIENT, Rect.parse("C11:F11"), "sums", ("exp", "p", "y", "loss")),
        Block("gradient_softmax", GRADIENT, Rect.parse("H11"), "sum, to 12 decimals", ("p - y",)),
        Block("loss_sigmoid", GRADIENT, Rect.parse("J11:L11"), "sums", ("s", "loss", "s - y")),
        Block(
            *(
                "jacobian",
                GRADIENT,
                Rect.parse("B16:F20"),
                "how each p (down) moves with each output (across)",
            ),
            ("dp/doutput",),
        ),
        Block(
            *("chain", GRADIENT, Rect.parse("B21:F21"), "dloss/doutput by the chain rule: p - y again"),
            ("dloss/doutput",),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Two images whose outputs differ by a constant, and pictures with none, one or two things in them."""
    outputs = np.array(OUTPUTS)
    return {
        "class": np.array(CLASSES, object)[:, None],
        "logits1": outputs,
        "logits2": np.round(outputs - LESS, 1),
        "picture": np.array(list(PICTURES), object)[:, None],
        "scores": np.array([scores for scores, _ in PICTURES.values()]),
        "present": np.array([present for _, present in PICTURES.values()], float),
    }


ORIGINALS = (
    Original(
        NAME,
        settings=lambda sheet: {},
        inputs=lambda settings: [_column("logits1", "B3:B7"), _column("logits2", "G3:G7")],
        blocks=lambda settings: [
            *_image(1, "C3:D7", "C8:D8"),
            *_image(2, "H3:I7", "H8:I8"),
            Block("binary", NAME, Rect.parse("K3:L7"), "the sigmoid", ("Image 1", "Image 2")),
        ],
        mark=("K3", "C3/(1+C3)"),
    ),
    Original(  # course22's: one image, and a row higher
        NAME,
        settings=lambda sheet: {},
        inputs=lambda settings: [_column("logits1", "B2:B6")],
        blocks=lambda settings: _image(1, "C2:D6", "C7:D7"),
        mark=("C7", "SUM(C2:C6)"),
    ),
)

LESSON = Lesson(
    name=NAME,
    title="Softmax and sigmoid",
    line="Outputs as probabilities: softmax for one of many, sigmoids for many; large outputs survived.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("class", "logits1", "logits2", "picture", "scores", "present"),
    originals=ORIGINALS,
    conventions=(
        "The course's sheet divides e^output by the sum of all of them, as it is written in books. "
        "torch.softmax subtracts the largest output first: the same numbers, and none too large."
    ),
)
