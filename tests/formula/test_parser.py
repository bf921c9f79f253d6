"""Reading formulas: what the tree is, what is refused and why, and what it costs."""

from __future__ import annotations

import pytest

from sheetsim.address import MAX_COLUMNS, MAX_ROWS
from sheetsim.formula import FormulaError, parse
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

ONE, TWO, THREE = Number(1.0), Number(2.0), Number(3.0)
A1 = CellRef(0, 0)


def cell(row: int, column: int, sheet: str | None = None) -> CellRef:
    return CellRef(row, column, sheet=sheet)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-2^2", Binary("^", Unary("-", TWO), TWO)),
        ("2^-1", Binary("^", TWO, Unary("-", ONE))),
        ("2^3^2", Binary("^", Binary("^", TWO, THREE), TWO)),
        ("1-2-3", Binary("-", Binary("-", ONE, TWO), THREE)),
        ("1+2*3", Binary("+", ONE, Binary("*", TWO, THREE))),
        ("(1+2)*3", Binary("*", Binary("+", ONE, TWO), THREE)),
        ("1&2=3", Binary("=", Binary("&", ONE, TWO), THREE)),
        ("1+2&3", Binary("&", Binary("+", ONE, TWO), THREE)),
        ("2%", Unary("%", TWO)),
        ("-2%", Unary("%", Unary("-", TWO))),
        ("2%%^3", Binary("^", Unary("%", Unary("%", TWO)), THREE)),
        ("1<=2", Binary("<=", ONE, TWO)),
        ("1<>-2", Binary("<>", ONE, Unary("-", TWO))),
        ("+-A1", Unary("+", Unary("-", A1))),
        ("@A1:A2", Unary("@", RangeRef(A1, cell(1, 0)))),
        ("_xlfn.SINGLE(A1)", Unary("@", A1)),
        ("A1:B2", RangeRef(A1, cell(1, 1))),
        ("A1 : B2", RangeRef(A1, cell(1, 1))),
        ("$A1:B$2", RangeRef(CellRef(0, 0, False, True), CellRef(1, 1, True, False))),
        ("A:C", RangeRef(CellRef(0, 0, True), CellRef(MAX_ROWS - 1, 2, True))),
        ("$2:4", RangeRef(CellRef(1, 0, True, True), CellRef(3, MAX_COLUMNS - 1, False, True))),
        ("A1 B2", Binary(" ", A1, cell(1, 1))),
        ("A1 +B2", Binary("+", A1, cell(1, 1))),
        ("(A1,B2)", Binary("union", A1, cell(1, 1))),
        ("A1:INDEX(A1,2)", Binary(":", A1, Call("INDEX", (A1, TWO)))),
        ("data!A1", cell(0, 0, "data")),
        ("'it''s my data'!A1:B2", RangeRef(cell(0, 0, "it's my data"), cell(1, 1, "it's my data"))),
        ("data!A1:data!B2", RangeRef(cell(0, 0, "data"), cell(1, 1, "data"))),
        ("adam!lr*2", Binary("*", NameRef("lr", "adam"), TWO)),
        ("my.name_1", NameRef("my.name_1")),
        ("XFE1", NameRef("XFE1")),
        ("A1048577", NameRef("A1048577")),
        ("XFD1048576", cell(MAX_ROWS - 1, MAX_COLUMNS - 1)),
        ("LOG10(1)", Call("LOG10", (ONE,))),
        ("log10", cell(9, 8508)),
        ("_xlfn.STDEV.S(1)", Call("STDEV.S", (ONE,))),
        ("_xlfn._xlws.SORT(A1)", Call("SORT", (A1,))),
        ("IF(1,,2)", Call("IF", (ONE, Missing(), TWO))),
        ("SUM(1,)", Call("SUM", (ONE, Missing()))),
        ("RAND()", Call("RAND", ())),
        ("true", Boolean(True)),
        ("TRUE()", Call("TRUE", ())),
        ('"say ""hi"""', Text('say "hi"')),
        ("#N/A", Error(ExcelError.NA)),
        ("data!#REF!", Error(ExcelError.REF)),
        ("1E-4+.5", Binary("+", Number(1e-4), Number(0.5))),
        ('{1,-2;"a",TRUE}', ArrayConstant(((ONE, Number(-2.0)), (Text("a"), Boolean(True))))),
        (" SUM( 1 , 2 ) ", Call("SUM", (ONE, TWO))),
        ("Table1[Fare]", StructuredRef("Table1", (), "Fare")),
        ("Table1[]", StructuredRef("Table1")),
        ("Table1[[#This Row],[Age]]", StructuredRef("Table1", ("#This Row",), "Age")),
        ("Table1[@Age]", StructuredRef("Table1", ("#This Row",), "Age")),
        ("Table1[@[Age of all]:[Fare]]", StructuredRef("Table1", ("#This Row",), "Age of all", "Fare")),
        ("Table1[@]", StructuredRef("Table1", ("#This Row",))),
        ("T_1[[#This Row],Age, all]", StructuredRef("T_1", ("#This Row",), "Age, all")),
        ("[[#This Row], in '[$'] : b]", StructuredRef("", ("#This Row",), "in [$]", "b")),
        ("[@Age]*2", Binary("*", StructuredRef("", ("#This Row",), "Age"), TWO)),
        ("[Fare]", StructuredRef("", (), "Fare")),
        ("t.1[#headers]", StructuredRef("t.1", ("#Headers",))),
        ("Table1[[#All],[Fare]]", StructuredRef("Table1", ("#All",), "Fare")),
        ("T_1[ [#Data], [#Headers] ,[a] : [b] ]", StructuredRef("T_1", ("#Headers", "#Data"), "a", "b")),
        ("Table1[[#This Row],[SibSp]:[Ones]]", StructuredRef("Table1", ("#This Row",), "SibSp", "Ones")),
        ("Table1[a '[b'] '# '' c]", StructuredRef("Table1", (), "a [b] # ' c")),
        ("Table1[['#All]]", StructuredRef("Table1", (), "#All")),
        ("Table1[['@a]]", StructuredRef("Table1", (), "@a")),
        ("Table1[a-b, c]", StructuredRef("Table1", (), "a-b, c")),
        ("Table1[two\nlines]", StructuredRef("Table1", (), "two\nlines")),
        ("Table1[[#This Row],[#REF!]]", Error(ExcelError.REF)),
        ("Table1[#REF!]", Error(ExcelError.REF)),
        ("@Table1[a]", Unary("@", StructuredRef("Table1", (), "a"))),
        ("T_[a] T_[b]", Binary(" ", StructuredRef("T_", (), "a"), StructuredRef("T_", (), "b"))),
        (
            "T_[[#Headers],[a]]:[@a]",
            Binary(":", StructuredRef("T_", ("#Headers",), "a"), StructuredRef("", ("#This Row",), "a")),
        ),
        ("A1+[a]", Binary("+", A1, StructuredRef("", (), "a"))),
    ],
)
def test_tree(text: str, tree: Node) -> None:
    assert parse(text, 0, 0) == tree


