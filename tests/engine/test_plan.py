"""Plans: what is computed how, what keeps its stored values, and orders that only values show."""

import numpy as np
import pytest

from sheetsim.address import Rect
from sheetsim.errors import SheetsimError
from sheetsim.plan.schedule import make_plan
from sheetsim.run import store as grid
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Column, DefinedName, Workbook
from tests.calls import calls_of
from tests.engine.same import assert_same


def book_of(cells: dict[str, object], *fills: tuple[str, str]) -> Workbook:
    book = Workbook()
    sheet = book.add_sheet("s")
    for address, value in cells.items():
        sheet.set(address, value)
    for rect, formula in fills:
        array = formula.startswith("{")
        sheet.fill(rect, formula.strip("{}") if array else formula, array=array)
    return book


def results(book: Workbook, rect: str, **options: object) -> list[list[object]]:
    return calculate(book, make_plan(book), **options).block("s", Rect.parse(rect)).tolist()


# -- what keeps its stored values


def test_unknown_functions_keep_stored_values_and_dependents_use_them():
    book = book_of({"A1": 7.0}, ("A1", "NOSUCH(1)"), ("B1", "A1*2"))
    plan = make_plan(book)
    (record,) = plan.unsupported
    assert (str(record.rect), record.formula) == ("A1", "NOSUCH(1)")
    assert "NOSUCH" in record.reason
    assert results(book, "A1:B1") == [[7.0, 14.0]]


@pytest.mark.parametrize("formula", ["1+", "SUM()", "[1]Sheet1!A1"])
def test_what_cannot_be_computed_has_a_reason(formula):
    plan = make_plan(book_of({"A1": 1.0}, ("A1", formula)))
    assert len(plan.unsupported) == 1
    assert plan.unsupported[0].reason
    assert not plan.steps


def test_volatile_cells_are_kept_or_drawn():
    book = book_of({"A1": 0.25, "A2": 0.5}, ("A1:A2", "RAND()"), ("B1:B2", "A1*2"))
    plan = make_plan(book)
    assert [str(region.rect) for region in plan.volatile] == ["A1:A2"]
    assert results(book, "B1:B2") == [[0.5], [1.0]]
    drawn = calculate(book, make_plan(book, redraw=True), seed=3).block("s", Rect.parse("A1:B2"))
    assert drawn.numbers[:, 0].tolist() == np.random.default_rng(3).random(2).tolist()
    assert drawn.numbers[:, 1].tolist() == (drawn.numbers[:, 0] * 2).tolist()


def test_circular_cells_keep_stored_values_and_the_rest_is_computed():
    book = book_of(
        {"A1": 1.0, "B1": 5.0, "B2": 6.0, "C1": 9.0}, ("B1", "C1+1"), ("C1", "B1+1"), ("D1:D2", "B1*10")
    )
    plan = make_plan(book)
    assert {(str(one.rect), one.reason) for one in plan.unsupported} == {
        ("B1", "circular reference"),
        ("C1", "circular reference"),
    }
    assert results(book, "B1:D2") == [[5.0, 9.0, 50.0], [6.0, None, 60.0]]


def test_only_the_circular_part_of_a_fill_is_kept():
    book = book_of({"A2": 3.0, "A3": 7.0}, ("A1:A6", "B2+1"), ("B2:B2", "A2*0+A1"), ("B4:B4", "5"))
    plan = make_plan(book)
    kept = {str(one.rect) for one in plan.unsupported}
    assert kept == {"A1", "B2"}
    cells = sum(region.rect.size for region in plan.regions)
    assert cells == 6 + 1 + 1
    assert results(book, "A2:A6") == [[1.0], [6.0], [1.0], [1.0], [1.0]]


def test_iteration_is_what_the_workbook_asks_for() -> None:
    book = Workbook(iterate=True)
    sheet = book.add_sheet("s")
    sheet.fill("A1", "B1/2+1")
    sheet.fill("B1", "A1")
    plan = make_plan(book)
    assert not plan.unsupported
    assert [step.how for step in plan.steps] == ["rounds"]
    assert "circular, in rounds" in plan.describe()


