"""`lr_finder`: the loss against a learning rate that grows from step to step, and where to choose it.

The idea is Smith's (Cyclical Learning Rates for Training Neural Networks, arXiv:1506.01186): train some
steps, each with a larger learning rate, until the loss runs away. Smoothing, stopping and the two suggestions
are those of fastai 2 (`callback/schedule.py`: `LRFinder`, `steep`, `minimum`): the losses are averaged with a
decay of 0.98 and freed of the average's start at zero; training stops where that is four times its best; the
first tenth of the steps and the last five losses are not looked at.

Sheets: `lr_finder`, a row a step, below the state at the start; `lr_finder suggestion` with the picture;
`lr_finder points`: x and y.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.descent._shared.parameters import ROWS, SEED, A, B
from sheetsim.lessons.descent._shared.points import make_points, read_points
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Parameter, Settings

NAME = "lr_finder"
POINTS, SUGGESTION = f"{NAME} points", f"{NAME} suggestion"
FIRST_ROW = 11  # row 12, counted from 0; row 11 holds the start
LAST_SKIPPED = 5  # losses at the end that no suggestion looks at

PARAMETERS = (
    ROWS,
    Parameter("steps", 100, "how many steps there are at the most", 20, 100_000, integer=True),
    SEED,
    Parameter("start_lr", 1e-7, "learning rate of the first step", 0, 1e9, True, tries=(1e-8, 1e-7, 1e-6)),
    Parameter("end_lr", 1e-2, "where the learning rate grows to", 0, 1e9, True, tries=(1e-3, 1e-2, 1)),
    Parameter(
        *("beta", 0.98, "how much of the averaged loss a step keeps", 0, 0.999),
        tries=(0, 0.5, 0.9, 0.98),
    ),
    Parameter(
        "stop",
        4,
        "training stops when the smoothed loss is so many times its best",
        1,
        1e12,
        tries=(2, 4, 10),
    ),
    B,
    A,
)
CELLS = {"start_lr": "D2", "end_lr": "D3", "beta": "D4", "stop": "D5", "b": "G2", "a": "G3"}

COLUMNS: Mapping[str, tuple[int, tuple[str, ...], str]] = {
    "lr": (3, ("lr",), "the learning rate grows by the same factor each step"),
    "param": (4, ("b", "a"), "intercept and slope before the step"),
    "loss": (6, ("loss",), "mean squared error of all points"),
    "grad": (7, ("de/db", "de/da"), "gradients of the squared error of the row's point"),
    "smooth": (
        9,
        ("average", "smooth", "best"),
        "averaged loss; freed of its start at zero; the best so far",
    ),
    "running": (12, ("running",), "1 until the smoothed loss has run away"),
    "step": (13, ("new b", "new a"), "intercept and slope after the step"),
    "slope": (16, ("slope",), "how fast the smoothed loss rises with ln(lr)"),
    "looked": (17, ("looked at",), "smoothed losses among which the lowest is looked for"),
}
"""Blocks by name: first column, from 0, headings, title. Column P is the loss as the picture shows it."""


def inputs(settings: Settings) -> list[Input]:
    """x and y on the sheet of points, the parameters above the table."""
    rows = int(settings["rows"])
    return [
        Input("x", POINTS, Rect(3, 0, 3 + rows, 1), form="column"),
        Input("y", POINTS, Rect(3, 1, 3 + rows, 2), form="column"),
        *(Input(name, NAME, Rect.parse(cell)) for name, cell in CELLS.items()),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The columns of the table, and the suggestions."""
    bottom = FIRST_ROW + int(settings["steps"])
    found = [
        Block(name, NAME, Rect(FIRST_ROW, left, bottom, left + len(headings)), title, headings)
        for name, (left, headings, title) in COLUMNS.items()
    ]
    headings = ("lr", "smoothed loss there")
    return [
        *found,
        Block("suggestion", SUGGESTION, Rect(3, 1, 6, 3), "which learning rate to take", headings),
    ]


def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
    """The points from a CSV file, where one is given."""
    full = LESSON.settings(given)
    if full["start_lr"] >= full["end_lr"]:
        raise SheetsimError(
            f"end_lr={full['end_lr']:g}: end_lr must be above start_lr ({full['start_lr']:g})"
        )
    if "data" not in sources:
        return full, make_points(full), []
    data = read_points(sources["data"])
    rows = len(data["x"])
    if "rows" in given and full["rows"] != rows:
        raise SheetsimError(
            f"{sources['data']}: has {rows} points, not rows={full['rows']:g}; leave rows out"
        )
    return full | {"rows": rows}, data, []


LESSON = Lesson(
    name=NAME,
    title="The learning-rate finder",
    line="The loss against a growing learning rate, and the learning rates that its curve suggests.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_points,
    data=("x", "y"),
    structural=("rows", "steps", "seed"),
    sources=("data",),
    choose=choose,
)
