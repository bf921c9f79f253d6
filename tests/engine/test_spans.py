"""Look-ups and ranges that grow or slide, many cells at once, against the obvious calculation: all kinds of
cells, criteria and shapes of ranges. The values themselves are Excel's in tests/functions."""

import numpy as np
import pytest

from sheetsim.address import Rect
from sheetsim.backends import spans
from sheetsim.functions import chosen
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.same import assert_same

POOLS = {
    "numbers": [0.0, 1.0, 2.0, 3.0, -1.0, 0.5],
    "inexact": [0.1, 0.7, 1e16, -1e16, 1 / 3, 2.0, 2.0],
    "texts": ["a", "A", "ab", "b", "x*", "3", "", "aß"],
    "all": [1.0, 2.0, 0.1, "a", "AB", "1", "", True, False, None, None, ExcelError.NA, ExcelError.DIV0],
}
CRITERIA = [
    1.0,
    2.0,
    "1",
    ">1",
    "<=2",
    "<>1",
    "a",
    "A*",
    "?b",
    "<>a",
    "<b",
    ">=a",
    "<>a*",
    "",
    "=",
    "<>",
    True,
]
CRITERIA += ["~a", "x~*", ">", None, "#N/A", "<>#N/A", "=TRUE", "*"]
ROWS = 12

# the ranges of a formula in row 1, by how they run down; {0} is the column
GROWS = "{0}$1:{0}1"
SHRINKS = "{0}1:{0}$12"
STANDS = "{0}$1:{0}$12"
SLIDES = "{0}1:{0}4"
FLIPS = "{0}$5:{0}1"
WIDE = "$A$1:$B1"


