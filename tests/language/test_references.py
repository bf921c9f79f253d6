"""References of all kinds: names that wrap, several sheets, unions, trimmed ones, whole columns, texts."""

from __future__ import annotations

import pytest

from sheetsim.address import Rect
from sheetsim.formula import parse, unparse
from sheetsim.values import Scalar
from sheetsim.workbook import Table
from tests.language.sheets import book_of, computed, shown, spilled

GRID: dict[str, Scalar] = {"A1": 1.0, "A2": 2.0, "A3": 3.0, "B1": 10.0, "B2": 20.0, "B3": 30.0, "C2": "x"}

CASES = [
    ("SUM((A1,B1:B2))", 31.0),
    ("SUM(A1:B2 B1:B3)", 30.0),
    ("SUM(A1:A2 B1:B2)", "#NULL!"),
    ("AREAS((A1,B1:B2,C3))", 3.0),
    ("INDEX((A1:A3,B1:B3),2,1,2)", 20.0),
    ("SUM(A1:INDEX(B1:B3,2))", 33.0),
    ("SUM(OFFSET(A1,0,1):B3)", 60.0),
    ("TRIMRANGE(A1:C9)", [[1.0, 10.0, 0.0], [2.0, 20.0, "x"], [3.0, 30.0, 0.0]]),
    ("ROWS(A1:.A99)", 3.0),
    ("ROWS(A.:.A)", 3.0),
    ("SUM(A:.A)", 6.0),
    ("ROWS(A:A)", 1048576.0),
    ('COUNTIF(A:A,"<>x")', 1048576.0),
    ('COUNTIF(C:C,"<>x")', 1048575.0),
    ('COUNTIFS(C:C,"<>x",A:A,"<>2")', 1048575.0),
    ('SUMPRODUCT(--(C:C=""))', 1048575.0),
    ("SUMPRODUCT((A:A>1)*B:B)", 50.0),
    ("SUM(IF(A:A=2,B:B))", 20.0),
    ("MAX(A:A*B:B)", 90.0),
    ("AND(A:A<9)", True),
    ("SUM(--(9:9=0))", 16384.0),
    ("SUMPRODUCT(A1:A1000,B1:B500)", "#VALUE!"),
    ("SUMPRODUCT(A1:A1000,B1:B1000)", 140.0),
    ('COUNTIFS(A1:A1000,">0",B1:B500,">0")', "#VALUE!"),
    ("SUM(A1:A1000,B1:B500)", 66.0),
    ('INDIRECT("A"&2)', 2.0),
    ('SUM(INDIRECT("B1:B3"))', 60.0),
    ('INDIRECT("R2C1",FALSE)', 2.0),
    ('INDIRECT("R[-0]C[-25]",FALSE)', 1.0),
    ('ROWS(INDIRECT("C2",FALSE))', 1048576.0),
    ('INDIRECT("nowhere!A1")', "#REF!"),
    ('INDIRECT("[other.xlsx]S!A1")', "#REF!"),
    ('INDIRECT("1+1")', "#REF!"),
    ('ISREF(INDIRECT("A1"))', True),
    ("CHOOSE({2,1},A1:A3,B1:B3)", [[10.0, 1.0], [20.0, 2.0], [30.0, 3.0]]),
    ("INDEX(A1:B3,{1;3},{2,1})", [[10.0, 1.0], [30.0, 3.0]]),
    ("INDEX(ROW(A1:A3),2)", 2.0),
    ("ADDRESS(3,28)", "$AB$3"),
    ("FORMULATEXT(A1)", "#N/A"),
    ("@A1:A3", 1.0),
    ("{1,#N/A,TRUE}", [[1.0, "#N/A", True]]),
]


@pytest.mark.parametrize(("formula", "expected"), CASES, ids=[case[0] for case in CASES])
def test_meaning(formula: str, expected: object) -> None:
    assert spilled(formula, GRID) == expected


