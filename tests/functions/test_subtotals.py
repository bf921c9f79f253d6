"""SUBTOTAL and AGGREGATE: Microsoft's examples, nested subtotals, hidden rows read from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsim.book import Book, read
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Workbook

A = [None, 72.0, 30.0, None, 31.0, 96.0, 32.0, 81.0, 33.0, 53.0, 34.0]
B = [82.0, 65.0, 95.0, 63.0, 53.0, 71.0, 55.0, 83.0, 100.0, 91.0, 89.0]


def _calculated(formulas: dict[str, str], hidden: frozenset[int] = frozenset()) -> dict[str, Scalar]:
    workbook = Workbook()
    sheet = workbook.add_sheet("s")
    for row, (a, b) in enumerate(zip(A, B, strict=True)):
        sheet.set((row, 0), a)
        sheet.set((row, 1), b)
    sheet.fill("A1", "1/0")
    sheet.fill("A4", "SQRT(-1)")
    sheet.hidden = hidden
    for cell, formula in formulas.items():
        sheet.fill(cell, formula)
    book = Book(workbook).calculate()
    return {cell: book["s"][f"{cell}:{cell}"].cells()[0][0] for cell in formulas}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("AGGREGATE(4,6,A1:A11)", 96.0),
        ("AGGREGATE(14,6,A1:A11,3)", 72.0),
        ("AGGREGATE(15,6,A1:A11)", ExcelError.VALUE),
        ("AGGREGATE(12,6,A1:A11,B1:B11)", 68.0),
        ("AGGREGATE(9,4,A1:A11)", ExcelError.DIV0),
        ("AGGREGATE(15,6,B1:B11/(B1:B11>60),1)", 63.0),
        ("AGGREGATE(20,6,B1:B11)", ExcelError.VALUE),
        ("SUM(AGGREGATE(14,6,A1:A11,{1,2}))", 177.0),
        ("SUBTOTAL(9,B1:B3)", 242.0),
        ("SUBTOTAL(1,B1:B3,B5)", 73.75),
        ("SUBTOTAL(9,A1:B11)", ExcelError.DIV0),
        ("SUBTOTAL(3,A1:A11)", 11.0),
        ("SUBTOTAL(12,B1:B3)", ExcelError.VALUE),
        ("SUBTOTAL(109,B1:B3)", 242.0),
        ("SUBTOTAL(9,D1:D5)", 0.0),
        ("SUBTOTAL(9,B:B)", 847.0),
    ],
)
def test_value(formula: str, expected: Scalar) -> None:
    assert _calculated({"E20": formula})["E20"] == expected


def test_subtotals_are_not_counted_twice() -> None:
    formulas = {
        "D1": "SUBTOTAL(9,B1:B3)",
        "D2": "B4",
        "D3": "2*AGGREGATE(9,0,B5:B6)",
        "D9": "SUBTOTAL(9,D1:D8)",
    }
    formulas["D10"] = "AGGREGATE(9,4,D1:D8)"
    values = _calculated(formulas)
    assert values["D9"] == 63.0
    assert values["D10"] == 242.0 + 63.0 + 248.0


def test_hidden_rows() -> None:
    values = _calculated(
        {"E20": "SUBTOTAL(109,B1:B3)", "E21": "AGGREGATE(9,5,B1:B3)", "E22": "SUBTOTAL(109,B4:B5)"},
        frozenset({1}),
    )
    assert values == {"E20": 177.0, "E21": 177.0, "E22": 116.0}


def test_a_row_that_a_filter_may_hide_is_reported(tmp_path: Path) -> None:
    """SUBTOTAL(9, ...) counts what a hand has hidden and not what a filter has."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("s")
        for row in range(5):
            sheet.write_number(row, 0, row + 1)
        sheet.set_row(2, options={"hidden": True})
        sheet.write_formula("C1", "=SUBTOTAL(109,A1:A5)", None, 12)
        sheet.write_formula("C2", "=SUBTOTAL(9,A1:A5)", None, 15)
        sheet.write_formula("C4", "=SUBTOTAL(9,A4:A5)", None, 9)
    from sheetsim.checking.recalc import recalculate

    book = read(path)
    assert book.workbook.sheets[0].hidden == {2}
    found = recalculate(path)
    assert found.agree == 2
    assert [one.cell for one in found.unsupported] == ["s!C2"]
    assert "hidden" in found.unsupported[0].reason
