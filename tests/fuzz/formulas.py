"""Formulas made at random from the grammar: every function, arguments of the wrong kind, size and number.

make_formulas(random.Random(1), 30)      [("SUM(A1:C3,#N/A)", False), ("{1,2}*TRANSPOSE(B:B)", True), ...]
"""

from __future__ import annotations

import random

from sheetsim.address import Rect
from sheetsim.functions import FUNCTIONS
from sheetsim.values import ExcelError, Scalar
from sheetsim.workbook import DefinedName, Fill, Workbook

NUMBERS = (
    *(
        "0",
        "1",
        "-1",
        "2",
        "3",
        "0.5",
        "-0.5",
        "1E+308",
        "-1E+308",
        "1E-308",
        "4.9E-324",
        "1E+15",
        "9007199254740993",
    ),
    *(
        "2958465",
        "2958466",
        "60",
        "59",
        "61",
        "-1E-9",
        "1048576",
        "16384",
        "255",
        "32767",
        "100000",
        "36",
        "37",
    ),
)
TEXTS = (
    *(
        '""',
        '"a"',
        '"A1"',
        '"1"',
        '" 1 "',
        '"1/2"',
        '"31/02/2020"',
        '"2020-02-30"',
        '"12:60"',
        '"*"',
        '"~*?"',
        '"<>"',
    ),
    *(
        '">=1"',
        '"TRUE"',
        '"#N/A"',
        '"1E+400"',
        '"0.00;[Red]-0"',
        '"yyyy-mm-dd"',
        '"\u212a1"',
        '"\U0001f600"',
        '"i"',
    ),
    *(
        '"3+4i"',
        '"["',
        '"("',
        '"(a+)+$"',
        '"S!A1"',
        '"A1:XFD1048576"',
        '"R1C1"',
        '"x y"',
        '"\u0661"',
        '"1,5"',
        '"$"',
    ),
)
WORDS = (
    "TRUE",
    "FALSE",
    "#N/A",
    "#REF!",
    "#DIV/0!",
    "#VALUE!",
    "#NUM!",
    "#NULL!",
    "#NAME?",
    "#SPILL!",
    "#CALC!",
)
REFERENCES = (
    *("A1", "B2", "C3", "A6", "D9", "$A$1", "A$1", "XFD1048576", "S!A1", "T!A1", "T!B2", "Z!A1", "S:T!A1"),
    *("A1:C6", "A1:A6", "A1:C1", "A:A", "1:1", "B:C", "C6:A1", "A1:XFD1", "A7:A9", "T!A1:B3", "A1:A1048576"),
    *("A1#", "H1#", "n", "whole", "nowhere", "round", "A1:INDEX(A1:C6,2,2)", "(A1,B2:C3)", "A1:B2 B2:C3"),
)
ARRAYS = ("{1,2,3}", "{1;2;3}", "{1,2;3,4}", '{"a","b"}', '{1,"a",TRUE,#N/A}', "{0}", "{-1,1E+308}")
OPERATORS = ("+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">=")
LAMBDAS = (
    "LAMBDA(x,x)",
    "LAMBDA(x,y,x+y)",
    "LAMBDA(x,A1:C6)",
    "LAMBDA(1)",
    "LAMBDA(x,#N/A)",
    "LAMBDA(x,y,z,1)",
)
CELLS: tuple[tuple[Scalar, ...], ...] = (
    (1.0, 2.5, -3.0),
    ("a", "", "B*"),
    (True, False, None),
    (ExcelError.NA, ExcelError.DIV0, 0.0),
    (1e308, -1e308, 5e-324),
    (45000.75, 60.0, "12:30"),
)


def make_formulas(chance: random.Random, count: int) -> list[tuple[str, bool]]:
    """Formulas with whether they are array formulas."""
    return [(_formula(chance, chance.randint(1, 3))[:8000], chance.random() < 0.3) for _ in range(count)]


def formula_of(chance: random.Random, name: str) -> str:
    """A call of one function."""
    record = FUNCTIONS[name]
    most = min(record.most, record.least + 4)
    count = chance.choice(
        [record.least, record.least, most, chance.randint(record.least, most), record.least - 1]
    )
    if chance.random() < 0.02:
        count = most + 1
    return f"{name}({','.join(_argument(chance, 1) for _ in range(max(count, 0)))})"


def _formula(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0:
        return _leaf(chance)
    if kind < 0.6:
        return formula_of(chance, chance.choice(sorted(FUNCTIONS)))
    if kind < 0.8:
        return f"{_formula(chance, depth - 1)}{chance.choice(OPERATORS)}{_formula(chance, depth - 1)}"
    if kind < 0.84:
        return f"-({_formula(chance, depth - 1)})"
    if kind < 0.88:
        return f"({_formula(chance, depth - 1)})%"
    if kind < 0.92:
        return f"@{_leaf(chance)}"
    if kind < 0.96:
        return f"LET(x,{_formula(chance, depth - 1)},y,x,x{chance.choice(OPERATORS)}y)"
    return f"LAMBDA(x,{_formula(chance, depth - 1)}+x)({_leaf(chance)})"


def _argument(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if kind < 0.06:
        return ""
    if kind < 0.11:
        return chance.choice(LAMBDAS)
    return _formula(chance, depth - 1) if kind < 0.25 and depth else _leaf(chance)


def _leaf(chance: random.Random) -> str:
    return chance.choice(
        chance.choice((NUMBERS, NUMBERS, TEXTS, WORDS, REFERENCES, REFERENCES, REFERENCES, ARRAYS))
    )


def book_of(formulas: list[tuple[str, bool]]) -> Workbook:
    """The formulas down column F of a sheet of odd values, `S`; array formulas over four cells."""
    book = Workbook()
    sheet, other = book.add_sheet("S"), book.add_sheet("T")
    for row, values in enumerate(CELLS):
        for column, value in enumerate(values):
            if value is not None:
                sheet.set((row, column), value)
                other.set((row, column), value)
    sheet.fills.append(Fill(Rect.parse("H1:I2"), "SEQUENCE(2,2)", array=True, dynamic=True))
    for number, (text, array) in enumerate(formulas):
        row = 2 * number
        rect = Rect(row, 5, row + 2, 7) if array else Rect.cell(row, 5)
        sheet.fill(rect, text, array=array)
    names = {"n": "S!$A$1", "whole": "S!$A:$A", "round": "ROUND(S!$B$1,0)", "loop": "loop+1"}
    book.names = [DefinedName(name, text) for name, text in names.items()]
    return book
