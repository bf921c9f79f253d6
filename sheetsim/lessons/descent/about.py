"""The first page of a gradient-descent workbook: what it shows, what to try, what each colour means."""

from __future__ import annotations

import textwrap

import numpy as np

from sheetsim.address import Rect, column_index, quote_sheet
from sheetsim.lessons.descent.spec import make_points
from sheetsim.lessons.descent.table import Plan, headings, title, told
from sheetsim.lessons.lesson import Parameter
from sheetsim.look import ROLES, Look

WIDTH = 180  # characters of running text in a line
LEFT = column_index("E")  # the first column of values to try

COLOURS = ("input", "data", "linked", "formula", "state", "result", "helper")

CHECK = (
    "After a change, save the file and run sheetsim check {}.xlsx: it compares every number with NumPy, "
    "PyTorch and a CUDA kernel, and tells a changed input from a changed formula."
)

SHEETS = {
    "lesson": "epoch 1 by the lesson's rule",
    "summary": "a row an epoch: loss, b and a by both rules, with charts",
    "torch": "all epochs by the rule of torch.optim",
    "epochs": "epochs 2 and on by the lesson's rule",
    "start": "dry passes before epoch 1, in which only the averages are kept",
}


def fill(plan: Plan) -> None:
    """Write the page and its look, and note in `plan.lists` where each input's values to try stand."""
    page = _Page(plan)
    lesson = plan.lesson
    page.line(lesson.title, "title")
    page.line(lesson.line, "subtitle")
    page.section("What you see")
    for paragraph in _paragraphs(plan.telling.shows):
        page.paragraph(paragraph)
    page.paragraph(
        "One row is one step, one pass over all points an epoch. The loss is the RMSE, the root of the mean "
        "squared error: by how much the predictions miss y. "
        + ("The points lie on y = 2x + 30, so that b should get to 30 and a to 2." if page.ours else "")
    )
    page.section("What to try (the figures are those of the default points and inputs)")
    for paragraph in (*_paragraphs(plan.telling.tries), CHECK.format(lesson.name)):
        page.paragraph("•  " + paragraph)
    page.section("Two rules: the lesson's and torch's")
    page.paragraph(lesson.conventions)
    if plan.telling.lesson.state:
        page.paragraph(
            "From one epoch to the next the lesson carries b and a from before the last row's step, as the "
            "course's macros do, so that this step is lost; torch carries the new values. What is averaged "
            "or summed up is carried in both."
        )
    page.section("Sheets")
    for role, text in SHEETS.items():
        if plan.book.find(plan.name(role)):
            course = role == "lesson" and lesson.original_sheet
            page.pair(plan.name(role), text + ", at the addresses of the course's workbook" * bool(course))
    page.section("Colours")
    for role in COLOURS:
        page.pair(role, ROLES[role].meaning, role)
    page.section("Inputs")
    page.inputs()
    page.section("Fixed when the file was made (export it again to change them)")
    page.constants()
    page.section("Formulas, as they read in row 4")
    page.formulas()
    plan.sheet("about").look = page.look


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, each as one line, of a text with blank lines between them."""
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]


def limits(parameter: Parameter) -> str:
    """The limits in words; the largest fraction that is allowed reads as what it stands for."""
    return parameter.limits.replace("at most 0.999999999", "below 1")


def values_to_try(parameter: Parameter, default: float) -> list[float]:
    """A few values within the limits, for a drop-down list. `default` is that of the parameter followed."""
    name = parameter.name.removeprefix("torch_")
    known: dict[str, list[float]] = {
        **{name: [0, 0.5, 0.8, 0.9, 0.99] for name in ("beta1", "momentum", "alpha")},
        **{name: [0, 0.001, 0.01, 0.1, 0.5] for name in ("weight_decay", "lr_decay")},
        **{"beta2": [0, 0.5, 0.9, 0.99, 0.999], "dampening": [0, 0.5, 0.9]},
        **{"eps": [0, 1e-10, 1e-8, 1e-4, 0.1], "b": [-10, 0, 1, 10, 30], "a": [-2, 0, 1, 2, 4]},
        **{"m0": [-100, 0, 100], "v0": [1, 100, 10000, 1000000]},
    }
    if name in ("lr", "sgd_lr"):
        return [float(f"{default * factor:.1g}") for factor in (0.1, 0.3, 1, 3, 10)]
    return known[name]


class _Page:
    """The page from top to bottom: each call writes the next rows."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sheet = plan.sheet("about")
        self._row = 1  # number of the next row
        self.look = Look(tab="#1F3A5F", gridlines=False)
        self.look.widths = {"A": 2, "B": 17, "C": 17, "D": 12, "E:I": 9, "J": 2, "K:N": 17}
        longest = max(len(sheet.name) for sheet in plan.book.sheets)
        self.look.widths |= {"B": max(17.0, 1.2 * longest), "C": max(17.0, 1.2 * longest + 5)}
        made = make_points(plan.settings)
        self.ours = all(np.array_equal(made[key], plan.data[key]) for key in made)

    def line(self, text: str, role: str) -> None:
        self._sheet.set(f"B{self._row}", text)
        self.look.paint(f"B{self._row}", role)
        if ROLES[role].size > 12:
            self.look.heights[self._row - 1] = 28
        self._row += 1

    def section(self, words: str) -> None:
        self._row += 1
        self._sheet.set(f"B{self._row}", words)
        self.look.paint(f"B{self._row}:N{self._row}", "section")
        self.look.heights[self._row - 1] = 20
        self._row += 1

    def paragraph(self, text: str) -> None:
        if self.look.paints[-1][1] == "text":
            self._gap()
        indent = "    " if text.startswith("•") else ""
        for line in textwrap.wrap(text, WIDTH, subsequent_indent=indent):
            self.line(line, "text")

    def _gap(self) -> None:
        """A low empty row, between paragraphs."""
        self.look.heights[self._row - 1] = 5
        self.look.paint(f"B{self._row}", "text")
        self._row += 1

    def pair(self, name: str, text: str, role: str = "strong") -> None:
        self._sheet.set(f"B{self._row}", name)
        self._sheet.set(f"C{self._row}", text)
        self.look.paint(f"B{self._row}", role)
        self.look.paint(f"C{self._row}", "meaning")
        self._row += 1

    def _headings(self, names: dict[str, str]) -> None:
        self.look.paint(f"B{self._row}:N{self._row}", "table heading")
        for column, name in names.items():
            self._sheet.set(f"{column}{self._row}", name)
        self._row += 1

    def inputs(self) -> None:
        """A row for each parameter's cell: where, its value now, values to try (the drop-down's), help."""
        self._headings({"B": "name", "C": "cell", "D": "value now", "E": "values to try", "K": "what it is"})
        lesson = self._plan.lesson
        for found in self._plan.inputs:
            if found.optional or found.name in self._plan.data:
                continue
            parameter = lesson.parameter(found.name)
            followed = lesson.parameter(parameter.follows) if parameter.follows else parameter
            row, cell = self._row, f"{quote_sheet(found.sheet)}!{found.rect}"
            self._sheet.set(f"B{row}", found.name)
            self._sheet.set(f"C{row}", cell)
            self._sheet.fill(f"D{row}", cell)
            values = values_to_try(parameter, followed.default)
            for place, value in enumerate(values):
                self._sheet.set((row - 1, LEFT + place), float(value))
            where = Rect(row - 1, LEFT, row, LEFT + len(values))
            self._plan.lists[found.name] = where
            self.look.paint(where, "helper", "General")
            self.look.paint(f"B{row}", "strong")
            self.look.paint(f"C{row}", "code")
            self.look.paint(f"D{row}", "formula", "General")
            self.look.paint(f"K{row}", "text")
            linked = f"; follows {parameter.follows}" if parameter.follows else ""
            self._sheet.set(f"K{row}", f"{parameter.help} ({limits(parameter)}{linked})")
            self._row += 1

    def constants(self) -> None:
        """Sizes and the seed, which have no cell of their own, and where the points come from."""
        plan = self._plan
        known = {found.name for found in plan.inputs}
        for key in plan.lesson.structural:
            if key in known or (key == "seed" and not self.ours):
                continue
            row = self._row
            self._sheet.set(f"B{row}", key)
            self._sheet.set(f"C{row}", float(plan.settings[key]))
            self._sheet.set(f"D{row}", plan.lesson.parameter(key).help)
            self.look.paint(f"B{row}", "strong")
            self.look.paint(f"C{row}", "formula", "General")
            self.look.paint(f"D{row}", "meaning")
            self._row += 1
        self.paragraph(
            "The points lie on y = 2x + 30 exactly; x comes from the seed by Park and Miller's generator, so "
            "that the same seed gives the same points."
            if self.ours
            else "The points are your own, typed into columns A and B of the lesson's sheet."
        )

    def formulas(self) -> None:
        """A row for each column of the tables: what the lesson and what torch compute there."""
        self._headings({"B": "column", "C": "meaning", "G": "formula"})
        plan = self._plan
        tables = {"lesson": "the lesson's rule", "torch": "torch's rule"}
        if plan.telling.epochs and plan.epochs > 1:
            tables["epochs"] = "the lesson's rule from epoch 2 on"
        for role, words in tables.items():
            table = plan.table(role)
            new = {w.column: f"={w.new}3, the row above (first {w.start})" for w in table.weights}
            self._sheet.set(f"B{self._row}", words)
            self.look.paint(f"B{self._row}", "strong")
            self._row += 1
            for column, heading in headings(plan, role).items():
                row = self._row
                self._sheet.set(f"B{row}", f"{column}   {heading}")
                self._sheet.set(f"C{row}", title(plan, role, column))
                self._sheet.set(f"G{row}", new.get(column) or "; ".join(told(table, column)))
                self.look.paint(f"B{row}:C{row}", "text")
                self.look.paint(f"G{row}", "code")
                self._row += 1
