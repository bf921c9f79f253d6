"""The courses' own workbooks, saved by real Excel, against openpyxl cell for cell."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.formula import ArrayFormula

from sheetsim.address import Rect
from sheetsim.formula.shift import moved
from sheetsim.values import BLANK, ExcelError
from sheetsim.workbook import Sheet, Workbook
from sheetsim.xlsx.read.workbook import read_workbook

BOOKS = {
    "course-v3/collab_filter.xlsx": 12_937,
    "course-v3/entropy_example.xlsx": 75,
    "course-v3/graddesc.xlsm": 1_623,
    "course-v3/mom_bias.xlsx": 598,
    "course22/collab_filter.xlsx": 3_666,
    "course22/conv-example.xlsx": 9_336,
    "course22/entropy_example.xlsx": 39,
}


def without_pivots(source: Path, target: Path) -> Path:
    """A copy that openpyxl opens: it refuses the pivot caches of two of the files."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if "pivot" in name:
                continue
            if name.endswith(".rels") or name == "[Content_Types].xml":
                start, mark, rest = data.partition(b"?>\r\n")
                kept = [e for e in rest.split(b"<") if b"ivot" not in e]
                data = start + mark + b"<".join(kept)
            if name == "xl/workbook.xml":
                before, _, after = data.partition(b"<pivotCaches>")
                data = before + after.partition(b"</pivotCaches>")[2] if after else data
            new.writestr(name, data)
    return target


@pytest.fixture(scope="module", params=BOOKS)
def pair(request: pytest.FixtureRequest, lessons_dir: Path, tmp_path_factory) -> tuple[Workbook, Path, int]:
    name = request.param
    copy = without_pivots(lessons_dir / name, tmp_path_factory.mktemp("books") / Path(name).name)
    return read_workbook(lessons_dir / name), copy, BOOKS[name]


def test_values_are_those_of_openpyxl(pair: tuple[Workbook, Path, int]) -> None:
    ours, path, _ = pair
    theirs = openpyxl.load_workbook(path, data_only=True)
    assert [sheet.name for sheet in ours.sheets] == theirs.sheetnames
    compared = 0
    for sheet in ours.sheets:
        expected = {
            (cell.row - 1, cell.column - 1): cell.value
            for row in theirs[sheet.name].iter_rows()
            for cell in row
            if cell.value is not None
        }
        found = {}
        for column, cells in sheet.columns.items():
            assert BLANK not in cells.kinds
            for row in cells.rows.tolist():
                value = sheet.value((row, column))
                found[row, column] = value.label if isinstance(value, ExcelError) else value
        assert found == expected
        compared += len(found)
    assert compared > 20


def formulas(sheet: Sheet) -> dict[tuple[int, int], str | tuple[str, str]]:
    """Each formula cell's text; (text, range) for the first cell of an array formula."""
    found: dict[tuple[int, int], str | tuple[str, str]] = {}
    for fill in sheet.fills:
        for row, column in fill.rect.cells():
            assert (row, column) not in found
            found[row, column] = moved(fill.formula, row - fill.rect.top, column - fill.rect.left)
            if fill.array:
                found[row, column] = (fill.formula, str(fill.rect))
                break
    return found


def test_formulas_are_those_of_openpyxl(pair: tuple[Workbook, Path, int]) -> None:
    ours, path, count = pair
    theirs = openpyxl.load_workbook(path)
    assert sum(fill.rect.size for sheet in ours.sheets for fill in sheet.fills) == count
    for sheet in ours.sheets:
        expected: dict[tuple[int, int], str | tuple[str, str]] = {}
        for row in theirs[sheet.name].iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    text = cell.value.text.removeprefix("=")
                    expected[cell.row - 1, cell.column - 1] = (text, str(Rect.parse(cell.value.ref)))
                elif isinstance(cell.value, str) and cell.value.startswith("=") and len(cell.value) > 1:
                    expected[cell.row - 1, cell.column - 1] = cell.value[1:]
        assert formulas(sheet) == expected


def test_openpyxl_moves_formulas_as_we_do() -> None:
    """So that the comparison above is not of one translation with itself."""
    assert Translator("=$C3+MAX(D3:E$4)", "F3").translate_formula("G5") == "=$C5+MAX(E5:F$4)"
    assert moved("$C3+MAX(D3:E$4)", 2, 1) == "$C5+MAX(E5:F$4)"


def test_filled_down_columns_are_few_fills(lessons_dir: Path) -> None:
    book = read_workbook(lessons_dir / "course-v3/graddesc.xlsm")
    adam = {str(fill.rect): fill.formula for fill in book["adam"].fills}
    assert adam["F4:F32"] == "2*(D4*A4+C4-B4)"
    assert adam["J5:J32"] == "J4*$J$1+$K$1*F5"
    assert len(adam) == 28
    assert sum(fill.rect.size for fill in book["adam"].fills) == 325


def test_what_stands_beside_the_cells(lessons_dir: Path) -> None:
    book = read_workbook(lessons_dir / "course-v3/graddesc.xlsm")
    assert book.named_rect("lr", "adam") == ("adam", Rect.parse("D2"))
    assert book.named_rect("rmses", "basic") == ("basic", Rect.parse("C38:C106"))
    assert "a macro project, kept unread" in book.notices
    assert "10 form controls, kept unread" in book.notices
    assert not book.iterate
    solver = read_workbook(lessons_dir / "course22/collab_filter.xlsx")
    hidden = solver.name("solver_adj", "dotprod")
    assert hidden is not None
    assert hidden.hidden
    assert hidden.formula == "dotprod!$H$19:$V$23,dotprod!$B$25:$F$39"
    assert "3 pivot tables, kept unread" in solver.notices


def test_array_formulas_that_spill_are_marked(lessons_dir: Path) -> None:
    solver = read_workbook(lessons_dir / "course22/collab_filter.xlsx")
    marked = [fill for sheet in solver.sheets for fill in sheet.fills if fill.dynamic]
    assert len(marked) == 225  # the cells with a cm attribute in sheet bias
    assert all(fill.array and fill.formula.startswith("_xlfn.SINGLE(IF(") for fill in marked)
    assert sum(fill.array for fill in solver["movielens_emb"].fills) == 412
    older = read_workbook(lessons_dir / "course-v3/collab_filter.xlsx")
    arrays = [fill for fill in older["movielens_1hot"].fills if fill.array]
    assert {str(fill.rect) for fill in arrays} >= {"AE3:AI208", "BA3:BE208"}
    assert not any(fill.dynamic for fill in arrays)
