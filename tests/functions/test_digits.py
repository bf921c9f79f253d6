"""Excel's habits with numbers: 15 digits in comparisons and the last + or -, INT, MOD, multiples, variances.

Expected values are Excel's stored ones ($SHEETSIM_CASES, named where they are used) or follow from the rule
that they show.
"""

from __future__ import annotations

import numpy as np
import pytest

from sheetsim.book import Book
from sheetsim.functions import digits
from sheetsim.functions.calling import call_scalar
from sheetsim.functions.registry import FUNCTIONS
from sheetsim.values import Scalar
from sheetsim.workbook import Workbook
from tests.functions.helpers import work_out


@pytest.fixture(scope="module")
def book() -> Workbook:
    book = Workbook()
    book.add_sheet("Sheet")
    return book


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("0.1+0.2=0.3", True),  # fifteen_digits.xlsx, C1
        ("0.1+0.2<>0.3", False),
        ("0.1+0.2>0.3", False),
        ("0.1+0.2<=0.3", True),
        ("1.00000000000001=1", False),  # differs in the 15th digit
        ("1.000000000000001=1", True),  # in the 16th
        ("9.99999999999999=10", False),
        ("1E-300=0", False),
        ("-0.1-0.2=-0.3", True),
        ("1.333+1.225-1.333-1.225", 0.0),  # C3
        ("(1.333+1.225-1.333-1.225)", -2.220446049250313e-16),  # C4
        ("(1.333+1.225-1.333-1.225)*1", -2.220446049250313e-16),
        ("SUM(1.333+1.225-1.333-1.225)", -2.220446049250313e-16),
        ("-1.225+(1.333+1.225-1.333)", 0.0),
        ("1.00000000000001-1", 9.992007221626409e-15),
        ("INT(880000000*0.00849/3)", 2490400.0),  # near_multiples.xlsx, B4
        ("INT(-2490399.9999999995)", -2490400.0),
        ("INT(9.99999999999999)", 9.0),  # 15 digits of its own
        ("INT(0.9999999999999999)", 1.0),
        ("INT(-0.5)", -1.0),
        ("MOD(5,1E-10)", 9.99998178390134e-11),  # B5
        ("MOD(-5,3)", 1.0),
        ("MOD(5,-3)", -1.0),
        ("CEILING(0.1,0.0999999999999996)", 0.0999999999999996),  # B1
        ("CEILING(0.3,0.1)", 0.30000000000000004),
        ("FLOOR(0.3,0.1)", 0.30000000000000004),
        ("MROUND(2.675,0.01)", 2.68),  # MROUND_TRUNC_INT.xlsx, MROUND!C15
        ("EVEN(2.0000000000000004)", 2.0),
        ("ODD(0)", 1.0),
        ("STDEV({1000000001,1000000002,1000000003})", 1.0),  # variance_cancels.xlsx, E1
        ("VARP({1000000001;1000000002;1000000003})", 0.6666666666666666),  # E2
        ("STDEV({1700000000.5,1700000001.5,1700000003})", 1.2583057392117916),  # E3
    ],
)
def test_habit(book: Workbook, formula: str, expected: Scalar) -> None:
    value = work_out(book, formula)
    assert type(value) is type(expected)
    assert value == expected or abs(value - expected) <= 1e-25  # type: ignore[operator]


def test_arrays_follow_the_scalars() -> None:
    generator = np.random.default_rng(1)
    a = np.round(generator.normal(size=4000), 3)
    b = np.where(generator.random(4000) < 0.7, a * (1 + generator.integers(-60, 60, 4000) * 2.0**-52), a)
    near = digits.near_arrays(a, b)
    assert near is not None
    same = [digits.same(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert ((a == b) | near).tolist() == same
    assert 0 < sum(same) < len(same)
    sums = [digits.add(x, -y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert digits.add_arrays(a, -b).tolist() == sums
    wholes = np.round(a * 1000) * (1 + generator.integers(-60, 60, 4000) * 2.0**-52)
    assert digits.floors(wholes).tolist() == [digits.floor(x) for x in wholes.tolist()]


IN_COLUMNS = [
    # each cell's formula, and the same where it needs the cell above: a recurrence
    ("A2-B2", "A2-(B2+0*G1)", 0.0),
    ("(A2-B2)", "(A2-(B2+0*G1))", -2.220446049250313e-16),
    ("IF(A2=B2,1,2)", "IF(A2=B2+0*G1,1,2)", 1.0),
    ("IF(A2<B2,1,2)", "IF(A2<B2+0*G1,1,2)", 2.0),
    ("INT(C2)", "INT(C2+0*G1)", 2490400.0),
    ("MOD(D2,E2)", "MOD(D2,E2+0*G1)", 9.99998178390134e-11),
]
ROW = (1.333 + 1.225 - 1.333, 1.225, 2490399.9999999995, 5.0, 1e-10)


def _columns(plain: str, recurring: str) -> Book:
    workbook = Workbook()
    sheet = workbook.add_sheet("Sheet")
    for row in range(1, 30):
        for column, value in enumerate(ROW):
            sheet.set((row, column), value)
    sheet.fill("F2:F30", plain)
    sheet.set("G1", 0.0)
    sheet.fill("G2:G30", recurring)
    return Book(workbook)


@pytest.mark.parametrize(("plain", "recurring", "expected"), IN_COLUMNS)
def test_arrays_and_loops(plain: str, recurring: str, expected: float) -> None:
    cells = _columns(plain, recurring).calculate()["Sheet"]["F2:G30"].cells()
    assert cells == [[pytest.approx(expected, abs=1e-25, rel=1e-15)] * 2] * 29


@pytest.mark.parametrize(("plain", "recurring", "expected"), IN_COLUMNS)
def test_tensors(plain: str, recurring: str, expected: float) -> None:
    pytest.importorskip("torch")
    book = _columns(plain, recurring)
    run = book.function(["Sheet!A2", "Sheet!C2", "Sheet!D2"], ["Sheet!F2", "Sheet!G2"], backend="torch")
    results = [float(result) for result in run(ROW[0], ROW[2], ROW[3])]
    assert results == [pytest.approx(expected, abs=1e-25, rel=1e-15)] * 2


@pytest.mark.parametrize("sample", [False, True])
def test_variance_switches_to_two_passes(sample: bool) -> None:
    """Both ways agree about the bound, and stay near the truth on both sides of it."""
    name = "VAR.S" if sample else "VAR.P"
    for shift in (0.0, 1.0, 3.0, 5.0, 6.0, 1e3, 1e6):
        numbers = [shift + x for x in (0.5, -1.25, 0.875, 0.1, -0.3)]
        value = call_scalar(FUNCTIONS[name], [float(x) for x in numbers])
        mean = sum(numbers) / 5
        expected = sum((x - mean) ** 2 for x in numbers) / (4 if sample else 5)
        assert value == pytest.approx(expected, rel=1e-13)
