"""One step of the per-cell evaluator over a file's stored values: what a single formula gives from the cells
that it reads, as the file has them."""

from __future__ import annotations

from collections.abc import Collection

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.checking.file import File
from sheetsim.errors import Unsupported
from sheetsim.formula import parse
from sheetsim.formula.nodes import Node
from sheetsim.functions.operands import Lookup
from sheetsim.functions.serials import date_system
from sheetsim.functions.subtotals import is_subtotal
from sheetsim.values import ExcelError, Scalar, Values


class StoredCells(Lookup):
    """What a formula can look up, answered by the values that a file stores."""

    def __init__(self, file: File) -> None:
        self._book = file.book
        self.date1904 = file.book.date1904

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        found = self._book.find(sheet)
        return found.value((row, column)) if found else ExcelError.REF

    def block(self, sheet: str, rect: Rect) -> Values:
        found = self._book.find(sheet)
        return found.block(rect) if found else Values.filled(rect.shape, ExcelError.REF)

    def name(self, name: str, scope: str) -> Node | None:
        found = self._book.name(name, scope)
        return parse(found.formula.removeprefix("="), 0, 0) if found else None

    def sheet_used(self, sheet: str) -> Rect | None:
        found = self._book.find(sheet)
        return found.used if found else None

    def subtotals(self, sheet: str, rect: Rect) -> list[Rect]:
        found = self._book.find(sheet)
        parts = (
            [fill.rect.intersect(rect) for fill in found.fills if is_subtotal(fill.formula)] if found else []
        )
        return [part for part in parts if part is not None]

    def hidden(self, sheet: str) -> Collection[int]:
        found = self._book.find(sheet)
        return found.hidden if found else ()

    def random(self) -> float:
        return 0.5  # volatile cells are kept and never asked for


def one_step(stored: StoredCells, node: Node, sheet: str, row: int, column: int) -> Scalar:
    """The value of a formula in one cell; None (as for a cell without value) when it is not supported."""
    try:
        with date_system(stored.date1904):
            value = evaluate(node, sheet=sheet, row=row, column=column, lookup=stored)
    except Unsupported:
        return None
    return value.get((0, 0)) if isinstance(value, Values) else value
