"""LET filled down a column is done as whole arrays, and means what it means in each cell."""

from __future__ import annotations

import numpy as np
import pytest

from sheetsim.address import Rect
from sheetsim.backends.cells import evaluate
from sheetsim.formula import parse
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import Scalar
from tests.functions.helpers import BookLookup
from tests.language.sheets import book_of

FORMULAS = [
    "LET(x,A1*2,y,x+$A$3,LET(x,y*y,x-y)+SUM($A$1:$A$5)*x)",
    "LET(r,A1:A3,IF(A1>0,SUM(r),MAX(r)))",
    'LET(x,B1,x&"!"&LEN(x))',
    "LET(x,A1:A3,x+1)",
    "LET(x,,x+A1)",
    "LET(x,1/A1,IFERROR(x,-1))",
    "LET(r,IF(A1>0,A1:A2,B1:B2),ROWS(r)+COUNT(r))",
    "SUM(LET(x,A1>0,IF(x,A1:A2,$A$5:$A$9)))",
    "LET(k,$A$2,IFS(A1>k,k,A1<k,LET(k,A1,k*k),TRUE,0))",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_whole_arrays_give_what_each_cell_gives(formula: str) -> None:
    generator = np.random.default_rng(7)
    cells: dict[str, Scalar] = {}
    for row in range(1, 31):
        cells[f"A{row}"] = float(generator.integers(-3, 4))
        cells[f"B{row}"] = ["a", "", 2.0, True, None][row % 5]
    book = book_of(cells)
    expected = [
        evaluate(parse(formula, 0, 2), sheet="S", row=row, column=2, lookup=BookLookup(book))
        for row in range(25)
    ]
    book["S"].fill("C1:C25", formula)
    found = calculate(book, make_plan(book))
    assert found.unsupported == []
    assert [row[0] for row in found.block("S", Rect.parse("C1:C25")).tolist()] == expected


def test_it_is_whole_arrays() -> None:
    book = book_of({"A1": 1.0})
    book["S"].fill("C1:C25", FORMULAS[0])
    plan = make_plan(book)
    assert [step.how for step in plan.steps] == ["whole"]
    assert calculate(book, plan).exact_cells == 0
