"""Workbooks as differentiable functions: values as NumPy's, slopes as central differences."""

import numpy as np
import pytest

from sheetsim.book import Book
from sheetsim.errors import SheetsimError
from sheetsim.lessons.catalogue import lesson
from sheetsim.workbook import Workbook

torch = pytest.importorskip("torch", reason="torch is not installed")


def book_of(cells: dict[str, float | str], fills: dict[str, str]) -> Book:
    workbook = Workbook()
    sheet = workbook.add_sheet("s")
    for address, value in cells.items():
        sheet.set(address, value)
    for rect, formula in fills.items():
        sheet.fill(rect, formula)
    return Book(workbook)


def slopes(book: Book, inputs: list[str], output: str, at: list[object]) -> list[np.ndarray]:
    """The gradient of a cell by torch, after its value was compared with NumPy's."""
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in at]
    value = book.function(inputs, [output], backend="torch")(*tensors)
    expected = book.function(inputs, [output], backend="numpy")(*at)
    assert value.item() == pytest.approx(expected, rel=1e-13)
    value.backward()
    return [tensor.grad.numpy() for tensor in tensors]


def central(
    book: Book, inputs: list[str], output: str, at: list[object], step: float = 1e-6
) -> list[np.ndarray]:
    """The same by central differences of NumPy's recalculation."""
    function = book.function(inputs, [output], backend="numpy")
    found = []
    for number, value in enumerate(at):
        array = np.asarray(value, float)
        grad = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * step
                ends.append(function(*at[:number], moved, *at[number + 1 :]))
            grad[index] = (ends[0] - ends[1]) / (2 * step)
        found.append(grad)
    return found


@pytest.mark.parametrize(
    ("formula", "fills"),
    [
        ("SQRT(A1*A1+A2^2)-A3/A1", {}),
        ("SUM(A1:A4*2)", {}),
        ("SUMPRODUCT(A1:A4,A1:A4*A1:A4)", {}),
        ("SUMXMY2(A1:A4,B1:B4)", {}),
        ("IF(A1>1,A2*3,A2)+IFERROR(A3/0,A3)", {}),
        ("MAX(A1:A4)*MIN(A1:A4)+AVERAGE(A1:A4)+SUMSQ(A1:A4)", {}),
        ("EXP(A1)+LN(A2)+LOG10(A3)+LOG(A4,2)+TANH(A1)+SIN(A2)*COS(A3)-ABS(-A4)+50%*A1^3", {}),
        ("SUM(C1:C4)", {"C1:C4": "A1*$A$2+A1^2"}),
        ("C4", {"C1": "A1", "C2:C4": "C1*0.5+A2"}),
        ("SUM(MMULT(A1:B2,A3:B4))", {}),
        ("SUM(C1:C3)", {"C1:C3": "SUM(A1:A2)*2"}),
    ],
)
def test_slopes_are_central_differences(formula: str, fills: dict[str, str]) -> None:
    cells = {"A1": 1.5, "A2": 0.7, "A3": 2.25, "A4": 3.1, "B1": 0.3, "B2": 0.9, "B3": 1.0, "B4": 2.0}
    book = book_of(cells, {**fills, "E1": formula})
    at = [[[1.5], [0.7], [2.25], [3.1]]]
    found = slopes(book, ["s!A1:A4"], "s!E1", at)
    expected = central(book, ["s!A1:A4"], "s!E1", at)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-7, atol=1e-7)


def test_the_loss_of_an_adam_sheet_has_a_slope_by_the_learning_rate() -> None:
    adam = lesson("adam")
    settings = adam.settings({"epochs": 2})
    book = Book(adam.telling("sheet").build(settings, adam.make_data(settings)))
    inputs, output, at = ["adam!D2", "adam!J1"], "adam summary!B4", [0.1, 0.9]
    found, expected = slopes(book, inputs, output, at), central(book, inputs, output, at)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert abs(found[0]) > 1  # the slope is there to be compared


def test_an_error_on_a_branch_not_taken_leaves_the_slope_alone() -> None:
    book = book_of({"A1": 0.0, "A2": 2.0}, {"B1:B2": "IF(A1=0,A1,1/A1)", "C1": "SUM(B1:B2)"})
    assert slopes(book, ["s!A1:A2"], "s!C1", [[[0.0], [2.0]]])[0].tolist() == [[1.0], [-0.25]]


def test_what_does_not_change_smoothly_is_named() -> None:
    book = book_of({"A1": 2.5}, {"B1": "A1*ROUND(A1,0)"})
    function = book.function(["s!A1"], ["s!B1"], backend="torch")
    lr = torch.tensor(2.5, dtype=torch.float64, requires_grad=True)
    function(lr).backward()
    assert lr.grad.item() == 3.0
    assert any("ROUND" in note and "s!B1" in note for note in function.notes)


def test_requests_that_cannot_be_met_say_why() -> None:
    book = book_of({"A1": 1.0, "A2": 2.0}, {"B1": "A1+1"})
    with pytest.raises(SheetsimError, match="does not depend on s!A2"):
        book.function(["s!A2"], ["s!B1"], backend="torch")
    with pytest.raises(SheetsimError, match="has 1 cells, not 2"):
        book.function(["s!A1"], ["s!B1"], backend="torch")(torch.zeros(2))
    with pytest.raises(SheetsimError, match="nowhere"):
        book.function(["nowhere!A2"], ["s!B1"], backend="torch")
