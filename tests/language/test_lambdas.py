"""LET, LAMBDA and names: scopes, closures, recursion, and what is handed over."""

from __future__ import annotations

import math

import pytest

from sheetsim.values import Scalar
from tests.language.sheets import book_of, computed, shown, spilled

COLUMN: dict[str, Scalar] = {"A1": 1.0, "A2": 2.0, "A3": 3.0}

CASES = [
    # names are seen where they are given, and in what stands within
    ("LET(x,1,y,x+1,x*10+y)", 12.0),
    ("LET(x,2,LET(x,3,x+x)*x)", 12.0),
    ("LET(x,x,1)", 1.0),
    ("LET(x,1/0,y,2,y)", 2.0),
    ("LET(X,3,x*2)", 6.0),
    ("LET(sum,2,SUM(sum,3))", 5.0),
    # closures keep the names around them, not those of who calls
    ("LET(k,10,f,LAMBDA(x,x+k),k,1,f(1))", 11.0),
    ("LET(k,10,f,LAMBDA(x,x+k),g,LAMBDA(k,f(k)),g(5))", 15.0),
    ("LAMBDA(x,LAMBDA(y,x*10+y))(1)(2)", 12.0),
    ("LET(add,LAMBDA(a,LAMBDA(b,a+b)),MAP({1,2},add(5)))", [[6.0, 7.0]]),
    ("(LAMBDA(x,x*2))(4)", 8.0),
    # arguments: too many, too few, left out
    ("LAMBDA(x,x)(1,2)", "#VALUE!"),
    ("LAMBDA(x,y,x)(1)", "#VALUE!"),
    ("MAP({1,2},TRUE)", "#VALUE!"),  # support.microsoft.com, MAP: an invalid LAMBDA is "Incorrect Parameters"
    ("LAMBDA(x,[y],IF(ISOMITTED(y),-x,x+y))(3)", -3.0),
    ("LAMBDA(x,[y],IF(ISOMITTED(y),-x,x+y))(3,4)", 7.0),
    ("LAMBDA(x,[y],IF(ISOMITTED(y),-x,x+y))(3,)", -3.0),
    ("LET(f,5,f(1))", "#VALUE!"),
    # functions of Excel's by their names
    ("BYROW({1,2;3,4},SUM)", [[3.0], [7.0]]),
    ("MAP({1,-2},ABS)", [[1.0, 2.0]]),
    ("REDUCE(0,{1,2,3},SUM)", 6.0),
    ("LET(f,MAX,f(3,5))", 5.0),
    ("IF(1,SUM,MAX)(1,2)", 3.0),
    # what a range hands over are its cells
    ("MAP(A1:A3,LAMBDA(c,ROW(c)))", [[1.0], [2.0], [3.0]]),
    ("BYCOL(A1:A3,LAMBDA(c,ROWS(c)))", 3.0),
    ("MAP(A1:A3,LAMBDA(c,SUM(A1:c)))", [[1.0], [3.0], [6.0]]),
    ("SUM(LAMBDA(r,OFFSET(r,1,0))(A1:A2))", 5.0),
    ("MAP({1,2,3},{1,2},LAMBDA(a,b,a*b))", [[1.0, 4.0, "#N/A"]]),
    ("REDUCE(A1,A2:A3,LAMBDA(a,b,VSTACK(a,b)))", [[1.0], [2.0], [3.0]]),
    ("SUM(SCAN(0,A1:A3,LAMBDA(a,b,a+b)))", 10.0),
    ("MAKEARRAY(0,2,LAMBDA(r,c,1))", "#VALUE!"),
    ("MAP(1/0,LAMBDA(x,IFERROR(x,7)))", "#DIV/0!"),
    ("MAP({1;2},LAMBDA(x,1/(x-1)))", [["#DIV/0!"], [1.0]]),
]


@pytest.mark.parametrize(("formula", "expected"), CASES, ids=[case[0] for case in CASES])
def test_meaning(formula: str, expected: object) -> None:
    assert spilled(formula, COLUMN) == expected


