"""A calculation with nothing clever in it: each cell by the definition of meaning, its needs first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.formula import parse
from sheetsim.formula.nodes import Node
from sheetsim.functions.lifting import fit
from sheetsim.functions.operands import Lookup
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.workbook import Fill, Workbook


class Circular(Exception):
    """A cell needs itself."""


class Naive(Lookup):
    """Values of a small workbook; `cell` is all that a test needs. `extents`: what formulas are said to spill
    into; AssertionError where one does not."""

    def __init__(self, book: Workbook, extents: Mapping[tuple[str, int, int], Rect] | None = None) -> None:
        self.book = book
        self.extents = extents or {}
        self.fills: dict[tuple[str, int, int], Fill] = {}
        for sheet in book.sheets:
            for fill in sheet.fills:
                if fill.dynamic:
                    where = self.extents.get(
                        (sheet.name.casefold(), fill.rect.top, fill.rect.left), fill.rect
                    )
                    fill = replace(fill, rect=where)
                self.fills |= {(sheet.name.casefold(), *cell): fill for cell in fill.rect.cells()}
        self.known: dict[tuple[str, int, int], Scalar] = {}
        self.open: set[tuple[str, int, int]] = set()

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        key = (sheet.casefold(), row, column)
        if self.book.find(sheet) is None:
            return ExcelError.REF
        if key not in self.fills:
            return self.book[sheet].value((row, column))
        if key not in self.known:
            self.compute(sheet, key)
        return self.known[key]

    def compute(self, sheet: str, key: tuple[str, int, int]) -> None:
        fill = self.fills[key]
        rect = fill.rect
        node = parse(fill.formula, rect.top, rect.left)
        here = (key[0], rect.top, rect.left) if fill.array else key
        if here in self.open:
            raise Circular
        self.open.add(here)
        result = evaluate(node, sheet=sheet, row=here[1], column=here[2], lookup=self, array=fill.array)
        self.open.discard(here)
        if isinstance(result, Values):
            if fill.dynamic and result.shape != rect.shape:
                raise AssertionError(f"={fill.formula} spills {result.shape}, not {rect}")
            spread = fit(result, *rect.shape)
            for row, column in rect.cells():
                value = spread.get((row - rect.top, column - rect.left))
                self.known[key[0], row, column] = 0.0 if value is None else value
        else:
            self.known[key] = 0.0 if result is None else result

    def block(self, sheet: str, rect: Rect) -> Values:
        columns = range(rect.left, rect.right)
        return Values.of([self.cell(sheet, row, c) for c in columns] for row in range(rect.top, rect.bottom))

    def name(self, name: str, scope: str) -> Node | None:
        found = self.book.name(name, scope)
        return None if found is None else parse(found.formula, 0, 0)

    def spilled(self, sheet: str, row: int, column: int) -> Rect | None:
        return self.extents.get((sheet.casefold(), row, column))

    def sheets(self) -> list[str]:
        return [sheet.name for sheet in self.book.sheets]

    def sheet_used(self, sheet: str) -> Rect | None:
        found = self.book.find(sheet)
        return None if found is None else found.used

    def random(self) -> float:
        raise AssertionError("nothing is drawn in these tests")
