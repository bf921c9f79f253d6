"""The per-cell definition: references, names, arrays and implicit intersection (values: tests/functions)."""

import pytest

from sheetsim.errors import Unsupported
from sheetsim.formula import parse
from sheetsim.functions import is_volatile, unsupported
from sheetsim.values import ExcelError, Values
from sheetsim.workbook import DefinedName, Workbook
from tests.functions.helpers import work_out


@pytest.fixture
def book() -> Workbook:
    book = Workbook()
    sheet = book.add_sheet("data")
    for row in range(3):
        sheet.set((row, 0), float(row + 1))
        sheet.set((row, 1), float(10 * (row + 1)))
    other = book.add_sheet("my other")
    other.set("A5", 7.0)
    book.define("lr", "data", "A2")
    book.define("column", "data", "A1:A3")
    book.names.append(DefinedName("double", "2*data!A1"))
    book.names.append(DefinedName("lr", "99", scope="my other"))
    book.names.append(DefinedName("loop", "loop+1"))
    return book


def rows(value: object) -> object:
    return value.tolist() if isinstance(value, Values) else value


@pytest.mark.parametrize(
    ("formula", "at", "value"),
    [
        ("A1:A3", (1, 5), 2.0),
        ("A1:B1", (5, 1), 10.0),
        ("A1:A3", (5, 5), ExcelError.VALUE),
        ("A1:B3", (1, 1), ExcelError.VALUE),
        ("A1:A3*2", (2, 5), 6.0),
        ("@A1:A3+0", (2, 5), 3.0),
        ("SUM(@A1:A3)", (2, 5), 3.0),
        ("SUM(A1:A3*2)", (2, 5), 6.0),
        ("SUMPRODUCT(A1:A3*2)", (2, 5), 12.0),
        ("SUM({1,2,3}*2)", (2, 5), 12.0),
        ("{5,6}", (2, 5), 5.0),
        ("IF(A1:A3>1,10,20)", (0, 5), 20.0),
        ("Z99", (0, 5), 0.0),
        ('Z99&""', (0, 5), ""),
        ('IF(Z99="",1,2)', (0, 5), 1.0),
        ("'my other'!A5", (0, 5), 7.0),
        ("nowhere!A1", (0, 5), ExcelError.REF),
        ("SUM(nowhere!A1:A3)", (0, 5), ExcelError.REF),
        ("lr*2", (0, 5), 4.0),
        ("'my other'!lr", (0, 5), 99.0),
        ("SUM(column)", (0, 5), 6.0),
        ("column", (2, 5), 3.0),
        ("nothing", (0, 5), ExcelError.NAME),
        ("ROW()+COLUMN()", (4, 6), 12.0),
        ("ROW(column)", (4, 6), 1.0),
        ("SUM(A:A)", (4, 6), 6.0),
        ("SUM(1:1)", (4, 6), 11.0),
        ("SUMPRODUCT(A:A,'my other'!A:A)", (4, 6), 0.0),
        ("ROWS(A:A)", (4, 6), 1048576.0),
        ("SUM(B1:A3)", (4, 6), 66.0),
        ("SUM(A1:lr)", (4, 6), 3.0),
        ("SUM(IF(TRUE,A1:A3))", (4, 6), 6.0),
        ('IFERROR(A1/0,"none")', (4, 6), "none"),
        ('COUNT(Z1:Z5,"3",TRUE,)', (4, 6), 3.0),
    ],
)
def test_plain_formulas(book: Workbook, formula: str, at: tuple[int, int], value: object) -> None:
    assert work_out(book, formula, at) == value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("A1:A3*2", [[2.0], [4.0], [6.0]]),
        ("A1:A3+A1:B1", [[2.0, 11.0], [3.0, 12.0], [4.0, 13.0]]),
        ("A1:A3+A1:A2", [[2.0], [4.0], [ExcelError.NA]]),
        ('IF(A1:A3>1,A1:A3,"no")', [["no"], [2.0], [3.0]]),
        ("IF(A1:A3>1,A1:A3)", [[False], [2.0], [3.0]]),
        ("IF(A1:A3>1,,5)", [[5.0], [0.0], [0.0]]),
        ("IFERROR(1/(A1:A3-2),0)", [[-1.0], [0.0], [1.0]]),
        ("TRANSPOSE(A1:B2)", [[1.0, 2.0], [10.0, 20.0]]),
        ("MMULT(A1:B2,{1,0;0,1})", [[1.0, 10.0], [2.0, 20.0]]),
        ("ROW(A1:A3)", [[1.0], [2.0], [3.0]]),
        ("COLUMN(A1:B1)", [[1.0, 2.0]]),
        ("INDEX(B1:B3,{3;1})", [[30.0], [10.0]]),
        ("INDEX(A1:B3,2,0)", [[2.0, 20.0]]),
        ("MATCH({2,9},A1:A3,0)", [[2.0, ExcelError.NA]]),
        ("SUM(A1:A3*B1:B3)", [[140.0]]),
        ("Z1:Z2", [[0.0], [0.0]]),
        ("ABS(-A1:A2)", [[1.0], [2.0]]),
        ("COUNTIF(A1:A3,A1:A2)", [[1.0], [1.0]]),
    ],
)
def test_array_formulas(book: Workbook, formula: str, value: object) -> None:
    assert rows(work_out(book, formula, array=True)) == value


def test_names_move_with_the_formula(book: Workbook) -> None:
    """A name with a relative reference is read as from A1."""
    assert work_out(book, "double", (1, 0)) == 4.0


@pytest.mark.parametrize(
    ("formula", "reason"),
    [("FOO(1)", "FOO"), ("ROUND(1)", "ROUND with 1 arguments"), ("loop", "refers to itself")],
)
def test_unsupported(book: Workbook, formula: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        work_out(book, formula)


def test_long_chains_do_not_overflow(book: Workbook) -> None:
    assert work_out(book, "+".join(["A1"] * 240)) == 240.0
    assert work_out(book, "-" * 240 + "A1") == 1.0
    assert work_out(book, "ABS(" * 64 + "A2" + ")" * 64) == 2.0


def test_what_a_tree_calls() -> None:
    assert unsupported(parse("SUM(1,FOO(BAR(2)))", 0, 0)) == "FOO"
    assert unsupported(parse("SUM(1)", 0, 0)) is None
    assert is_volatile(parse("1+RAND()", 0, 0))
    assert is_volatile(parse("RANDBETWEEN(1,2)", 0, 0))
    assert not is_volatile(parse("OFFSET(A1,1,1)", 0, 0))


def test_draws_come_from_the_lookup(book: Workbook) -> None:
    first, again = work_out(book, "RAND()"), work_out(book, "RAND()")
    assert first == again  # the same seed
    assert work_out(book, "RANDBETWEEN(3,3)") == 3.0
    assert work_out(book, "RANDBETWEEN(3,2)") is ExcelError.NUM
