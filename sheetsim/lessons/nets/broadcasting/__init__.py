"""`broadcasting`: how NumPy and torch combine arrays of different shapes, shown on cells.

Shapes are compared from their last axis backwards; an axis of size 1, or one that is not there, is repeated
(numpy.org/doc/stable/user/basics.broadcasting.html, pytorch.org/docs/stable/notes/broadcasting.html). The
first sheet writes the repeated cells out for the course's c and m, the second works the rule out for shapes
that one types.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Block, Data, Input, Inputs, Lesson, Parameter, Settings

Array = NDArray[np.float64]

NAME = "broadcasting"
RULE = f"{NAME} rule"
SIDE = 3  # rows and columns of m
AXES = 4  # that a shape may have
LARGEST = 100_000  # of an axis
NEARLY = 1e-12  # a size may be off by rounding


@dataclass(frozen=True)
class Operand:
    """What can be combined: its code, and its cells on the first sheet."""

    code: str
    shape: str
    rect: Rect


# The words are those of the drop-downs.
OPERANDS = {
    "c": Operand("c", "(3)", Rect(3, 1, 4, 4)),
    "column c": Operand("c[:,None]", "(3, 1)", Rect(5, 5, 8, 6)),
    "m": Operand("m", "(3, 3)", Rect(5, 1, 8, 4)),
    "column means": Operand("m.mean(0)", "(3)", Rect(9, 1, 10, 4)),
    "row means": Operand("m.mean(1, keepdim=True)", "(3, 1)", Rect(5, 7, 8, 8)),
    "flat row means": Operand("m.mean(1)", "(3)", Rect(11, 1, 12, 4)),
}
OPERATORS = ("plus", "minus", "times", "above")
SIGNS = {"plus": "+", "minus": "-", "times": "*", "above": ">"}


@dataclass(frozen=True)
class Example:
    """Two operands, by their words, and what is done with them."""

    left: str
    operator: str
    right: str
    says: str


EXAMPLES = {
    "rows": Example("c", "plus", "m", "c has no rows: the same three numbers are added to every row of m"),
    "columns": Example("column c", "plus", "m", "c stands upright: each row of m has a number of its own"),
    "outer": Example("c", "plus", "column c", "both are repeated, one down, one across: every pair is added"),
    "compare": Example("c", "above", "column c", "the same with >, 1 where it is true: which is larger"),
    "centred": Example("m", "minus", "column means", "each column without its mean"),
    "kept": Example("m", "minus", "row means", "each row without its mean: keepdim keeps the column upright"),
    "trap": Example("m", "minus", "flat row means", "without keepdim: no error, but the means lie across"),
}
"""By the first part of their blocks' names. In the last a row's mean is taken from a column: the shapes fit
because m is square."""

FIRST, EACH = 20, 6  # the first example's row, and rows from one to the next
LEFTS = {"left": 1, "right": 5, "result": 9, "array": 13}  # first columns of an example's grids
OWN = "own"  # the example that one chooses
TABLE = 14  # own example's inputs begin in row 15

SHAPES: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("c + m", (3,), (3, 3)),
    ("c[:,None] + m", (3, 1), (3, 3)),
    ("c[None,:] + c[:,None]", (1, 3), (3, 1)),
    ("a number and a picture", (), (28, 28)),
    ("picture in colours, a factor a colour", (256, 256, 3), (3,)),
    ("mini-batch of pictures, a mean a channel", (64, 3, 28, 28), (3, 1, 1)),
    ("the same, its axes forgotten", (64, 3, 28, 28), (3,)),
    ("logits and a bias", (64, 10), (10,)),
    ("labels to one-hot: y[:,None] == classes", (64, 1), (10,)),
    ("distances of all pairs: p[:,None] - q", (100, 1, 2), (50, 2)),
    ("users and items", (15, 1, 5), (15, 5)),
    ("many ones", (8, 1, 6, 1), (7, 1, 5)),
    ("rows that do not fit", (2, 1), (8, 4, 3)),
    ("your own", (5, 4), (4, 1)),
)
TOP = 5  # the rule's first row of shapes

PARAMETERS = (
    Parameter("left", 4, "left operand of the example that you choose", choices=tuple(OPERANDS)),
    Parameter("operator", 2, "what is done in the example that you choose", choices=OPERATORS),
    Parameter("right", 0, "right operand of the example that you choose", choices=tuple(OPERANDS)),
)


def grid(example: str, part: str) -> Rect:
    """Where a part of an example stands; the chosen one comes first."""
    place = [OWN, *EXAMPLES].index(example)
    top, left = FIRST + place * EACH, LEFTS[part]
    return Rect(top, left, top + SIDE, left + SIDE)


def inputs(settings: Settings) -> list[Input]:
    """c, m, the chosen example, the shapes."""
    bottom = TOP + len(SHAPES)
    return [
        Input("c", NAME, OPERANDS["c"].rect, form="grid"),
        Input("m", NAME, OPERANDS["m"].rect, form="grid"),
        *(Input(one.name, NAME, Rect.cell(TABLE, 1 + 4 * place)) for place, one in enumerate(PARAMETERS)),
        Input("shape_a", RULE, Rect(TOP, 1, bottom, 1 + AXES), form="grid", blank=True),
        Input("shape_b", RULE, Rect(TOP, 6, bottom, 6 + AXES), form="grid", blank=True),
    ]


def blocks(settings: Settings) -> list[Block]:
    """The operands that are computed, each example written out and as an array formula, the rule."""
    bottom = TOP + len(SHAPES)
    computed = {
        "c_column": "column c",
        "mean_0": "column means",
        "mean_1": "row means",
        "mean_1_flat": "flat row means",
    }
    found = [
        Block(name, NAME, OPERANDS[word].rect, OPERANDS[word].code, (OPERANDS[word].code,))
        for name, word in computed.items()
    ]
    titles = {"left": "left operand, repeated", "right": "right operand, repeated", "result": "cell by cell"}
    for example in (OWN, *EXAMPLES):
        parts = dict(titles) if example == OWN else titles | {"array": "as one array formula"}
        found += [
            Block(f"{example}.{part}", NAME, grid(example, part), title, (title,))
            for part, title in parts.items()
        ]
    return [
        *found,
        Block(
            *("axes", RULE, Rect(TOP, 11, bottom, 11 + AXES), "size of the result along an axis"),
            ("axis -4", "axis -3", "axis -2", "axis -1"),
        ),
        Block(
            *("numbers", RULE, Rect(TOP, 16, bottom, 19), "how many numbers there are"),
            ("a stores", "b stores", "result"),
        ),
    ]


def shape_of(sizes: Array, name: str) -> tuple[int, ...]:
    """A row of the rule's table as a shape. SheetsimError when it is none."""
    held = np.isfinite(sizes)
    first = AXES - int(held.sum())
    typed = sizes[first:]
    if not held[first:].all():
        raise SheetsimError(f"{name}: sizes stand side by side, at the right; nothing blank between them")
    whole = np.rint(typed)
    wrong = (np.abs(typed - whole) > NEARLY * LARGEST) | (whole < 0) | (whole > LARGEST)
    if wrong.any():
        raise SheetsimError(
            f"{name}: {typed[wrong][0]:g} is no size; an axis has 0, 1, 2 ... up to {LARGEST:,} places"
        )
    return tuple(int(size) for size in whole)


