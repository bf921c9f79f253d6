"""Array formulas alike in relative terms, one in each row, are one region, computed at once."""

import pytest

from sheetsim.address import Rect
from sheetsim.plan.regions import find_regions, text_at
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.same import assert_same

ROWS = 9


def book_of(*formulas: str) -> Workbook:
    """Numbers (a text, an error and a blank among them) in A1:C9, a table in T1:U3, and each formula filled
    down three columns from E on, with a column between them; {r} is the row, {a} the one above."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(ROWS):
        for column in range(3):
            sheet.set((row, column), float((row * 7 + column * 5) % 4))
    for row in range(3):
        for column in (19, 20):
            sheet.set((row, column), float(row - column + 20) / 3)
    sheet.set("A3", "text")
    sheet.set("B5", ExcelError.NA)
    sheet.set("C7", None)
    for number, formula in enumerate(formulas):
        left = 4 + 4 * number
        for row in range(ROWS):
            text = formula.replace("{r}", str(row + 1)).replace("{a}", str(row))
            sheet.fill(Rect(row, left, row + 1, left + 3), text, array=True)
    return book


FORMULAS = [
    "MMULT(A{r}:C{r},$T$1:$U$3)",  # two columns: the third cell is #N/A
    "A{r}:C{r}*2",
    "A{r}",
    "TRANSPOSE(A{r}:A{r})+$A$1:$B$2",
    "SUM(A$1:A{r})",
    "IF(A{r}:C{r}>1,$T$1,A{r}:C{r})",
    'COUNTIF(A$1:A{r},A{r}:C{r})&"x"',
    "INDEX($A$1:$C$9,A{r}:C{r},1)",
    "ROW(A{r}:A{r})*COLUMN(A{r}:C{r})",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_equal_to_one_by_one(formula: str) -> None:
    book = book_of(formula)
    (region,) = find_regions(book)
    assert region.each
    assert region.rect == Rect(0, 4, ROWS, 7)
    assert region.evaluated == Rect(0, 4, ROWS, 5)
    assert_same(book)


def test_texts_and_pieces() -> None:
    (region,) = find_regions(book_of(FORMULAS[0]))
    assert text_at(region, 4, 6) == "MMULT(A5:C5,$T$1:$U$3)"
    assert [piece.text for piece in region.apart()][1] == "MMULT(A2:C2,$T$1:$U$3)"
    assert region.filled(3, 4) == Rect(3, 4, 4, 7)


def test_those_that_need_each_other_stay_apart() -> None:
    """Each row's array reads that of the row above; two columns of arrays read each other in turns."""
    book = book_of("A{r}:C{r}+1")
    sheet = book["s"]
    for row in range(1, ROWS):
        sheet.fill(Rect(row, 8, row + 1, 11), f"I{row}:K{row}*2+E{row + 1}:G{row + 1}", array=True)
    sheet.fill(Rect(0, 8, 1, 11), "E1:G1", array=True)
    assert_same(book)
    plan = make_plan(book)
    assert sum(region.each for region in plan.computed) == 1
    turns = Workbook()
    sheet = turns.add_sheet("s")
    for row in range(1, 6):
        sheet.fill(Rect(row, 0, row + 1, 2), f"D{row}:E{row}+1", array=True)
        sheet.fill(Rect(row, 3, row + 1, 5), f"A{row + 1}:B{row + 1}*2", array=True)
    assert_same(turns)
    assert not any(region.each for region in make_plan(turns).computed)
    assert calculate(turns, make_plan(turns)).value("s", 5, 4) == 62.0


def test_names_and_places_that_only_values_show() -> None:
    book = book_of("OFFSET($A$1:$C$1,A{r},0)", "E{r}:G{r}*1")
    book["s"].set("A3", 2.0)
    assert_same(book)


def test_dependents_wait_for_all_rows() -> None:
    book = book_of("A{r}:C{r}*2", "E{r}:G{r}+1")
    book["s"].fill("M1:M9", "SUM(E$1:G1)+I1")
    assert_same(book)
    steps = [step.regions[0].each for step in make_plan(book).steps]
    assert sorted(steps) == [False, True, True]
