"""What the tests of the formula language share: a sheet from texts, and what its formulas give."""

from __future__ import annotations

from sheetsim.address import Rect, parse_cell
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import DefinedName, Fill, Workbook


def book_of(cells: dict[str, Scalar], names: dict[str, str] | None = None, *others: str) -> Workbook:
    """A workbook of a sheet S (and `others`, empty). A text that starts with `=` is a formula, with `{=` one
    that spills; "data!A1" is on another sheet."""
    book = Workbook()
    for name in ("S", *others):
        book.add_sheet(name)
    for address, value in cells.items():
        sheet, _, place = address.rpartition("!")
        row, column = parse_cell(place)
        if isinstance(value, str) and value.startswith("{="):
            fill = Fill(Rect.cell(row, column), value[2:], array=True, dynamic=True)
            book[sheet or "S"].fills.append(fill)
        elif isinstance(value, str) and value.startswith("="):
            book[sheet or "S"].fill(Rect.cell(row, column), value[1:])
        else:
            book[sheet or "S"].set((row, column), value)
    book.names += [DefinedName(name, formula) for name, formula in (names or {}).items()]
    return book


def computed(book: Workbook) -> Calculation:
    return calculate(book, make_plan(book))


def shown(value: Scalar) -> Scalar:
    """An error as its name."""
    return value.label if isinstance(value, ExcelError) else value


def spilled(
    formula: str, cells: dict[str, Scalar] | None = None, names: dict[str, str] | None = None
) -> object:
    """What a formula spills from Z1 on: one value, or rows of values."""
    found = computed(book_of({**(cells or {}), "Z1": "{=" + formula}, names))
    assert found.unsupported == []
    region = next(region for region in found.plan.regions if region.rect.contains(0, 25))
    rows = [[shown(value) for value in row] for row in found.block("S", region.rect).tolist()]
    return rows[0][0] if region.rect.size == 1 else rows