def book_of(generator: np.random.Generator, pool: str, across: bool = False) -> Workbook:
    """Values in A1:B12 and criteria in D1:E12 of "data", or, `across`, in rows in their places."""
    book = Workbook()
    sheet = book.add_sheet("data")

    def put(row: int, column: int, value: object) -> None:
        sheet.set((column, row) if across else (row, column), value)  # type: ignore[arg-type]

    def draw(values: list[object]) -> object:
        return values[generator.integers(len(values))]

    for row in range(ROWS + 4):
        for column in (0, 1):
            put(row, column, draw(POOLS[pool]))
        for column in (3, 4):
            put(row, column, draw(POOLS[pool] if generator.random() < 0.3 else CRITERIA))
    return book


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are also used where they would not pay."""
    monkeypatch.setattr(spans, "_LINE", -(10**9))
    monkeypatch.setattr(chosen, "FEW", 0)


CONDITIONAL = [
    "COUNTIF({a},D1)",
    "SUMIF({a},D1)",
    "SUMIF({a},D1,{b})",
    "AVERAGEIF({a},D1,{b})",
    "COUNTIFS({a},D1,{b},E1)",
    "SUMIFS({b},{a},D1,{a},E1)",
    "AVERAGEIFS({b},{a},D1)",
    'MAXIFS({b},{a},D1,{b},"<>2")',
    "MINIFS({b},{a},E1)",
    'COUNTIFS({a},">"&B1,{b},"<="&A2)',
    'SUMIFS({b},{a},"<"&A1,{b},">0")',
]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("way", [GROWS, SHRINKS, STANDS, SLIDES, FLIPS, WIDE])
def test_conditional(pool: str, way: str) -> None:
    book = book_of(np.random.default_rng(1), pool)
    ranges = {"a": way.format("A"), "b": way.format("B")}
    for column, formula in enumerate(CONDITIONAL, 6):
        book["data"].fill(Rect(0, column, 12, column + 1), formula.format(**ranges))
    assert_same(book)
    assert calculate(book, make_plan(book)).exact_cells == 0


LOOKUPS = [
    "MATCH(D1,{a},0)",
    "MATCH(A1,{a},0)",
    "MATCH(D1,{a})",
    "MATCH(A2,{a},-1)",
    "XMATCH(D1,{a})",
    "XMATCH(D1,{a},2)",
    "XMATCH(A1,{a},-1)",
    "XMATCH(A1,{a},0,-1)",
    "XMATCH(D1,{a},1,2)",
    "LOOKUP(D1,{a})",
    "LOOKUP(D1,{a},{b})",
    "SMALL({a},ROW($A1)/2)",
    "LARGE({a},2)",
    "LARGE({a},D1)",
    "VLOOKUP(D1,$A$1:$B$12,2,FALSE)",
    "VLOOKUP(D1,$A$1:$B$12,2)",
    "VLOOKUP(D1,{a},1,0)",
    "XLOOKUP(D1,{a},{b})",
    'XLOOKUP(A2,{a},{b},"none",2)',
]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("way", [GROWS, STANDS, SLIDES])
def test_lookups(pool: str, way: str) -> None:
    for ordered in (False, True):
        book = book_of(np.random.default_rng(9), pool)
        if ordered:
            numbers = sorted(v for v in POOLS[pool] if isinstance(v, float))
            for row in range(12):
                book["data"].set((row, 0), numbers[row * len(numbers) // 12] if numbers else f"k{row:02}")
        ranges = {"a": way.format("A"), "b": way.format("B")}
        for column, formula in enumerate(LOOKUPS, 6):
            book["data"].fill(Rect(0, column, 12, column + 1), formula.format(**ranges))
        assert_same(book)


def test_lookups_in_rows() -> None:
    generator = np.random.default_rng(10)
    for pool in POOLS:
        book = book_of(generator, pool, across=True)
        for row, formula in enumerate(
            [
                "MATCH(A$4,$A1:$L1,0)",
                "HLOOKUP(A4,$A$1:$L$2,2,FALSE)",
                "HLOOKUP(A4,$A$1:$L$2,2)",
                "LOOKUP(A4,$A$1:$L$2)",
            ],
            6,
        ):
            book["data"].fill(Rect(row, 0, row + 1, 12), formula)
        assert_same(book)


def test_a_blank_is_found_behind_the_cells_in_use() -> None:
    """XLOOKUP of a blank in a whole column (the first blank cell), in each row of a fill."""
    book = Workbook()
    sheet = book.add_sheet("data")
    for row in range(3):
        sheet.set((row, 0), float(row))
    sheet.fill("C1:C4", "XMATCH(B1,A:A)")
    assert_same(book)
    assert calculate(book, make_plan(book)).value("data", 0, 2) == 4.0


FOLDS = [f"{name}({{a}})" for name in ("SUM", "COUNT", "COUNTA", "AVERAGE", "MAX", "MIN", "PRODUCT", "SUMSQ")]
FOLDS += [f"{name}({{a}})" for name in ("MEDIAN",)]
FOLDS += ["SUMPRODUCT({a},{b})", "SUMXMY2({a},{b})", "SUM({a},D1)", "COUNT({a},{b})"]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("way", [GROWS, SHRINKS, SLIDES, FLIPS, WIDE])
def test_folds(pool: str, way: str) -> None:
    book = book_of(np.random.default_rng(7), pool)
    ranges = {"a": way.format("A"), "b": way.format("B")}
    for column, formula in enumerate(FOLDS, 6):
        book["data"].fill(Rect(0, column, 12, column + 1), formula.format(**ranges))
    assert_same(book)
    assert calculate(book, make_plan(book)).exact_cells == 0


@pytest.mark.parametrize("pool", POOLS)
def test_variances(pool: str) -> None:
    """In one pass or two, as the numbers ask for."""
    book = book_of(np.random.default_rng(11), pool)
    for column, name in enumerate(["VAR.P", "VAR.S", "STDEV.S"], 6):
        book["data"].fill(Rect(0, column, 12, column + 1), f"{name}(A$1:A1)")
    assert_same(book)


@pytest.mark.parametrize("way", ["$A1:{0}1", "{0}1:$L1", "$A1:{0}2", "{0}1:{1}1"])
def test_folds_along_columns(way: str) -> None:
    generator = np.random.default_rng(8)
    for pool in POOLS:
        book = book_of(generator, pool, across=True)
        for row, name in enumerate(["SUM", "COUNT", "MAX", "MEDIAN", "AVERAGE"], 6):
            book["data"].fill(Rect(row, 0, row + 1, 12), f"{name}({way.format('A', 'D')})")
        assert_same(book)


@pytest.mark.parametrize("way", ["$A1:{0}1", "{0}1:$L1", "$A1:$L1", "{0}1:{1}1"])
def test_conditional_along_columns(way: str) -> None:
    """Ranges that run along columns: a row of formulas, each below its column."""
    generator = np.random.default_rng(2)
    for pool in POOLS:
        book = book_of(generator, pool, across=True)
        values = way.format("A", "D")
        sums = values.replace("1", "2")
        book["data"].fill("A7:L7", f"SUMIF({values},A$4,{sums})")
        book["data"].fill("A8:L8", f"COUNTIFS({values},A$4,{sums},A$5)")
        assert_same(book)


def test_a_line_for_each_column() -> None:
    """Filled to the right as well, every column has its own ranges."""
    generator = np.random.default_rng(3)
    for pool in POOLS:
        book = book_of(generator, pool)
        book["data"].fill("G1:H12", "COUNTIF(A$1:A1,$D1)")
        book["data"].fill("I1:J12", "SUMIF(A$1:A$12,D1,A$1:A$12)")
        assert_same(book)


def test_shapes_that_do_not_fit() -> None:
    book = book_of(np.random.default_rng(4), "numbers")
    book["data"].fill("G1:G12", "COUNTIFS(A$1:A$12,D1,B$1:B$11,E1)")
    book["data"].fill("H1:H12", "SUMIFS(A$1:B$6,A$1:A$12,D1)")
    book["data"].fill("I1:I12", "SUMIF(A$1:A$12,D1,B$1)")
    assert_same(book)
    assert calculate(book, make_plan(book)).value("data", 0, 6) is ExcelError.VALUE
    assert calculate(book, make_plan(book)).value("data", 0, 7) is ExcelError.VALUE


def test_arrays_of_criteria() -> None:
    book = book_of(np.random.default_rng(5), "all")
    book["data"].fill("G1:G12", 'SUM(COUNTIF(A$1:A$12,{1,2;"a",">1"}))')
    book["data"].fill(Rect.parse("H1:I12"), "COUNTIF(A1:B12,A1:B12)", array=True)
    assert_same(book)


def test_long_lists_by_stretches() -> None:
    """Lists long enough for running totals of their own, with sums that are rounded."""
    generator = np.random.default_rng(6)
    book = Workbook()
    sheet = book.add_sheet("data")
    for row in range(150):
        sheet.set((row, 0), float(generator.integers(2)))
        sheet.set((row, 1), float(generator.normal()))
    sheet.fill("C1:C150", "SUMIF(A$1:A1,A1,B$1:B1)")
    sheet.fill("D1:D150", "SUMIFS(B$1:B$150,A$1:A$150,A1)")
    sheet.fill("E1:E150", 'COUNTIFS(A$1:A1,A1,B$1:B1,"<"&B1)')
    assert_same(book)