# -- orders that only the evaluation shows


def test_offset_reaches_cells_that_come_later():
    book = book_of(
        {"A1": 2.0}, ("B1:B3", "OFFSET($D$1,ROW()-1,$A$1-1)"), ("E1:E3", "ROW()*10+$F$1"), ("F1", "A1/2")
    )
    assert results(book, "B1:B3") == [[11.0], [21.0], [31.0]]
    assert_same(book)


def test_offset_into_its_own_column_is_worked_out_cell_by_cell():
    book = book_of({"A1": 1.0, "B1": 1.0}, ("B2:B40", "OFFSET(B2,-$A$1,0)*2"))
    assert results(book, "B40:B40") == [[2.0**39]]
    assert_same(book)


def test_offset_upwards_in_a_long_chain():
    book = book_of({"A1": 1.0, "B3000": 1.0}, ("B1:B2999", "OFFSET(B1,$A$1,0)+1"))
    assert results(book, "B1:B1") == [[3000.0]]


def test_two_columns_that_offset_into_each_other():
    book = book_of(
        {"A1": 1.0, "B1": 1.0, "C1": 2.0},
        ("B2:B20", "OFFSET(C2,-$A$1,0)+1"),
        ("C2:C20", "OFFSET(B2,0,0+$A$1-1)*2"),
    )
    assert_same(book)


def test_a_circle_that_only_the_values_show():
    book = book_of({"A1": 0.0, "B1": 4.0}, ("B1", "OFFSET(B1,$A$1,0)"), ("C1", "B1+1"))
    found = calculate(book, make_plan(book))
    assert [one.reason for one in found.unsupported] == ["circular reference"]
    assert found.block("s", Rect.parse("B1:C1")).tolist() == [[4.0, 5.0]]


def test_if_makes_a_circle_harmless():
    book = book_of({"A1": True}, ("B1", "IF($A$1,1,C1)"), ("C1", "IF($A$1,B1+1,2)"))
    assert not make_plan(book).unsupported
    assert results(book, "B1:C1") == [[1.0, 2.0]]


# -- ways of computing


FOLDS = ["SUM", "COUNT", "AVERAGE", "MAX", "MIN", "COUNTA", "SUMSQ", "PRODUCT"]


@pytest.mark.parametrize("form", ["A$1:A1", "$A$1:A1", "A1:A$1"])
def test_growing_sums_are_running_totals(form):
    cells = {f"A{row}": float(row) / 3 for row in range(1, 200)}
    odd = {"A50": "text", "A51": True, "A150": ExcelError.NA}
    fills = []
    for column, name in zip("BCDEFGHI", FOLDS, strict=True):
        written = form if form.startswith("$") else form.replace("A", "$A")
        fills.append((f"{column}1:{column}199", f"{name}({written})"))
    book = book_of(cells | odd, *fills)
    assert calculate(book, make_plan(book)).exact_cells == 0
    assert_same(book)


def test_growing_sums_to_the_right():
    book = book_of({f"{c}1": float(n) for n, c in enumerate("ABCDEFG")}, ("A2:G3", "SUM($A1:A1)"))
    assert_same(book)


def test_array_formulas_spread_by_excels_rules():
    book = book_of(
        {"A1": 1.0, "A2": 2.0, "B1": 3.0, "B2": 4.0},
        ("D1:F3", "{A1:B2*10}"),
        ("H1:I2", "{A1:A2}"),
        ("K1:K2", "{SUM(A1:B2*A1:B2)}"),
    )
    na = ExcelError.NA
    assert results(book, "D1:F3") == [[10.0, 30.0, na], [20.0, 40.0, na], [na, na, na]]
    assert results(book, "H1:I2") == [[1.0, 1.0], [2.0, 2.0]]
    assert results(book, "K1:K2") == [[30.0], [30.0]]
    assert_same(book)


def test_names_other_sheets_and_missing_sheets():
    book = book_of({"A1": 3.0}, ("B1", "rate*A1"), ("B2", "gone!A1"), ("B3", "nobody+1"))
    other = book.add_sheet("other one")
    other.set("C1", 4.0)
    book.names.append(DefinedName("rate", "'other one'!$C$1"))
    assert results(book, "B1:B3") == [[12.0], [ExcelError.REF], [ExcelError.NAME]]