NAMES = {
    "fact": "LAMBDA(n,IF(n<2,1,n*fact(n-1)))",
    "twin": "LAMBDA(n,IF(n=0,TRUE,lone(n-1)))",
    "lone": "LAMBDA(n,IF(n=0,FALSE,twin(n-1)))",
    "twice": "LAMBDA(f,x,f(f(x)))",
    "k": "S!$A$3",
    "scaled": "LAMBDA(x,x*k)",
    "SOFTMAX": "LAMBDA(x,LET(e,EXP(x-MAX(x)),e/SUM(e)))",
    "NORMALIZE": "LAMBDA(x,LET(m,AVERAGE(x),s,SQRT(SUM((x-m)^2)/COUNT(x)),(x-m)/s))",
    "endless": "LAMBDA(n,endless(n+1))",
}


def test_named_functions() -> None:
    assert spilled("fact(20)", COLUMN, NAMES) == float(math.factorial(20))
    assert spilled("LET(n,5,fact(n)+fact(3))", COLUMN, NAMES) == 126.0
    assert spilled("MAP({1,2,3},fact)", COLUMN, NAMES) == [[1.0, 2.0, 6.0]]
    assert spilled("twin(100)", COLUMN, NAMES) is True
    assert spilled("twice(LAMBDA(v,v*3),2)", COLUMN, NAMES) == 18.0
    assert spilled("scaled(5)", COLUMN, NAMES) == 15.0
    assert spilled("LET(k,100,scaled(5)+k)", COLUMN, NAMES) == 115.0  # a name's own names are the workbook's
    assert spilled("SUM(SOFTMAX({1,2,3}))", COLUMN, NAMES) == pytest.approx(1.0, abs=1e-15)
    assert spilled("ROUND(SUM(NORMALIZE(A1:A3)^2),12)", COLUMN, NAMES) == 3.0


def test_a_thousand_levels_are_possible_and_an_endless_call_is_reported() -> None:
    names = {"down": "LAMBDA(n,IF(n=0,0,1+down(n-1)))"} | NAMES
    assert spilled("down(1000)", {}, names) == 1000.0
    found = computed(book_of({"B1": "=endless(1)", "B2": "=1+1"}, NAMES))
    assert [record.reason for record in found.unsupported] == [
        "LAMBDAs that call each other through more than 1024 levels"
    ]
    assert found.value("S", 1, 1) == 2.0


def test_names_that_are_no_functions_may_not_refer_to_themselves() -> None:
    found = computed(book_of({"B1": "=loop+1"}, {"loop": "loop*2"}))
    assert "refers to itself" in found.unsupported[0].reason


def test_what_recursive_names_read_is_computed_first() -> None:
    book = book_of(
        {"B1": "=add(2)", "C1": "=D1*2", "D1": "=E1+1", "E1": 4.0},
        {"add": "LAMBDA(n,IF(n=0,S!$C$1,1+add(n-1)))"},
    )
    assert shown(computed(book).value("S", 0, 1)) == 12.0


BODIES = [
    "IF(x>2,x*2,-x)",
    "x&y",
    "IFERROR(1/(x-2),y)",
    "k+1",
    "ROUND(x/y,2)",
    "x=A2",
    "IF(x>1,y)",
    "LEN(y)+k",
]


@pytest.mark.parametrize("body", BODIES)
def test_map_at_once_is_map_one_by_one(body: str) -> None:
    """A body of single values is given whole arrays; behind a name it is called for each element."""
    cells = COLUMN | {"B1": "3", "B2": None, "B3": True}
    at_once = spilled(f"LET(k,7,MAP(A1:A3,B1:B3,LAMBDA(x,y,{body})))", cells)
    one_by_one = spilled(f"LET(k,7,f,LAMBDA(x,y,{body}),MAP(A1:A3,B1:B3,LAMBDA(x,y,f(x,y))))", cells)
    assert at_once == one_by_one
