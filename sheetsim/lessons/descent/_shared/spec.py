"""Layout of the gradient-descent workbooks: sheets, columns, blocks and parameters, for all four
implementations.

A workbook of the lesson `adam` with n rows, E epochs and P dry passes has, each with its first data row in
row 4 and its headings in row 3:

    adam           epoch 1 at the original's addresses, x and y in A and B; start state in the row after the
                   last; roles "lesson"
    adam start     the P dry passes, one below another (P*n rows): role "dry"
    adam epochs    epochs 2 to E, one below another ((E-1)*n rows), same columns: role "epochs"
    adam torch     the same E epochs by torch's rule (E*n rows): role "torch"
    adam summary   a row an epoch: A epoch, then RMSE, b, a, lr of the lesson and of torch: role "summary"
    adam about     the page that explains

A *group* is one or more neighbouring columns with a meaning; a block is a group in a role ("lesson.grad").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sheetsim.address import Rect, column_index
from sheetsim.lessons.descent._shared.points import choose as choose_points
from sheetsim.lessons.descent._shared.points import make_points
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Original, Parameter, Settings
from sheetsim.values import NUMBER
from sheetsim.workbook import Sheet

FIRST_ROW = 3  # row 4, counted from 0


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring columns of a table: name, first column's letter, headings, what they are."""

    name: str
    column: str
    headings: tuple[str, ...]
    title: str

    def rect(self, top: int, rows: int) -> Rect:
        left = column_index(self.column)
        return Rect(top, left, top + rows, left + len(self.headings))


@dataclass(frozen=True, slots=True)
class Extra:
    """A block of the lesson's sheet outside its table: its rectangle from the number of rows and epochs."""

    name: str
    rect: Callable[[int, int], Rect]
    headings: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands. `cells` maps a parameter to its address on the lesson's sheet,
    `torch_cells` to its address on the torch sheet; `state` maps each start-state value to its column in
    the row after the last (or to a full address such as N3)."""

    lesson: tuple[Group, ...]
    torch: tuple[Group, ...]
    cells: dict[str, str]
    torch_cells: dict[str, str]
    state: dict[str, str]
    extras: tuple[Extra, ...] = ()
    epoch_groups: tuple[Group, ...] = ()  # columns that only the epochs sheet has
    start_cells: dict[str, str] = field(
        default_factory=dict
    )  # parameters on the start sheet, if there is one
    summary: tuple[str, ...] = ("rmse", "b", "a", "lr")


def descent_lesson(
    name: str,
    title: str,
    line: str,
    parameters: tuple[Parameter, ...],
    layout: Layout,
    original_sheet: str | None,
    conventions: str,
) -> Lesson:
    """A lesson whose workbook has the layout that this module describes."""
    passes = any(parameter.name == "dry_passes" for parameter in parameters)

    def inputs(settings: Settings) -> list[Input]:
        rows = int(settings["rows"])
        found = [
            Input("x", name, Rect(FIRST_ROW, 0, FIRST_ROW + rows, 1), form="column"),
            Input("y", name, Rect(FIRST_ROW, 1, FIRST_ROW + rows, 2), form="column"),
        ]
        found += [Input(key, name, Rect.parse(cell)) for key, cell in layout.cells.items()]
        found += [Input(key, f"{name} torch", Rect.parse(cell)) for key, cell in layout.torch_cells.items()]
        if settings.get("dry_passes"):
            found += [
                Input(key, f"{name} start", Rect.parse(cell)) for key, cell in layout.start_cells.items()
            ]
        for key, place in layout.state.items():
            cell = place if place[-1].isdigit() else f"{place}{FIRST_ROW + rows + 1}"
            found.append(Input(key, name, Rect.parse(cell), optional=True))
        return found

    def blocks(settings: Settings) -> list[Block]:
        rows, epochs = int(settings["rows"]), int(settings["epochs"])
        dry = int(settings.get("dry_passes", 0))
        found: list[Block] = []

        def add(role: str, groups: tuple[Group, ...], sheet: str, count: int) -> None:
            for group in groups if count else ():
                found.append(
                    Block(
                        f"{role}.{group.name}",
                        sheet,
                        group.rect(FIRST_ROW, count),
                        group.title,
                        group.headings,
                    )
                )

        add("lesson", layout.lesson, name, rows)
        for extra in layout.extras:
            rect = extra.rect(rows, epochs)
            if rect.size > 0:
                found.append(Block(f"lesson.{extra.name}", name, rect, extra.title, extra.headings))
        add("dry", layout.lesson, f"{name} start", rows * dry)
        add("epochs", layout.lesson + layout.epoch_groups, f"{name} epochs", rows * (epochs - 1))
        add("torch", layout.torch, f"{name} torch", rows * epochs)
        width = len(layout.summary)
        for place, role in enumerate(("lesson", "torch")):
            rect = Rect(FIRST_ROW, 1 + place * width, FIRST_ROW + epochs, 1 + (place + 1) * width)
            words = "the lesson's rule" if role == "lesson" else "torch's rule"
            found.append(
                Block(f"summary.{role}", f"{name} summary", rect, f"epochs by {words}", layout.summary)
            )
        return found

    structural = ("rows", "epochs", "seed") + (("dry_passes",) if passes else ())
    structural += tuple(
        key for key in ("m0", "v0") if key in {p.name for p in parameters} - layout.cells.keys()
    )

    def counted(sheet: Sheet) -> Mapping[str, object]:
        """The settings of the course's sheet: one epoch, start state typed, as many rows as x has numbers."""
        return {"rows": count_points(sheet), "epochs": 1} | ({"dry_passes": 0} if passes else {})

    def choose(given: Mapping[str, object], sources: Mapping[str, str]) -> tuple[Settings, Data, list[str]]:
        return choose_points(lesson, given, sources)

    own = Original(
        original_sheet or "",
        counted,
        lambda settings: [one for one in inputs(settings) if one.sheet == name],
        lambda settings: [one for one in blocks(settings) if one.sheet == name],
    )
    lesson = Lesson(
        name,
        title,
        line,
        parameters,
        inputs,
        blocks,
        make_points,
        data=("x", "y"),
        originals=(own,),
        conventions=conventions,
        structural=structural,
        sources=("data",),
        choose=choose,
    )
    return lesson


def count_points(sheet: Sheet) -> int:
    """How many numbers stand from the first point's x down, without a gap."""
    used = sheet.used
    if used is None or used.bottom <= FIRST_ROW:
        return 0
    kinds = sheet.block(Rect(FIRST_ROW, 0, used.bottom, 1)).kind_array()[:, 0]
    gaps = np.flatnonzero(kinds != NUMBER)
    return int(gaps[0]) if len(gaps) else len(kinds)