def test_whole_columns_and_intersections():
    book = book_of(
        {f"A{n}": float(n) for n in range(1, 6)}, ("C1:C5", "SUM(A:A)+A:A"), ("D1:D7", "$A$2:$A$4*2")
    )
    assert results(book, "D1:D7")[0] == [ExcelError.VALUE]
    assert_same(book)


def test_blank_results_are_zero_and_text_stays_text():
    book = book_of({"A1": "word", "A3": True}, ("B1:B3", "A1"), ("C1:C3", 'A1&"!"'))
    assert results(book, "B1:C3") == [["word", "word!"], [0.0, "!"], [True, "TRUE!"]]


def test_describe_says_how():
    book = book_of(
        {"A1": 1.0}, ("A2:A9", "A1*2"), ("B1:B9", "A1+1"), ("C2:C9", 'IF(C1="","x",C1)'), ("D1", "RAND()")
    )
    lines = make_plan(book).describe().splitlines()
    assert "s!A2:A9  sweep down, generated loop" in lines
    assert "s!B1:B9  whole array  =A1+1" in lines
    assert "s!C2:C9  sweep down, cell by cell (text)" in lines
    assert "s!D1  kept, volatile  =RAND()" in lines


# -- sizes


def test_a_million_rows_plan_in_a_blink():
    book = Workbook()
    sheet = book.add_sheet("s")
    rows = np.arange(1_000_000)
    sheet.set_column(0, Column(rows, np.ones(len(rows)), np.ones(len(rows), np.uint8)))
    for column in "BCDEFGHIJKLM":
        sheet.fill(f"{column}2:{column}1000000", "A2+B1" if column == "B" else "A2*B1")
    assert calls_of(lambda: make_plan(book)) < 50_000


def test_many_different_cells_that_read_a_whole_table_stay_linear():
    def work(count: int) -> int:
        book = Workbook()
        sheet = book.add_sheet("s")
        for row in range(count):
            sheet.fill(Rect.cell(row, 0), f"{row}*2")
            sheet.fill(Rect.cell(row, 2), f"SUM($A$1:$A${count})+{row}")
        return calls_of(lambda: make_plan(book))

    assert work(3000) < 12 * work(300)


def test_a_table_with_a_row_of_its_own_every_so_often_is_one_sweep_at_linear_cost():
    """Epoch after epoch: the first row of each carries the weight over, the others step."""

    def plan_of(epochs: int):
        book = Workbook()
        sheet = book.add_sheet("s")
        sheet.set("A1", 1.0)
        sheet.set("B1", 1.0)
        for epoch in range(epochs):
            sheet.fill(Rect.cell(1 + 5 * epoch, 0), f"A{1 + 5 * epoch}")
            sheet.fill(Rect(2 + 5 * epoch, 0, 6 + 5 * epoch, 1), f"A{2 + 5 * epoch}-B{2 + 5 * epoch}/9")
        sheet.fill(Rect(1, 1, 1 + 5 * epochs, 2), "B1/2+A2")
        return make_plan(book)

    assert [step.how for step in plan_of(400).steps] == ["whole", "sweep"]  # A2 reads a typed cell only
    few, many = calls_of(lambda: plan_of(100)), calls_of(lambda: plan_of(1000))
    assert many < 12 * few


def test_a_sheet_that_is_too_large_is_refused_in_one_line():
    book = book_of({"A1": 1.0, "XFD1048576": 1.0}, ("B1", "A1"))
    with pytest.raises(SheetsimError, match="XFD1048576") as caught:
        calculate(book, make_plan(book))
    assert "\n" not in str(caught.value)
    assert grid.MOST_CELLS == 2**28


def test_progress_and_timings_are_told():
    book = book_of({"A1": 1.0}, ("B1", "A1"), ("C1", "B1+1"))
    told: list[tuple[int, int]] = []
    found = calculate(book, make_plan(book), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]
    assert set(found.seconds) == {"load", "compile", "compute"}
