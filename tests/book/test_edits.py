"""Editing a book and calculating again gives what a fresh book with the same content gives, cell for cell."""

import random
from pathlib import Path

import numpy as np
import pytest

import sheetsim as ss
from sheetsim.address import cell_name
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.run.reach import Reach
from sheetsim.workbook import Workbook

ROWS = 24


def table(seed: int) -> ss.Book:
    """A book with what makes a part of a calculation hard to find: recurrences down and up, ranges that grow
    or slide, OFFSET, look-ups, whole columns, sums by criteria, a second sheet, text and errors."""
    draw = random.Random(seed)
    book = ss.new()
    s, t = book.add_sheet("s"), book.add_sheet("t")
    s["A1:A24"] = [draw.choice([draw.uniform(-5, 5), float(draw.randint(0, 4)), "x", None, True]) for _ in range(ROWS)]
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
    t["A1:A24"] = "=s!D1*s!C1"
    t["B1"] = "=SUM(A1:A24)/COUNT(s!A:A)"
    t["B2"] = '=INDIRECT("s!B"&s!B2)'
    t["B3"] = "=SUM(s!F:F)"
    t["C1:C3"] = "=$B$3+ROW()"
    return book


def fresh(book: ss.Book) -> dict[str, list[list[object]]]:
    """Everything computed from the start."""
    workbook = Workbook(
        [sheet.copy() for sheet in book.workbook.sheets], list(book.workbook.names), tables=list(book.workbook.tables)
    )
    found = calculate(workbook, make_plan(workbook))
    return {sheet.name: found.block(sheet.name, sheet.used).tolist() for sheet in workbook.sheets if sheet.used}


def now(book: ss.Book) -> dict[str, list[list[object]]]:
    return {
        sheet.name: book.values(sheet.name, sheet.used).tolist() for sheet in book.workbook.sheets if sheet.used
    }


def same(book: ss.Book) -> None:
    one, other = now(book), fresh(book)
    assert one.keys() == other.keys()
    for sheet, rows in one.items():
        for number, (row, expected) in enumerate(zip(rows, other[sheet], strict=True)):
            for place, (value, wanted) in enumerate(zip(row, expected, strict=True)):
                assert type(value) is type(wanted) and value == wanted, (sheet, number, place, value, wanted)


VALUES = [0.0, 1.0, 2.0, 3.0, 4.5, -2.25, "x", "", None, True, ss.ExcelError.NA, 1e300]
FORMULAS = ["=B1*3", "=SUM(B$1:B2)", "=A1&B1", "=D1+E1", "=1/0", "=s!B3", "=COUNT(s!C:C)", "=F1", '=INDIRECT("s!C2")']


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
    parts = {str(region): [str(part) for part in parts] for again in found.values() for region, parts in again.parts.items()}
    assert parts == {"s!B1:B100": ["B50"], "s!C2:C100": ["C50:C100"]}
