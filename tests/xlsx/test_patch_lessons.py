"""Copies of the courses' own workbooks, saved by real Excel: only values of formulas may differ."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from sheetsim.address import Rect
from sheetsim.checking import libreoffice
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import NUMBER, Values
from sheetsim.workbook import Workbook
from sheetsim.xlsx.edit.patch import save_values
from sheetsim.xlsx.read.workbook import read_workbook
from tests.checking.packages import strip_values
from tests.xlsx.test_read_lessons import BOOKS
from tests.xlsx.test_repack import stored

OPENPYXL_CANNOT = {"course-v3/collab_filter.xlsx", "course22/collab_filter.xlsx"}  # their pivot caches


def moved(book: Workbook):
    """Values other than the stored ones in every formula cell that holds a number."""

    def values(sheet: str, rect: Rect) -> Values:
        block = book[sheet].block(rect)
        numbers = np.where(block.kind_array() == NUMBER, block.numbers / 3 + 0.1, block.numbers)
        return Values(numbers, block.kinds, block.texts)

    return values


def masked(sheet: bytes) -> bytes:
    """A sheet's XML without the content of the values of formula cells (and of array formulas' others)."""
    return re.sub(rb"<v>[^<]*</v>", b"<v/>", sheet)


def same_blocks(book: Workbook, values) -> None:
    """The formula cells hold these values to the bit; typed cells are not asked about."""
    for sheet in book.sheets:
        for fill in sheet.fills:
            read, wanted = sheet.block(fill.rect), values(sheet.name, fill.rect)
            assert np.array_equal(read.numbers, wanted.numbers)
            assert np.array_equal(read.kind_array(), wanted.kind_array())
            assert read.texts is None or np.array_equal(read.texts, wanted.texts)


@pytest.mark.parametrize("name", BOOKS)
def test_a_copy_with_every_formulas_value_changed(name: str, lessons_dir: Path, tmp_path: Path) -> None:
    source, out, again = lessons_dir / name, tmp_path / f"out{Path(name).suffix}", tmp_path / Path(name).name
    book = read_workbook(source)
    done = save_values(source, out, book, moved(book))
    assert done.cells > 0.8 * BOOKS[name]

    before, after = stored(source.read_bytes()), stored(out.read_bytes())
    assert list(before) == list(after)
    changed = [part for part in before if before[part] != after[part]]
    assert len(changed) == len(done.sheets)
    for part in changed:
        assert part.startswith("xl/worksheets/sheet")
        assert before[part][:5] == after[part][:5]
        assert masked(before[part][6]) == masked(after[part][6])

    read = read_workbook(out)
    same_blocks(read, moved(book))
    for sheet in book.sheets:
        used = sheet.used
        typed = np.ones(used.shape, bool)
        for fill in sheet.fills:
            typed[fill.rect.top - used.top : fill.rect.bottom - used.top,
                  fill.rect.left - used.left : fill.rect.right - used.left] = False  # fmt: skip
        old, new = sheet.block(used), read[sheet.name].block(used)
        assert np.array_equal(old.numbers[typed], new.numbers[typed])
        assert np.array_equal(old.kind_array()[typed], new.kind_array()[typed])
        assert old.texts is None or np.array_equal(old.texts[typed], new.texts[typed])
    assert read.names == book.names

    save_values(source, again, book, moved(book))
    assert again.read_bytes() == out.read_bytes()
    if name not in OPENPYXL_CANNOT:
        assert openpyxl.load_workbook(out, keep_vba=True).sheetnames == [s.name for s in book.sheets]


@pytest.mark.parametrize("name", BOOKS)
def test_recalculated(name: str, lessons_dir: Path, tmp_path: Path) -> None:
    """Excel's own values are ours but for three cells, which alone are written anew."""
    source, out = lessons_dir / name, tmp_path / f"out{Path(name).suffix}"
    book = read_workbook(source)
    calculation = calculate(book, make_plan(book))
    done = save_values(source, out, book, calculation.block)
    assert done.cells == (2 if "collab_filter" in name else 0)
    assert done.cells or out.read_bytes() == source.read_bytes()
    same_blocks(read_workbook(out), calculation.block)


def test_values_that_were_taken_out_come_back(lessons_dir: Path, tmp_path: Path) -> None:
    source = lessons_dir / "course-v3/graddesc.xlsm"
    empty = strip_values(source, tmp_path / "empty.xlsm", "adam")
    book = read_workbook(empty)
    assert book["adam"].value("E4") is None
    calculation = calculate(book, make_plan(book))
    save_values(empty, tmp_path / "full.xlsm", book, calculation.block)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "full.xlsm") as new:
        assert all(masked(old.read(part)) == masked(new.read(part)) for part in old.namelist())
    before, after = read_workbook(source)["adam"], read_workbook(tmp_path / "full.xlsm")["adam"]
    used = before.used
    assert used
    assert np.array_equal(before.block(used).numbers, after.block(used).numbers)


def test_what_openpyxl_saves_gets_its_values(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in range(1, 50):
        sheet.cell(row, 1, row / 7)
        sheet.cell(row, 2, f"=A{row}*A{row}")
        sheet.cell(row, 3, f'=IF(B{row}>9,"far"&B{row},B{row}<1)')
    sheet["E1"] = openpyxl.worksheet.formula.ArrayFormula("E1:E3", "=A1:A3*2")
    made.save(tmp_path / "in.xlsx")
    book = read_workbook(tmp_path / "in.xlsx")
    calculation = calculate(book, make_plan(book))
    save_values(tmp_path / "in.xlsx", tmp_path / "out.xlsx", book, calculation.block)
    same_blocks(read_workbook(tmp_path / "out.xlsx"), calculation.block)
    values = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True).active
    formulas = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    for row in range(1, 50):
        square = values.cell(row, 1).value * values.cell(row, 1).value
        assert values.cell(row, 2).value == square
        assert formulas.cell(row, 2).value == f"=A{row}*A{row}"
        assert isinstance(values.cell(row, 3).value, str if square > 9 else bool)
    assert [values[f"E{row}"].value for row in (1, 2, 3)] == [
        values[f"A{row}"].value * 2 for row in (1, 2, 3)
    ]


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
def test_libreoffice_shows_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told never to recalculate, it shows the numbers and texts that were put in, though no formula gives
    them (it always computes formulas whose values are booleans or errors)."""
    load = "Office.Calc/Formula/Load"
    monkeypatch.setitem(libreoffice._SETTINGS, load, {"OOXMLRecalcMode": "1"})
    made = openpyxl.Workbook()
    for row in range(1, 9):
        made.active.cell(row, 1, row)
        made.active.cell(row, 2, f"=A{row}*2")
    made.save(tmp_path / "in.xlsx")
    planted = Values.of([[1 / 3], ["a & b"], [0.0], [1e300], [1e-300], [-2.5], ["é"], [7.0]])
    book = read_workbook(tmp_path / "in.xlsx")

    new = book.sheets[0].copy()
    for row in range(8):
        new.set((row, 1), planted.get((row, 0)))
    save_values(tmp_path / "in.xlsx", tmp_path / "out.xlsx", book, lambda sheet, rect: new.block(rect))
    shown = libreoffice.recalculate(tmp_path / "out.xlsx").sheets[0].block("B1:B8")
    assert np.allclose(shown.numbers, planted.numbers, rtol=1e-14, atol=0)
    assert [shown.get((row, 0)) for row in (1, 6)] == ["a & b", "é"]