def test_a_whole_columns_result_does_not_depend_on_other_cells() -> None:
    formulas = ['COUNTIF(C:C,"<>x")', 'SUMPRODUCT(--(A:A=""))', "SUM(IF(A:A=2,B:B))", "COLUMNS(1:1)"]
    alone = [spilled(formula, GRID) for formula in formulas]
    far = GRID | {"H500": 1.0, "XFD3000": "y"}
    assert [spilled(formula, far) for formula in formulas] == alone


def test_names_wrap_round_the_edges() -> None:
    names = {"left": "S!XFD1", "above": "S!A1048576", "pair": "S!XFC1:XFD1"}
    book = book_of({"A1": 5.0, "B1": 6.0, "C1": "=left*2", "C2": "=above", "D1": "=SUM(pair)"}, names)
    book["S"].set("XFD4", 9.0)
    book["S"].fill("A4:B4", "left+0")  # goes round for A4 only
    found = computed(book)
    assert found.block("S", Rect.parse("C1:D1")).tolist() == [[12.0, 18.0]]
    assert found.value("S", 1, 2) == 12.0
    assert found.block("S", Rect.parse("A4:B4")).tolist() == [[9.0, 9.0]]


def test_several_sheets() -> None:
    cells: dict[str, Scalar] = {"A1": 1.0, "jan!A1": 2.0, "feb!A1": 3.0, "mar!A1": 4.0, "mar!B1": 100.0}
    formulas = [
        "SUM(jan:mar!A1)",
        "SUM(mar:jan!A1:B1)",
        "COUNT('jan:feb'!A1)",
        "SUM(S:mar!A1)",
        "SUM(jan:no!A1)",
    ]
    cells |= {f"Z{row}": f"={formula}" for row, formula in enumerate(formulas, 1)}
    found = computed(book_of(cells, None, "jan", "feb", "mar"))
    assert [shown(found.value("S", row, 25)) for row in range(5)] == [9.0, 109.0, 2.0, 10.0, "#REF!"]


def test_tables_in_functions_and_texts() -> None:
    formulas = [
        "SUM(T[n])",
        "T[@n]*2",
        'SUM(INDIRECT("T[n]"))',
        "SUM(T[[#Data],[n]:[v'''[x]])",
        "ROWS(T[#All])",
        "MAP(3,LAMBDA(k,SUM(T[n])*k))",
    ]
    cells: dict[str, Scalar] = {"A1": "n", "B1": "v'[x", "A2": 1.0, "B2": 10.0, "A3": 2.0, "B3": 20.0}
    book = book_of(cells | {f"D{row}": f"={formula}" for row, formula in enumerate(formulas, 1)})
    book.tables.append(Table("T", "S", Rect.parse("A1:B3"), ("n", "v'[x")))
    found = computed(book)
    assert [shown(found.value("S", row, 3)) for row in range(6)] == [3.0, 2.0, 3.0, 33.0, 3.0, 9.0]


def test_formulas_as_text() -> None:
    texts = {"B1": "=FORMULATEXT(A1)", "B2": "=ISFORMULA(A1)", "B3": "=FORMULATEXT(C1)"}
    found = computed(book_of({"A1": "=1+ 1", "C1": "{=_xlfn.SEQUENCE( 2)", **texts}))
    assert [found.value("S", row, 1) for row in range(3)] == ["=1+ 1", True, "=SEQUENCE( 2)"]


TEXTS = ["A1#", "SUM(A1#:B9)", "LAMBDA(x,[y],x+y)(1)", "LET(f,LAMBDA(a,a),f(2))(3)", "BYROW(A1:C3,SUM)"]
TEXTS += ["SUM('a:b'!A1)", "@A1#", "(A1,B2)#", "-A1#%", "TRIMRANGE(A:A,2,2)", "f(1)(2)", "S!f(1)"]


@pytest.mark.parametrize("text", TEXTS)
def test_printed_reads_as_the_same(text: str) -> None:
    node = parse(text, 4, 4)
    again = parse(unparse(node, 4, 4), 4, 4)
    assert unparse(again, 9, 9) == unparse(node, 9, 9)