def test_relative_form_is_the_same_all_the_way_down() -> None:
    first = parse("C4+D4*A4-$B$1", 3, 4)
    assert first == parse("C5+D5*A5-$B$1", 4, 4)
    assert hash(first) == hash(parse("G1048576+H1048576*E1048576-$B$1", MAX_ROWS - 1, 8))
    assert first != parse("C5+D5*A5-B1", 4, 4)
    assert parse("C4", 3, 4) == CellRef(0, -2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("1+", "ends too early"),
        ("(1", "ends too early"),
        ("1)", "')' does not belong here at character 2"),
        ("1 2", "'2' does not belong here at character 3"),
        ('"abc', "does not belong here"),
        ("3x", "does not belong here"),
        ("SUM(1;2)", "expected ')', found ';'"),
        ("{1,2;3}", "different lengths"),
        ("{A1}", "only constants"),
        ("A1:1", "a range needs a reference on both sides"),
        ("1E999", "beyond the largest number"),
        ("Table1[x", "'[' does not belong here"),
        ("Table1[x[y]z]", "do not name rows and columns of a table"),
        ("Table1[[x],[y]]", "do not name rows and columns"),
        ("Table1[[x]:[y]:[z]]", "do not name rows and columns"),
        ("Table1[[x]:[#All]]", "do not name rows and columns"),
        ("Table1[[#All]:[x]]", "do not name rows and columns"),
        ("Table1[[x]y]", "do not name rows and columns"),
        ("Table1[[#All],x,[y]]", "do not name rows and columns"),
        ("Table1[[#All],]", "do not name rows and columns"),
        ("Table1[[#All],x:]", "do not name rows and columns"),
        ("Table1[[#All],x:y:z]", "do not name rows and columns"),
        ("Table1[[x],]", "do not name rows and columns"),
        ("Table1[[]]", "do not name rows and columns"),
        ("Table1[#Some]", "do not name rows and columns"),
        ("Table1[[#All],[#Data]]", "do not name rows and columns"),
        ("Table1[@[#Data],[x]]", "do not name rows and columns"),
        ("Table1[[#Headers],[#Totals]]", "do not name rows and columns"),
        ("data!Table1[x]", "expected a reference after data!"),
        ("Table1[[" + "'" * 8000, "'[' does not belong here"),
        ("[" * 8000, "does not belong here"),
        ("T" + "[x]" * 2000, "does not belong here"),
        ("[1]data!A1", "another workbook"),
        ("'[other.xlsx]my data'!A1", "another workbook"),
        ("[1]!name", "another workbook"),
        ("(" * 4000 + "1" + ")" * 4000, "nested levels"),
        ("(" * 10_000, "Excel allows 8192"),
        ("SUM(" * 65 + "1" + ")" * 65, "64 nested levels"),
        ("-" * 8000 + "1", "250 levels"),
        ("1" + "+1" * 3000, "250 levels"),
        ("{" * 5000, "only constants"),
        ("1%" + "%" * 8000, "250 levels"),
        ("A1" + ":A1" * 2000, "250 levels"),
        ("A1" + " A1" * 2000, "250 levels"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, 0, 0)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_sixty_four_levels_and_long_chains_are_fine() -> None:
    parse("ABS(" * 64 + "1" + ")" * 64, 0, 0)
    tree = parse("1" + "+1" * 240, 0, 0)
    assert hash(tree) == hash(parse("1" + "+1" * 240, 0, 0))
