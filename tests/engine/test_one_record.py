"""A new function is one record: an elementwise one, a fold and a look-up that nobody has heard of, each told
once, on all backends: cell by cell, whole arrays, loops in Python and LLVM, C++, and torch with slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sheetsim.backends.kernels import SliceKernel
from sheetsim.functions.registry import FUNCTIONS, Function, register
from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.scenarios import ScenarioKernel
from sheetsim.ir.build import Builder, Term
from sheetsim.plan.schedule import make_plan
from sheetsim.run.batches import NumberFunction
from sheetsim.run.execute import calculate
from sheetsim.run.inputs import places
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.same import assert_same


def _softplus(b: Builder, x: Term) -> Term:
    return b.fail(b.log1p(b.exp(x)), x > 700, ExcelError.NUM)


def _sum_of_cubes(b: Builder, *blocks: Term) -> Term:
    return b.checked(blocks, b.total(blocks, lambda x: x * x * x))


def _beside(b: Builder, key: Term, keys: Term, values: Term) -> Term:
    """The values beside which the key stands, added up."""
    found = b.select(b.eq(b.plain(keys), key), b.plain(values), 0.0)
    return b.checked([keys, values], b.op("fold", 0.0, found, True, how="add"))


RECORDS = {
    "elementwise": Function("SOFTPLUS", ("number",), 1, 1, body=_softplus),
    "fold": Function(
        "SUMCUBES", ("range",), 1, 255, body=_sum_of_cubes, repeats=1, sees_errors=True, direct="number"
    ),
    "look-up": Function("BESIDE", ("number", "array", "array"), 3, 3, body=_beside, sees_errors=True),
}
FORMULAS = {
    "elementwise": "SOFTPLUS(A1*$D$1)",
    "fold": "SUMCUBES(A1:A3,$D$1)",
    "look-up": "BESIDE(B1,$B$1:$B$8,$A$1:$A$8)*$D$1",
}
BY_HAND = {
    "elementwise": lambda a, b, d, row: math.log1p(math.exp(a[row] * d)),
    "fold": lambda a, b, d, row: sum(x**3 for x in a[row : row + 3]) + d**3,
    "look-up": lambda a, b, d, row: sum(x for x, key in zip(a[:8], b[:8], strict=True) if key == b[row]) * d,
}
SLOPES = {
    "elementwise": lambda a, b, d: sum(x / (1 + math.exp(-x * d)) for x in a[:8]),
    "fold": lambda a, b, d: 8 * 3 * d**2,
    "look-up": lambda a, b, d: sum(BY_HAND["look-up"](a, b, 1.0, row) for row in range(8)),
}


@pytest.fixture(params=list(RECORDS))
def name(request, monkeypatch):
    """One record more in the table."""
    monkeypatch.setattr("sheetsim.functions.registry.FUNCTIONS", FUNCTIONS)
    register(RECORDS[request.param])
    yield request.param
    del FUNCTIONS[RECORDS[request.param].name]


def sheet_of(formula: str, recurrent: bool = False) -> Workbook:
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(12):
        sheet.set((row, 0), 0.5 + row % 5 / 4)
        sheet.set((row, 1), float(row % 3))
    sheet.set("D1", 1.25)
    sheet.set("C1", 0.5)
    sheet.fill("C2:C9", f"C1/4+{formula}" if recurrent else formula)
    sheet.fill("F1", "SUM(C2:C9)")
    return book


def wanted(name: str, d: float) -> list[float]:
    a, b = [0.5 + row % 5 / 4 for row in range(12)], [float(row % 3) for row in range(12)]
    return [BY_HAND[name](a, b, d, row) for row in range(8)]


def test_cells_and_arrays(name):
    book = sheet_of(FORMULAS[name])
    assert_same(book)  # whole arrays against the definition
    found = calculate(book, make_plan(book))
    assert [found.value("s", row, 2) for row in range(1, 9)] == pytest.approx(wanted(name, 1.25), rel=1e-14)
    assert found.exact_cells == 0


@pytest.mark.parametrize("loops", ["python", "llvm"])
def test_loops(name, loops):
    if loops == "llvm":
        pytest.importorskip("llvmlite")
    book = sheet_of(FORMULAS[name], recurrent=True)
    assert_same(book, loops=loops)
    assert calculate(book, make_plan(book), loops=loops).exact_cells == 0


def test_many_scenarios(name):
    book = sheet_of(FORMULAS[name], recurrent=True)
    run = NumberFunction(book, places(book, ["s!D1"]), places(book, ["s!F1"]))
    values = np.linspace(-1, 2, 7)
    assert run(values).tolist() == [run(value) for value in values]


@pytest.mark.skipif(find_compiler() is None, reason="no C++ compiler")
def test_kernels(name):
    book = sheet_of(FORMULAS[name])
    kernel = SliceKernel.of(book, make_plan(book), places(book, ["s!D1"]), places(book, ["s!C2:C9"]))
    (block,), failed = ScenarioKernel(kernel, "host")([np.array([[[1.25]], [[-0.5]]])])
    assert not failed.any()
    for number, d in enumerate((1.25, -0.5)):
        assert block[number, :, 0].tolist() == pytest.approx(wanted(name, d), rel=1e-14)


@pytest.mark.parametrize("recurrent", [False, True])
def test_slopes(name, recurrent):
    torch = pytest.importorskip("torch")
    from sheetsim.backends.tensors import TensorFunction

    book = sheet_of(FORMULAS[name], recurrent)
    function = TensorFunction(book, ["s!D1"], ["s!F1"])
    point = torch.tensor(1.25, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(function(point), [point])
    assert not function.notes
    if not recurrent:
        a, b = [0.5 + row % 5 / 4 for row in range(12)], [float(row % 3) for row in range(12)]
        assert float(slope) == pytest.approx(SLOPES[name](a, b, 1.25), rel=1e-12)
    around = [float(function(torch.tensor(1.25 + step, dtype=torch.float64))) for step in (1e-6, -1e-6)]
    assert float(slope) == pytest.approx((around[0] - around[1]) / 2e-6, rel=1e-7)
