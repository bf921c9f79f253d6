"""Circular references by iteration, and what-if tables."""

from __future__ import annotations

import pytest

from sheetsim.address import Rect
from sheetsim.values import Scalar
from sheetsim.workbook import Fill, Workbook
from tests.language.sheets import book_of, computed


def iterating(cells: dict[str, Scalar], count: int = 100, delta: float = 0.001) -> Workbook:
    book = book_of(cells)
    book.iterate, book.iterate_count, book.iterate_delta = True, count, delta
    return book


def test_a_circle_settles_where_its_equation_has_its_root() -> None:
    book = iterating({"A1": 100.0, "B1": "=A1-C1", "C1": "=B1*0.25"}, 200, 1e-13)
    found = computed(book)
    assert found.unsupported == []
    assert found.value("S", 0, 1) == pytest.approx(80, abs=1e-11)  # b = 100 - b/4
    assert "circular reference, worked out by iteration" in found.notes[0]


def test_rounds_follow_the_order_of_the_cells() -> None:
    """By hand, one round from nothing: B1 = 10 - 0, C1 = 10/2, then A2 = 5 + 10; the second moves nothing but
    what follows from C1."""
    book = iterating({"A1": 10.0, "B1": "=A1-C1", "C1": "=B1/2", "A2": "=C1+B1"}, 2, 1e9)
    found = computed(book)
    assert [found.value("S", 0, 1), found.value("S", 0, 2)] == [
        0.0,
        0.0,
    ]  # nothing stored is an end: it moves less
    book = iterating({"A1": 10.0, "B1": "=A1-C1", "C1": "=B1/2", "A2": "=C1+B1"}, 2, 6.0)
    found = computed(book)
    assert [found.value("S", 0, 1), found.value("S", 0, 2)] == [5.0, 2.5]
    assert found.value("S", 1, 0) == 7.5


def test_stored_values_that_are_an_end_stay() -> None:
    book = iterating({"A1": 100.0, "B1": "=A1-C1", "C1": "=B1*0.25"})
    book["S"].set("B1", 80.0001)
    book["S"].set("C1", 19.9999)
    assert computed(book).value("S", 0, 1) == 80.0001


def test_what_does_not_settle_is_not_computed() -> None:
    book = iterating({"A1": "=A1+1"})
    book["S"].set("A1", 7.0)
    found = computed(book)
    assert found.value("S", 0, 0) == 7.0
    assert found.unsupported[0].reason == "circular reference: it does not settle within 100 rounds"


def test_without_iteration_a_circle_keeps_what_is_stored() -> None:
    found = computed(book_of({"A1": "=A1+1"}))
    assert found.unsupported[0].reason == "circular reference"


def with_table(cells: dict[str, Scalar], rect: str, text: str) -> Workbook:
    book = book_of(cells)
    book["S"].fills.append(Fill(Rect.parse(rect), text, array=True))
    return book


CHAIN: dict[str, Scalar] = {"A1": 3.0, "A2": 5.0, "A3": "=A1*10", "A4": "=A3+A2", "A5": "=SUM(A1:A4)"}


def test_a_table_of_two_inputs() -> None:
    cells = CHAIN | {"C1": "=A4", "D1": 1.0, "E1": 2.0, "C2": 100.0, "C3": 200.0}
    found = computed(with_table(cells, "D2:E3", "TABLE(A1,A2)"))
    assert found.unsupported == []
    assert found.block("S", Rect.parse("D2:E3")).tolist() == [[110.0, 120.0], [210.0, 220.0]]
    assert found.value("S", 3, 0) == 35.0  # the inputs are as they were


def test_tables_of_one_input() -> None:
    down = CHAIN | {"D1": "=A4", "E1": "=A5*2", "C2": 1.0, "C3": 2.0}
    found = computed(with_table(down, "D2:E3", "TABLE(,A1)"))
    # A4 = 10 a + 5, A5 = a + 5 + 10 a + (10 a + 5)
    assert found.block("S", Rect.parse("D2:E3")).tolist() == [[15.0, 62.0], [25.0, 104.0]]
    along = CHAIN | {"D1": 1.0, "E1": 2.0, "C2": "=A4"}
    found = computed(with_table(along, "D2:E2", "TABLE(A1,)"))
    assert found.block("S", Rect.parse("D2:E2")).tolist() == [[15.0, 25.0]]


def test_a_table_reads_what_is_computed_and_is_read_in_turn() -> None:
    cells = CHAIN | {"B1": "=2+2", "C1": "=A4+B1", "D1": 1.0, "C2": "=B1*5", "F1": "=D2*2"}
    found = computed(with_table(cells, "D2:D2", "TABLE(A1,A2)"))
    assert found.value("S", 0, 5) == (10.0 + 20.0 + 4.0) * 2


def test_tables_over_drawn_numbers_and_circles_are_reported() -> None:
    for formula in ("=RAND()+A1", "=RAND()", "=B1", "=B1+A1"):
        cells = {"A1": 1.0, "B1": "=RAND()*A1", "D1": formula, "C2": 1.0}
        found = computed(with_table(cells, "D2:D2", "TABLE(,A1)"))
        assert [record.rect for record in found.unsupported] == [Rect.parse("D2")]
