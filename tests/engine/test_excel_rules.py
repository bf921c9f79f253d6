"""Small sheets whose values follow from Excel's rules alone, computed the obvious way and by the fast engine.

Each was chosen because a fault in the code would change it and no course file holds the construct.
"""

from collections import Counter

import pytest

from sheetsim.address import Rect
from sheetsim.formula.parser import MAX_DEPTH
from sheetsim.functions import FUNCTIONS
from sheetsim.plan.schedule import make_plan
from sheetsim.run.execute import calculate
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import Workbook
from tests.engine.naive import Naive

NA, VALUE = ExcelError.NA, ExcelError.VALUE

TABLE: dict[str, Scalar] = {"A1": 1.0, "A2": 2.0, "A3": 3.0, "B1": 10.0, "B2": 20.0, "B3": 30.0}
ANIMALS: dict[str, Scalar] = {"A1": "apple", "A2": "b*", "A3": "bear", "C1": "a*", "C2": "b?ar", "C3": "b~*"}

# the example of Microsoft's pages on ARRAYTOTEXT and VALUETOTEXT
MIXED: dict[str, Scalar] = {
    "A1": True,
    "B1": VALUE,
    "A2": 1234.01234,
    "B2": "Seattle",
    "A3": "Hello",
    "B3": 1123.0,
}

RULES: dict[str, tuple[dict[str, Scalar], str, str, bool, list[list[Scalar]]]] = {
    # MATCH with 0 takes * and ? in what is looked up as wildcards, ~ before them as themselves
    "wildcards of MATCH": (ANIMALS, "D1:D3", "MATCH(C1,$A$1:$A$3,0)", False, [[1.0], [3.0], [2.0]]),
    "INDEX by a list of rows": (TABLE, "D1:D2", "INDEX(A1:B3,{3;1},2)", True, [[30.0], [10.0]]),
    "INDEX by a list of columns": (TABLE, "D1:E1", "INDEX(A1:B3,2,{2,1})", True, [[20.0, 2.0]]),
    # a row number alone takes the whole row of a table
    "a whole row summed": (TABLE, "D1", "SUM(INDEX(A1:B3,2))", False, [[22.0]]),
    "whole rows summed": (TABLE, "D1:D3", "SUM(INDEX($A$1:$B$3,A1))", False, [[11.0], [22.0], [33.0]]),
    "a whole row where one value belongs": (TABLE, "D1", "INDEX(A1:B3,2)", False, [[VALUE]]),
    # arrays of different lengths: #N/A where one has no element
    "arrays of two and three": ({}, "D1:F1", "{10,20}+{1,2,3}", True, [[11.0, 22.0, NA]]),
    "arrays of three and two": ({}, "D1:D3", "{1;2;3}*{10;20}", True, [[10.0], [40.0], [NA]]),
    "an odd number of minuses": (TABLE, "D1:D3", "-" * 151 + "A1", False, [[-1.0], [-2.0], [-3.0]]),
    "an even number of minuses": (TABLE, "D1:D3", "-" * 150 + "A1", False, [[1.0], [2.0], [3.0]]),
    # Excel's precedence: a minus binds before a power, a percent before both
    "minus before power": (TABLE, "D1:D2", "-A2^2", False, [[4.0], [9.0]]),
    "percent before power": (TABLE, "D1:D2", "A1^200%", False, [[1.0], [4.0]]),
    "an array as text": (
        MIXED,
        "D1",
        "ARRAYTOTEXT(A1:B3)",
        False,
        [["TRUE, #VALUE!, 1234.01234, Seattle, Hello, 1123"]],
    ),
    "an array as a constant": (
        MIXED,
        "D1",
        "ARRAYTOTEXT(A1:B3,1)",
        False,
        [['{TRUE,#VALUE!;1234.01234,"Seattle";"Hello",1123}']],
    ),
    "values as constants": (
        MIXED,
        "D1:E2",
        "VALUETOTEXT(A1,1)",
        False,
        [["TRUE", "#VALUE!"], ["1234.01234", '"Seattle"']],
    ),
    # the first digit place of a format takes all digits that are left, the others one each
    "digits in a format": (TABLE, "D1", 'TEXT(1234567.891,"#,##0.00")', False, [["1,234,567.89"]]),
    "digits in a format with signs": (TABLE, "D1", 'TEXT(1234567,"000-0000")', False, [["123-4567"]]),
}


