"""The one comparison of these tests: every formula cell, to the last bit, against the obvious calculation."""

import struct

from hypothesis import event

from sheetsim.address import cell_name
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Workbook
from tests.engine.naive import Naive


def same(a: Scalar, b: Scalar) -> bool:
    """Equal in kind and to the last bit; but 0 and -0 are the same cell value."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and not isinstance(a, ExcelError):
        return a == b == 0 or struct.pack("d", a) == struct.pack("d", b)
    return a == b


def assert_same(book: Workbook, **options: object) -> None:
    """Calculate both ways; AssertionError names the first cell that differs."""
    naive = Naive(book)
    plan = make_plan(book)
    assert not plan.unsupported
    found = calculate(book, plan, **options)
    for sheet in book.sheets:
        for fill in sheet.fills:
            for row, column in fill.rect.cells():
                wanted, value = naive.cell(sheet.name, row, column), found.value(sheet.name, row, column)
                assert same(wanted, value), (
                    f"{sheet.name}!{cell_name(row, column)} (={fill.formula} in {fill.rect}): {value!r},"
                    f" not {wanted!r}\n{plan.describe()}"
                )


def count(book: Workbook) -> None:
    """Tell hypothesis which ways of computing the examples go."""
    plan = make_plan(book)
    for step in plan.steps:
        event(step.how)
    event(f"cell by cell: {calculate(book, plan).exact_cells > 0}")
