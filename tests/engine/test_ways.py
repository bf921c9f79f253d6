"""What `recalc --plan` prints is what happens: a calculation notes how it did each step."""

import os
from pathlib import Path

import pytest

from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.run.foresee import foreseen
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from sheetsim.xlsx.read.workbook import read_workbook
from tests.engine.test_loops import adam, averages, dynamic_programming, upwards

FOLDER = os.environ.get("SHEETSIM_LESSONS", "")
FILES = sorted(path for path in Path(FOLDER).rglob("*.xls[xm]")) if FOLDER else []
GALLERY = sorted((Path(__file__).parent.parent.parent / "workbooks").glob("*.xlsx"))


def differing(book: Workbook) -> list[str]:
    """Steps that were done otherwise than foreseen."""
    plan = make_plan(book)
    wanted, found = foreseen(book, plan), calculate(book, plan)
    if found.plan is not plan:  # it spilled otherwise than stored, and was planned again
        wanted = foreseen(book, found.plan)
    given_up = {(record.sheet, record.rect) for record in found.late}
    return [
        f"{step.describe(wanted[step])}   was: {way}"
        for step, way in found.ways.items()
        if wanted.get(step) != way and not any((r.sheet, r.rect) in given_up for r in step.regions)
    ]


def awkward() -> Workbook:
    """Formulas that whole arrays give up, and that only look as if they did."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(60):
        sheet.set((row, 0), float(row % 7))
        sheet.set((row, 1), "text" if row % 9 == 4 else float(row))
        sheet.set((row, 2), ExcelError.NA if row == 30 else 1.0)
    sheet.fill("D1:D60", "MEDIAN(A$1:A1)")
    sheet.fill("E1:E60", "INDEX($A$1:$C$60,A1+1,2)")
    sheet.fill("F1:F60", "SUM(INDEX($A$1:$C$60,A1,0))")
    sheet.fill("G1:G60", "SUM(OFFSET($A$1,0,0,A1+1,1))")
    sheet.fill("H1:H60", 'IF(A1>2,B1&"x",B1*2)')
    sheet.fill("I2:I60", "IFERROR(I1+C2,0)+A2")
    sheet.fill("J1:J60", "COUNTIF(A$1:A1,A1)")
    sheet.fill("K1:K30", "A1:A3")
    sheet.fill("L1:L60", "SUM((A1:A1,C1:C1))")
    sheet.fill("M2:M60", 'IF(M1="",A2,M1&A2)')
    sheet.fill("N1:N60", "SUM(ROW(A$1:A1))")
    sheet.fill("O1", "SUM(A:A)")
    sheet.fill("P1:P60", 'INDIRECT("A"&ROW())')
    return book


@pytest.mark.parametrize("make", [awkward, averages, dynamic_programming, upwards, lambda: adam(30_000)])
def test_awkward_sheets_are_done_as_foreseen(make):
    assert differing(make()) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_course_files_are_done_as_foreseen(path):
    assert differing(read_workbook(path)) == []


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_lessons_are_done_as_foreseen(path):
    assert differing(read_workbook(path)) == []


def test_a_step_done_otherwise_is_seen(monkeypatch):
    monkeypatch.setattr(
        "tests.engine.test_ways.foreseen", lambda book, plan: dict.fromkeys(plan.steps, "by hand")
    )
    assert differing(averages())