def book_of(cells: dict[str, Scalar], rect: str, formula: str, array: bool) -> Workbook:
    book = Workbook()
    sheet = book.add_sheet("s")
    for address, value in cells.items():
        sheet.set(address, value)
    sheet.fill(rect, formula, array=array)
    return book


ARGUMENTS = {
    **dict.fromkeys(("ABS", "EXP", "ISNUMBER", "ISBLANK", "ISERROR", "ISTEXT", "NOT", "SQRT"), (1, 1)),
    **dict.fromkeys(("MOD", "POWER", "ROUND", "COUNTIF", "IFERROR", "MMULT", "SUMXMY2"), (2, 2)),
    **dict.fromkeys(("LOG", "ERF"), (1, 2)),
    **{"IF": (2, 3), "MATCH": (2, 3), "SUMIF": (2, 3), "OFFSET": (3, 5), "NORM.S.DIST": (2, 2)},
    **{
        "CEILING.MATH": (1, 3),
        "FLOOR.MATH": (1, 3),
        "CEILING": (2, 2),
        "RAND": (0, 0),
        "RANDBETWEEN": (2, 2),
    },
}
"""How many arguments Microsoft's pages say."""


@pytest.mark.parametrize("name", ARGUMENTS)
def test_how_many_arguments_a_function_takes(name: str) -> None:
    """One less and one more are no formula that Excel could hold."""
    assert (FUNCTIONS[name].least, FUNCTIONS[name].most) == ARGUMENTS[name]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_excels(rule: str) -> None:
    cells, rect, formula, array, wanted = RULES[rule]
    book = book_of(cells, rect, formula, array)
    where = Rect.parse(rect)
    naive = Naive(book)
    assert naive.block("s", where).tolist() == wanted
    assert calculate(book, make_plan(book)).block("s", where).tolist() == wanted


@pytest.mark.parametrize("rows", [6001, 5999])
def test_counts_and_sums_over_more_windows_than_are_looked_at_at_once(rows: int) -> None:
    """6,001 windows of 6,001 cells are worked out in pieces of 3,000 and 3,001."""
    keys = [float(row * row % 97) for row in range(rows)]
    book = Workbook()
    sheet = book.add_sheet("s")
    for row, key in enumerate(keys):
        sheet.set((row, 0), key)
    sheet.fill(Rect(0, 1, rows, 2), f"COUNTIF(A$1:A${rows},A1)")
    sheet.fill(Rect(0, 2, rows, 3), f"SUMIF(A$1:A${rows},A1)")
    found = calculate(book, make_plan(book))
    assert not found.unsupported
    counts = Counter(keys)
    assert found.block("s", Rect(0, 1, rows, 2)).tolist() == [[float(counts[key])] for key in keys]
    assert found.block("s", Rect(0, 2, rows, 3)).tolist() == [[key * counts[key]] for key in keys]


def test_the_deepest_formula_that_is_read() -> None:
    """MAX_DEPTH levels are computed, one more is an error of one line."""
    for levels, reason in ((MAX_DEPTH, ""), (MAX_DEPTH + 1, "levels")):
        book = book_of({"A1": 1.0}, "D1", "-" * (levels - 1) + "A1", False)
        found = calculate(book, make_plan(book))
        if reason:
            assert reason in found.unsupported[0].reason
        else:
            assert found.value("s", 0, 3) == (-1.0) ** (levels - 1)
