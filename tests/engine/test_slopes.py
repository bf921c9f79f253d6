"""Slopes through recurrences: the loop that goes back against torch's autograd, unrolled cell by cell."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sheetsim.backends import native, tensor_recurrence  # noqa: E402
from sheetsim.backends.tensor_recurrence import Recurrence  # noqa: E402
from sheetsim.backends.tensors import TensorFunction  # noqa: E402
from sheetsim.ir.lower import Unsuited  # noqa: E402
from sheetsim.workbook import Workbook  # noqa: E402
from tests.engine.test_loops import adam  # noqa: E402


def growing() -> tuple[Workbook, list[str], list[str]]:
    """Windows, growing sums, squares, powers and functions, downwards; a fixed cell and a moving column."""
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(40):
        sheet.set((row, 0), 0.3 + row % 7 / 9)
    sheet.set("D1", 0.7)
    for row in range(3):
        sheet.set((row, 1), 0.2 + row)
        sheet.set((row, 2), 1.1)
    sheet.fill("B4:B40", "TANH(AVERAGE(C1:C3)*$D$1)+SUM(B$3:B3)/100-A4^2+LN(1+A3)")
    sheet.fill(
        "C4:C40",
        "SQRT(1+SUMSQ(B2:B4))/(1+EXP(-SUMPRODUCT(A2:A4,C1:C3)))+SUMXMY2(A2:A3,B2:B3)",
    )
    return book, ["s!D1", "s!A1:A40", "s!B3"], ["s!C40", "s!B4:B40"]


def table() -> tuple[Workbook, list[str], list[str]]:
    """A table in which each cell reads those above and to the left, run through upwards on two sheets."""
    book = Workbook()
    one, two = book.add_sheet("one"), book.add_sheet("two")
    for column in range(12):
        one.set((20, column), 0.1 * column + 1)
    for row in range(21):
        one.set((row, 12), 1 + row / 10)
        two.set((row, 0), 0.3)
    one.fill("A1:L20", "0.4*A2+0.3*B1/(1+A2^2)+two!$A1*SIN($M1)")
    return book, ["one!A21:L21", "two!A1:A20", "one!M1:M21"], ["one!A1", "one!A1:L20"]


def steps() -> tuple[Workbook, list[str], list[str]]:
    return adam(25), ["adam!D2", "adam!J1", "adam!L3", "adam!A4:A28"], ["adam!I28", "adam!E4:E28"]


def slopes(book: Workbook, inputs: list[str], outputs: list[str]) -> list[np.ndarray]:
    function = TensorFunction(book, inputs, outputs)
    points = []
    for sheet, rect in function.inputs:
        numbers = np.ascontiguousarray(book[sheet].block(rect).numbers)
        points.append(torch.tensor(numbers, requires_grad=True))
    results = function(*points)
    weights = torch.Generator().manual_seed(3)
    total = sum((r * torch.rand(r.shape, generator=weights, dtype=torch.float64)).sum() for r in results)
    return [total.detach().numpy(), *(g.numpy() for g in torch.autograd.grad(total, points))]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("make", [growing, table, steps])
def test_slopes_are_autograds(make, compiled, monkeypatch):
    if compiled and not native.available():
        pytest.skip("llvmlite is not installed")
    monkeypatch.setattr(tensor_recurrence, "COMPILED", 0 if compiled else 1 << 40)
    used: list[Recurrence] = []
    made = Recurrence.of

    def noted(*arguments):
        used.append(made(*arguments))
        return used[-1]

    monkeypatch.setattr(Recurrence, "of", noted)
    found = slopes(*make())
    assert [recurrence.compiled for recurrence in used] == [compiled]

    def none(*arguments):
        raise Unsuited("autograd is asked")

    monkeypatch.setattr(Recurrence, "of", none)
    for ours, torchs in zip(found, slopes(*make()), strict=True):
        np.testing.assert_allclose(ours, torchs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    "formula", ["MAX(A1,B1)", "IF(B1>0,A1*B1,B1)", "(A1/9)^B1", "SUM(B1,A1:A2)+MIN(A1:A2)+B1"]
)
def test_what_is_not_smooth_is_left_to_autograd(formula):
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(9):
        sheet.set((row, 0), 1.25 + row)
    sheet.set("B1", 0.5)
    sheet.fill("B2:B9", formula)
    function = TensorFunction(book, ["s!B1"], ["s!B9"])
    point = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(function(point), [point])
    around = [float(function(torch.tensor(0.5 + step, dtype=torch.float64))) for step in (1e-6, -1e-6)]
    assert float(slope) == pytest.approx((around[0] - around[1]) / 2e-6, rel=1e-6)


def test_an_overflow_on_the_way_is_no_number():
    book = Workbook()
    sheet = book.add_sheet("s")
    sheet.set("A1", 2.0)
    sheet.fill("A2:A30", "A1^2")
    function = TensorFunction(book, ["s!A1"], ["s!A8", "s!A30"])
    for start, overflows in [(1.5, [False, True]), (1.0, [False, False]), (1e200, [True, True])]:
        point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        assert [bool(torch.isnan(value)) for value in function(point)] == overflows


def test_memory_is_linear_in_rows():
    """A hundred thousand rows of a damped recurrence, B = A*D1 + B/2, whose slope by D1 is known."""
    book = Workbook()
    sheet = book.add_sheet("s")
    rows = 100_000
    for row in range(rows):
        sheet.set((row, 0), 1.0)
    sheet.set("D1", 0.25)
    sheet.fill("B1", "D1")
    sheet.fill(f"B2:B{rows}", "A2*$D$1+B1/2")
    function = TensorFunction(book, ["s!D1"], [f"s!B{rows}"])
    point = torch.tensor(0.25, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(function(point), [point])
    assert float(slope) == pytest.approx(2.0, rel=1e-12)
