"""Printing formulas: a printed tree reads as the same tree, at any cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsim.address import MAX_COLUMNS, MAX_ROWS
from sheetsim.formula import parse, unparse
from sheetsim.formula.nodes import (
    ArrayConstant,
    Binary,
    Boolean,
    Call,
    CellRef,
    Error,
    Missing,
    NameRef,
    Node,
    Number,
    RangeRef,
    StructuredRef,
    Text,
    Unary,
)
from sheetsim.values import ExcelError

ROW, COLUMN = 1000, 100  # the cell that holds the random formulas

sheets = st.sampled_from([None, None, "data", "my data", "it's", "A1", "2020", "TRUE", "R1C1", "é"])
numbers = st.floats(min_value=0, allow_nan=False, allow_infinity=False).map(Number)
constants = st.one_of(
    numbers,
    st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8).map(
        Text
    ),
    st.booleans().map(Boolean),
    st.sampled_from(ExcelError).map(Error),
)


@st.composite
def cells(draw: st.DrawFn, sheet: str | None = None) -> CellRef:
    row_abs, column_abs = draw(st.booleans()), draw(st.booleans())
    row = draw(st.integers(0, MAX_ROWS - 1)) - (0 if row_abs else ROW)
    column = draw(st.integers(0, MAX_COLUMNS - 1)) - (0 if column_abs else COLUMN)
    return CellRef(row, column, row_abs, column_abs, sheet)


@st.composite
def references(draw: st.DrawFn) -> Node:
    sheet = draw(sheets)
    first = draw(cells(sheet=sheet))
    return RangeRef(first, draw(cells(sheet=sheet))) if draw(st.booleans()) else first


@st.composite
def arrays(draw: st.DrawFn) -> Node:
    width = draw(st.integers(1, 3))
    rows = draw(st.lists(st.tuples(*[constants] * width), min_size=1, max_size=3))
    return ArrayConstant(tuple(rows))


names = st.builds(NameRef, st.sampled_from(["lr", "beta.1", "_x", "Übung"]), sheets)
columns = st.one_of(
    st.sampled_from(["Age", "SibSp 2", "#All", "@x", "a]b[c", "it's", "a:b,c", "two\nlines", " x "]),
    st.text(min_size=1, alphabet=st.characters(blacklist_categories=["Cs"])),
)
items = st.sampled_from(
    [(), ("#This Row",), ("#All",), ("#Headers", "#Data"), ("#Data", "#Totals"), ("#Headers",), ("#Totals",)]
)
structured = st.builds(
    lambda table, rows, first, last: StructuredRef(table, rows, first, last if first else None),
    st.sampled_from(["Table1", "t.1", "_x", "Übung", ""]),
    items,
    st.none() | columns,
    st.none() | columns,
)
calls = st.builds(Call, st.just("INDEX"), st.tuples(references(), numbers))
anchored = st.one_of(references(), names, structured, calls)
leaves = st.one_of(constants, references(), names, arrays(), structured)


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    operators = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(Binary, operators, inner, inner),
        st.builds(Unary, st.sampled_from(["-", "+", "%", "@"]), inner),
        st.builds(Binary, st.sampled_from([" ", "union"]), anchored, anchored),
        st.builds(Call, st.sampled_from(["SUM", "STDEV.S", "LOG10"]), st.lists(inner, max_size=3).map(tuple)),
        st.builds(lambda a, b: Call("IF", (a, Missing(), b)), inner, inner),
    )


trees = st.recursive(leaves, grown, max_leaves=12)


@given(trees)
def test_printed_reads_as_the_same(tree: Node) -> None:
    text = unparse(tree, ROW, COLUMN)
    assert parse(text, ROW, COLUMN) == tree
    assert unparse(parse(text, ROW, COLUMN), ROW, COLUMN) == text


@given(trees, st.integers(0, 50), st.integers(0, 50))
def test_filled_down_prints_as_excel_would_fill(tree: Node, down: int, right: int) -> None:
    """Moving the cell is reading the moved text, as long as nothing leaves the sheet."""
    text = unparse(tree, ROW + down, COLUMN + right)
    if "#REF!" not in text.replace("#REF!", "", sum(n == Error(ExcelError.REF) for n in tree.walk())):
        moved = parse(text, ROW + down, COLUMN + right)
        assert unparse(moved, ROW + down, COLUMN + right) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("c4+ (d4*A4)", "C4+D4*A4"),
        ("-(2^2)", "-(2^2)"),
        ("(-2)^2", "-2^2"),
        ("2^(3^2)", "2^(3^2)"),
        ("(1-2)-3", "1-2-3"),
        ("1-(2-3)", "1-(2-3)"),
        ("(A1%)%", "A1%%"),
        ("sum((A1,b2),_xlfn.stdev.s(3))", "SUM((A1,B2),STDEV.S(3))"),
        ("((A1,B1),C1)", "(A1,B1,C1)"),
        ("(A1,(B1,C1))", "(A1,(B1,C1))"),
        ("a:$c", "A:$C"),
        ("3:$4", "3:$4"),
        ("1E-4", "1E-4"),
        ("'data'!A1", "data!A1"),
        ("_xlfn.SINGLE(A1:A3)", "@A1:A3"),
        ("(A1:B2) C1", "A1:B2 C1"),
        ("(A1=B1)*2", "(A1=B1)*2"),
        ("Sheet1!$A$1:B2", "Sheet1!$A$1:B2"),
        ("Table1[[Age]]", "Table1[Age]"),
        ("Table1[@Age]", "Table1[[#This Row],[Age]]"),
        ("Table1[@]", "Table1[#This Row]"),
        ("[@[a]:[b]]", "[[#This Row],[a]:[b]]"),
        ("Table1[[#data],[#headers],[a,b]]", "Table1[[#Headers],[#Data],[a,b]]"),
        ("Table1[in '[$']]", "Table1[[in '[$']]]"),
        ("Table1[[a]:[a]]", "Table1[[a]:[a]]"),
    ],
)
def test_spelling(text: str, printed: str) -> None:
    assert unparse(parse(text, 9, 9), 9, 9) == printed


def test_what_leaves_the_sheet_is_an_error() -> None:
    tree = parse("A1+SUM(A1:B2)+$A$1", 1, 1)
    assert unparse(tree, 0, 1) == "#REF!+SUM(#REF!)+$A$1"
    assert unparse(tree, 2, 2) == "B2+SUM(B2:C3)+$A$1"
