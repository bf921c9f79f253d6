"""Logic and information: lazy choices, cell by cell and over a filled column alike."""

from __future__ import annotations

import pytest

from sheetsim.address import Rect
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Workbook
from tests.functions.helpers import work_out

COLUMN: list[Scalar] = [1.0, 2.0, "b", None, True, ExcelError.NA, ExcelError.DIV0, -3.5, "", "2"]

FORMULAS = [
    'SWITCH(A1,1,"one",2,"two","b",,"other")',
    'SWITCH(A1,1,"one")',
    "SWITCH(TRUE,A1>1,A1,A1=TRUE,7,0)",
    'IFS(A1=1,"one",A1=2,"two",TRUE,"other")',
    "IFS(A1,1,A1=2,2)",
    'IFNA(A1,"none")',
    "IFNA(A1,)",
    "XOR(A1,A1>1)",
    "XOR(A1,TRUE,TRUE)",
    "AND(A1,TRUE)",
    "N(A1)",
    "T(A1)",
    "TYPE(A1)",
    "ERROR.TYPE(A1)",
    "ISBLANK(A1)",
    "ISERR(A1)",
    "ISERROR(A1)",
    "ISLOGICAL(A1)",
    "ISNA(A1)",
    "ISNONTEXT(A1)",
    "ISTEXT(A1)",
    "ISEVEN(A1)",
    "ISODD(A1)",
    'LEFT(A1,1)&"x"',
    'TEXT(A1,"0.0")',
    "EDATE(A1,1)",
    "LEN(A1)",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_column_is_its_cells(formula: str) -> None:
    book = Workbook()
    sheet = book.add_sheet("S")
    for row, value in enumerate(COLUMN):
        if value is not None:
            sheet.set((row, 0), value)
    sheet.fill(f"C1:C{len(COLUMN)}", formula)
    whole = calculate(book, make_plan(book)).block("S", Rect(0, 2, len(COLUMN), 3)).tolist()
    for row in range(len(COLUMN)):
        assert whole[row][0] == work_out(book, formula.replace("A1", f"A{row + 1}"), at=(row, 2)), row


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # Microsoft's documented examples (support.microsoft.com, the function's page), read 2026-11
        ("ISEVEN(-1)", False),
        ("ISEVEN(2.5)", True),
        ("ISEVEN(0)", True),
        ("ISODD(5)", True),
        ('ISEVEN("x")', ExcelError.VALUE),
        ("ISODD(TRUE)", ExcelError.VALUE),
        ("N(7)", 7.0),
        ('N("Even")', 0.0),
        ("N(TRUE)", 1.0),
        ('N("7")', 0.0),
        ("TYPE(2+3)", 1.0),
        ('TYPE("Mr. "&"Smith")', 2.0),
        ("TYPE({1,2;3,4})", 64.0),
        ("ERROR.TYPE(#NULL!)", 1.0),
        ("ERROR.TYPE(1/0)", 2.0),
        ("ERROR.TYPE(NA())", 7.0),
        ("ERROR.TYPE(1)", ExcelError.NA),
        ("SWITCH(WEEKDAY(2),1,\"Sunday\",2,\"Monday\",3,\"Tuesday\",\"No match\")", "Monday"),
        ("SWITCH(99,1,\"Sunday\",2,\"Monday\",3,\"Tuesday\")", ExcelError.NA),
        ('IFS(FALSE,"a",TRUE,"b")', "b"),
        ("IFS(TRUE,1,1/0,2)", 1.0),
        ('IFNA(NA(),"Not found")', "Not found"),
        ("IFNA(1/0,1)", ExcelError.DIV0),
        ("XOR(3>12,4>6)", False),
        ("XOR(3>0,2<9)", False),
        ("XOR(3>12,4<6)", True),
        # Excel's stored values ($SHEETSIM_CASES, and_or_text)
        ('AND(TRUE,"0")', True),
        ('OR("",FALSE)', False),
        ('AND("")', ExcelError.VALUE),
        ('OR("TRUE")', True),
    ],
)  # fmt: skip
def test_value(formula: str, expected: Scalar) -> None:
    book = Workbook()
    book.add_sheet("S")
    value = work_out(book, formula)
    assert value is expected if isinstance(expected, (bool, ExcelError)) else value == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # Microsoft, N and T: of a reference to several cells its first
        ("N(A1:A3)", 5.0),
        ("T(A2:A3)", "x"),
        ("N(A2:A3)", 0.0),
        ("SUM(N({1,2,3}))", 6.0),
        ("TYPE(A1:A3)", 64.0),
        ("TYPE(A2)", 2.0),
        # functions of the Analysis ToolPak want one number, not a range (an array is lifted over)
        ("EDATE(A1:A3,1)", ExcelError.VALUE),
        ("EDATE(A1:A1,1)", 36.0),
        ("SUM(EDATE(+A1:A1,{1,2}))", 36.0 + 65.0),
        ("ISEVEN(A1:A3)", ExcelError.VALUE),
        ("ERF(A3)", ExcelError.VALUE),
    ],
)
def test_references(formula: str, expected: Scalar) -> None:
    book = Workbook()
    sheet = book.add_sheet("S")
    for row, value in enumerate([5.0, "x", True]):
        sheet.set((row, 0), value)
    value = work_out(book, formula)
    assert value is expected if isinstance(expected, ExcelError) else value == expected