def shapes_of(inputs: Inputs) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Both shapes of each row of the rule's table. SheetsimError when one is none."""
    both = [np.asarray(inputs[name], np.float64) for name in ("shape_a", "shape_b")]
    return [
        (shape_of(a, f"shape a, line {line}"), shape_of(b, f"shape b, line {line}"))
        for line, (a, b) in enumerate(zip(*both, strict=True), 1)
    ]


def make_data(settings: Settings) -> Data:
    """The course's c and m; shapes from its lessons."""

    def padded(shapes: list[tuple[int, ...]]) -> Array:
        return np.array([[np.nan] * (AXES - len(shape)) + [*shape] for shape in shapes], float)

    return {
        "c": np.array([[10.0, 20, 30]]),
        "m": np.arange(1.0, 10).reshape(SIDE, SIDE),
        "shape_a": padded([a for _, a, _ in SHAPES]),
        "shape_b": padded([b for _, _, b in SHAPES]),
    }


LESSON = Lesson(
    name=NAME,
    title="Broadcasting",
    line="How NumPy and torch combine arrays of different shapes, cell by cell, and the rule for any shapes.",
    parameters=PARAMETERS,
    inputs=inputs,
    blocks=blocks,
    make_data=make_data,
    data=("c", "m", "shape_a", "shape_b"),
)
