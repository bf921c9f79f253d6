"""Formulas that spill: their extent, `A1#`, what is in the way, and who reads their cells."""

from __future__ import annotations

import numpy as np
import pytest

from sheetsim.address import Rect
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Fill, Table, Workbook
from tests.language.sheets import book_of, computed, shown, spilled


def values(book: Workbook, rect: str) -> list[list[Scalar]]:
    rows = computed(book).block("S", Rect.parse(rect)).tolist()
    return [[shown(value) for value in row] for row in rows]


def test_who_reads_a_spilled_cell_or_all_of_them_waits() -> None:
    book = book_of(
        {
            "A1": 3.0,
            "C1": "=SUM(E1#)",
            "C2": "=E3*10",
            "C3": "=ROWS(E1#)",
            "C4": "=SUM(E1#:E5)",
            "E1": "{=SEQUENCE(A1)*2",
        }
    )
    assert values(book, "C1:C4") == [[12.0], [60.0], [3.0], [12.0]]


def test_spills_follow_from_spills() -> None:
    book = book_of(
        {"A1": "{=SEQUENCE(4)", "B1": "{=FILTER(A1#,A1#>2)", "C1": "{=B1#*10", "D1": "{=SORT(C1:C2,1,-1)"}
    )
    assert values(book, "B1:D2") == [[3.0, 30.0, 40.0], [4.0, 40.0, 30.0]]


def test_the_reference_of_a_cell_that_spills_nothing() -> None:
    book = book_of({"A1": 1.0, "B1": "=A1#", "B2": "=SUM(A1:A2#)", "B3": "=ISREF(A1#)"})
    assert values(book, "B1:B3") == [["#REF!"], ["#REF!"], [False]]


@pytest.mark.parametrize(
    ("way", "note"),
    [
        ({"A3": "x"}, "S!A3 is in the way"),
        ({"A2": "=1+1"}, "S!A2 is in the way, a formula's"),
        ({"A2": ""}, "S!A2 is in the way"),
    ],
)
def test_what_is_in_the_way(way: dict[str, Scalar], note: str) -> None:
    book = book_of({"A1": "{=SEQUENCE(3)", "B1": "=ISERROR(A1)", "C1": "=COUNT(A1:A3)", **way})
    found = computed(book)
    assert found.value("S", 0, 0) is ExcelError.SPILL
    assert found.value("S", 0, 1) is True
    assert found.notes == [f"S!A1 is #SPILL!: {note}"]


def test_a_table_and_the_edge_of_the_sheet_are_in_the_way() -> None:
    book = book_of({"A1": "{=SEQUENCE(3)", "XFD9": "{=SEQUENCE(1,2)"})
    book.tables.append(Table("T", "S", Rect.parse("A2:B4"), ("x", "y")))
    found = computed(book)
    assert [found.value("S", 0, 0), found.value("S", 8, 16383)] == [ExcelError.SPILL] * 2
    assert [note.partition(": ")[2] for note in found.notes] == [
        "the table T is in the way",
        "it would reach over the edge of the sheet",
    ]


def test_a_spill_that_shrinks_leaves_nothing_behind() -> None:
    book = book_of({"A1": 2.0, "D1": "=COUNT(B1:B9)"})
    for row in range(4):
        book["S"].set((row, 1), row + 1.0)
    book["S"].fills.append(Fill(Rect.parse("B1:B4"), "SEQUENCE(A1)", array=True, dynamic=True))
    assert values(book, "B1:B4") == [[1.0], [2.0], [None], [None]]
    assert values(book, "D1") == [[2.0]]


def test_a_spill_that_grows_is_read_by_plain_ranges() -> None:
    book = book_of({"A1": 5.0, "D1": "=SUM(B1:B9)", "D2": "=B5+1"})
    book["S"].set("B1", 1.0)
    book["S"].fills.append(Fill(Rect.parse("B1:B2"), "SEQUENCE(A1)", array=True, dynamic=True))
    assert values(book, "D1:D2") == [[15.0], [6.0]]


def test_of_two_that_want_the_same_cells_the_one_that_is_stored_there_wins() -> None:
    for stored in ("A3", "C1"):
        book = book_of({})
        for anchor, formula, rect in (("A3", "SEQUENCE(1,4)", "A3:D3"), ("C1", "SEQUENCE(4)", "C1:C4")):
            area = Rect.parse(rect) if anchor == stored else Rect.parse(anchor)
            book["S"].fills.append(Fill(area, formula, array=True, dynamic=True))
        found = computed(book)
        other = {"A3": (0, 2), "C1": (2, 0)}[stored]
        assert found.value("S", *other) is ExcelError.SPILL
        assert len(found.notes) == 1


@pytest.mark.parametrize(
    "formula",
    [
        "FILTER({1;2},{FALSE;FALSE})",
        "TAKE({1,2},0)",
        "DROP({1,2},1)",
        "SEQUENCE(0)",
        "TOCOL(A1:B2,1)",
        "MAP({1,2},LAMBDA(x,{1,2}))",
        "BYROW({1;2},LAMBDA(r,SEQUENCE(2)))",
        "LAMBDA(x,x)",
    ],
)
def test_no_array_and_arrays_in_arrays_are_calc(formula: str) -> None:
    assert spilled(formula) == "#CALC!"


def test_two_thousand_spills() -> None:
    book = book_of({})
    for row in range(2000):
        book["S"].fills.append(Fill(Rect.cell(row, 0), "SEQUENCE(1,3)*ROW()", array=True, dynamic=True))
    found = computed(book)
    rows = np.arange(1.0, 2001.0)[:, None]
    assert (found.block("S", Rect.parse("A1:C2000")).numbers == rows * [1.0, 2.0, 3.0]).all()


def test_what_has_spilled_is_looked_up_by_index():
    """A dashboard over 4,000 rows: the cells that `B1#` names are a range like others, not asked one by one
    (16 million comparisons)."""
    rows = 4000
    cells: dict[str, object] = {f"A{row}": f"k{row % 1999}" for row in range(1, rows + 1)}
    cells |= {
        "B1": f"{{=UNIQUE(A1:A{rows})",
        "C1": f"{{=COUNTIF(A1:A{rows},B1#)",
        "D1": f"{{=MATCH(A1:A{rows},B1#,0)",
        "E1": f"{{=XLOOKUP(A1:A{rows},B1#,C1#)",
    }
    found = computed(book_of(cells))
    assert found.unsupported == []
    assert found.exact_cells == 0
    assert found.value("S", 0, 2) == 3.0  # rows 1, 2000, 3999
    assert found.value("S", 1, 2) == 3.0
    assert found.value("S", 3, 2) == 2.0
    assert found.value("S", 3998, 3) == 1.0
    assert found.value("S", 3, 4) == 2.0
