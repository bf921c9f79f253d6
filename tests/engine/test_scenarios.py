"""Many scenarios at once: a workbook as a function with a leading axis, against one calculation for each."""

import numpy as np
import pytest

from sheetsim.book import Book
from sheetsim.errors import SheetsimError
from sheetsim.run.batches import NumberFunction
from sheetsim.run.inputs import places
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.test_loops import adam, upwards


def function(book: Workbook, inputs: list[str], outputs: list[str]) -> NumberFunction:
    return NumberFunction(book, places(book, inputs), places(book, outputs))


def grades() -> Workbook:
    """Choices, rounding, sums over ranges with text, a division by zero for some; no recurrence."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(6):
        sheet.set((row, 0), float(row) + 0.125)
        sheet.set((row, 1), "none" if row == 3 else 2.0 - row)
    sheet.set("D1", 1.0)
    sheet.fill("C1:C6", "IF(A1>$D$1,ROUND(A1*$D$1,1),MAX(A1,$D$1)/(A1-$D$1))")
    sheet.fill("E1", "SUM(B1:B6)*SUMPRODUCT(A1:A6,C1:C6)+COUNT(B1:B6)^2")
    sheet.fill("F1", 'IFERROR(1/(D1-3),-1)&""')
    return book


def ended() -> Workbook:
    """Upwards from a last value that is typed: what is read below the cells in use is no number."""
    book = upwards()
    book["two"].set((150, 2), 0.25)
    return book


CASES = {
    "adam": (lambda: adam(29), ["adam!D2"], ["adam!I32", "adam!E4:E32"], np.linspace(0.01, 0.9, 11)),
    "upwards": (ended, ["one!A1:A150"], ["one!B1", "two!C1:C150"], None),
    "grades": (grades, ["s!D1"], ["s!E1", "s!C1:C6"], np.array([0.5, 1.0, 2.125, -3.0, 1e308, 0.0])),
}


@pytest.mark.parametrize("name", CASES)
def test_each_scenario_is_a_calculation_of_its_own(name):
    make, inputs, outputs, values = CASES[name]
    run = function(make(), inputs, outputs)
    if values is None:
        values = np.random.default_rng(2).normal(size=(5, 150, 1))
    together = run(values)
    pytest.importorskip("llvmlite")
    assert run.reason == ""
    for number, value in enumerate(values):
        for ours, alone in zip(together, run(value), strict=True):
            np.testing.assert_array_equal(ours[number], alone)


def test_what_is_no_loop_is_calculated_one_by_one():
    run = function(grades(), ["s!D1"], ["s!F1", "s!E1"])
    texts, sums = run(np.array([3.0, 4.0]))
    assert texts.tolist() == [0.0, 0.0]
    assert run.reason
    assert sums[0] == run(3.0)[1]


def test_errors_that_no_input_moves_are_nan():
    book = grades()
    book["s"].fill("H1", "1/0")
    book["s"].set("H2", ExcelError.NA)
    found = function(book, ["s!D1"], ["s!H1:H2", "s!C1"])(np.array([1.0, 2.0, 3.0]))
    assert np.isnan(found[0]).all()
    assert found[0].shape == (3, 2, 1)


def test_several_inputs_share_the_scenarios():
    book = adam(12)
    run = Book(book).function(["adam!D2", "adam!A4:A6", "adam!J1"], ["adam!I15"])
    rates, xs = np.array([0.1, 0.2, 0.3]), np.arange(9.0).reshape(3, 3, 1) + 1
    found = run(rates, xs, 0.9)
    assert found.shape == (3,)
    assert found.tolist() == [run(float(rates[n]), xs[n], 0.9) for n in range(3)]
    with pytest.raises(SheetsimError, match="2 and 3 scenarios"):
        run(rates, xs[:2], 0.9)
    with pytest.raises(SheetsimError, match="does not take an array of 3 x 2 x 5"):
        run(rates, np.zeros((3, 2, 5)), 0.9)
