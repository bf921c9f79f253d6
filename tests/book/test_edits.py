"""Editing a book and calculating again gives what a fresh book with the same content gives, cell for cell."""

import random
import re
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest

import sheetsim as ss
from sheetsim.address import Rect, cell_name
from sheetsim.checking import libreoffice
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.run.reach import Reach
from sheetsim.workbook import Fill, Table, Workbook

ROWS = 24


def table(seed: int) -> ss.Book:
    """A book with what makes a part of a calculation hard to find: recurrences down and up, ranges that grow
    or slide, OFFSET, look-ups, whole columns, sums by criteria, a second sheet, text and errors."""
    draw = random.Random(seed)
    book = ss.new()
    s, t = book.add_sheet("s"), book.add_sheet("t")
    s["A1:A24"] = [
        draw.choice([draw.uniform(-5, 5), float(draw.randint(0, 4)), "x", None, True]) for _ in range(ROWS)
    ]
    s["B1:B24"] = [float(draw.randint(1, 6)) for _ in range(ROWS)]
    s["C1:C24"] = "=A1*2+B1"
    s["D1"] = "=B1"
    s["D2:D24"] = "=D1*0.5+B2"  # down
    s["E24"] = "=B24"
    s["E1:E23"] = "=E2+B1"  # up
    s["F1:F24"] = "=SUM(B$1:B1)"
    s["G2:G23"] = "=AVERAGE(B1:B3)"
    s["H1:H24"] = "=OFFSET($B$1,B1,0)+ROW()"
    s["I1:I24"] = "=MATCH(B1,$B$1:$B$24,0)"
    s["J1:J24"] = "=SUMIF(B:B,B1,C:C)"
    s["K1:K24"] = '=IF(ISNUMBER(A1),A1&"",IFERROR(1/(B1-3),"none"))'
    s["L1:L24"] = "=COUNTIF(B$1:B1,B1)+MAX(A$1:A1)"
    s["M1:M24"] = "=INDEX($C$1:$C$24,B1)"
    s["N2:N24"] = "=O1+1"
    s["O1"] = "=B1"
    s["O2:O24"] = "=N2*2-D2"
    s["R1:R24"] = '=COUNTIF(D$1:D1,">3")+SUM(N$2:N2)+COUNTIF($E$1:$E$24,">"&B1)'
    t["A1:A24"] = "=s!D1*s!C1"
    t["B1"] = "=SUM(A1:A24)/COUNT(s!A:A)"
    t["B2"] = '=INDIRECT("s!B"&s!B2)'
    t["B3"] = "=SUM(s!F:F)"
    t["C1:C3"] = "=$B$3+ROW()"
    return book


def fresh(book: ss.Book) -> dict[str, list[list[object]]]:
    """Everything computed from the start."""
    workbook = Workbook(
        [sheet.copy() for sheet in book.workbook.sheets],
        list(book.workbook.names),
        tables=list(book.workbook.tables),
    )
    found = calculate(workbook, make_plan(workbook))
    return {
        sheet.name: found.block(sheet.name, sheet.used).tolist() for sheet in workbook.sheets if sheet.used
    }


def now(book: ss.Book) -> dict[str, list[list[object]]]:
    return {
        sheet.name: book.values(sheet.name, sheet.used).tolist()
        for sheet in book.workbook.sheets
        if sheet.used
    }


def same(book: ss.Book) -> None:
    one, other = now(book), fresh(book)
    assert one.keys() == other.keys()
    for sheet, rows in one.items():
        for number, (row, expected) in enumerate(zip(rows, other[sheet], strict=True)):
            for place, (value, wanted) in enumerate(zip(row, expected, strict=True)):
                assert (type(value), value) == (type(wanted), wanted), (sheet, number, place)


VALUES = [0.0, 1.0, 2.0, 3.0, 4.5, -2.25, "x", "", None, True, ss.ExcelError.NA, 1e300]
FORMULAS = [
    "=B1*3",
    "=SUM(B$1:B2)",
    "=A1&B1",
    "=D1+E1",
    "=1/0",
    "=s!B3",
    "=COUNT(s!C:C)",
    "=F1",
    '=INDIRECT("s!C2")',
]


@pytest.mark.parametrize("seed", range(6))
def test_random_edits(seed: int) -> None:
    draw, book = random.Random(seed), table(seed)
    book.calculate()
    for _ in range(14):
        for _ in range(draw.choice([1, 1, 2, 5])):
            sheet = book[draw.choice("ssst")]
            row, column = draw.randint(1, ROWS + 2), draw.choice("AABBBBCDFKNO")
            if draw.random() < 0.15:
                sheet[f"{draw.choice('PQRC')}{row}"] = draw.choice(FORMULAS)
            elif draw.random() < 0.1:
                sheet[f"B{row}:B{row + 3}"] = [draw.choice(VALUES) for _ in range(4)]
            elif draw.random() < 0.1:
                sheet[f"P{row}:Q{row + 3}"] = "=B1*C1"
            else:
                sheet[f"{'B' if column > 'B' and draw.random() < 0.7 else column}{row}"] = draw.choice(VALUES)
        book.calculate()
        same(book)


