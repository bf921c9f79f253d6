"""The fast calculation against the obvious one, and what it does with the courses' own workbooks."""

from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from sheetsim.address import Rect
from sheetsim.formula import unparse
from sheetsim.formula.nodes import (
    ArrayConstant,
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    Number,
    RangeRef,
    Text,
    Unary,
)
from sheetsim.values import ExcelError
from sheetsim.workbook import Workbook
from tests.engine.naive import Circular, Naive
from tests.engine.same import assert_same, count

# -- random workbooks: typed cells in A1:C7 and D1:G1, formulas in D2:G8

scalars = (
    st.integers(-3, 9).map(float)
    | st.sampled_from([0.1, 1e-9, -2.5, 1e200, "", "a", "B", "3", "x*", True, False, None, None])
    | st.sampled_from([ExcelError.NA, ExcelError.DIV0])
)
backward = st.builds(CellRef, st.integers(-3, 0), st.integers(-3, -1), st.just(False), st.just(False))
above = st.builds(CellRef, st.integers(-3, -1), st.integers(-2, 1), st.just(False), st.just(False))
fixed = st.builds(CellRef, st.integers(0, 5), st.integers(0, 3), st.just(True), st.just(True))
half_fixed = st.builds(CellRef, st.integers(0, 3), st.integers(-3, -1), st.just(True), st.just(False))
cells = backward | above | fixed | half_fixed
ranges = st.builds(RangeRef, cells, cells)
whole_columns = st.builds(
    lambda c: RangeRef(CellRef(0, c, True, True), CellRef(1048575, c, True, True)), st.integers(0, 2)
)
constants = st.sampled_from(
    [
        ArrayConstant(((Number(1.0), Number(2.0)),)),
        ArrayConstant(((Number(3.0),), (Text("a"),))),
        ArrayConstant(((Number(1.0), Boolean(True)), (Error(ExcelError.NA), Number(0.0)))),
    ]
)
leaves = (
    st.sampled_from([Number(0.0), Number(1.0), Number(2.0), Number(0.5), Number(-1.0)])
    | st.sampled_from([Text("a"), Text("3"), Boolean(True), Error(ExcelError.NUM)])
    | cells
    | cells
    | cells
    | ranges
    | constants
)
blocks = ranges | ranges | whole_columns | cells | constants


def call(name, *arguments):
    return st.builds(lambda *values: Call(name, values), *arguments)


def deeper(inner):
    folds = st.sampled_from(
        [
            "SUM",
            "COUNT",
            "COUNTA",
            "AVERAGE",
            "MIN",
            "MAX",
            "MEDIAN",
            "SUMSQ",
            "PRODUCT",
            "AND",
            "OR",
            "VAR.P",
        ]
    )
    small = st.integers(0, 3).map(lambda n: Number(float(n))) | cells
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner),
        st.builds(Binary, st.sampled_from(["=", "<>", "<", ">=", "&"]), inner, inner),
        st.builds(Unary, st.sampled_from(["-", "+", "%"]), inner),
        st.builds(lambda name, *values: Call(name, values), folds, blocks),
        st.builds(lambda name, *values: Call(name, values), folds, blocks | inner, inner),
        call("IF", inner, inner, inner | st.just(Missing())),
        call("IF", inner, inner),
        call("IFERROR", inner, inner),
        st.builds(
            lambda name, value: Call(name, (value,)),
            st.sampled_from(["ABS", "SQRT", "INT", "SIGN", "NOT", "ISNUMBER", "EXP", "LN", "TRUNC"]),
            inner,
        ),
        call("MOD", inner, inner),
        call("ROUND", inner, small),
        call("POWER", inner, small),
        call("INDEX", ranges, small, small),
        call("INDEX", ranges, small),
        call("OFFSET", fixed | backward, st.sampled_from([Number(0.0), Number(1.0)]) | fixed, small),
        call("SUM", call("OFFSET", fixed, small, st.just(Number(0.0)), st.just(Number(2.0)))),
        call("SUMPRODUCT", ranges, ranges),
        call("SUMPRODUCT", st.builds(Binary, st.just(">"), ranges, small)),
        call("SUMXMY2", ranges, ranges),
        call("SUMIF", blocks, inner, ranges),
        call("COUNTIF", blocks, inner),
        call("MATCH", inner, ranges | whole_columns, st.sampled_from([Number(0.0), Number(1.0)])),
        call("ROW", cells | ranges),
        call("COLUMN"),
        call("ROWS", ranges),
        call("COLUMNS", ranges),
    )


formulas = st.recursive(leaves, deeper, max_leaves=6)
rects = st.builds(
    lambda top, left, rows, columns: Rect(top, left, min(top + rows, 8), min(left + columns, 7)),
    *(st.integers(1, 7), st.integers(3, 6), st.sampled_from([1, 2, 7, 7]), st.sampled_from([1, 1, 1, 2, 4])),
)
fills = st.tuples(rects, formulas, st.sampled_from([False] * 9 + [True]))


@st.composite
def workbooks(draw):
    book = Workbook()
    sheet = book.add_sheet("s")
    for row in range(7):
        for column in range(3):
            sheet.set((row, column), draw(scalars))
    for column in range(3, 7):
        sheet.set((0, column), draw(st.sampled_from([1.0, 2.0, None, "t"])))
    for rect, node, array in draw(st.lists(fills, min_size=1, max_size=4)):
        if any(rect.intersect(fill.rect) for fill in sheet.fills):
            continue
        sheet.fill(rect, unparse(node, rect.top, rect.left), array=array)
    return book


@settings(deadline=None, max_examples=400)
@given(workbooks())
def test_whole_arrays_equal_cell_by_cell(book):
    note([(str(fill.rect), fill.formula, fill.array) for fill in book.sheets[0].fills])
    note(book.sheets[0].block("A1:G8").tolist())
    try:
        naive = Naive(book)
        for fill in book.sheets[0].fills:
            for row, column in fill.rect.cells():
                naive.cell("s", row, column)
    except Circular:
        assume(False)
    count(book)
    assert_same(book, loops="python")
