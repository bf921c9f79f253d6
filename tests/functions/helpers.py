"""What the tests of functions share: a workbook as a `Lookup`, and random values of all kinds."""

from __future__ import annotations

import numpy as np

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.formula import parse
from sheetsim.formula.nodes import Node
from sheetsim.functions.operands import Lookup
from sheetsim.values import ExcelError, Scalar, Values
from sheetsim.workbook import Workbook


class BookLookup(Lookup):
    """Stored values of a workbook, and random numbers from a seed."""

    def __init__(self, book: Workbook, seed: int = 0) -> None:
        self.book = book
        self.generator = np.random.default_rng(seed)

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        found = self.book.find(sheet)
        return ExcelError.REF if found is None else found.value((row, column))

    def block(self, sheet: str, rect: Rect) -> Values:
        found = self.book.find(sheet)
        return Values.filled(rect.shape, ExcelError.REF) if found is None else found.block(rect)

    def name(self, name: str, scope: str) -> Node | None:
        found = self.book.name(name, scope)
        return None if found is None else parse(found.formula, 0, 0)

    def sheet_used(self, sheet: str) -> Rect | None:
        found = self.book.find(sheet)
        return None if found is None else found.used

    def random(self) -> float:
        return float(self.generator.random())


def work_out(
    book: Workbook, formula: str, at: tuple[int, int] = (20, 20), array: bool = False
) -> Scalar | Values:
    """A formula's value in a cell of the book's first sheet."""
    return evaluate(
        parse(formula, *at),
        sheet=book.sheets[0].name,
        row=at[0],
        column=at[1],
        lookup=BookLookup(book),
        array=array,
    )


_TEXTS = [
    "",
    "a",
    "B",
    "abc",
    "3",
    " 4.5 ",
    "-2",
    "5%",
    "TRUE",
    "false",
    "x*",
    "a?",
    ">1",
    "<>a",
    "=3",
    "<=2",
    "#N/A",
]


def random_scalar(generator: np.random.Generator, kinds: str = "nnnnbtlex") -> Scalar:
    """A value of a kind drawn from `kinds`: n number, b boolean, t text, l blank, e error, x odd number."""
    match generator.choice(list(kinds)):
        case "n":
            return float(generator.choice([round(generator.normal() * 4), generator.normal() * 3]))
        case "b":
            return bool(generator.integers(2))
        case "t":
            return str(generator.choice(_TEXTS))
        case "l":
            return None
        case "e":
            return ExcelError(int(generator.choice([2, 3, 4, 6, 7])))
    return float(
        generator.choice([0.0, -0.0, 1e308, -1e308, 1e-308, 2.675, 1.005, 0.5, -0.5, 64.0, 1e15, 2.0**53])
    )
