"""Examples of Microsoft's pages (support.microsoft.com, the page of each function), as given there."""

from __future__ import annotations

import pytest

from sheetsim.values import Scalar
from tests.language.sheets import book_of, computed, spilled

NUMBERS: dict[str, Scalar] = dict(
    zip(("A1", "B1", "C1", "A2", "B2", "C2"), map(float, range(1, 7)), strict=True)
)
LETTERS: dict[str, Scalar] = dict(zip(("A1", "B1", "C1", "A2", "B2", "C2"), "abcdef", strict=True))
SQUARE: dict[str, Scalar] = {
    f"{letter}{row}": float(3 * row - 3 + column)
    for row in (1, 2, 3)
    for column, letter in enumerate("ABC", 1)
}
NAMES = [
    "Ben",
    "Peter",
    "Mary",
    "Sam",
    "John",
    "Hillary",
    "Jenny",
    "James",
    "Agnes",
    "Harry",
    "Felicity",
    "Joe",
]
PEOPLE: dict[str, Scalar] = {
    f"{letter}{row}": NAMES[4 * row - 4 + column] for row in (1, 2, 3) for column, letter in enumerate("ABCD")
}
LINE: dict[str, Scalar] = {f"{letter}1": letter for letter in "ABCDEFG"}

EXAMPLES = [
    ("SEQUENCE(4,5)", {}, [[float(5 * r + c) for c in range(1, 6)] for r in range(4)]),
    ("SEQUENCE(5,1,1001,1000)", {}, [[1001.0], [2001.0], [3001.0], [4001.0], [5001.0]]),
    ("MAP(A1:C2,LAMBDA(a,IF(a>4,a*a,a)))", NUMBERS, [[1.0, 2.0, 3.0], [4.0, 25.0, 36.0]]),
    ("REDUCE(,A1:C2,LAMBDA(a,b,a+b^2))", NUMBERS, 91.0),
    ("SCAN(1,A1:C2,LAMBDA(a,b,a*b))", NUMBERS, [[1.0, 2.0, 6.0], [24.0, 120.0, 720.0]]),
    ('SCAN("",A1:C2,LAMBDA(a,b,a&b))', LETTERS, [["a", "ab", "abc"], ["abcd", "abcde", "abcdef"]]),
    ("MAKEARRAY(2,3,LAMBDA(r,c,r*c))", {}, [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]),
    ("BYROW(A1:C2,LAMBDA(array,MAX(array)))", NUMBERS, [[3.0], [6.0]]),
    ("BYCOL(A1:C2,LAMBDA(array,MAX(array)))", NUMBERS, [[4.0, 5.0, 6.0]]),
    ("LAMBDA(temp,(5/9)*(temp-32))(104)", {}, 40.0),
    ("LET(x,5,SUM(x,1))", {}, 6.0),
    ("TAKE(A1:C3,2)", SQUARE, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    ("TAKE(A1:C3,,2)", SQUARE, [[1.0, 2.0], [4.0, 5.0], [7.0, 8.0]]),
    ("TAKE(A1:C3,-2)", SQUARE, [[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    ("TAKE(A1:C3,2,2)", SQUARE, [[1.0, 2.0], [4.0, 5.0]]),
    ("DROP(A1:C3,2)", SQUARE, [[7.0, 8.0, 9.0]]),
    ("DROP(A1:C3,,2)", SQUARE, [[3.0], [6.0], [9.0]]),
    ("DROP(A1:C3,-2)", SQUARE, [[1.0, 2.0, 3.0]]),
    ("DROP(A1:C3,2,2)", SQUARE, 9.0),
    ("EXPAND({1,2;3,4},3,3)", {}, [[1.0, 2.0, "#N/A"], [3.0, 4.0, "#N/A"], ["#N/A"] * 3]),
    ('EXPAND(1,3,3,"-")', {}, [[1.0, "-", "-"], ["-"] * 3, ["-"] * 3]),
    ("CHOOSEROWS({1,2;3,4;5,6},1,3,1)", {}, [[1.0, 2.0], [5.0, 6.0], [1.0, 2.0]]),
    ("CHOOSECOLS({1,2,3;4,5,6},-1,1)", {}, [[3.0, 1.0], [6.0, 4.0]]),
    ("TOCOL(A1:D3)", PEOPLE, [[name] for name in NAMES]),
    ("TOCOL(A1:D3,,TRUE)", PEOPLE, [[NAMES[4 * r + c]] for c in range(4) for r in range(3)]),
    ("TOROW(A1:D3)", PEOPLE, [NAMES]),
    ("WRAPROWS(A1:G1,3)", LINE, [["A", "B", "C"], ["D", "E", "F"], ["G", "#N/A", "#N/A"]]),
    ('WRAPROWS(A1:G1,3,"x")', LINE, [["A", "B", "C"], ["D", "E", "F"], ["G", "x", "x"]]),
    ("WRAPCOLS(A1:G1,3)", LINE, [["A", "D", "G"], ["B", "E", "#N/A"], ["C", "F", "#N/A"]]),
    ("VSTACK({1,2;3,4},{5})", {}, [[1.0, 2.0], [3.0, 4.0], [5.0, "#N/A"]]),
    ("HSTACK({1;2},{3},{4;5})", {}, [[1.0, 3.0, 4.0], [2.0, "#N/A", 5.0]]),
    ('HYPERLINK("http://example.com","here")', {}, "here"),
    ("ADDRESS(2,3)&ADDRESS(2,3,2)&ADDRESS(2,3,2,FALSE)", {}, "$C$2C$2R2C[3]"),
    ('ADDRESS(2,3,1,FALSE,"[Book1]Sheet1")', {}, "'[Book1]Sheet1'!R2C3"),
    ('CHOOSE(2,"1st","2nd","3rd")', {}, "2nd"),
    ("SUM(CHOOSE(2,A1:C1,A2:C2))", NUMBERS, 15.0),
]


@pytest.mark.parametrize(("formula", "cells", "expected"), EXAMPLES, ids=[one[0] for one in EXAMPLES])
def test_documented(formula: str, cells: dict[str, Scalar], expected: object) -> None:
    assert spilled(formula, cells) == expected


def test_groups() -> None:
    """GROUPBY by its page: groups in order, then the total; PERCENTOF is given all values too."""
    data = '{"b";"a";"b";"c"},{1;2;5;10}'
    assert spilled(f"GROUPBY({data},SUM)") == [["a", 2.0], ["b", 6.0], ["c", 10.0], ["Total", 18.0]]
    assert spilled(f"GROUPBY({data},SUM,,0,-2)") == [["c", 10.0], ["b", 6.0], ["a", 2.0]]
    assert spilled(f"GROUPBY({data},LAMBDA(x,MAX(x)),,-1)")[0] == ["Total", 10.0]  # type: ignore[index]
    assert spilled(f"GROUPBY({data},PERCENTOF,,0)") == [["a", 2 / 18], ["b", 6 / 18], ["c", 10 / 18]]
    titled = '{"k";"b";"a"},{"n";1;2}'
    assert spilled(f"GROUPBY({titled},SUM)") == [["a", 2.0], ["b", 1.0], ["Total", 3.0]]
    assert spilled(f"GROUPBY({titled},SUM,3,0)") == [["k", "n"], ["a", 2.0], ["b", 1.0]]
    assert spilled(f"GROUPBY({data},SUM,,0,,{{1;1;0;0}})") == [["a", 2.0], ["b", 1.0]]


def test_values_by_rows_and_columns() -> None:
    """PIVOTBY by its page: groups down and across in order, the totals, and an empty text where there is
    nothing; the columns' totals are what PERCENTOF is given first."""
    data = '{"b";"a";"b";"a"},{2024;2023;2023;2023},{1;2;4;8}'
    assert spilled(f"PIVOTBY({data},SUM)") == [
        ["", 2023.0, 2024.0, "Total"],
        ["a", 10.0, "", 10.0],
        ["b", 4.0, 1.0, 5.0],
        ["Total", 14.0, 1.0, 15.0],
    ]
    assert spilled(f"PIVOTBY({data},MAX,,-1,-1,0,-1)") == [
        ["", 2024.0, 2023.0],
        ["Total", 1.0, 8.0],
        ["b", 1.0, 4.0],
        ["a", "", 8.0],
    ]
    assert spilled(f"PIVOTBY({data},SUM,,0,2,-1)") == [
        ["", "Total", 2023.0, 2024.0],
        ["b", 5.0, 4.0, 1.0],
        ["a", 10.0, 10.0, ""],
    ]
    by_column, by_row, of_all = (
        spilled(f"PIVOTBY({data},PERCENTOF,,0,,,,,{relative})") for relative in (0, 1, 2)
    )
    assert by_column == [
        ["", 2023.0, 2024.0, "Total"],
        ["a", 10 / 14, "", 10 / 15],
        ["b", 4 / 14, 1.0, 5 / 15],
    ]
    assert by_row == [["", 2023.0, 2024.0, "Total"], ["a", 1.0, "", 1.0], ["b", 0.8, 0.2, 1.0]]
    assert of_all == [
        ["", 2023.0, 2024.0, "Total"],
        ["a", 10 / 15, "", 10 / 15],
        ["b", 4 / 15, 1 / 15, 5 / 15],
    ]
    titled = '{"k";"a";"b"},{"y";1;1},{"n";3;4}'
    assert spilled(f"PIVOTBY({titled},SUM,,,,0)") == [["", 1.0], ["a", 3.0], ["b", 4.0], ["Total", 7.0]]
    assert spilled(f"PIVOTBY({data},SUM,,0,,0,,{{1;0;1;0}})") == [["", 2023.0, 2024.0], ["b", 4.0, 1.0]]
    assert spilled('PIVOTBY({"a"},{1;2},{1;2},SUM)') == "#VALUE!"
    for more in ("SUM,3", "SUM,,2", "SUM,,,,,,,3"):
        (found,) = computed(book_of({"A1": f"{{=PIVOTBY({data},{more})"})).unsupported
        assert "PIVOTBY with" in found.reason


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("XMATCH(,A:A)", 3.0),  # the first blank is the one behind the last cell in use
        ("XMATCH(,A:A,0,-1)", 1048576.0),
        ("XMATCH(0,A:A*1)", 3.0),
        ("XMATCH(0,A:A*1,0,-1)", 1048576.0),
        ("XMATCH(7,A:A)", 2.0),
        ("XMATCH(6,A:A,-1)", 1.0),
        ("XMATCH(8,A:A)", "#N/A"),
        ('XLOOKUP(0,A:A*1,B:B&"!")', "!"),
        ("XLOOKUP(7,A:A,B:B)", "y"),
        ("SUM(XLOOKUP(7,A:A,B:C))", 4.0),
    ],
)
def test_what_is_looked_up_in_whole_columns(formula: str, expected: Scalar) -> None:
    """Only what is in use is looked at, and the meaning is that of the whole column."""
    cells: dict[str, Scalar] = {"A1": 5.0, "A2": 7.0, "B1": "x", "B2": "y", "C2": 4.0}
    assert spilled(formula, cells) == expected
