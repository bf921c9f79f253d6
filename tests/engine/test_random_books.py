"""Workbooks made at random: the plan against each cell by the definition, kinds and bits; edits against a
fresh book."""

import random

import pytest

from sheetsim.address import Rect
from sheetsim.book import Book
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import Calculation, calculate
from sheetsim.workbook import Workbook
from tests.engine.naive import Naive
from tests.engine.same import same
from tests.engine.sheets_at_random import ROWS, make_book
from tests.language.sheets import spilled


def extents(found: Calculation) -> dict[tuple[str, int, int], Rect]:
    return {(r.sheet.casefold(), r.rect.top, r.rect.left): r.rect for r in found.plan.regions if r.spills}


def differences(book: Workbook, found: Calculation) -> list[str]:
    """Regions with a cell that is otherwise than by the definition."""
    naive, differing = Naive(book, extents(found)), []
    for (sheet, row, column), fill in naive.fills.items():
        value, wanted = found.value(sheet, row, column), naive.cell(sheet, row, column)
        if not same(value, wanted):
            differing.append(f"{sheet} {row, column} ={fill.formula}: {value!r}, not {wanted!r}")
    return differing


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_gives_what_each_cell_gives(seed):
    book = make_book(random.Random(seed))
    found = calculate(book, make_plan(book))
    assert found.unsupported == []
    assert differences(book, found) == []


def test_a_difference_is_seen():
    book = make_book(random.Random(0))
    found = calculate(book, make_plan(book))
    cell = Rect.cell(*book["s"].fills[0].rect.cells().__iter__().__next__())
    found.grids["s"].restore(cell, book["s"].block("B2:B2"))
    assert len(differences(book, found)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_edits_give_what_a_fresh_book_gives(seed):
    chance, book = random.Random(seed), Book(make_book(random.Random(seed)))
    book.calculate()
    for _ in range(3):
        address = f"{chance.choice('ABCDF')}{chance.randint(1, ROWS)}"
        book["s"][address] = value = chance.choice((1.0, -2.5, "bee", True, None, 0.0))
        book.calculate()
        fresh = book.workbook
        assert fresh["s"].value(address) == value
        found = calculate(fresh, make_plan(fresh))
        for sheet in fresh.sheets:
            used = sheet.used
            assert used is not None
            assert book.values(sheet.name, used).tolist() == found.block(sheet.name, used).tolist()


def test_a_question_about_an_array_of_let_is_answered_place_by_place():
    cells = {"A1": 1.0, "A2": "x", "A3": 3.0}
    assert spilled("LET(a,A1:A3,b,FILTER(a,ISNUMBER(a),0),b*2)", cells) == [[2.0], [6.0]]