@pytest.mark.parametrize("name", ["adam", "conv", "ema"])
def test_random_edits_of_lessons(name: str, tmp_path: Path) -> None:
    ss.lesson(name).export(tmp_path / "lesson.xlsx")
    book = ss.read(tmp_path / "lesson.xlsx").calculate()
    draw = random.Random(name)
    for _ in range(4):
        sheet = draw.choice(book.workbook.sheets)
        if sheet.used is None:
            continue
        typed = [
            (row, column)
            for column, cells in sheet.columns.items()
            for row, kind in zip(cells.rows.tolist(), cells.kinds.tolist(), strict=True)
            if kind == 1 and not any(fill.rect.contains(row, column) for fill in sheet.fills)
        ]
        if not typed:
            continue
        row, column = draw.choice(typed)
        book[sheet.name][cell_name(row, column)] = draw.uniform(0.1, 2)
        book.calculate()
        same(book)


def test_spills() -> None:
    book = ss.new()
    s = book.add_sheet("s")
    s["A1"] = 3
    s["B1"] = "=SEQUENCE(A1)"
    s["C1"] = "=SUM(B1#)"
    book.calculate()
    assert s["B1:C3"].cells() == [[1.0, 6.0], [2.0, None], [3.0, None]]
    s["A1"] = 2
    book.calculate()
    assert s["B1:C3"].cells() == [[1.0, 3.0], [2.0, None], [None, None]]
    s["B2"] = "in the way"
    book.calculate()
    assert s["B1:C3"].cells() == [
        [ss.ExcelError.SPILL, ss.ExcelError.SPILL],
        ["in the way", None],
        [None, None],
    ]
    s["B2"] = None
    book.calculate()
    assert s["B1:C3"].cells() == [[1.0, 3.0], [2.0, None], [None, None]]


def test_circles_come_and_go() -> None:
    book = ss.new()
    s = book.add_sheet("s")
    s["A1:A3"] = [[1], ["=IF(B1=1,A3,A1)"], ["=A2+1"]]
    s["B1"] = 0
    book.calculate()
    assert s["A2:A3"].cells() == [[1.0], [2.0]]
    s["B1"] = 1
    book.calculate()
    same(book)
    s["B1"] = 0
    book.calculate()
    same(book)


def test_what_was_computed_again() -> None:
    """One input of many: only its readers are computed, of the recurrence the rows from there on."""
    book = ss.new()
    s = book.add_sheet("s")
    s["A1:A100"] = np.arange(100.0)
    s["B1:B100"] = "=A1*2"
    s["C1"] = "=A1"
    s["C2:C100"] = "=C1+A2"
    book.calculate()
    found = Reach(book._kept.calculation.plan).of([("s", s["A50"].rect)])
    parts = {
        str(region): [str(part) for part in parts]
        for again in found.values()
        for region, parts in again.parts.items()
    }
    assert parts == {"s!B1:B100": ["B50"], "s!C2:C100": ["C50:C100"]}


def test_save_and_read_back(tmp_path: Path) -> None:
    """Of a file with styles: the copy holds the edits, the new values of formulas, and the styles."""
    ss.lesson("adam").export(tmp_path / "adam.xlsx")
    book = ss.read(tmp_path / "adam.xlsx")
    book["adam"]["D2"] = 0.3
    book["adam"]["N4:N32"] = "=M4*2"
    book["adam"]["B10"] = None
    book.save(tmp_path / "copy.xlsx")
    with pytest.raises(ss.SheetsimError, match="is there already"):
        book.save(tmp_path / "copy.xlsx")
    copy = ss.read(tmp_path / "copy.xlsx")
    assert now(copy) == now(book)
    assert copy["adam"]["D2"].cells() == [[0.3]]
    assert now(copy.calculate()) == now(book)
    assert set(copy.workbook["adam"].fills) >= {Fill(Rect.parse("N4:N32"), "M4*2")}
    old, new = (openpyxl.load_workbook(tmp_path / name)["adam"] for name in ("adam.xlsx", "copy.xlsx"))
    styles = [[(repr(a[c].fill), a[c].number_format) for c in ("D2", "B10", "E10")] for a in (old, new)]
    assert styles[0] == styles[1]


