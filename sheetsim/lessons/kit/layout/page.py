"""The first page of a workbook: what it shows, what to try, what each colour means, inputs and formulas.

page = Page(book["adam about"])
page.heading(lesson.title, lesson.line)
page.section("What you see")
page.paragraphs(text)
page.look                                   how it looks, for the sheet
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping

from sheetsim.address import Rect, column_index, quote_sheet
from sheetsim.lessons.kit.lesson import Input, Parameter
from sheetsim.style import ROLES, Look
from sheetsim.workbook import Sheet

WIDTH = 180  # characters of running text in a line
LONGEST = 150  # characters of a formula
LEFT = column_index("E")  # the first column of values to try

COLOURS = ("input", "data", "linked", "formula", "state", "result", "helper")

CHECK = (
    "After a change, save the file and run sheetsim check {}.xlsx: it compares every number with NumPy, "
    "PyTorch and a CUDA kernel, and tells a changed input from a changed formula."
)


def paragraphs(text: str) -> list[str]:
    """Paragraphs, each as one line, of a text with blank lines between them."""
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n") if paragraph.strip()]


def limits(parameter: Parameter) -> str:
    """The limits in words; the largest fraction that is allowed reads as what it stands for."""
    return parameter.limits.replace("at most 0.999999999", "below 1")


class Page:
    """The page from top to bottom: each call writes the next rows. `names` are long words of its first
    column (sheets' names), which is made as wide as they are."""

    def __init__(self, sheet: Sheet, names: Iterable[str] = ()) -> None:
        self._sheet = sheet
        self._row = 1  # number of the next row
        self.lists: dict[str, Rect] = {}  # each input's values to try, for its drop-down list
        self.look = Look(tab="#1F3A5F", gridlines=False)
        self.look.widths = {"A": 2, "D": 12, "E:I": 9, "J": 9, "K:N": 17}
        longest = max((len(name) for name in names), default=0)
        self.look.widths |= {"B": max(17.0, 1.2 * longest), "C": max(17.0, 1.2 * longest + 5)}

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

    def sheets(self, found: Mapping[str, str]) -> None:
        """A line for each sheet, with a link to it."""
        for sheet, text in found.items():
            self.look.link(f"B{self._row}", sheet)
            self.pair(sheet, text, "link")

    def colours(self) -> None:
        for role in COLOURS:
            self.pair(role, ROLES[role].meaning, role)

    def headings(self, names: dict[str, str]) -> None:
        """Headings of a table, by column letter."""
        self.look.paint(f"B{self._row}:N{self._row}", "table heading")
        for column, name in names.items():
            self._sheet.set(f"{column}{self._row}", name)
        self._row += 1

    def inputs(
        self,
        found: Iterable[tuple[Input, Parameter]],
        values_to_try: Callable[[Parameter], Iterable[float]] = lambda parameter: parameter.tries,
    ) -> None:
        """A row for each parameter's cell: where, its value now, values to try (the drop-down's), help."""
        self.headings({"B": "name", "C": "cell", "D": "value now", "E": "values to try", "K": "what it is"})
        for place, parameter in found:
            row, cell = self._row, f"{quote_sheet(place.sheet)}!{place.rect}"
            self._sheet.set(f"B{row}", place.name)
            self._sheet.set(f"C{row}", cell)
            self._sheet.fill(f"D{row}", cell)
            shown: list[float | str] = [*parameter.choices]
            shown = shown or [float(value) for value in values_to_try(parameter)]
            for step, value in enumerate(shown):
                self._sheet.set((row - 1, LEFT + step), value)
            if shown:
                where = Rect(row - 1, LEFT, row, LEFT + len(shown))
                self.lists[place.name] = where
                self.look.paint(where, "helper", "General")
            self.look.paint(f"B{row}", "strong")
            self.look.paint(f"C{row}", "code")
            self.look.paint(f"D{row}", "formula", "General")
            self.look.paint(f"K{row}", "text")
            linked = f"; follows {parameter.follows}" if parameter.follows else ""
            self._sheet.set(f"K{row}", f"{parameter.help} ({limits(parameter)}{linked})")
            self._row += 1

    def constant(self, parameter: Parameter, value: float) -> None:
        """A parameter that has no cell of its own."""
        row = self._row
        self._sheet.set(f"B{row}", parameter.name)
        self._sheet.set(f"C{row}", parameter.shown(value))
        self._sheet.set(f"D{row}", parameter.help)
        self.look.paint(f"B{row}", "strong")
        self.look.paint(f"C{row}", "formula", "General")
        self.look.paint(f"D{row}", "meaning")
        self._row += 1

    def formula(self, name: str, meaning: str, formula: str) -> None:
        """What is computed in a column or block, spelled out as text; the end of a very long formula is left
        to its cell, so that the page still prints."""
        row = self._row
        formula = formula if len(formula) <= LONGEST else f"{formula[:LONGEST]} ..."
        self._sheet.set(f"B{row}", name)
        self._sheet.set(f"C{row}", meaning)
        self._sheet.set(f"G{row}", formula)
        self.look.paint(f"B{row}:C{row}", "text")
        self.look.paint(f"G{row}", "code")
        self._row += 1
