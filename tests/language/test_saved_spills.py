"""`recalc -o` on formulas that spill: their new extent goes into the copy, and a second `recalc` agrees."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import xlsxwriter

from sheetsim.checking.recalc import recalculate


def made(path: Path) -> Path:
    """B1 spilled over four cells but gives two; E1 gives three, the file knows of one; H1 is blocked."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    sheet.write("A1", 2)
    sheet.write_dynamic_array_formula("B1:B4", "=SEQUENCE(A1)", None, 1)
    for row in range(1, 4):
        sheet.write_number(row, 1, row + 1)
    sheet.write_formula("C1", "=COUNT(B1:B9)", None, 4)
    sheet.write_dynamic_array_formula("E1:E1", "=LET(x,B1#,VSTACK(x,SUM(x)))", None, 1)
    sheet.write_formula("F1", "=SUM(_xlfn.ANCHORARRAY(E1))", None, 1)
    sheet.write_dynamic_array_formula("H1:H1", "=SEQUENCE(3)", None, 1)
    sheet.write("H3", "here")
    book.close()
    return path


def test_the_copy_holds_what_is_spilled(tmp_path: Path) -> None:
    source, copy = made(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    first = recalculate(source, out=copy)
    assert first.notices[-1] == "S!H1 is #SPILL!: S!H3 is in the way"
    second = recalculate(copy)
    assert (second.mismatches, second.unsupported, second.without_value) == ([], [], 0)
    assert second.cells == second.agree == 2 + 1 + 3 + 1 + 1
    sheet = openpyxl.load_workbook(copy, data_only=True)["S"]
    assert [sheet[cell].value for cell in ("B1", "B2", "B3", "B4", "C1")] == [1, 2, None, None, 2]
    assert [sheet[cell].value for cell in ("E1", "E2", "E3", "F1")] == [1, 2, 3, 6]
    with zipfile.ZipFile(copy) as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert '<c r="B1" cm="1"><f t="array" ref="B1:B2">' in xml
    assert '<c r="E1" cm="1"><f t="array" ref="E1:E3">' in xml
