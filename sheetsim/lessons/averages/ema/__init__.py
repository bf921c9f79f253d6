"""`ema`: averages that forget: the exponentially weighted average, its bias and how that is corrected, the
moving variance, and the running statistics of batch norm.

The course's sheets: mom_bias.xlsx, "Sheet1", "Sheet1 (2)" and "Sheet1 (3)". PyTorch: torch.lerp, the bias
correction of torch.optim.Adam (Kingma and Ba 2014, arXiv 1412.6980), nn.BatchNorm1d. The moving variance is
that of Finch 2009, "Incremental calculation of weighted mean and variance".
"""

import numpy as np

from sheetsim.address import Rect
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings
from sheetsim.lessons.kit.park_miller import Draws

NAME = "ema"
VARIANCE, BATCHNORM = f"{NAME} variance", f"{NAME} batchnorm"
FIRST = 4  # row 5, counted from 0, of the first value
WINDOW, SPAN = 4, 10  # how many values the plain mean and the plain variance look back
GROUPS, SIZE = 5, 10  # batches of the batch norm, and values in each
COUNTS = (4, 8, 16, 8, 4)
LOW, HIGH, EVERY = 2.0, 6.0, 7  # the values of the first sheet: mostly low, high at each 7th

PARAMETERS = (
    Parameter(
        "beta", 0.9, "how much of the average stays", 0.01, 0.999999999, tries=(0.5, 0.8, 0.9, 0.95, 0.99)
    ),
    Parameter("start", 0, "what the average starts at", -1000, 1000, tries=(0, 2, 6, 10)),
    Parameter(
        "beta2",
        0.99,
        "another beta: how much of the start is left",
        0.01,
        0.999999999,
        tries=(0.9, 0.99, 0.999),
    ),
    Parameter("steps", 8, "after so many batches", 1, 64, integer=True, tries=(1, 2, 4, 8, 16, 32, 64)),
    Parameter(
        "decay",
        0.1,
        "how much of the average stays: beta in the first sheet's words",
        0,
        1,
        tries=(0.1, 0.3, 0.5, 0.8, 0.9),
    ),
    Parameter(
        "momentum",
        0.2,
        "the weight of the new batch, as nn.BatchNorm1d calls it",
        0,
        1,
        tries=(0.05, 0.1, 0.2, 0.5, 1),
    ),
    Parameter("batches", 9, "how many values the first sheet averages", 5, 64, integer=True),
    Parameter("points", 53, "how many values the second sheet has", 12, 5000, integer=True),
    Parameter("seed", 42, "where the random values start", 1, 2147483646, integer=True),
)


def _cells(name: str, sheet: str, cells: str) -> Input:
    rect = Rect.parse(cells)
    return Input(name, sheet, rect, form="number" if rect.size == 1 else "column")


def _average_inputs(sheet: str, settings: Settings) -> list[Input]:
    last = FIRST + int(settings["batches"])
    cells = {"beta": "E2", "share": "F2", "start": "D4", "beta2": "I2", "steps": "J1"}
    cells |= {"batch": f"B5:B{last}", "val": f"C5:C{last}"}
    return [_cells(name, sheet, where) for name, where in cells.items()]


def _variance_inputs(sheet: str, settings: Settings) -> list[Input]:
    last = 3 + int(settings["points"])
    return [_cells("decay", sheet, "C1"), _cells("values", sheet, f"B4:B{last}")]


def _batchnorm_inputs(sheet: str) -> list[Input]:
    cells = {"momentum": "P1", "sample": "B4:B53", "mean": "F4:F8", "var": "G4:G8", "mean_sq": "H4:H8"}
    cells["count"] = "K4:K8"
    return [_cells(name, sheet, where) for name, where in cells.items()]


def inputs(settings: Settings) -> list[Input]:
    """The values of three sheets, and their weights."""
    return [
        *_average_inputs(NAME, settings),
        *_variance_inputs(VARIANCE, settings),
        *_batchnorm_inputs(BATCHNORM),
    ]


def _average_blocks(sheet: str, settings: Settings) -> list[Block]:
    last = FIRST + int(settings["batches"])
    return [
        Block(
            *("average", sheet, Rect.parse(f"D5:F{last}"), "the average, its bias, and without"),
            ("ema", "correction", "exp mov avg"),
        ),
        Block(
            "correction", sheet, Rect.parse(f"G6:G{last}"), "the correction, step by step", ("correction",)
        ),
        Block(
            "window", sheet, Rect.parse(f"H8:H{last}"), f"mean of the last {WINDOW} values", ("mean of 4",)
        ),
        Block("left", sheet, Rect.parse("J2"), "what is left of the start", ("left",)),
    ]


def _variance_blocks(sheet: str, settings: Settings) -> list[Block]:
    last = 3 + int(settings["points"])
    return [
        Block("rest", sheet, Rect.parse("D1"), "the weight of the new value", ("1-C1",)),
        Block("first", sheet, Rect.parse("C4:E4"), "the first value starts both", ("ma", "x^2", "m x^2")),
        Block(
            *("moving", sheet, Rect.parse(f"C5:G{last}"), "moving averages of x and of x^2"),
            ("ma", "x^2", "m x^2", "delta", "ma2"),
        ),
        Block("emv_start", sheet, Rect.parse("H5"), "the variance of the first two", ("emv",)),
        Block("emv", sheet, Rect.parse(f"H6:H{last}"), "moving variance, from the deltas", ("emv",)),
        Block("span_var", sheet, Rect.parse(f"I13:I{last}"), f"variance of the last {SPAN}", ("var(10)",)),
    ]


