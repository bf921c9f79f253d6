"""A lesson's rule as tables of formulas, and the plan of the workbook that they are laid out in.

Each column's formula is given as it reads in row 4, the first row of the points; row 3 holds the state (the
running averages) that row 4 starts from. Plain gradient descent is

    Table(
        weights=(Weight("C", "H", "C1"), Weight("D", "I", "C2")),    # C4 is C1; C5 is H4, and so on
        rule={"E": "C4+D4*A4", ..., "H": "C4-F4*$D$2", "I": "D4-G4*$D$2"},
    )
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sheetsim.address import Rect, column_index, column_name, quote_sheet
from sheetsim.lessons.descent._shared.spec import FIRST_ROW
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Settings
from sheetsim.workbook import Sheet, Workbook


@dataclass(frozen=True, slots=True)
class Weight:
    """A column with a weight before the step, the column of its new value, the cell it starts from."""

    column: str
    new: str
    start: str


@dataclass(frozen=True, slots=True)
class StepTable:
    """A table's formulas as they read in row 4.

    `state`: columns whose row 3 holds what row 4 starts from (their headings stand in row 2). `head`:
    labels, and formulas with a leading `=`, in rows 1 and 2. `breaks`: from that epoch on, other formulas
    in each epoch's first row.
    """

    weights: tuple[Weight, ...]
    rule: dict[str, str]
    state: tuple[str, ...] = ()
    head: dict[str, str] = field(default_factory=dict)
    breaks: tuple[tuple[int, dict[str, str]], ...] = ()
    start: dict[str, str] = field(default_factory=dict)  # further cells of row 3, value or =formula


@dataclass(frozen=True, slots=True)
class Implementation:
    """What a lesson's `sheet.py` says. `shows` and `tries` are paragraphs for the about page, with blank
    lines between them. `foot` are formulas below the lesson's table and around it, with {last}, {end} and
    {after} for the numbers of the last point's row and of the two rows after it; `epochs` is the table of
    the epochs sheet, where it is not that of the lesson's."""

    lesson: StepTable
    torch: StepTable
    pred: tuple[str, ...]  # columns of predictions, one for each set of weights, lesson
    torch_pred: tuple[str, ...]
    shows: str
    tries: str
    foot: dict[str, str] = field(default_factory=dict)
    epochs: StepTable | None = None
    words: tuple[str, ...] = ("",)  # what tells several sets of weights apart, one for each
    lr: str | None = None  # column of lr where it changes: epochs sheet
    torch_lr: str | None = None


@dataclass
class DescentBook:
    """A workbook being built: sizes, names and the sheets by role."""

    lesson: Lesson
    implementation: Implementation
    settings: Settings
    data: Data
    book: Workbook
    paints: list[tuple[str, str]] = field(default_factory=list)  # more roles on the lesson's sheet
    lists: dict[str, Rect] = field(default_factory=dict)  # on the about page, each input's values to try

    @cached_property
    def n(self) -> int:
        return len(self.data["x"])

    @cached_property
    def epochs(self) -> int:
        return int(self.settings["epochs"])

    @cached_property
    def dry(self) -> int:
        return int(self.settings.get("dry_passes", 0))

    @cached_property
    def last(self) -> int:
        """Number of the last point's row on the lesson's sheet: 32 for 29 points."""
        return FIRST_ROW + self.n

    @cached_property
    def inputs(self) -> list[Input]:
        return self.lesson.inputs(self.settings)

    @cached_property
    def blocks(self) -> list[Block]:
        return self.lesson.blocks(self.settings)

    @cached_property
    def goal(self) -> Rect:
        """Where the summary has b and a of the best line: a row an epoch, right of both rules."""
        torch = next(block.rect for block in self.blocks if block.name == "summary.torch")
        return Rect(FIRST_ROW, torch.right, FIRST_ROW + self.epochs, torch.right + 2)

    def name(self, role: str) -> str:
        """The name of a sheet: "lesson" is the lesson's own."""
        return self.lesson.name if role == "lesson" else f"{self.lesson.name} {role}"

    def reference(self, role: str, cell: str) -> str:
        return f"{quote_sheet(self.name(role))}!{cell}"

    def sheet(self, role: str) -> Sheet:
        return self.book[self.name(role)]

    def table(self, role: str) -> StepTable:
        if role == "torch":
            return self.implementation.torch
        return (self.implementation.epochs if role == "epochs" else None) or self.implementation.lesson

    def rows(self, role: str) -> int:
        """How many rows of points a sheet has."""
        passes = {"lesson": 1, "start": self.dry, "epochs": self.epochs - 1, "torch": self.epochs}
        return self.n * passes[role]

    def helper(self, role: str) -> str:
        """The column, right of all groups, that counts steps (torch) or epochs."""
        prefix = {"start": "dry"}.get(role, role) + "."
        right = max(block.rect.right for block in self.blocks if block.name.startswith(prefix))
        return column_name(right)


def headings(plan: DescentBook, role: str) -> dict[str, str]:
    """Column letters of a table to headings, from the lesson's blocks."""
    prefix = {"start": "dry"}.get(role, role) + "."
    found: dict[str, str] = {}
    for block in plan.blocks:
        if block.name.startswith(prefix) and block.rect.top == FIRST_ROW:
            for place, heading in enumerate(block.columns):
                found[column_name(block.rect.left + place)] = heading
    return found


def told(table: StepTable, column: str) -> list[str]:
    """A column's formula, and in words its others in the first rows of epochs, each as it reads in row 4."""
    found = [f"={table.rule[column]}"]
    for since, formulas in table.breaks:
        if column in formulas:
            later = " and later ones" if formulas is table.breaks[-1][1] else ""
            found.append(f"at the start of epoch {since}{later}: ={formulas[column]}")
    return found


def title(plan: DescentBook, role: str, column: str) -> str:
    """What the block says that a column belongs to; "" for a column of no block."""
    prefix, left = {"start": "dry"}.get(role, role) + ".", column_index(column)
    for block in plan.blocks:
        inside = block.rect.left <= left < block.rect.right
        if block.name.startswith(prefix) and inside and block.rect.top == FIRST_ROW:
            return block.title
    return ""


LINE = (Weight("C", "H", "C1"), Weight("D", "I", "C2"))
"""The weights b and a where the new values stand in H and I."""

GRADIENT = {"E": "C4+D4*A4", "F": "2*(D4*A4+C4-B4)", "G": "F4*A4"}
"""Prediction, and the gradient of the squared error by b and by a."""
