"""Predicted formula texts against openpyxl's Translator, and against our own parser's relative form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from sheetsim.formula import parse
from sheetsim.formula.shift import cut, moved, stays_inside

FORMULAS = [
    "C3-J3*$D$2",
    'IF(A5="A5 is ""A6""",B5,"B5")',
    "'Sheet1 A5'!A5+Sheet2!B3+'it''s A5'!$B3",
    "LOG10(A5)+ATAN2(A5,B$5)+DEC2BIN(A5)+LOG10",
    "1E5*A5+1.5E-5+2E+10+.5+5%",
    "SUM($A4:B$9)/SUM(A:A,$B:C,5:5,$5:6)",
    "x1_y+_a5+A1B+rate.2015+\\a5",
    "_xlfn.STDEV.S(A5:A9)^-2",
    "R1C1+A5+RC5",
    "INDEX(A5:B9,2,3) (A5:B6)",
    "{1,2;3,4}*A5",
    "#REF!+A5",
    "-a5+b$5",
    "TRUE+FALSE()",
]


def translated(text: str, origin: str, target: str) -> str:
    return Translator("=" + text, origin).translate_formula(target)[1:]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("rows", [1, 7, 95])
def test_next_rows_are_as_openpyxl_translates_them(text: str, rows: int) -> None:
    made = cut(text, 20)
    assert made is not None
    expected = translated(text, "M20", f"M{20 + rows}")
    assert made.at(20).upper() == text.upper()
    assert made.at(20 + rows).upper() == expected.upper()
    assert moved(text, rows, 0).upper() == expected.upper()


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize(("target", "rows", "columns"), [("N21", 1, 1), ("AZ20", 0, 39), ("M19", -1, 0)])
def test_moved_both_ways_is_as_openpyxl_translates_it(
    text: str, target: str, rows: int, columns: int
) -> None:
    assert moved(text, rows, columns).upper() == translated(text, "M20", target).upper()


@pytest.mark.parametrize(
    "text", ["A05+1", "A1048577", 'B5&"', "'B5", "A5+.A10", "[a", "A$B5", "XFE1+A5", "5A"]
)
def test_no_prediction_where_a_word_may_be_a_reference(text: str) -> None:
    assert cut(text, 20) is None


def test_what_openpyxl_gets_wrong() -> None:
    assert moved("A5:INDEX(B:B,5)", 1, 1) == "B6:INDEX(C:C,5)"
    assert moved("Sheet1!#REF!+SUM(Jan:Feb!A5)", 1, 1) == "Sheet1!#REF!+SUM(Jan:Feb!B6)"


def test_structured_references_stay() -> None:
    text = "Table1[[#This Row],[A5]]+Table1[[#All],[it'[s A5']]]+[1]Sheet1!A5+A5"
    assert cut(text, 5).at(6) == "Table1[[#This Row],[A5]]+Table1[[#All],[it'[s A5']]]+[1]Sheet1!A6+A6"


def test_leaving_the_sheet() -> None:
    assert cut("A1048576+B1", 2).at(3) is None
    assert cut("A1+B5", 2).at(1) is None
    assert moved("SUM(A1:B2)+$A2+Sheet1!B1", -1, 0) == "SUM(#REF!)+$A1+Sheet1!#REF!"
    assert moved("XFD1+$XFD1", 0, 1) == "#REF!+$XFD1"
    assert stays_inside("A2+B3", (-1, 5), (0, 0))
    assert not stays_inside("A2+B3", (-2, 5), (0, 0))
    assert not stays_inside("A2+XFC3", (0, 0), (0, 2))


_dollar = st.sampled_from(["", "$"])
_column = st.sampled_from(["A", "B", "Z", "AA", "LOG", "XFC"])
_row = st.integers(1, 2000)
_cell = st.builds(lambda a, c, b, r: f"{a}{c}{b}{r}", _dollar, _column, _dollar, _row)
_operand = st.one_of(
    _cell,
    st.builds(lambda a, b: f"SUM({a}:{b})", _cell, _cell),
    st.builds(lambda a, b: f"SUM({a}{b}:{a}{b})", _dollar, _row),
    st.builds(lambda s, c: f"{s}!{c}", st.sampled_from(["Sheet1", "'A1 B2'", "x_5", "'it''s'"]), _cell),
    st.builds(lambda c: f"LOG10({c})", _cell),
    st.sampled_from(["Table1[[#This Row],[A5]:[B 5]]", "[@A5]", "T_1[it'[s A5]", "T.A1[#All]"]),
    st.sampled_from(["1E5", "1.5E-3", '"A1"', '"say ""B2"""', "PI()", "rate_2", "TRUE", "12"]),
)
_formula = st.lists(_operand, min_size=1, max_size=6).map("*".join)


@given(_formula, st.integers(1, 500))
def test_a_predicted_text_is_the_same_formula_in_relative_terms(text: str, rows: int) -> None:
    made = cut(text, 100)
    assert made is not None
    assert parse(made.at(100 + rows), 99 + rows, 5) == parse(text, 99, 5)


@given(_formula, st.integers(1, 99), st.integers(-3, 50))
def test_a_text_that_is_not_predicted_is_another_formula(text: str, rows: int, by: int) -> None:
    """The direction that matters: equal texts must mean equal relative forms, and nothing else."""
    other = moved(text, rows + by, 0)
    predicted = cut(text, 100).at(100 + rows)
    same = "#REF!" not in other and parse(other, 99 + rows, 5) == parse(text, 99, 5)
    assert (predicted == other) == same