def test_save_a_new_book(tmp_path: Path) -> None:
    book = ss.new()
    s = book.add_sheet("s")
    s["A1"] = [["x", "y", "when"], [1, "=A2*2", date(2024, 2, 29)], [True, ss.ExcelError.NA, "'=A1"]]
    s["E1"] = "=SEQUENCE(2,2)"
    with pytest.raises(ss.SheetsimError, match="there is a sheet"):
        book.add_sheet("S")
    book.save(tmp_path / "new.xlsx")
    copy = ss.read(tmp_path / "new.xlsx")
    assert copy["s"]["A1:F3"].cells() == [
        ["x", "y", "when", None, 1.0, 2.0],
        [1.0, 2.0, 45351.0, None, 3.0, 4.0],
        [True, ss.ExcelError.NA, "=A1", None, None, None],
    ]
    assert set(copy.workbook["s"].fills) == {
        Fill(Rect.parse("B2"), "A2*2"),
        Fill(Rect.parse("E1:F2"), "_xlfn.SEQUENCE(2,2)", array=True, dynamic=True),
    }


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_an_edited_copy(tmp_path: Path) -> None:
    """It recalculates what we wrote, and finds our values."""
    ss.lesson("adam").export(tmp_path / "adam.xlsx")
    book = ss.read(tmp_path / "adam.xlsx")
    book["adam"]["D2"] = 0.05
    book["adam"]["B4:B8"] = [50, 60, 70, 80, 90]
    book["adam"]["O1"] = [[0.25, 4.0, "=SQRT(O1)+P1"]]
    book["adam"]["E10"] = "=C10+D10*A10+1"
    book.save(tmp_path / "copy.xlsx")
    found = libreoffice.recalculate(tmp_path / "copy.xlsx")["adam"]
    assert found.value("Q1") == 4.5
    cells = Rect.parse("A4:M32")
    np.testing.assert_allclose(found.block(cells).numbers, book.values("adam", cells).numbers, rtol=1e-12)


@pytest.mark.parametrize(
    ("address", "content", "message"),
    [
        ("A1:B2", [[1, 2, 3]], "A1:B2 has 2 rows of 2 cells, not 1 of 3"),
        ("A1", [[1], [2, 3]], "rows of different lengths"),
        ("A1", [1, [2]], "a list of rows and of single values"),
        ("A1", [], "there is nothing"),
        ("A1", np.zeros((2, 2, 2)), "an array of 3 axes"),
        ("A1", float("nan"), "A1: a cell holds no nan"),
        ("B2:B3", np.array([1.0, np.inf]), "B3: a cell holds no inf"),
        ("A1", 1j, "a cell holds no complex"),
        ("A1", "=SUM(", "sheet s, cell A1: =SUM"),
        ("A:A", 1.0, "give the rows"),
        ("XFD1", [[1, 2]], "over the edge"),
        ("C2", 1.0, "a part of the array formula in C1:C3"),
        ("A0", 1.0, "not a range"),
    ],
)
def test_what_is_refused_changes_nothing(address: str, content: object, message: str) -> None:
    book = ss.new()
    s = book.add_sheet("s")
    book.workbook["s"].fill("C1:C3", "A1:A3*2", array=True)
    s["A1:A3"] = [1, 2, 3]
    before = now(book.calculate())
    with pytest.raises(ss.SheetsimError, match=re.escape(message)):
        s[address] = content
    assert now(book.calculate()) == before


def test_frames_and_arrays() -> None:
    pandas = pytest.importorskip("pandas")
    book = ss.new()
    s = book.add_sheet("s")
    frame = pandas.DataFrame({"x": [1.5, None], "name": ["=a", "b"], "on": [True, False]})
    s["A1"] = frame
    assert s["A1:C3"].cells() == [["x", "name", "on"], [1.5, "=a", True], [None, "b", False]]
    s["E1:G2"] = frame
    assert s["E1:G2"].cells() == [[1.5, "=a", True], [None, "b", False]]
    s.put("E5", frame["x"], headings=False)
    assert s["E5:E6"].cells() == [[1.5], [None]]
    s["A1"] = s.frame("A1:C3").drop(columns="x")
    assert s["A1:C3"].cells() == [["name", "on", "on"], ["=a", True, True], ["b", False, False]]
    s["A10:B11"] = np.array([["=a", "'b"], ["c", "d"]])
    assert s["A10:B11"].cells() == [["=a", "'b"], ["c", "d"]]
    s["D10"] = np.arange(3)
    assert s["D10:F10"].cells() == [[0.0, 1.0, 2.0]]
    s["H1:H3"] = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], "datetime64[D]")
    assert s["H1:H3"].cells() == [[45292.0], [45293.0], [45294.0]]
    s["A1:H11"] = None
    assert s["A1:H11"].cells() == [[None] * 8] * 11


def test_headings_of_tables_stay() -> None:
    book = ss.new()
    s = book.add_sheet("s")
    s["A1"] = [["x", "y"], [1, 2], [3, 4]]
    book.workbook.tables.append(Table("T", "s", Rect.parse("A1:B3"), ("x", "y")))
    s["D1"] = "=SUM(T[y])"
    assert book.calculate()["s"]["D1"].cells() == [[6.0]]
    with pytest.raises(ss.SheetsimError, match="A1 is a heading of table T"):
        s["A1"] = "z"
    s["A1"] = [["x", "y"], [5, 6], [7, 8]]
    assert book.calculate()["s"]["D1"].cells() == [[14.0]]
