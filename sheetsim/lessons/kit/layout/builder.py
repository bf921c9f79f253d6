"""Lays a lesson's inputs and blocks out on its sheets, each where the lesson says, and makes them readable.

    build = Builder(LESSON, settings, data)
    build.input("ratings", number="0.0")
    build.input("lr")                               label, colour, note, limits and drop-down by themselves
    build.block("predict", f"SUMPRODUCT({...})", heat=False)
    build.formula("dotprod", "V41", "SQRT(...)", role="result")     what belongs to no block
    return build.finish(shows="...", tries="...", sheets={"dotprod": "..."})

A block's formula is given as it reads in its top left cell. Above the block stand its headings, above these
the formula, spelled out, where these cells are free; a note on the first heading says it in any case.
"""

from __future__ import annotations

import numpy as np

from sheetsim.address import Rect, cell_name, column_name, parse_cell, quote_sheet
from sheetsim.lessons.kit.layout.names import name_parts
from sheetsim.lessons.kit.layout.page import CHECK, Page, limits, paragraphs
from sheetsim.lessons.kit.lesson import Block, Data, Input, Lesson, Settings
from sheetsim.style import HeatMap, Limits, Look
from sheetsim.workbook import Sheet, Workbook

TABS = ("#D9772B", "#2F6DB3", "#5B9A5B", "#8E6BB0", "#B5524F", "#6B7785")