def _batchnorm_blocks(sheet: str) -> list[Block]:
    sums = ("mc", "s", "ms", "ma", "ma2", "ss", "mss", "mv")
    return [
        Block("group", sheet, Rect.parse("A4:A53"), "which batch", ("group",)),
        Block("squares", sheet, Rect.parse("C4:C53"), "squared", ("x2",)),
        Block("keep", sheet, Rect.parse("Q1"), "how much of the average stays", ("1-P1",)),
        Block("bn_start", sheet, Rect.parse("J4"), "the first batch's variance", ("bn mv",)),
        Block("bn", sheet, Rect.parse("J5:J8"), "running variance, as batch norm has it", ("bn mv",)),
        Block("sums_start", sheet, Rect.parse("L4:S4"), "the first batch", sums),
        Block("sums", sheet, Rect.parse("L5:S8"), "running counts, sums and squares, divided at last", sums),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The course's blocks, each on a sheet of its own at its own address, and ours beside them."""
    last, end = FIRST + int(settings["batches"]), 3 + int(settings["points"])
    return [
        *_average_blocks(NAME, settings),
        Block("lerp", NAME, Rect.parse(f"L5:L{last}"), "a step towards each value: torch.lerp", ("lerp",)),
        Block(
            "weights", NAME, Rect.parse(f"M5:M{last}"), "each value's weight in the last average", ("weight",)
        ),
        Block("by_weights", NAME, Rect.parse(f"M{last + 2}"), "the last average, by weights", ("sum",)),
        *_variance_blocks(VARIANCE, settings),
        Block("by_squares", VARIANCE, Rect.parse(f"J5:J{end}"), "m x^2 - ma^2", ("by squares",)),
        *_batchnorm_blocks(BATCHNORM),
        Block(
            *("pivot", BATCHNORM, Rect.parse("F4:H8"), "each batch's mean, variance and mean square"),
            ("avg", "Varp of x", "Average of x2"),
        ),
        Block(
            "pivot_total", BATCHNORM, Rect.parse("F9:H9"), "of all values", ("avg", "Varp", "Average of x2")
        ),
        Block(
            *("torch_bn", BATCHNORM, Rect.parse("U4:W8"), "nn.BatchNorm1d: from 0 and 1, divided by n-1"),
            ("var, n-1", "running_mean", "running_var"),
        ),
    ]


def make_data(settings: Settings) -> Data:
    """Low values with a high one now and then; random ones; batches that are larger and larger."""
    batches, points, seed = (int(settings[key]) for key in ("batches", "points", "seed"))
    draws = Draws(seed)
    values = draws.uniform(points).round(4)
    sample = draws.uniform(GROUPS * SIZE).reshape(GROUPS, SIZE) * np.arange(1, GROUPS + 1)[:, None]
    sample = sample.round(4)
    return {
        "share": np.array(1 - settings["beta"]),
        "batch": np.arange(1.0, batches + 1),
        "val": np.where(np.arange(batches) % EVERY, LOW, HIGH),
        "values": values,
        "sample": sample.ravel(),
        "mean": sample.mean(1),
        "var": sample.var(1),
        "mean_sq": (sample**2).mean(1),
        "count": np.array(COUNTS, float),
    }


ORIGINALS = (
    Original(
        "Sheet1",
        settings=lambda sheet: {"batches": 9},
        inputs=lambda settings: _average_inputs(NAME, settings),
        blocks=lambda settings: _average_blocks(NAME, settings),
        mark=("D5", "D4*$E$2"),
    ),
    Original(
        "Sheet1 (2)",
        settings=lambda sheet: {"points": 53},
        inputs=lambda settings: _variance_inputs(NAME, settings),
        blocks=lambda settings: _variance_blocks(NAME, settings),
        mark=("C5", "C4*$C$1"),
    ),
    Original(
        "Sheet1 (3)",
        settings=lambda sheet: {},
        inputs=lambda settings: _batchnorm_inputs(NAME),
        blocks=lambda settings: _batchnorm_blocks(NAME),
        mark=("J5", "J4*$Q$1"),
    ),
)

LESSON = Lesson(
    name=NAME,
    title="Averages that forget",
    line="The exponentially weighted average and its bias, the moving variance, batch norm's averages.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("share", "batch", "val", "values", "sample", "mean", "var", "mean_sq", "count"),
    originals=ORIGINALS,
    conventions=(
        "What stays of the average is beta on the course's first sheet, decay on the next (C1: 0.1 stays "
        "and 0.9 is new), 1-momentum on the third, which is nn.BatchNorm1d's way. The course's running "
        "variance starts at the first batch's and divides by n; torch's starts at 1 and divides by n-1."
    ),
    structural=("batches", "points", "seed"),
)