class SheetBuilder:
    """A lesson's workbook being built. `inputs` and `blocks` are its parts by name; `looks` how each sheet
    looks, by the sheet's name."""

    def __init__(self, lesson: Lesson, settings: Settings, data: Data) -> None:
        self.lesson, self.settings, self.data = lesson, settings, data
        self.inputs: dict[str, Input] = {one.name: one for one in lesson.inputs(settings)}
        self.blocks: dict[str, Block] = {one.name: one for one in lesson.blocks(settings)}
        self.book = Workbook()
        self.looks: dict[str, Look] = {}
        self._told: list[tuple[str, str, str]] = []  # name, meaning, formula
        self._about = self.book.add_sheet(f"{lesson.name} about")
        parts: list[Input | Block] = [*self.inputs.values(), *self.blocks.values()]
        for sheet in dict.fromkeys([lesson.name, *(part.sheet for part in parts)]):
            self.add_sheet(sheet)

    def add_sheet(self, name: str) -> Sheet:
        """A further sheet, which holds no input and no block."""
        self.looks[name] = Look(tab=TABS[len(self.looks) % len(TABS)])
        return self.book.add_sheet(name)

    def ref(self, name: str, on: str, *, absolute: bool = True) -> str:
        """How a formula on the sheet `on` refers to all cells of an input or block."""
        part: Input | Block = self.inputs[name] if name in self.inputs else self.blocks[name]
        rect, mark = part.rect, "$" if absolute else ""
        corners = [(rect.top, rect.left), (rect.bottom - 1, rect.right - 1)][: 1 if rect.size == 1 else 2]
        text = ":".join(f"{mark}{column_name(column)}{mark}{row + 1}" for row, column in corners)
        return text if part.sheet == on else f"{quote_sheet(part.sheet)}!{text}"

    # -- cells

    def text(self, sheet: str, cell: str, words: str, role: str = "label") -> None:
        self.book[sheet].set(cell, words)
        self.looks[sheet].paint(cell, role)

    def formula(
        self,
        sheet: str,
        rect: str | Rect,
        formula: str,
        *,
        role: str = "formula",
        number: str | None = None,
        array: bool = False,
    ) -> None:
        """Fill a formula, without `=`, as it reads in the first cell, over a rectangle."""
        rect = Rect.parse(rect) if isinstance(rect, str) else rect
        self.book[sheet].fill(rect, formula, array=array)
        self.looks[sheet].paint(rect, role, number)

    def input(
        self, name: str, *, number: str | None = None, role: str | None = None, label: bool = True
    ) -> None:
        """Type an input's data, or a parameter's value, into its cells. A parameter that follows another,
        and is not set otherwise, is a formula. A label, the name, stands left of a parameter's cell (with
        `label`, and where that cell is free)."""
        one = self.inputs[name]
        sheet, look = self.book[one.sheet], self.looks[one.sheet]
        if name in self.lesson.data:
            self._type(one)
            look.paint(one.rect, role or "data", number)
            return
        parameter = self.lesson.parameter(name)
        cell, value = cell_name(one.rect.top, one.rect.left), self.settings[name]
        linked = parameter.follows is not None and value == self.settings[parameter.follows]
        if linked and parameter.follows in self.inputs:
            sheet.fill(one.rect, self.ref(parameter.follows, one.sheet, absolute=False))
        else:
            sheet.set(cell, parameter.shown(value))
        look.paint(cell, role or ("linked" if linked else "input"), number or "General")
        follows = f"\nFollows {parameter.follows} until you type a number over it." if linked else ""
        look.notes[cell] = f"{name}: {parameter.help}\nLimits: {limits(parameter)}{follows}"
        if label and one.rect.left and self._free(one.sheet, one.rect.top, one.rect.left - 1):
            self.text(one.sheet, cell_name(one.rect.top, one.rect.left - 1), name)

    def block(
        self,
        name: str,
        *formulas: str,
        number: str | None = "0.00",
        role: str = "formula",
        array: bool = False,
        heat: bool | None = None,
        headings: bool = True,
        spell: str | None = None,
    ) -> None:
        """Fill a block: one formula for all cells, or one for each column. `heat` colours it (True: by
        sign). Headings stand in the row above; the formulas are spelled in the row above these, or in the
        cell `spell`."""
        block = self.blocks[name]
        rect, look = block.rect, self.looks[block.sheet]
        if len(formulas) not in (1, rect.columns):
            raise ValueError(f"{name}: {len(formulas)} formulas for {rect.columns} columns")
        each = len(formulas) > 1
        for place, formula in enumerate(formulas):
            left, right = (rect.left + place, rect.left + place + 1) if each else (rect.left, rect.right)
            cells = Rect(rect.top, left, rect.bottom, right)
            self.formula(block.sheet, cells, formula, role=role, number=number, array=array)
            self._tell(block, place, formula, headings, spell)
        if headings:
            self._head(block)
        if heat is not None:
            look.heat.append(HeatMap(rect, signed=heat))

    def tell(self, name: str, meaning: str, formula: str) -> None:
        """Have the about page list a formula."""
        self._told.append((name, meaning, formula))

    def _tell(self, block: Block, place: int, formula: str, headings: bool, spell: str | None) -> None:
        """Spell a formula out: on the about page, above its column where there is room, in a note."""
        rect = block.rect
        left = rect.left + place
        several = len(block.columns) == rect.columns and len(block.columns) > 1
        cell = cell_name(rect.top, left)
        meaning = f"{block.columns[place]}: {block.title}" if several else block.title
        self._told.append((f"{quote_sheet(block.sheet)}!{cell}", meaning, f"={formula}"))
        if spell is not None:
            row, column = parse_cell(spell)
            self.text(block.sheet, cell_name(row, column + place), f"={formula}", "code")
        elif headings and rect.top > 1 and self._free(block.sheet, rect.top - 2, left):
            role = "spelled" if several or rect.columns == 1 else "code"
            self.text(block.sheet, cell_name(rect.top - 2, left), f"={formula}", role)
        noted = cell_name(rect.top - 1, left) if headings and rect.top else cell
        self.looks[block.sheet].notes.setdefault(noted, f"{meaning}\nIn {cell}: ={formula}")

    def _head(self, block: Block) -> None:
        """The headings in the row above a block, in the cells that are free."""
        rect = block.rect
        for place, heading in enumerate(block.columns if rect.top else ()):
            if self._free(block.sheet, rect.top - 1, rect.left + place):
                one = len(block.columns) == 1 and rect.columns > 1
                cell = cell_name(rect.top - 1, rect.left + place)
                self.text(block.sheet, cell, heading, "strong" if one else "heading")

    def _type(self, one: Input) -> None:
        """The data of an input, cell by cell; blanks and empty texts stay empty."""
        cells = np.asarray(self.data[one.name])
        cells = cells.reshape(one.rect.shape)
        for place, value in np.ndenumerate(cells):
            row, column = one.rect.top + place[0], one.rect.left + place[1]
            if isinstance(value, str):
                self.book[one.sheet].set((row, column), value or None)
            elif not np.isnan(value):
                self.book[one.sheet].set((row, column), float(value))

    def _free(self, sheet: str, row: int, column: int) -> bool:
        held = self.book[sheet]
        return held.value((row, column)) is None and not any(
            fill.rect.contains(row, column) for fill in held.fills
        )

    # -- the rest

    def finish(
        self, *, shows: str, tries: str, sheets: dict[str, str], keywords: str = "", remarks: str = ""
    ) -> Workbook:
        """Names, the about page, looks: the workbook. `shows`, `tries` and `remarks` are paragraphs with
        blank lines between them, `sheets` says of each sheet, in their order, in a line what is on it."""
        lesson = self.lesson
        name_parts(self.book, lesson, self.settings)
        order = [self._about.name, *sheets]
        self.book.sheets.sort(
            key=lambda sheet: order.index(sheet.name) if sheet.name in order else len(order)
        )
        page = Page(self._about, sheets)
        page.line(lesson.title, "title")
        page.line(lesson.line, "subtitle")
        page.section("What you see")
        for paragraph in paragraphs(shows):
            page.paragraph(paragraph)
        page.section("What to try")
        for paragraph in (*paragraphs(tries), CHECK.format(lesson.name)):
            page.paragraph("•  " + paragraph)
        if lesson.conventions or remarks:
            page.section("To know")
            for paragraph in (*paragraphs(lesson.conventions), *paragraphs(remarks)):
                page.paragraph(paragraph)
        page.section("Sheets")
        page.sheets(sheets)
        page.section("Colours")
        page.colours()
        self._page_inputs(page)
        page.section("Formulas, as they read in the first cell of each block")
        page.headings({"B": "cell", "C": "meaning", "G": "formula"})
        for told in self._told:
            page.formula(*told)
        self._about.look = page.look
        for sheet, look in self.looks.items():
            self.book[sheet].look = look
        self.book.properties = {
            "title": lesson.title,
            "subject": lesson.line,
            "author": "sheetsim",
            "keywords": keywords or "deep learning, spreadsheet",
        }
        return self.book

    def _page_inputs(self, page: Page) -> None:
        """The page's list of parameters, those with cells and those without, and the cells' limits."""
        cells = [one for one in self.inputs.values() if one.name not in self.lesson.data]
        if cells:
            page.section("Inputs")
            page.inputs((one, self.lesson.parameter(one.name)) for one in cells)
        for one in cells:
            parameter, values = self.lesson.parameter(one.name), page.lists.get(one.name)
            self.looks[one.sheet].limits.append(
                Limits(
                    one.rect,
                    one.name,
                    f"{parameter.help}. Limits: {limits(parameter)}.",
                    parameter.low,
                    parameter.high,
                    parameter.open,
                    parameter.integer,
                    (self._about.name, values) if values else None,
                )
            )
        fixed = [key for key in self.lesson.structural if key not in self.inputs]
        if fixed:
            page.section("Fixed when the file was made (export it again to change them)")
            for key in fixed:
                page.constant(self.lesson.parameter(key), self.settings[key])
